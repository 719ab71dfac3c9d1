"""The next school year is there when it begins, whether or not anybody thought of it."""

from datetime import date

import pytest

from portal import worker
from portal.models.roster import Group
from portal.models.school import FreeDay, SchoolYear
from tests.accounts.conftest import change
from tests.roster_import.conftest import Office

__all__ = ["change"]


@pytest.fixture
def years(rows):
    return lambda: {year.name: (year.first_day, year.last_day) for year in rows(SchoolYear)}


def test_a_next_year_is_there_before_it_begins_with_its_holidays(app, school, rows, years, at) -> None:
    at("2027-05-20 08:00")
    worker.work_once(app)
    assert set(years()) == {"2026-2027"}
    at("2027-06-10 08:00")
    worker.work_once(app)
    assert years()["2027-2028"] == (date(2027, 8, 1), date(2028, 7, 31))
    free = {day.name for day in rows(FreeDay) if day.first_day >= date(2027, 8, 1)}
    assert {"Herfstvakantie", "Kerstvakantie", "Koningsdag"} <= free
    before = len(rows(FreeDay))
    at("2027-06-12 08:00")
    worker.work_once(app)
    assert (len(years()), len(rows(FreeDay))) == (2, before)


def test_it_begins_after_a_year_that_runs_on(app, school, rows, years, change, at) -> None:
    change(SchoolYear, rows(SchoolYear)[0].id, last_day=date(2027, 8, 20))
    at("2027-08-02 08:00")
    worker.work_once(app)
    assert years()["2027-2028"] == (date(2027, 8, 21), date(2028, 7, 31))


def test_a_year_of_which_the_holidays_are_not_known_is_named_by_the_check(
    app, school, rows, years, at
) -> None:
    at("2029-07-02 08:00")
    worker.work_once(app)
    assert "2029-2030" not in years()
    at("2029-09-03 08:00")
    worker.work_once(app)
    assert "2029-2030" in years()
    said = app.test_cli_runner().invoke(args=["check"]).output
    assert "BAD  school year: 2029-2030 has no holidays" in said


def test_a_missing_year_is_named_by_the_check(app, school, at) -> None:
    assert "ok   school year: 2026-2027" in app.test_cli_runner().invoke(args=["check"]).output
    at("2027-09-01 08:00")
    assert "BAD  school year: 2027-2028 is not there" in app.test_cli_runner().invoke(args=["check"]).output


def test_what_is_reported_in_the_new_year_is_in_the_history(app, school, client_for, at) -> None:
    at("2027-09-07 07:30")
    worker.work_once(app)
    page = client_for(school.anna).get(f"/pupils/{school.bram.id}/absences").text
    assert 'aria-current="true">2027-2028<' in page


def test_a_table_of_the_new_year_makes_its_own_groups(school, client_for, rows, years, at) -> None:
    """Also when nobody added the year: parents of new children are not to read about last year's class."""
    at("2027-08-30 09:00")
    office = Office(client_for(school.otto))
    table = "Roepnaam;Achternaam;Geboortedatum;Klas\nBram;Visser;14-03-2020;6\nSem;Peters;14-03-2017;6\n"
    table += "Noor;Smit;14-03-2017;7\nLotte;Jansen;14-03-2017;7\n"
    assert office.accept(office.preview(("klassen.csv", table.encode()))).status_code == 303
    assert "2027-2028" in years()
    names = {year.id: year.name for year in rows(SchoolYear)}
    groups = {(names[group.school_year_id], group.name): group.closed_at for group in rows(Group)}
    assert {key for key, closed in groups.items() if not closed} == {
        ("2027-2028", "6"),
        ("2027-2028", "7"),
    }
    assert groups[("2026-2027", "6")] and groups[("2026-2027", "3/4")]
