"""What goes of letters when its purpose is over: who read them first, the letters last (R18)."""

from datetime import date

import pytest
from sqlalchemy import update

from portal import clock, worker
from portal.domain.letter_audience import GROUP, PUPIL, SCHOOL, Part
from portal.extensions import db, start_writing
from portal.models.conversations import Conversation
from portal.models.letters import (
    Attachment,
    AttachmentFile,
    Letter,
    LetterAudience,
    LetterChild,
    LetterRecipient,
)
from portal.models.roster import Guardianship, Pupil
from portal.models.school import SchoolYear
from tests.conversations.writing import begin
from tests.letters.files import PDF, attach
from tests.letters.sending import send
from tests.letters.slips import Asked, send_with_slip

NOT_YET, A_YEAR_AFTER = "2028-07-08 03:00", "2028-07-11 03:00"
GONE = "Wie de brief las en wat zij antwoordden, wordt niet meer bewaard"


@pytest.fixture
def night(app, at):
    """Lets the worker do its regular jobs at a moment."""

    def work(moment: str) -> None:
        at(moment)
        with app.app_context():
            worker.run_jobs()

    return work


@pytest.fixture
def change_all(app):
    """Changes rows behind the portal's back: `change_all(Pupil, Pupil.id == 1, archived_at=now)`."""

    def change_some(model, *conditions, **values) -> None:
        with app.app_context():
            start_writing()
            db.session.execute(update(model).where(*conditions).values(**values))
            db.session.commit()

    return change_some


@pytest.fixture
def letter(app, school, mailed, client_for):
    """A letter to the group of Bram that Anna read, in mailboxes and reminded of."""
    number = send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")
    mailed()
    client_for(school.anna).post(f"/letters/{number}/receipt", data={"state": "read"})
    client_for(school.tess).post(f"/staff/letters/{number}/reminders")
    return number


def state(copy: LetterRecipient) -> tuple:
    is_opened_at_once = copy.opened_at == copy.received_at
    return is_opened_at_once, copy.mailed_at, copy.failed_at, copy.failure, copy.reminded_at, copy.held_at


def test_who_read_it_is_forgotten_a_year_after_the_school_year(school, letter, rows, night, change_all):
    change_all(
        LetterRecipient, LetterRecipient.user_id == school.daan.id, failed_at=clock.now(), failure="550"
    )
    before = {copy.user_id: state(copy) for copy in rows(LetterRecipient)}
    night(NOT_YET)
    assert {copy.user_id: state(copy) for copy in rows(LetterRecipient)} == before
    night(A_YEAR_AFTER)
    assert {copy.user_id for copy in rows(LetterRecipient)} == set(before)
    assert {state(copy) for copy in rows(LetterRecipient)} == {(True, None, None, "", None, None)}


def test_all_of_many_are_forgotten(school, app, rows, night, monkeypatch):
    monkeypatch.setattr("portal.domain.letter_retention.LETTERS_AT_ONCE", 1)
    for _ in range(3):
        send(app, school.otto)
    night(A_YEAR_AFTER)
    assert len(rows(LetterRecipient)) == 15
    assert {state(copy) for copy in rows(LetterRecipient)} == {(True, None, None, "", None, None)}


def test_a_reader_still_has_the_letter_as_read_and_kept(client_for, school, letter, rows, night):
    client_for(school.anna).post(f"/letters/{letter}/keeping", data={"state": "kept"})
    kept = [copy.kept_at for copy in rows(LetterRecipient) if copy.user_id == school.anna.id]
    night(A_YEAR_AFTER)
    assert [copy.kept_at for copy in rows(LetterRecipient) if copy.user_id == school.anna.id] == kept
    for person in (school.anna, school.daan):
        assert client_for(person).get(f"/letters/{letter}").status_code == 200
        assert "Museum op 10 december" in client_for(person).get("/letters").text


def test_the_pages_of_school_say_so_by_the_date(client_for, school, letter, at):
    at(NOT_YET)
    assert "1 van 2 ouders lazen de brief" in client_for(school.tess).get(f"/staff/letters/{letter}").text
    assert "1 van 2 gelezen" in client_for(school.tess).get("/staff/letters").text
    at(A_YEAR_AFTER)
    page = client_for(school.tess).get(f"/staff/letters/{letter}").text
    assert "2 ouders hebben deze brief" in page
    assert GONE in page
    assert "Daan Visser" not in page
    assert "van 2 gelezen" not in client_for(school.tess).get("/staff/letters").text


def test_the_answers_of_an_old_letter_are_nowhere(app, client_for, school, at):
    number = send_with_slip(app, school)
    client_for(school.anna).post(
        f"/letters/{number}/reply", data=Asked(app, number).form(school.bram, "Ja", "Nee")
    )
    addresses = [f"/staff/letters/{number}/answers", f"/staff/letters/{number}/answers.xlsx"]
    assert [client_for(school.tess).get(address).status_code for address in addresses] == [200, 200]
    at(A_YEAR_AFTER)
    assert [client_for(school.tess).get(address).status_code for address in addresses] == [404, 404]
    assert "Antwoordstrook" not in client_for(school.tess).get(f"/staff/letters/{number}").text


