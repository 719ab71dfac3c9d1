"""A letter that waits goes in nobody's name who left, and to nobody who is not there any more."""

import pytest

from portal import clock
from portal.domain import roster_groups, roster_staff
from portal.domain.letter_audience import GROUP, PUPIL, SCHOOL, Part
from portal.extensions import db
from portal.models.accounts import StaffMember
from portal.models.letters import Letter
from portal.models.roster import Group, Membership
from tests.letters.sending import set_out

MONDAY = "2026-11-30 08:00"


@pytest.fixture
def ready(app, school):
    """Puts a letter of Tess ready for Monday: to groep 3/4, unless said otherwise."""

    def make(author=None, role="teacher", part=None) -> int:
        part = part or Part(GROUP, school.group_34)
        return set_out(app, author or school.tess, [part], role, send_at=clock.at_local(MONDAY))

    return make


def goes(rows, mailed, at, number: int) -> bool:
    """Return whether a letter goes on Monday; else it is a draft."""
    at(MONDAY)
    mailed()
    letter = next(one for one in rows(Letter) if one.id == number)
    assert (letter.sent_at is None) == (letter.send_at is None)
    return letter.sent_at is not None


def leave(person):
    member = db.session.get_one(StaffMember, person.id)
    roster_staff.end_staff(member, None, clock.now(), clock.today())


def teach(school, *people):
    group = db.session.get_one(Group, school.group_34)
    roster_groups.set_teachers(group, {person.id: 0 for person in people}, None, clock.today())


def test_none_goes_of_who_left_school(ready, school, rows, mailed, do, at):
    numbers = ready(), ready(part=Part(PUPIL, school.bram.id)), ready(school.tim)
    do(lambda: leave(school.tess))
    assert [goes(rows, mailed, at, number) for number in numbers] == [False, False, True]


def test_of_the_office_that_leaves_neither(ready, school, rows, mailed, do, at):
    number = ready(school.otto, "office", Part(SCHOOL))
    do(lambda: leave(school.otto))
    assert not goes(rows, mailed, at, number)


@pytest.mark.parametrize("about", ["group", "pupil"])
def test_none_goes_of_who_does_not_teach_the_group_any_more(ready, school, rows, mailed, do, at, about):
    part = Part(PUPIL, school.bram.id) if about == "pupil" else None
    left, stays = ready(part=part), ready(school.tim, part=part)
    do(lambda: teach(school, school.tim))
    assert [goes(rows, mailed, at, number) for number in (left, stays)] == [False, True]


def test_one_of_the_office_goes_whoever_teaches(ready, school, rows, mailed, do, at):
    do(lambda: teach(school, school.tess, school.otto))
    number = ready(school.otto, "office")
    do(lambda: teach(school, school.tess))
    assert goes(rows, mailed, at, number)


def test_to_a_group_that_was_closed_it_is_a_draft_again_and_says_so(
    ready, school, rows, mailed, do, at, client_for
):
    number = ready(school.otto, "office")
    do(
        lambda: (
            db.session.query(Membership)
            .filter_by(group_id=school.group_34)
            .update({"ended_on": clock.today()})
        )
    )
    do(lambda: db.session.query(Letter).update({"planned_at": clock.at_local(MONDAY)}))
    assert not goes(rows, mailed, at, number)
    at("2026-11-30 08:05")
    assert (
        "Niet verzonden: de gekozen tijd, 8.00 uur, is voorbij"
        in client_for(school.otto).get("/staff/letters").text
    )


class TestOffice:
    """The office sees what waits, whoever wrote it, and takes it back."""

    def test_it_takes_back_what_a_teacher_put_ready(self, ready, school, rows, client_for):
        number = ready()
        otto = client_for(school.otto)
        assert "Juf Marieke · Gaat" in otto.get("/staff/letters").text
        path = f"/staff/letters/{number}"
        assert "Haal terug" in otto.get(path).text
        answer = otto.post(f"{path}/return")
        assert answer.status_code == 303 and answer.location.endswith("/staff/letters")
        assert rows(Letter)[0].send_at is None
        assert otto.get(path).status_code == 404
        assert "Concept" in client_for(school.tess).get(path).text

    def test_it_does_not_change_it(self, ready, school, rows, client_for):
        path = f"/staff/letters/{ready()}"
        words = {"title": "Anders", "text": "Anders.", "revision": "1", "part": f"group:{school.group_34}"}
        assert client_for(school.otto).post(path, data=words).status_code == 422
        assert client_for(school.otto).post(f"{path}/removal").status_code == 409
        assert rows(Letter)[0].title != "Anders"

    def test_colleagues_and_parents_do_not(self, ready, school, client_for):
        path = f"/staff/letters/{ready()}"
        for person in (school.tim, school.yara, school.anna):
            assert client_for(person).get(path).status_code == 404
            assert client_for(person).post(f"{path}/return").status_code == 404

    def test_nor_who_is_family_of_the_child_it_is_about(self, ready, school, client_for):
        number = ready(school.yara, part=Part(PUPIL, school.lotte.id))
        assert client_for(school.tess).get(f"/staff/letters/{number}").status_code == 404
