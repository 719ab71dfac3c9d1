"""GET /staff/today: who is here and goes to the dentist later stays in sight until the visit is over."""

import pytest

from portal.models.absence import Absence, AttendanceMark
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


def not_known(page):
    return page.text.partition('id="unknown"')[2].partition("</section>")[0]


@pytest.mark.usefixtures("visit")
def test_a_visit_of_later_does_not_explain_why_nobody_came_in_the_morning(tess, at):
    at("2026-11-24 08:35")
    page = tess.get("/staff/today")
    assert tally(page) == [1, 0, 0, 0, 0]
    for words in ("Bram Visser", "Dokter of tandarts", "13.30", "06 5550 1234"):
        assert words in not_known(page)
    assert "Oma haalt hem op." in reported(page)


def test_the_office_calls_about_who_has_a_visit_later_and_did_not_come(client_for, school, at):
    report(client_for(school.anna), school.noor, **VISIT)
    at("2026-11-24 08:40")
    mark(client_for(school.yara), school.sem)
    assert "Noor Smit" in not_known(client_for(school.otto).get("/staff/today"))


@pytest.mark.parametrize(
    ("time", "numbers"),
    [
        ("13:29", [1, 0, 0, 0, 0]),
        ("13:30", [0, 0, 1, 0, 0]),
        ("14:14", [0, 0, 1, 0, 0]),
        ("14:15", [1, 0, 0, 0, 0]),
    ],
)
@pytest.mark.usefixtures("visit")
def test_who_was_never_seen_is_away_with_a_reason_only_while_the_visit_lasts(tess, at, time, numbers):
    at("2026-11-24 07:50")
    page = tess.get("/staff/today")
    at(f"2026-11-24 {time}")
    assert tally(tess.get("/staff/today")) == numbers
    if numbers[2]:
        assert refreshed(tess, page).status_code == 200


@pytest.mark.parametrize(("time", "numbers"), [("09:59", [0, 0, 1, 0, 0]), ("10:00", [1, 0, 0, 0, 0])])
def test_who_comes_later_and_did_not_come_is_missed(tess, client_for, school, at, time, numbers):
    at("2026-11-24 07:55")
    report(client_for(school.anna), school.bram, kind="late", until_time="10:00")
    at(f"2026-11-24 {time}")
    page = tess.get("/staff/today")
    assert tally(page) == numbers
    assert ("tot 10.00" in not_known(page)) == bool(numbers[0])


def test_all_present_leaves_alone_who_was_said_a_moment_ago_to_come_later(client_for, school, rows, at):
    at("2026-11-24 08:29")
    report(client_for(school.anna), school.noor, kind="late", until_time="10:00")
    at("2026-11-24 08:30")
    yara = client_for(school.yara)
    answer = mark(yara, school.noor, school.sem, was="unknown")
    page = yara.get(answer.location)
    assert "Noor is afgemeld en is niet op aanwezig gezet." in page.text
    assert {row.pupil_id for row in rows(AttendanceMark)} == {school.sem.id}
    at("2026-11-24 10:05")
    mark(yara, school.noor, was="unknown")
    assert {row.pupil_id for row in rows(AttendanceMark)} == {school.sem.id, school.noor.id}


@pytest.mark.usefixtures("visit")
def test_all_present_is_for_who_has_a_visit_later_too(tess, school, at):
    at("2026-11-24 08:30")
    page = tess.get(mark(tess, school.bram, was="unknown").location)
    assert tally(page) == [0, 0, 0, 0, 1]
    assert "13.30" in reported(page)


def test_a_visit_of_which_nobody_said_when_stays_all_day(tess, client_for, school, at):
    at("2026-11-24 07:55")
    report(client_for(school.anna), school.bram, kind="doctor", note="Oma haalt hem op.")
    at("2026-11-24 08:30")
    mark(tess, school.bram, was="absent")
    at("2026-11-24 14:00")
    page = tess.get("/staff/today")
    assert tally(page) == [0, 0, 0, 0, 1]
    assert "Oma haalt hem op." in reported(page)


def test_a_visit_that_is_told_of_afterwards_takes_nobody_off_the_list_of_present(
    tess, client_for, school, at
):
    at("2026-11-24 10:05")
    mark(tess, school.bram)
    at("2026-11-24 10:30")
    report(client_for(school.anna), school.bram, kind="doctor", from_time="09:00", until_time="10:00")
    assert tally(tess.get("/staff/today")) == [0, 0, 0, 0, 1]


def test_who_has_a_visit_from_the_beginning_of_the_day_is_away_before_it_too_and_missed_afterwards(
    tess, client_for, school, at
):
    at("2026-11-24 07:50")
    report(client_for(school.anna), school.bram, kind="doctor", from_time="08:30", until_time="09:30")
    at("2026-11-24 08:25")
    assert tally(tess.get("/staff/today")) == [0, 0, 1, 0, 0]
    mark(tess, school.bram, was="unknown")
    at("2026-11-24 09:31")
    assert tally(tess.get("/staff/today")) == [1, 0, 0, 0, 0]


def test_all_present_does_not_see_a_visit_for_later_that_came_in_after_the_page(tess, client_for, school, at):
    anna = client_for(school.anna)
    at("2026-11-24 08:29")
    report(anna, school.bram, **VISIT, note="Oma haalt hem op.")
    at("2026-11-24 08:30")
    page = tess.get(mark(tess, school.bram, was="unknown").location)
    assert tally(page) == [0, 0, 0, 0, 1]
    assert "nieuw" in reported(page)
    assert "Gezien door" not in anna.get("/").text


def test_who_comes_later_and_came_after_that_time_was_seen_with_the_report(
    tess, client_for, school, rows, at
):
    report(client_for(school.anna), school.bram, kind="late", until_time="09:00")
    at("2026-11-24 09:10")
    mark(tess, school.bram, state="late", was="unknown")
    assert rows(Absence)[0].seen_by == school.tess.id
