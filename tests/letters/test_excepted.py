"""Whom a letter excepted when it was sent gets it later neither, wherever the child is then."""

import pytest

from portal import clock
from portal.domain import year_change
from portal.domain.letter_audience import GROUP, LIST, SCHOOL, YEAR, Part
from portal.extensions import db
from portal.models.letters import LetterListMember, LetterRecipient
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.models.school import SchoolYear
from tests.letters.sending import choir_of, send


@pytest.fixture
def choir(school, do) -> int:
    """The choir: Sem."""
    return do(lambda: choir_of(school, school.sem))


def readers_of(rows, letter: int) -> set[int]:
    return {copy.user_id for copy in rows(LetterRecipient) if copy.letter_id == letter}


def move(pupil: int, group: int) -> None:
    db.session.query(Membership).filter_by(pupil_id=pupil).update({"ended_on": clock.today()})
    db.session.flush()
    db.session.add(Membership(pupil_id=pupil, group_id=group, home=True, started_on=clock.today()))


def next_year(school) -> None:
    """Import the list of next year, as it is done in the last weeks of this one."""
    year_change.begin_school_years(clock.now())
    year = db.session.query(SchoolYear).filter_by(name="2027-2028").one()
    seventh = Group(school_year_id=year.id, name="7", year_groups="7", sort_key="7")
    db.session.add(seventh)
    db.session.flush()
    for child in (school.noor, school.sem, school.lotte):
        move(child.id, seventh.id)
        db.session.get_one(Pupil, child.id).year_group = 7


@pytest.mark.parametrize("kind", [GROUP, YEAR])
def test_not_once_the_list_of_next_year_is_there(app, school, rows, mailed, do, at, kind):
    at("2027-07-01 10:00")
    left_out = Part(kind, school.group_6 if kind == GROUP else 6, excluded=True)
    number = send(app, school.otto, [Part(SCHOOL), left_out])
    mailed()
    before = readers_of(rows, number)
    assert school.anna.id in before and school.carl.id not in before
    do(lambda: next_year(school))
    at("2027-07-02 10:00")
    assert mailed() == []
    assert readers_of(rows, number) == before


@pytest.mark.parametrize("kind", [GROUP, YEAR])
def test_not_when_the_child_goes_to_another_group(app, school, rows, mailed, do, at, kind):
    left_out = Part(kind, school.group_6 if kind == GROUP else 6, excluded=True)
    number = send(app, school.otto, [Part(SCHOOL), left_out])
    mailed()

    def to_34() -> None:
        move(school.sem.id, school.group_34)
        db.session.get_one(Pupil, school.sem.id).year_group = 4

    do(to_34)
    at("2026-11-25 10:00")
    assert mailed() == []
    assert school.carl.id not in readers_of(rows, number)


def test_not_when_the_child_leaves_the_list(app, school, rows, mailed, do, at, choir):
    number = send(app, school.otto, [Part(SCHOOL), Part(LIST, choir, excluded=True)])
    mailed()
    do(lambda: db.session.query(LetterListMember).delete())
    at("2026-11-25 10:00")
    assert mailed() == []
    assert school.carl.id not in readers_of(rows, number)


def test_who_comes_to_a_child_or_with_a_new_one_gets_it_as_before(app, school, rows, mailed, do, at):
    left_out = Part(GROUP, school.group_34, excluded=True)
    number = send(app, school.otto, [Part(SCHOOL), left_out])
    mailed()
    at("2026-11-25 10:00")

    def come() -> None:
        db.session.query(Guardianship).filter_by(user_id=school.gert.id).update({"has_authority": True})
        new = Pupil(given_name="Mila", surname="Mulder", sort_key="mila", created_at=clock.now())
        db.session.add(new)
        db.session.flush()
        db.session.add(
            Membership(pupil_id=new.id, group_id=school.group_6, home=True, started_on=clock.today())
        )
        db.session.add(Guardianship(pupil_id=new.id, user_id=school.dora.id, seat=1, created_at=clock.now()))

    do(come)
    assert len(mailed()) == 2
    assert {school.gert.id, school.dora.id} <= readers_of(rows, number)
