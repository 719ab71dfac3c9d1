"""GET /letters/<id>: a letter as one of its readers sees it."""

import pytest
from sqlalchemy import select

from portal import clock
from portal.access import Viewer
from portal.domain import letters
from portal.domain.letter_audience import GROUP, PUPIL, Part
from portal.extensions import db, start_writing
from portal.models.letters import Letter
from portal.models.roster import Membership
from tests.letters.sending import WORDS, send


@pytest.fixture
def letter(app, school, at):
    at("2026-11-23 15:30")
    number = send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")
    at("2026-11-24 07:58")
    return number


def change(app, number: int, act) -> None:
    with app.app_context():
        start_writing()
        act(db.session.get_one(Letter, number))
        db.session.commit()


def words_on(page) -> str:
    return " ".join(page.text.split())


def test_it_says_from_whom_for_whom_and_when(client_for, school, letter):
    page = words_on(client_for(school.anna).get(f"/letters/{letter}"))
    assert "Van juf Marieke · voor Bram, groep 3/4<br>" in page
    assert "maandag 23 november, 15.30 uur" in page
    assert "<h2>Wat nemen wij mee</h2>" in page
    assert "<li>een <strong>lunch</strong></li>" in page


def test_one_for_two_children_names_both_with_their_groups(app, client_for, school):
    number = send(app, school.otto, [Part(PUPIL, school.bram.id), Part(PUPIL, school.noor.id)])
    page = client_for(school.anna).get(f"/letters/{number}").text
    assert "voor Noor (groep 6) en Bram (groep 3/4)" in page


def test_of_a_group_it_names_the_one_of_then(app, client_for, school, letter):
    with app.app_context():
        start_writing()
        member = db.session.scalars(select(Membership).where(Membership.pupil_id == school.bram.id)).one()
        member.ended_on = clock.today()
        db.session.add(
            Membership(pupil_id=school.bram.id, group_id=school.group_6, home=True, started_on=clock.today())
        )
        db.session.commit()
    assert "voor Bram, groep 3/4<br>" in client_for(school.anna).get(f"/letters/{letter}").text


def test_only_who_received_it_finds_it(client_for, school, letter):
    for person in (school.anna, school.daan):
        assert client_for(person).get(f"/letters/{letter}").status_code == 200
    for person in (school.gert, school.dora, school.carl, school.tess, school.tim, school.otto):
        assert client_for(person).get(f"/letters/{letter}").status_code == 404
    assert client_for(school.anna).get("/letters/999").status_code == 404


def test_a_draft_a_withdrawn_one_and_one_past_its_day_are_not_there(app, client_for, school, letter, at):
    anna = client_for(school.anna)
    change(app, letter, lambda it: setattr(it, "visible_until", clock.today()))
    assert anna.get(f"/letters/{letter}").status_code == 200
    at("2026-11-25 07:58")
    assert anna.get(f"/letters/{letter}").status_code == 404
    change(app, letter, lambda it: setattr(it, "visible_until", None))
    change(app, letter, lambda it: letters.withdraw(it, Viewer(school.tess.id), clock.now()))
    assert anna.get(f"/letters/{letter}").status_code == 404
    assert "Museum" not in anna.get("/letters").text


def test_that_it_was_changed_is_said(app, client_for, school, letter):
    anna = client_for(school.anna)
    assert "gewijzigd" not in anna.get(f"/letters/{letter}").text
    change(app, letter, lambda it: letters.correct(it, WORDS, 1, Viewer(school.tess.id), clock.now()))
    assert "gewijzigd vandaag om 7.58 uur" in anna.get(f"/letters/{letter}").text


def test_without_a_group_there_is_nobody_to_answer_privately(app, client_for, school, rows, change):
    number = send(app, school.otto)
    anna, daan, answered = client_for(school.anna), client_for(school.daan), f"/messages/new?letter={number}"
    assert answered in anna.get(f"/letters/{number}").text
    assert daan.get(answered).status_code == 200
    for place in rows(Membership):
        if place.pupil_id == school.bram.id:
            change(Membership, place.id, ended_on=clock.today())
    assert answered in anna.get(f"/letters/{number}").text
    page = daan.get(f"/letters/{number}")
    assert page.status_code == 200 and "/messages/new" not in page.text


def test_without_script_there_is_a_button_for_having_read_it(client_for, school, letter):
    page = client_for(school.anna).get(f"/letters/{letter}").text
    assert "Ik heb deze brief gelezen" in page
    assert "School ziet het als u deze brief heeft gelezen." in page


def test_it_takes_few_queries_however_many_children(app, client_for, school, letter, count_queries):
    anna = client_for(school.anna)
    anna.get(f"/letters/{letter}")
    with count_queries() as queries:
        anna.get(f"/letters/{letter}")
    number = send(app, school.otto)
    with count_queries() as more:
        anna.get(f"/letters/{number}")
    assert len(queries) == len(more) <= 9
