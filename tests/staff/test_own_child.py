"""Who works here and is a guardian: beside the own child one reads no time of another parent's report (R22).

Daan teaches group 3/4, in which his son Bram is; Anna is the other guardian, and hides.
"""

import re

import pytest
from sqlalchemy import delete

from portal import clock
from portal.extensions import db, start_writing
from portal.models.absence import Absence
from portal.models.accounts import StaffMember
from portal.models.pupils import CareReading
from portal.models.roster import Guardianship, Teaching
from tests.absence.test_create_report import TODAY, report

REPORTED = re.compile(r"\b(?:7|07)[.:]13\b")


@pytest.fixture(params=["teacher", "office"])
def daan(request, app, client_for, school):
    with app.app_context():
        start_writing()
        db.session.add(StaffMember(user_id=school.daan.id, role=request.param, called="meester Daan"))
        db.session.flush()
        db.session.add(Teaching(user_id=school.daan.id, group_id=school.group_34, started_on=TODAY))
        db.session.commit()
    return client_for(school.daan)


@pytest.fixture
def reported(daan, client_for, school, rows, at):
    """Anna reported Bram at 7.13, and it is half an hour later."""
    at("2026-11-24 07:13")
    anna = client_for(school.anna)
    report(anna, school.bram)
    at("2026-11-24 07:43")
    return anna, rows(Absence)[0].id


def test_board_and_absence_tell_a_colleague_the_time_and_the_father_none(daan, reported, client_for, school):
    tess = client_for(school.tess)
    for path in (f"/staff/today?group={school.group_34}", f"/staff/absences/{reported[1]}"):
        assert REPORTED.search(tess.get(path).text), path
        page = daan.get(path)
        assert "door een ouder" in page.text, path
        assert not REPORTED.search(page.text), path


def test_the_board_of_the_father_is_the_same_whenever_it_was_reported(daan, reported, app, school):
    path = f"/staff/today?group={school.group_34}"
    first = daan.get(path)
    with app.app_context():
        start_writing()
        absence = db.session.get(Absence, reported[1])
        absence.reported_at = absence.reported_at.replace(minute=1)
        db.session.commit()
    again = daan.get(path)
    version = re.compile(r'data-version="([^"]+)"')
    assert version.search(again.text).group(1) == version.search(first.text).group(1)
    assert again.headers.get("ETag") == first.headers.get("ETag")


def test_a_mark_after_the_report_still_counts(daan, reported, client_for, school, at):
    at("2026-11-24 08:31")
    client_for(school.tess).post("/staff/attendance", data={"pupil": school.bram.id, "state": "late"})
    assert "binnen om" in daan.get(f"/staff/today?group={school.group_34}").text


def test_what_the_mother_took_back_has_no_time_either(daan, reported, client_for, school):
    anna, number = reported
    anna.post(f"/absence/{number}/withdrawal")
    path, taken = f"/staff/absences/{number}", re.compile(r"\b7\.43 uur")
    assert taken.search(client_for(school.tess).get(path).text)
    page = daan.get(path).text
    assert "Teruggenomen" in page or "Ingetrokken" in page
    assert not taken.search(page)


def test_his_own_report_has_its_time(daan, client_for, school, rows, at):
    at("2026-11-24 07:13")
    report(daan, school.bram)
    for path in (f"/staff/today?group={school.group_34}", f"/staff/absences/{rows(Absence)[0].id}"):
        assert REPORTED.search(daan.get(path).text), path


def test_once_he_is_no_guardian_he_reads_as_a_teacher(daan, reported, app, school):
    with app.app_context():
        start_writing()
        db.session.execute(delete(Guardianship).where(Guardianship.user_id == school.daan.id))
        db.session.commit()
    assert REPORTED.search(daan.get(f"/staff/absences/{reported[1]}").text)


@pytest.mark.parametrize("hides", [True, False])
def test_the_mother_reads_that_school_saw_it_not_that_he_did(daan, reported, app, school, hides):
    anna, number = reported
    if not hides:
        with app.app_context():
            start_writing()
            for one in db.session.query(Guardianship):
                one.hidden_at = None
            db.session.commit()
    daan.post("/staff/sightings", data={"pupil": school.bram.id})
    for path in ("/", f"/absence/{number}"):
        page = anna.get(path).text
        assert "door school" in page, path
        assert not re.search(r"door meester Daan|\b7\.43 uur", page), path


def test_the_mother_reads_that_school_opened_the_care_not_that_he_did(daan, app, client_for, school, at):
    at("2026-11-24 09:13")
    with app.app_context():
        start_writing()
        for reader in (school.daan, school.tess):
            db.session.add(CareReading(pupil_id=school.bram.id, user_id=reader.id, read_at=clock.now()))
        db.session.commit()
    at("2026-11-24 10:00")
    page = client_for(school.anna).get(f"/pupils/{school.bram.id}/care").text
    assert "Juf Tess" in page and "Door school" in page
    assert "Meester Daan" not in page
    assert len(re.findall(r"9[.:]13", page)) == 1
