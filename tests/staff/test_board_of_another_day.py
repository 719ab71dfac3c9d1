"""POST /staff/attendance and /staff/sightings from a board that was shown on another day."""

import pytest

from portal.models.absence import Absence, AttendanceMark
from tests.absence.test_create_report import report
from tests.staff.test_board import mark


@pytest.mark.parametrize("fields", [{"was": "unknown"}, {"was": "absent", "state": "late"}])
def test_a_tap_on_the_board_of_yesterday_notes_nothing_today(client_for, school, rows, at, fields):
    tess = client_for(school.tess)
    at("2026-11-23 16:00")
    assert 'name="day" value="2026-11-23"' in tess.get("/staff/today").text
    at("2026-11-24 08:20")
    answer = mark(tess, school.bram, day="2026-11-23", group=school.group_34, **fields)
    assert (answer.status_code, answer.location) == (303, f"/staff/today?group={school.group_34}")
    page = tess.get(answer.location).text
    assert "Deze pagina was van maandag 23 november, dus er is niets genoteerd." in page
    assert rows(AttendanceMark) == []
    mark(tess, school.bram, day="2026-11-24")
    assert len(rows(AttendanceMark)) == 1


def test_a_report_is_not_seen_on_the_board_of_yesterday(client_for, school, rows, at):
    tess = client_for(school.tess)
    at("2026-11-24 07:50")
    report(client_for(school.anna), school.bram)
    tess.post("/staff/sightings", data={"pupil": school.bram.id, "day": "2026-11-23"})
    assert rows(Absence)[0].seen_at is None


def test_on_a_day_without_school_a_tap_notes_nothing(client_for, school, rows, at):
    tess = client_for(school.tess)
    at("2026-11-28 09:00")
    answer = mark(tess, school.bram)
    assert "Er is vandaag geen school, dus er is niets genoteerd." in tess.get(answer.location).text
    assert rows(AttendanceMark) == []


@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30"])
def test_a_page_that_does_not_say_its_day_is_of_today(client_for, school, rows, day):
    mark(client_for(school.tess), school.bram, day=day)
    assert len(rows(AttendanceMark)) == 1
