"""What one guardian answers on a reply slip is nothing of the other one's: of two who hide, or together."""

import pytest

from portal import clock
from portal.domain import slip_reminders
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.letters import LetterRecipient
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Pupil
from tests.letters.slips import MAY_COME, Asked, send_with_slip
from tests.privacy.test_non_interference import told

THE_FOUR = ("/", "/letters", "/letters?show=answer", "/letters?show=unread")


@pytest.fixture
def letter(app, school, at):
    at("2026-11-23 15:30")
    number = send_with_slip(app, school, (MAY_COME,))
    at("2026-11-24 16:10")
    return number


def change(app, act) -> None:
    with app.app_context():
        start_writing()
        act()
        db.session.commit()


def show_each_other(app) -> None:
    def act() -> None:
        for one in db.session.query(Guardianship):
            one.hidden_at = None

    change(app, act)


def reminded(app, school, rows) -> set[str]:
    """Return who gets a mail of the automatic reminder; the mail about the letter itself has gone."""
    mails = db.select(OutgoingMessage).where(OutgoingMessage.kind == "letter")
    change(app, lambda: [setattr(one, "sent_at", one.due_at) for one in db.session.scalars(mails)])
    change(app, lambda: slip_reminders.send_due(clock.now()))
    names = {user.id: user.given_name for user in rows(User)}
    return {names[one.user_id] for one in rows(OutgoingMessage) if one.kind == "slip_reminder"}


def answer(app, client, letter: int, about, words: str = "Ja"):
    assert (
        client.post(f"/letters/{letter}/reply", data=Asked(app, letter).form(about, words)).status_code == 303
    )


def test_of_two_who_hide_no_page_changes_by_a_byte(app, client_for, school, letter):
    daan, anna = client_for(school.daan), client_for(school.anna)
    addresses = (*THE_FOUR, f"/letters/{letter}")
    for address in addresses:
        daan.get(address)
    before = [told(daan.get(address)) for address in addresses]
    for words in ("Ja", "Nee"):
        answer(app, anna, letter, school.bram, words)
        assert [told(daan.get(address)) for address in addresses] == before
    anna.post(f"/letters/{letter}/reply", data={"withdraw": f"p{school.bram.id}"})
    assert [told(daan.get(address)) for address in addresses] == before
    assert "Antwoord uiterlijk do 26 nov" in daan.get("/letters").text


def test_of_two_who_hide_both_are_reminded_until_they_answer(app, client_for, school, letter, rows):
    answer(app, client_for(school.anna), letter, school.bram)
    assert reminded(app, school, rows) == {"Daan"}


def test_of_two_together_the_second_hears_that_there_is_an_answer_and_not_which(
    app, client_for, school, letter, rows
):
    show_each_other(app)
    daan, anna = client_for(school.daan), client_for(school.anna)
    assert "Antwoord uiterlijk do 26 nov" in daan.get("/letters").text
    answer(app, anna, letter, school.bram, "Ja")
    daan.get(f"/letters/{letter}")
    yes = told(daan.get(f"/letters/{letter}"))
    assert "Voor Bram is er al een antwoord. U hoeft niets te doen." in daan.get(f"/letters/{letter}").text
    answer(app, anna, letter, school.bram, "Nee")
    assert told(daan.get(f"/letters/{letter}")) == yes
    assert "Antwoord uiterlijk" not in daan.get("/letters").text
    assert "Museum" not in daan.get("/letters?show=answer").text
    assert reminded(app, school, rows) == set()


def test_the_second_can_answer_too(app, client_for, school, letter):
    show_each_other(app)
    answer(app, client_for(school.anna), letter, school.bram, "Ja")
    daan = client_for(school.daan)
    assert daan.post(f"/letters/{letter}/reply", data={}).status_code == 422
    answer(app, daan, letter, school.bram, "Nee")
    assert "U antwoordde vandaag" in daan.get(f"/letters/{letter}").text


def test_where_both_are_asked_one_does_not_do_for_the_other(app, client_for, school, at, rows):
    show_each_other(app)
    at("2026-11-23 15:30")
    number = send_with_slip(app, school, (MAY_COME,), by="both")
    at("2026-11-24 16:10")
    answer(app, client_for(school.anna), number, school.bram)
    assert "Antwoord uiterlijk do 26 nov" in client_for(school.daan).get("/letters").text
    assert reminded(app, school, rows) == {"Daan"}


def test_whom_school_deals_with_apart_hears_nothing_either(app, client_for, school, letter):
    show_each_other(app)
    change(app, lambda: setattr(db.session.get_one(Pupil, school.bram.id), "apart_at", clock.now()))
    daan = client_for(school.daan)
    daan.get(f"/letters/{letter}")
    before = told(daan.get(f"/letters/{letter}"))
    answer(app, client_for(school.anna), letter, school.bram)
    assert told(daan.get(f"/letters/{letter}")) == before


def test_no_copy_says_that_the_other_was_reminded(app, client_for, school, letter, rows):
    answer(app, client_for(school.anna), letter, school.bram)
    reminded(app, school, rows)
    copies = {one.user_id: one.reminded_at for one in rows(LetterRecipient)}
    assert copies[school.daan.id] and not copies[school.anna.id]
