"""GET /staff/today: who is here and goes to the dentist later stays in sight until the visit is over."""

import pytest

from tests.absence.test_create_report import report
from tests.staff.test_board import mark, refreshed, tally

VISIT = {"kind": "doctor", "from_time": "13:30", "until_time": "14:15"}


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


def reported(page):
    return page.text.partition('id="absent"')[2].partition("</section>")[0]


@pytest.fixture
def visit(client_for, school):
    return report(client_for(school.anna), school.bram, **VISIT, note="Oma haalt hem op.")


@pytest.mark.usefixtures("visit")
@pytest.mark.parametrize(("state", "numbers"), [("present", [0, 0, 0, 0, 1]), ("late", [0, 0, 0, 1, 0])])
def test_who_is_here_is_still_to_be_picked_up(tess, school, at, state, numbers):
    at("2026-11-24 08:30")
    mark(tess, school.bram, state=state, was="absent")
    page = tess.get("/staff/today")
    assert tally(page) == numbers
    for word in ("13.30", "14.15", "Oma haalt hem op."):
        assert word in reported(page)
    assert "nieuw" not in reported(page)


@pytest.mark.usefixtures("visit")
def test_a_visit_that_is_over_is_off_the_board_that_was_left_open(tess, school, at):
    at("2026-11-24 08:30")
    mark(tess, school.bram)
    page = tess.get("/staff/today")
    at("2026-11-24 14:14")
    assert refreshed(tess, page).status_code == 204
    at("2026-11-24 14:15")
    assert "13.30" not in refreshed(tess, page).text


@pytest.mark.usefixtures("visit")
def test_who_is_seen_again_after_it_began_is_back(tess, school, at):
    at("2026-11-24 14:05")
    mark(tess, school.bram)
    assert "13.30" not in tess.get("/staff/today").text


def test_a_visit_without_an_end_stays_all_day(tess, client_for, school, at):
    report(client_for(school.anna), school.bram, kind="doctor", from_time="13:30")
    at("2026-11-24 08:30")
    mark(tess, school.bram)
    at("2026-11-24 15:00")
    assert "13.30" in reported(tess.get("/staff/today"))


def test_a_visit_reported_while_a_child_is_at_school_takes_nobody_off_the_list_of_present(
    tess, client_for, school, at
):
    mark(tess, school.bram)
    at("2026-11-24 10:00")
    report(client_for(school.anna), school.bram, **VISIT)
    page = tess.get("/staff/today")
    assert tally(page) == [0, 0, 0, 0, 1]
    assert "13.30" in reported(page)
    assert "nieuw" in reported(page)
    tess.post("/staff/sightings", data={"pupil": school.bram.id})
    assert "nieuw" not in reported(tess.get("/staff/today"))


def test_who_comes_later_and_came_is_late_and_nothing_else(tess, client_for, school, at):
    report(client_for(school.anna), school.bram, kind="late", until_time="09:15")
    at("2026-11-24 09:10")
    mark(tess, school.bram, state="late")
    assert reported(tess.get("/staff/today")).count("Bram Visser</bdi>") == 1