def test_the_settings_say_how_long_letters_are_kept(client_for, school):
    assert "zolang hun kind op school is" in client_for(school.otto).get("/school/settings").text


def children(rows) -> set[tuple[int, int]]:
    return {(child.user_id, child.pupil_id) for child in rows(LetterChild)}


def test_letters_about_a_child_that_left_go_after_a_year(app, school, rows, night, change_all, monkeypatch):
    monkeypatch.setattr("portal.domain.letter_retention.AT_ONCE", 1)
    send(app, school.otto)
    everybody = children(rows)
    change_all(Pupil, Pupil.id == school.bram.id, archived_at=clock.at_local("2027-01-11 12:00"))
    night("2028-01-11 03:00")
    assert children(rows) == everybody
    night("2028-01-12 03:00")
    assert children(rows) == {(user, pupil) for user, pupil in everybody if pupil != school.bram.id}
    assert {copy.user_id for copy in rows(LetterRecipient)} == {user for user, _ in children(rows)}
    assert len(rows(Letter)) == 1


def test_letters_of_who_is_no_guardian_any_more_go_after_a_year(app, school, rows, night, change_all):
    send(app, school.otto)
    everybody = children(rows)
    one = Guardianship.user_id == school.daan.id
    change_all(Guardianship, one, revoked_at=clock.at_local("2027-01-11 12:00"))
    night("2028-01-11 03:00")
    assert children(rows) == everybody
    night("2028-01-12 03:00")
    assert school.daan.id not in {user for user, _ in children(rows)}
    assert school.daan.id not in {copy.user_id for copy in rows(LetterRecipient)}
    assert len(children(rows)) < len(everybody)


@pytest.fixture
def finds_nobody(app, school, change_all):
    """Makes that no parent finds a letter any more."""

    def make(number: int, way: str) -> None:
        if way == "left":
            change_all(Pupil, archived_at=clock.now())
        else:
            values = {
                "draft": {"sent_at": None, "send_at": None},
                "withdrawn": {"withdrawn_at": clock.now()},
                "past": {"visible_until": clock.today()},
            }
            change_all(Letter, Letter.id == number, **values[way])

    return make


@pytest.mark.parametrize("way", ["draft", "withdrawn", "past", "left"])
def test_a_letter_that_nobody_finds_goes_with_its_files(app, school, rows, night, finds_nobody, way):
    number = send(app, school.otto)
    attach(app, number, school.otto, PDF)
    finds_nobody(number, way)
    night(NOT_YET)
    assert len(rows(Letter)) == 1
    night(A_YEAR_AFTER)
    for table in (Letter, LetterAudience, LetterChild, LetterRecipient, Attachment, AttachmentFile):
        assert rows(table) == []


def test_a_letter_that_is_found_stays(app, school, rows, night):
    send(app, school.otto, [Part(SCHOOL)])
    night("2030-11-24 03:00")
    assert len(rows(Letter)) == 1
    assert len(rows(LetterRecipient)) == 5


def test_a_letter_that_is_talked_about_goes_after_the_conversation(
    app, client_for, school, rows, night, change_all
):
    number = send(app, school.tess, [Part(PUPIL, school.bram.id)], "teacher")
    begin(client_for(school.anna), school.bram, school.group_34, letter=number)
    with app.app_context():
        start_writing()
        later = SchoolYear(name="2027-2028", first_day=date(2027, 8, 23), last_day=date(2028, 7, 7))
        db.session.add(later)
        db.session.flush()
        year = later.id
        db.session.commit()
    change_all(Conversation, school_year_id=year)
    change_all(Letter, withdrawn_at=clock.now())
    night(A_YEAR_AFTER)
    assert len(rows(Conversation)) == len(rows(Letter)) == 1
    night("2029-07-10 03:00")
    night("2029-07-12 03:00")
    assert rows(Conversation) == rows(Letter) == []


def test_a_parent_does_not_read_that_there_was_no_answer_once_it_is_not_kept(
    app, client_for, school, at, night
):
    number = send_with_slip(app, school)
    anna = client_for(school.anna)
    anna.post(f"/letters/{number}/reply", data=Asked(app, number).form(school.bram, "Ja", "Nee"))
    at(NOT_YET)
    page = client_for(school.anna).get(f"/letters/{number}").text
    assert "School ziet" in page and "wordt niet meer bewaard" not in page
    night(A_YEAR_AFTER)
    page = client_for(school.anna).get(f"/letters/{number}").text
    assert "U hebt niet geantwoord" not in page and "School ziet" not in page
    assert "Wat er geantwoord is, wordt niet meer bewaard." in page
    assert "Wie deze brief las, wordt niet meer bewaard." in page
