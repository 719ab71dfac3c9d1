"""Who leaves gives back the places of the answer; answers of long ago go."""

import pytest

from portal import clock
from portal.domain import slip_upkeep
from portal.domain.letter_audience import PUPIL, Part
from portal.extensions import db, start_writing
from portal.models.roster import Guardianship, Pupil
from portal.models.slips import SlipAnswer, SlipValue
from tests.letters.slips import Asked, answered, send_with_slip, taken


@pytest.fixture
def letter(app, school, at, client_for):
    at("2026-11-23 15:30")
    number = send_with_slip(app, school)
    asked = Asked(app, number)
    for person in (school.anna, school.daan):
        client_for(person).post(f"/letters/{number}/reply", data=asked.form(school.bram, "Ja", "Ja, ik rijd"))
    return number


def change(app, act) -> None:
    with app.app_context():
        start_writing()
        act()
        db.session.commit()


def revoke(school, person) -> None:
    for one in db.session.query(Guardianship).filter_by(user_id=person.id, pupil_id=school.bram.id):
        one.revoked_at = clock.now()


def tidy(app, job=slip_upkeep.let_go_of_who_left) -> None:
    def act() -> None:
        while job(clock.now()):
            pass

    change(app, act)


def test_nobody_left_and_nothing_goes(app, school, letter, rows):
    tidy(app)
    assert len(rows(SlipAnswer)) == 2 and taken(rows) == {"Ja, ik rijd": 2}


def test_a_guardian_who_is_none_any_more(app, school, letter, rows):
    change(app, lambda: revoke(school, school.daan))
    tidy(app)
    assert list(answered(rows)) == [(school.anna.id, school.bram.id)]
    assert taken(rows) == {"Ja, ik rijd": 1}


def test_a_guardian_without_authority(app, school, letter, rows):
    def act() -> None:
        db.session.query(Guardianship).filter_by(user_id=school.daan.id).one().has_authority = False

    change(app, act)
    tidy(app)
    assert list(answered(rows)) == [(school.anna.id, school.bram.id)]


def test_a_child_that_left(app, school, letter, rows):
    change(app, lambda: setattr(db.session.get_one(Pupil, school.bram.id), "archived_at", clock.now()))
    tidy(app)
    assert rows(SlipAnswer) == rows(SlipValue) == [] and taken(rows) == {"Ja, ik rijd": 0}


def test_after_the_last_day_what_was_agreed_stays(app, school, letter, rows, at):
    at("2026-11-27 09:00")
    change(app, lambda: revoke(school, school.daan))
    tidy(app)
    assert len(rows(SlipAnswer)) == 2


def test_of_a_family_with_another_child_the_answer_stays(app, client_for, school, rows, at):
    at("2026-11-23 15:30")
    parts = [Part(PUPIL, school.bram.id), Part(PUPIL, school.noor.id)]
    number = send_with_slip(app, school, per="family", parts=parts, author=school.otto, role="office")
    fields = Asked(app, number).form(None, "Ja", "Ja, ik rijd")
    client_for(school.anna).post(f"/letters/{number}/reply", data=fields)
    change(app, lambda: revoke(school, school.anna))
    tidy(app)
    assert list(answered(rows)) == [(school.anna.id, None)]
    change(app, lambda: setattr(db.session.get_one(Pupil, school.noor.id), "archived_at", clock.now()))
    tidy(app)
    assert answered(rows) == {} and taken(rows) == {"Ja, ik rijd": 0}


def test_answers_go_a_year_after_their_school_year(app, school, letter, rows, at):
    at("2028-07-08 03:00")
    tidy(app, slip_upkeep.delete_old_answers)
    assert len(rows(SlipAnswer)) == 2
    at("2028-07-11 03:00")
    tidy(app, slip_upkeep.delete_old_answers)
    assert rows(SlipAnswer) == rows(SlipValue) == []
