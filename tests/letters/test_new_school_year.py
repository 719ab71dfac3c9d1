"""A letter that is written before the summer and goes after it is one of the year in which it goes."""

from datetime import date

import pytest

from portal import clock
from portal.domain.letter_audience import YEAR, Part
from portal.extensions import db
from portal.models.letters import Letter, LetterRecipient
from portal.models.roster import Group, Guardianship, Pupil
from portal.models.school import SchoolYear
from tests.letters.sending import send, set_out


@pytest.fixture
def welcome(app, school, do, rows, at, change) -> int:
    """Written on the last day of this year, for the first day of the next."""
    at("2027-07-09 15:00")
    do(
        lambda: db.session.add(
            SchoolYear(name="2027-2028", first_day=date(2027, 8, 23), last_day=date(2028, 7, 7))
        )
    )
    return set_out(app, school.otto, send_at=clock.at_local("2027-08-23 08:00"), title="Welkom")


def readers_of(rows, letter: int) -> set[int]:
    return {copy.user_id for copy in rows(LetterRecipient) if copy.letter_id == letter}


def year_of(rows, letter: int) -> str:
    names = {year.id: year.name for year in rows(SchoolYear)}
    return names[next(one.school_year_id for one in rows(Letter) if one.id == letter)]


def test_it_stands_among_those_of_the_new_year_and_can_be_answered(
    welcome, client_for, school, rows, mailed, at
):
    assert year_of(rows, welcome) == "2026-2027"
    at("2027-08-23 08:00")
    mailed()
    assert year_of(rows, welcome) == "2027-2028"
    anna = client_for(school.anna)
    assert "Vorig schooljaar" not in anna.get("/letters").text
    assert f"/messages/new?letter={welcome}" in anna.get(f"/letters/{welcome}").text


def test_who_comes_to_school_after_that_gets_it(welcome, school, rows, mailed, do, at):
    at("2027-08-23 08:00")
    mailed()
    do(
        lambda: (
            db.session.query(Guardianship).filter_by(user_id=school.gert.id).update({"has_authority": True})
        )
    )
    at("2027-08-25 09:00")
    assert [mail.recipients for mail in mailed()] == [[school.gert.email]]


def test_one_that_goes_in_the_summer_is_of_the_year_that_was(app, school, rows, mailed, at, welcome):
    at("2027-07-20 10:00")
    number = set_out(app, school.otto, title="Fijne vakantie")
    at("2027-07-20 10:02")
    mailed()
    assert year_of(rows, number) == "2026-2027"


def test_letters_to_a_jaargroep_are_not_for_who_comes_into_it_by_the_next_year(
    app, school, rows, mailed, do, at, welcome
):
    at("2027-07-01 10:00")
    number = send(app, school.otto, [Part(YEAR, 6)], title="Eindmusical")
    mailed()
    before = readers_of(rows, number)
    assert school.carl.id in before and school.daan.id not in before

    def moves_on():
        db.session.get_one(Pupil, school.bram.id).year_group = 6
        (year,) = [one for one in db.session.query(SchoolYear) if one.name == "2027-2028"]
        db.session.add(Group(school_year_id=year.id, name="6", year_groups="6", sort_key="6"))

    at("2027-07-12 10:00")
    do(moves_on)
    mailed()
    assert readers_of(rows, number) == before


def test_until_then_who_comes_into_the_jaargroep_gets_them(app, school, rows, mailed, do, at, welcome):
    at("2027-07-01 10:00")
    number = send(app, school.otto, [Part(YEAR, 6)], title="Eindmusical")
    at("2027-07-02 10:00")
    do(lambda: db.session.query(Pupil).filter_by(id=school.bram.id).update({"year_group": 6}))
    mailed()
    assert school.daan.id in readers_of(rows, number)
