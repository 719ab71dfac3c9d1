"""A letter that waits goes in nobody's name who left, and to nobody who is not there any more."""

import re

import pytest

from portal import clock
from portal.domain import roster_groups, roster_staff
from portal.domain.letter_audience import GROUP, PUPIL, SCHOOL, Part
from portal.extensions import db
from portal.models.accounts import StaffMember
from portal.models.letters import Letter, LetterRecipient
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


def next_year(school) -> None:
    """Groep 3/4 becomes groep 4/5 of next year and is closed, as an import does."""
    old = db.session.get_one(Group, school.group_34)
    new = Group(school_year_id=old.school_year_id, name="4/5", year_groups="45", sort_key="4/5")
    db.session.add(new)
    db.session.flush()
    there = db.session.query(Membership).filter_by(group_id=old.id)
    for pupil in [one.pupil_id for one in there]:
        db.session.query(Membership).filter_by(pupil_id=pupil).update({"ended_on": clock.today()})
        db.session.add(Membership(pupil_id=pupil, group_id=new.id, home=True, started_on=clock.today()))
    old.closed_at = clock.now()


def test_to_a_school_without_a_group_whose_children_moved_it_is_a_draft_again_that_asks(
    app, ready, school, rows, mailed, do, at, client_for
):
    left_out = Part(GROUP, school.group_34, excluded=True)
    other = Part(GROUP, school.group_6, excluded=True)
    number, goes_on = (
        set_out(app, school.otto, [Part(SCHOOL), part], send_at=clock.at_local(MONDAY))
        for part in (left_out, other)
    )
    do(lambda: next_year(school))
    assert [goes(rows, mailed, at, one) for one in (number, goes_on)] == [False, True]
    assert not any(copy.letter_id == number for copy in rows(LetterRecipient))
    otto, path = client_for(school.otto), f"/staff/letters/{number}"
    asked = "In groep 3/4 zit geen kind meer"
    page = otto.get(path).text
    assert asked in page and "Behalve" in page
    words = {"title": "Uitje", "text": "Wij gaan.", "part": "school", "when": "now", "mail_shows": "hint"}
    words |= {"revision": re.search(r'name="revision"[^>]* value="(\d+)"', page)[1]}
    refused = otto.post(path, data=words | {"without": f"group:{school.group_34}", "do": "send"})
    assert refused.status_code == 422 and asked in refused.text
    assert otto.post(path, data=words | {"do": "send"}).status_code == 303
    assert next(one for one in rows(Letter) if one.id == number).send_at


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
