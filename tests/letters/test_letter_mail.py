"""The mail about a letter: who gets it, what it says, and what becomes of it."""

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain import letters
from portal.domain.letter_audience import GROUP, PUPIL, SCHOOL, Part
from portal.extensions import db
from portal.models.accounts import User
from portal.models.arrangements import Barring
from portal.models.letters import Letter, LetterRecipient
from portal.models.notices import MailTrouble
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship
from tests.accounts.conftest import ABOUT_LETTERS, work_all_day
from tests.letters.sending import send, set_out
from tests.outbox.test_bounce import report

EVERYBODY = ("anna", "daan", "carl", "inge", "tess")
"""The guardians with authority over a child of the cast."""


def addresses(mails) -> list[str]:
    return sorted(mail.recipients[0] for mail in mails)


def copy_of(rows, person) -> LetterRecipient:
    return next(copy for copy in rows(LetterRecipient) if copy.user_id == person.id)


def test_each_guardian_gets_one_mail_two_minutes_after_the_letter_goes(app, school, mailed, at):
    set_out(app, school.otto)
    assert mailed() == []
    at("2026-11-24 07:57")
    assert addresses(mailed()) == sorted(getattr(school, name).email for name in EVERYBODY)
    at("2026-11-24 07:59")
    assert mailed() == []


def test_a_letter_that_waits_for_its_time_goes_then(app, school, mailed, at):
    set_out(app, school.otto, send_at=clock.at_local("2026-11-25 15:30"))
    at("2026-11-25 15:29")
    assert mailed() == []
    at("2026-11-25 15:30")
    assert len(mailed()) == len(EVERYBODY)


def test_the_mail_says_only_that_there_is_a_letter(app, school, mailed):
    number = send(app, school.otto)
    mail = next(mail for mail in mailed() if school.anna.email in mail.recipients)
    assert mail.subject == "Een brief van juf Marieke"
    assert mail.links == [f"http://127.0.0.1:8000/letters/{number}"]
    for word in ("Museum", "lunch", "Bram", "Noor"):
        assert word not in mail.message.as_string()
        assert word not in mail.text + mail.html


def test_the_mail_has_the_letter_where_the_author_wants_that(app, school, mailed):
    number = send(app, school.otto, mail_shows="text")
    mail = next(mail for mail in mailed() if school.anna.email in mail.recipients)
    assert mail.subject == "Museum op 10 december"
    assert "- een lunch" in mail.text
    assert "<strong>lunch</strong>" in mail.html
    assert f"http://127.0.0.1:8000/letters/{number}" in mail.text
    assert f'href="http://127.0.0.1:8000/letters/{number}"' in mail.html


def test_a_child_in_the_title_stays_out_of_the_subject(app, school, mailed):
    send(app, school.otto, [Part(PUPIL, school.bram.id)], title="Gesprek over bram", mail_shows="text")
    assert {mail.subject for mail in mailed()} == {"Een brief van juf Marieke"}


def test_an_author_without_a_name_is_the_school(app, school, mailed):
    send(app, school.otto, sender="")
    assert {mail.subject for mail in mailed()} == {"Een brief van De Lindeboog"}


def test_mail_programs_keep_the_mails_of_a_letter_together(app, school, mailed):
    number = send(app, school.otto)
    mails = mailed()
    assert {mail.message["References"] for mail in mails} == {f"<letter-{number}@127.0.0.1>"}
    assert {mail.message["List-Id"] for mail in mails} == {"<letters.127.0.0.1>"}
    assert {mail.message["Auto-Submitted"] for mail in mails} == {"auto-generated"}
    assert len({mail.message["Message-ID"] for mail in mails}) == len(mails)


