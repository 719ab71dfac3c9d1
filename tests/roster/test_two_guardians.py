"""Two guardians at most: whoever writes, whatever the way (R23). The crowd of fifty is in tests/race."""

import threading

import pytest
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.domain.roster_guardians import add_guardian
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.roster import Guardianship, Pupil


def seat(pupil, user_id, number):
    return Guardianship(pupil_id=pupil.id, user_id=user_id, seat=number, created_at=clock.now())


def holding(rows, pupil):
    return [one for one in rows(Guardianship) if one.pupil_id == pupil.id and one.revoked_at is None]


@pytest.mark.parametrize("number", [1, 2, 3, 0])
def test_the_database_has_two_seats(app, school, rows, number):
    with app.app_context():
        start_writing()
        db.session.add(seat(school.bram, school.carl.id, number))
        with pytest.raises(IntegrityError):
            db.session.flush()
    assert len(holding(rows, school.bram)) == 2


def test_the_database_has_one_seat_a_person(app, school, rows):
    with app.app_context():
        start_writing()
        db.session.add(seat(school.lotte, school.tess.id, 2))
        with pytest.raises(IntegrityError):
            db.session.flush()


def test_fifty_threads_fill_one_seat(app, school, rows):
    """Lotte has one guardian; of fifty who are added at once exactly one gets in, and the others hear why."""
    with app.app_context():
        start_writing()
        people = [User(given_name=f"Ouder {number}", created_at=clock.now()) for number in range(50)]
        db.session.add_all(people)
        db.session.commit()
        numbers = [person.id for person in people]
    outcomes = []

    def add(number):
        with app.app_context():
            start_writing()
            try:
                add_guardian(
                    db.session.get_one(Pupil, school.lotte.id),
                    db.session.get_one(User, number),
                    "",
                    True,
                    None,
                    clock.now(),
                )
                db.session.commit()
                outcomes.append("added")
            except Refused as refusal:
                db.session.rollback()
                outcomes.append(refusal.sentence)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=add, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 50
    assert outcomes.count("added") == 1
    assert len(holding(rows, school.lotte)) == 2
    assert all("Tess Jansen" in outcome for outcome in outcomes if outcome != "added")


def test_who_does_not_wait_for_a_turn_is_refused_by_the_database(app, school, rows, engine):
    """Somebody fills the seat without taking the turn, between our look and our writing."""
    if engine == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    written = threading.Event()

    def fill_behind_our_back():
        with app.app_context():
            start_writing()
            db.session.add(seat(school.lotte, school.carl.id, 2))
            db.session.flush()
            written.set()
            threading.Event().wait(0.5)
            db.session.commit()
            db.session.remove()

    other = threading.Thread(target=fill_behind_our_back)
    other.start()
    written.wait(5)
    with app.app_context():
        start_writing()
        pupil = db.session.get_one(Pupil, school.lotte.id)
        daan = db.session.get_one(User, school.daan.id)
        with pytest.raises(Refused, match="Iemand anders heeft net een ouder toegevoegd"):
            add_guardian(pupil, daan, "", True, None, clock.now())
    other.join()
    assert len(holding(rows, school.lotte)) == 2
