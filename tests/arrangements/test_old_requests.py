"""What was still open of who has no access or no authority any more is closed by the worker."""

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.arrangements import ArrangementEntry, InformationRequest
from portal.models.pupils import ChangeRequest
from portal.models.roster import Guardianship
from portal.worker import run_jobs


@pytest.fixture
def asked(app, school):
    """Dora, whose access to Bram ended, Gert without authority over Noor, and Anna asked something."""
    with app.app_context():
        start_writing()
        for person, child in (
            (school.dora, school.bram),
            (school.gert, school.noor),
            (school.anna, school.bram),
        ):
            whose = {"pupil_id": child.id, "asked_by": person.id, "asked_at": clock.now()}
            db.session.add(InformationRequest(**whose, place=1, question="Hoe gaat het?"))
            db.session.add(ChangeRequest(**whose, field="given_name", wanted="Abe"))
        db.session.commit()


def open_ones(rows, model, closed: str) -> set[int]:
    return {one.asked_by for one in rows(model) if getattr(one, closed) is None}


def test_only_what_somebody_still_reads_the_answer_of_stays_open(app, rows, school, asked):
    with app.app_context():
        run_jobs()
    assert open_ones(rows, InformationRequest, "answered_at") == {school.gert.id, school.anna.id}
    assert open_ones(rows, ChangeRequest, "decided_at") == {school.anna.id}
    said = {one.asked_by: one.reason for one in rows(ChangeRequest)}
    assert said[school.dora.id].startswith("Gesloten omdat de toegang tot dit kind")
    assert "gezag" in said[school.gert.id]
    assert [(one.about, one.what, one.changed_by) for one in rows(ArrangementEntry)] == [
        (school.dora.id, "refused", None)
    ]


def test_who_came_back_keeps_what_was_asked(app, rows, school, asked):
    with app.app_context():
        start_writing()
        db.session.query(Guardianship).filter_by(user_id=school.daan.id).delete()
        back = {"user_id": school.dora.id, "pupil_id": school.bram.id, "created_at": clock.now()}
        db.session.add(Guardianship(**back, seat=2))
        db.session.commit()
        run_jobs()
    assert school.dora.id in open_ones(rows, InformationRequest, "answered_at")