@pytest.mark.parametrize(
    "words",
    [{"sender": "juf\r\nBcc: x@evil.example"}, {"title": "Hallo\nBcc: x@evil.example", "mail_shows": "text"}],
)
def test_no_header_gets_in_by_a_name_or_title(app, school, mailed, words):
    send(app, school.otto, **words)
    mails = mailed()
    assert len(mails) == len(EVERYBODY)
    assert all(mail.message["Bcc"] is None for mail in mails)


def test_the_mail_is_in_the_language_of_its_reader(app, school, mailed, change):
    change(User, school.anna.id, language="en")
    send(app, school.otto)
    mail = next(mail for mail in mailed() if school.anna.email in mail.recipients)
    assert mail.subject == "A letter from juf Marieke"


@pytest.fixture
def correct(client_for, school):
    """Let Otto change the words of a letter and say so by mail."""

    def correct(number: int, notify: str = "y") -> None:
        words = {"title": "Museum", "sender": "juf Marieke", "text": "Om 10 uur.", "revision": "1"}
        path = f"/staff/letters/{number}/correction"
        assert client_for(school.otto).post(path, data=words | {"notify": notify}).status_code == 303

    return correct


CHANGED = "De brief is op dinsdag 24 november om 9.00 uur gewijzigd."


@pytest.mark.parametrize(("urgent", "subject"), [
    (False, "Gewijzigd: Een brief van juf Marieke"), (True, "Dringend: Gewijzigd: Een brief van juf Marieke"),
])  # fmt: skip
def test_the_mail_about_a_correction_says_that_it_is_one(app, school, mailed, at, correct, urgent, subject):
    number = send(app, school.otto, urgent=urgent)
    assert all("ewijzigd" not in mail.subject + mail.text + mail.html for mail in mailed())
    at("2026-11-24 09:00")
    correct(number)
    mails = mailed()
    assert len(mails) == len(EVERYBODY)
    for mail in mails:
        assert mail.subject == subject
        assert CHANGED in mail.text and CHANGED in mail.html


def test_a_mail_that_is_still_to_go_has_the_new_words_and_is_the_only_one(
    app, school, mailed, correct, smtp, at
):
    smtp.mode = "temporary"
    number = send(app, school.otto, mail_shows="text")
    mailed()
    correct(number)
    smtp.mode = "accept"
    at("2026-11-24 09:00")
    mails = mailed()
    assert addresses(mails) == sorted(getattr(school, name).email for name in EVERYBODY)
    assert all("Om 10 uur." in mail.text and "ewijzigd" not in mail.subject for mail in mails)


def test_that_it_was_changed_is_no_news_to_who_hears_of_it_first(
    app, school, mailed, at, correct, rows, change
):
    change(User, school.anna.id, email=None)
    number = send(app, school.otto)
    mailed()
    change(User, school.anna.id, email="anna@elders.example", language="en")
    at("2026-11-24 09:00")
    correct(number)
    subjects = {mail.recipients[0]: mail.subject for mail in mailed()}
    assert subjects["anna@elders.example"] == "A letter from juf Marieke"
    assert subjects[school.daan.email] == "Gewijzigd: Een brief van juf Marieke"


def test_who_read_it_in_the_portal_before_is_told_that_it_changed(
    app, client_for, school, mailed, at, correct, change
):
    change(User, school.anna.id, email=None, language="en")
    number = send(app, school.otto)
    mailed()
    client_for(school.anna).post(f"/letters/{number}/receipt", data={"state": "read"})
    change(User, school.anna.id, email="anna@elders.example")
    at("2026-11-24 09:00")
    correct(number)
    mail = next(mail for mail in mailed() if "anna@elders.example" in mail.recipients)
    assert mail.subject == "Changed: A letter from juf Marieke"
    assert "The letter was changed on" in mail.text


def test_nothing_goes_of_a_letter_that_is_withdrawn(app, school, mailed, do, rows):
    number = send(app, school.otto)
    do(lambda: change_letter(number, withdrawn_at=clock.now()))
    assert mailed() == []
    assert rows(OutgoingMessage) == []


