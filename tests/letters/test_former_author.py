"""Who does not teach a group any more does not reach its parents by an old letter either."""

from io import BytesIO

import pytest

from portal import clock
from portal.domain import roster_groups, roster_staff
from portal.domain.letter_audience import GROUP, PUPIL, SCHOOL, Part
from portal.extensions import db
from portal.models.accounts import StaffMember
from portal.models.letters import Letter
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Group, Pupil
from tests.letters.files import PDF
from tests.letters.sending import send, set_out

CHANGED = {"title": "Anders", "text": "Anders.", "revision": "1", "notify": "y"}


@pytest.fixture
def sent(app, school):
    """A letter of Tess to groep 3/4."""
    return send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")


def teach(school, *people):
    group = db.session.get_one(Group, school.group_34)
    roster_groups.set_teachers(group, {person.id: 0 for person in people}, None, clock.today())


def become(person, role: str):
    member = db.session.get_one(StaffMember, person.id)
    version = roster_staff.version_of_member(member)
    roster_staff.edit_staff(member, role, member.called, version, None)


def what_one_may(client, number: int) -> set[int]:
    """Return what is answered to whoever corrects a letter, withdraws it, or touches its files or slip."""
    path = f"/staff/letters/{number}"
    file = {"files": (BytesIO(PDF), "a.pdf")}
    answers = [
        client.get(f"{path}/correction"),
        client.post(f"{path}/correction", data=CHANGED),
        client.post(f"{path}/attachments", data=file),
        client.get(f"{path}/slip"),
        client.get(f"{path}/withdrawal"),
        client.post(f"{path}/withdrawal"),
    ]
    return {answer.status_code for answer in answers}


@pytest.mark.parametrize("about", ["group", "pupil"])
def test_who_stopped_teaching_neither_corrects_nor_withdraws(app, school, client_for, rows, do, about):
    part = Part(GROUP, school.group_34) if about == "group" else Part(PUPIL, school.bram.id)
    number = send(app, school.tess, [part], "teacher")
    do(lambda: teach(school, school.tim))
    mails = len(rows(OutgoingMessage))
    tess = client_for(school.tess)
    assert what_one_may(tess, number) == {403}
    page = tess.get(f"/staff/letters/{number}").text
    assert "/correction" not in page and "niet meer les aan iedereen" in page
    assert (rows(Letter)[0].corrected_at, rows(Letter)[0].withdrawn_at) == (None, None)
    assert len(rows(OutgoingMessage)) == mails


def test_the_office_does_that_instead(school, client_for, sent, do):
    do(lambda: teach(school, school.tim))
    assert 403 not in what_one_may(client_for(school.otto), sent)


def test_who_still_teaches_does_it_as_before_also_when_a_child_left(
    app, school, client_for, sent, do, change
):
    both = send(app, school.tess, [Part(GROUP, school.group_34), Part(PUPIL, school.bram.id)], "teacher")
    change(Pupil, school.bram.id, archived_at=clock.now())
    tess = client_for(school.tess)
    assert "/correction" in tess.get(f"/staff/letters/{both}").text
    assert 403 not in what_one_may(tess, both)


def test_who_is_office_no_more_does_not_change_letters_to_the_school(app, school, client_for, do):
    number = send(app, school.otto)
    do(lambda: become(school.otto, "teacher"))
    assert what_one_may(client_for(school.otto), number) == {403}


def test_of_who_is_office_no_more_nothing_waits_that_is_not_for_the_own_group(app, school, rows, do):
    monday = clock.at_local("2026-11-30 08:00")
    do(lambda: teach(school, school.otto))
    to_all = set_out(app, school.otto, [Part(SCHOOL)], send_at=monday)
    own = set_out(app, school.otto, [Part(GROUP, school.group_34)], send_at=monday)
    do(lambda: become(school.otto, "head"))
    assert all(letter.send_at for letter in rows(Letter))
    do(lambda: become(school.otto, "teacher"))
    assert {letter.id: bool(letter.send_at) for letter in rows(Letter)} == {to_all: False, own: True}
