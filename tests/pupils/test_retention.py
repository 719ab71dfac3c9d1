"""What the worker deletes of pupils who left, and of what was read long ago (R18)."""

from datetime import date

import pytest

from portal import clock
from portal.models.pupils import CareNote, CareReader, CareReading, ChangeRequest, EmergencyContact
from portal.models.roster import Guardianship, Pupil
from portal.worker import run_jobs


@pytest.fixture
def work(app, at):
    def work_at(moment: str) -> None:
        at(moment)
        with app.app_context():
            run_jobs()

    return work_at


@pytest.fixture
def everything(school, put, give_contact, write_care, name_reader):
    """Contacts, care and a request of Bram and of Sem."""
    for pupil, giver in ((school.bram, school.anna), (school.sem, school.carl)):
        give_contact(pupil, giver, "Oma Riet")
        write_care(pupil, school.anna)
        name_reader(pupil, school.otto)
        put(
            ChangeRequest(
                pupil_id=pupil.id, asked_by=school.anna.id, asked_at=clock.now(), field="other", wanted="X"
            )
        )


@pytest.mark.parametrize(
    ("left", "moment", "care", "contacts"),
    [
        (None, "2036-11-24 03:00", 2, 2),
        ("2026-11-20 12:00", "2027-07-09 03:00", 2, 2),
        ("2026-11-20 12:00", "2027-07-10 03:00", 1, 2),
        ("2026-11-20 12:00", "2027-11-19 03:00", 1, 2),
        ("2026-11-20 12:00", "2027-11-21 03:00", 1, 1),
        ("2027-09-01 12:00", "2028-08-30 03:00", 2, 2),
        ("2027-09-01 12:00", "2028-09-02 03:00", 1, 1),
    ],
)
def test_care_goes_with_the_school_year_and_the_rest_after_a_year(
    school, everything, change, rows, work, left, moment, care, contacts
):
    if left:
        change(Pupil, school.bram.id, archived_at=clock.at_local(left), left_on=date(2026, 11, 20))
    work(moment)
    assert (len(rows(CareNote)), len(rows(CareReader))) == (care, care)
    assert (len(rows(EmergencyContact)), len(rows(ChangeRequest))) == (contacts, contacts)


def test_a_decided_request_and_a_reading_are_kept_for_a_year(school, everything, put, change, rows, work):
    put(CareReading(pupil_id=school.sem.id, user_id=school.yara.id, read_at=clock.now()))
    change(ChangeRequest, rows(ChangeRequest)[0].id, decided_at=clock.now(), accepted=True)
    work("2027-11-24 07:54")
    assert (len(rows(CareReading)), len(rows(ChangeRequest))) == (1, 2)
    work("2027-11-25 07:56")
    assert (len(rows(CareReading)), len(rows(ChangeRequest))) == (0, 1)


@pytest.mark.parametrize(("path", "form"), [("revocation", {}), ("authority", {"authority": "no"})])
def test_contacts_go_when_the_giver_does_not_decide_for_the_child_any_more(
    client_for, school, give_contact, rows, work, path, form
):
    """Nobody sees them from then on; 30 days later they are gone, with what grandmother's number is."""
    for giver, name in ((school.anna, "Oma Riet"), (school.daan, "Opa Jan"), (None, "Buurvrouw")):
        give_contact(school.bram, giver, name)
    place = next(
        one for one in rows(Guardianship) if one.user_id == school.anna.id and one.revoked_at is None
    )
    data = form | {"reason": "Uitspraak."}
    client_for(school.otto).post(f"/school/guardianships/{place.id}/{path}", data=data)
    page = client_for(school.otto).get(f"/pupils/{school.bram.id}").text
    assert "Oma Riet" not in page and "Opa Jan" in page and "Buurvrouw" in page
    work("2026-12-23 07:00")
    assert len(rows(EmergencyContact)) == 3
    work("2026-12-27 09:00")
    assert [one.name for one in rows(EmergencyContact)] == ["Opa Jan", "Buurvrouw"]