def change_letter(number: int, **values) -> None:
    letter = db.session.get_one(Letter, number)
    for name, value in values.items():
        setattr(letter, name, value)


def test_nothing_goes_of_a_letter_that_is_taken_back(app, school, mailed, do, at):
    number = set_out(app, school.otto)
    at("2026-11-24 07:56")
    do(lambda: letters.take_back(db.session.get_one(Letter, number), as_viewer(school.otto), clock.now()))
    at("2026-11-24 08:30")
    assert mailed() == []


def as_viewer(person):
    return Viewer(person.id, role="office")


def revoke(school):
    [place] = db.session.query(Guardianship).filter_by(user_id=school.carl.id).all()
    place.revoked_at = clock.now()


def bar(school):
    db.session.add(
        Barring(user_id=school.carl.id, pupil_id=school.sem.id, reason="order", barred_at=clock.now())
    )


def take_authority(school):
    [place] = db.session.query(Guardianship).filter_by(user_id=school.carl.id).all()
    place.has_authority = False


def close_account(school):
    db.session.get_one(User, school.carl.id).disabled_at = clock.now()


@pytest.mark.parametrize("happens", [revoke, bar, take_authority, close_account])
def test_who_may_not_read_it_any_more_when_it_leaves_gets_no_mail(app, school, mailed, do, happens):
    send(app, school.otto)
    do(lambda: happens(school))
    assert addresses(mailed()) == sorted(getattr(school, name).email for name in EVERYBODY if name != "carl")


def test_a_copy_knows_that_its_mail_was_delivered(app, school, mailed, rows):
    send(app, school.otto)
    mailed()
    assert {copy.mailed_at for copy in rows(LetterRecipient)} == {clock.now()}


def test_an_address_that_does_not_exist_is_noted_with_why(app, school, mailed, rows, smtp):
    smtp.refused.add(school.carl.email)
    send(app, school.otto)
    assert len(mailed()) == len(EVERYBODY) - 1
    copy = copy_of(rows, school.carl)
    assert (copy.mailed_at, copy.failed_at, copy.failure) == (None, clock.now(), "5.1.1")
    [trouble] = rows(MailTrouble)
    assert (trouble.user_id, trouble.address, trouble.hard_at) == (
        school.carl.id,
        school.carl.email,
        clock.now(),
    )


def test_nothing_more_goes_to_an_address_that_does_not_exist_until_there_is_another(
    app, school, mailed, rows, smtp, change
):
    smtp.refused.add(school.carl.email)
    send(app, school.otto)
    mailed()
    tries = smtp.tries
    smtp.refused.clear()
    send(app, school.otto)
    assert len(mailed()) == len(EVERYBODY) - 1
    assert smtp.tries == tries + len(EVERYBODY) - 1
    assert {copy.failure for copy in rows(LetterRecipient) if copy.user_id == school.carl.id} == {"5.1.1"}
    change(User, school.carl.id, email="carl@elders.example")
    send(app, school.otto)
    assert "carl@elders.example" in addresses(mailed())


def test_a_mail_server_that_asks_to_wait_loses_and_doubles_nothing(app, school, mailed, rows, smtp, at):
    smtp.mode = "temporary"
    send(app, school.otto)
    assert mailed() == []
    assert {copy.mailed_at for copy in rows(LetterRecipient)} == {None}
    smtp.mode = "accept"
    before = {message.message_id for message in rows(OutgoingMessage)}
    for minute in range(56, 60):
        at(f"2026-11-24 07:{minute}")
        work_all_day(app, ABOUT_LETTERS)
    assert addresses(smtp.messages) == sorted(getattr(school, name).email for name in EVERYBODY)
    assert {mail.message["Message-ID"] for mail in smtp.messages} == before


