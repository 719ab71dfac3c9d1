"""What the worker deletes: notes after fourteen days, absence of pupils who left five years ago."""

from datetime import date

import pytest

from portal.extensions import db, start_writing
from portal.models.absence import Absence, AbsenceNote, AttendanceMark, GivenUpDay, VisitPart
from portal.models.roster import Pupil
from portal.models.school import School
from portal.worker import run_jobs
from tests.absence.test_create_report import report


@pytest.fixture
def work(app, at):
    """Lets the worker do its regular jobs at a moment of the school's clock."""

    def work_at(moment: str) -> None:
        at(moment)
        with app.app_context():
            run_jobs()

    return work_at


@pytest.fixture
def change(app):
    def change_one(model, ident, **values):
        with app.app_context():
            start_writing()
            thing = db.session.get_one(model, ident)
            for name, value in values.items():
                setattr(thing, name, value)
            db.session.commit()

    return change_one


@pytest.mark.parametrize(
    ("days", "moment", "left"),
    [
        (14, "2026-12-08 07:54", 1),
        (14, "2026-12-08 07:56", 0),
        (3, "2026-11-27 07:56", 0),
        (60, "2026-12-08 07:56", 0),
    ],
)
def test_a_note_lives_as_long_as_the_school_says_and_fourteen_days_at_most(
    client_for, school, rows, work, change, days, moment, left
):
    change(School, 1, note_days=days)
    report(client_for(school.anna), school.bram, note="Bij oma.")
    work(moment)
    assert (len(rows(AbsenceNote)), len(rows(Absence))) == (left, 1)


@pytest.mark.parametrize(("moment", "left"), [("2026-12-18 07:56", 1), ("2027-01-01 07:56", 0)])
def test_a_note_about_a_visit_of_next_month_is_there_on_that_day(
    client_for, school, rows, work, moment, left
):
    anna = client_for(school.anna)
    report(anna, school.bram, kind="doctor", days="dates", first_day="2026-12-18", note="Oma haalt hem.")
    work(moment)
    assert len(rows(AbsenceNote)) == left


def test_a_note_with_a_report_that_was_taken_back_does_not_wait_for_its_day(client_for, school, rows, work):
    anna = client_for(school.anna)
    report(anna, school.bram, kind="doctor", days="dates", first_day="2026-12-18", note="Oma haalt hem.")
    anna.post(f"/absence/{rows(Absence)[0].id}/withdrawal")
    work("2026-12-09 07:56")
    assert rows(AbsenceNote) == []


@pytest.mark.parametrize(("moment", "left"), [("2026-12-09 07:56", 1), ("2027-01-01 07:56", 0)])
def test_a_note_about_a_visit_that_gave_way_stays_as_long_as_any_other_because_it_may_come_back(
    client_for, school, rows, work, moment, left
):
    anna, day = client_for(school.anna), {"days": "dates", "first_day": "2026-12-18"}
    report(anna, school.bram, kind="doctor", note="Oma haalt hem.", **day)
    report(anna, school.bram, **day)
    work(moment)
    assert len(rows(AbsenceNote)) == left


@pytest.mark.parametrize(("moment", "left"), [("2032-07-08 03:00", 1), ("2032-07-11 03:00", 0)])
def test_what_a_visit_gave_up_goes_with_it(client_for, school, rows, work, change, moment, left):
    anna = client_for(school.anna)
    report(anna, school.bram, kind="doctor")
    report(anna, school.bram)
    change(Pupil, school.bram.id, left_on=date(2027, 7, 9))
    work(moment)
    assert (len(rows(VisitPart)), len(rows(GivenUpDay))) == (left, left)


@pytest.mark.parametrize(
    ("left_on", "moment", "left"),
    [
        (None, "2036-11-24 03:00", 1),
        (date(2027, 7, 9), "2032-07-08 03:00", 1),
        (date(2027, 7, 9), "2032-07-11 03:00", 0),
    ],
)
def test_absence_is_kept_until_five_years_after_leaving(
    client_for, school, rows, work, change, left_on, moment, left
):
    report(client_for(school.anna), school.bram)
    client_for(school.tess).post("/staff/attendance", data={"pupil": school.bram.id, "state": "present"})
    change(Pupil, school.bram.id, left_on=left_on)
    work(moment)
    assert (len(rows(Absence)), len(rows(AttendanceMark))) == (left, left)
