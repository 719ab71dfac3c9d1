"""The clients of the tests are let in and kept out as a browser is."""

from datetime import timedelta

from sqlalchemy import update

from portal import clock
from portal.extensions import db, start_writing
from portal.models.accounts import LoginSession


def test_a_person_of_the_cast_is_signed_in(client_for, school):
    answer = client_for(school.anna).get("/")
    assert answer.status_code == 200
    assert "De Lindeboog" in answer.text


def test_somebody_unknown_is_not(anonymous, school):
    assert anonymous.get("/").status_code == 303


def test_who_was_signed_out_elsewhere_is_out(app, client_for, school):
    client = client_for(school.anna)
    with app.app_context():
        start_writing()
        db.session.execute(update(LoginSession).values(ended_at=clock.now()))
        db.session.commit()
    assert client.get("/").status_code == 303


def test_a_session_ends_after_sixty_days(client_for, school, at):
    client = client_for(school.anna)
    at("2027-01-22 07:00")
    assert client.get("/").status_code == 200
    at("2027-01-24 07:56")
    assert client.get("/").status_code == 303


def test_a_form_without_its_token_is_refused(client_for, school):
    assert client_for(school.anna, sends_token=False).post("/logout").status_code == 400


def test_a_form_with_its_token_is_taken(client_for, school):
    assert client_for(school.anna).post("/logout").status_code == 303


def test_a_new_client_is_somebody_else(client_for, school, rows):
    for person in (school.anna, school.carl):
        client_for(person).get("/")
    assert [session.user_id for session in rows(LoginSession)] == [school.anna.id, school.carl.id]
    assert all(session.expires_at - clock.now() == timedelta(days=60) for session in rows(LoginSession))