def test_a_mail_that_is_given_up_after_a_week_is_noted(app, school, mailed, rows, smtp, at):
    smtp.mode = "temporary"
    send(app, school.otto, [Part(PUPIL, school.sem.id)])
    for day in range(24, 31):
        at(f"2026-11-{day} 08:00")
        mailed()
    at("2026-12-03 08:00")
    mailed()
    assert {copy.failure for copy in rows(LetterRecipient)} == {"gave up"}
    assert {trouble.hard_at for trouble in rows(MailTrouble)} == {None}


def bounce(app, mail, **facts) -> None:
    found = report(mail.message["Message-ID"], **facts).replace(
        b"inge@lindeboog.example", mail.recipients[0].encode()
    )
    assert app.test_cli_runner().invoke(args=["bounce"], input=found).exit_code == 0


def test_a_mail_that_comes_back_is_noted(app, school, mailed, rows):
    send(app, school.otto)
    mail = next(mail for mail in mailed() if school.carl.email in mail.recipients)
    bounce(app, mail)
    copy = copy_of(rows, school.carl)
    assert (copy.failed_at, copy.failure) == (clock.now(), "5.1.1")
    [trouble] = rows(MailTrouble)
    assert trouble.hard_at == clock.now()


def test_a_full_mailbox_counts_and_is_still_tried(app, school, mailed, rows, at):
    for times in range(1, 6):
        at(f"2026-11-{23 + times} 09:00")
        send(app, school.otto, [Part(PUPIL, school.sem.id)])
        mail = next(mail for mail in mailed() if school.carl.email in mail.recipients)
        bounce(app, mail, status="4.2.2")
        [trouble] = rows(MailTrouble)
        assert (trouble.times, trouble.hard_at is not None) == (times, times == 5)


def test_a_report_about_an_old_address_says_nothing_of_the_new_one(app, school, mailed, rows, change):
    send(app, school.otto)
    mail = next(mail for mail in mailed() if school.carl.email in mail.recipients)
    change(User, school.carl.id, email="carl@elders.example")
    bounce(app, mail)
    assert copy_of(rows, school.carl).failure == "5.1.1"
    assert rows(MailTrouble) == []


def test_an_urgent_letter_goes_before_other_mail_and_after_a_code_to_log_in(app, school, anonymous, mailed):
    send(app, school.otto, [Part(PUPIL, school.sem.id)])
    send(app, school.otto, [Part(PUPIL, school.noor.id)], urgent=True)
    anonymous.post("/login/mail", data={"email": school.daan.email})
    subjects = [mail.subject for mail in mailed()]
    assert subjects[0].startswith("Uw code")
    assert subjects[1:] == ["Dringend: Een brief van juf Marieke", *["Een brief van juf Marieke"] * 2]


def test_who_comes_later_gets_the_letter_and_mail_only_of_a_new_one(app, school, mailed, rows, do, at):
    old = send(app, school.otto, [Part(GROUP, school.group_6)])
    at("2026-12-01 09:00")
    recent = send(app, school.otto, [Part(GROUP, school.group_6)])
    mailed()

    def give_authority():
        [place] = db.session.query(Guardianship).filter_by(user_id=school.gert.id).all()
        place.has_authority = True

    do(give_authority)
    at("2026-12-02 09:00")
    [mail] = mailed()
    assert mail.recipients == [school.gert.email]
    assert mail.links == [f"http://127.0.0.1:8000/letters/{recent}"]
    received = {copy.letter_id: copy for copy in rows(LetterRecipient) if copy.user_id == school.gert.id}
    assert set(received) == {old, recent}
    assert received[old].received_at == clock.now()
    assert received[old].mailed_at is None


def test_a_letter_past_its_day_goes_to_nobody_who_comes_later(app, school, mailed, rows, do, at):
    send(app, school.otto, [Part(SCHOOL)], visible_until=clock.today())
    do(lambda: db.session.query(Guardianship).update({"has_authority": True}))
    at("2026-11-25 09:00")
    mailed()
    assert school.gert.id not in {copy.user_id for copy in rows(LetterRecipient)}
