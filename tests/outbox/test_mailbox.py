"""The worker reads the mailbox to which mail comes back, and waits for it never too long."""

import imaplib
import threading
import time

import pytest

from portal import mailbox
from portal.domain import jobs
from portal.domain.letter_audience import PUPIL, Part
from portal.extensions import db
from portal.models.notices import MailTrouble
from portal.models.outbox import OutgoingMessage
from tests.letters.sending import send
from tests.outbox.imap_server import CERTIFICATE, ImapServer
from tests.outbox.samples import sample

PASSWORD = 'ge"heim \\ 1'


@pytest.fixture
def imap(app, monkeypatch):
    server = ImapServer()
    settings = {
        "MAIL_BOUNCE_ADDRESS": "portaal@lindeboog.example",
        "MAIL_CA_FILE": str(CERTIFICATE),
        "MAIL_IMAP_SERVER": "localhost",
        "MAIL_IMAP_PORT": server.port,
        "MAIL_IMAP_USERNAME": "portaal@lindeboog.example",
        "MAIL_IMAP_PASSWORD": PASSWORD,
        "MAIL_TIMEOUT": 1,
    }
    for name, value in settings.items():
        monkeypatch.setitem(app.config, name, value)
    yield server
    server.stop()


@pytest.fixture
def sent(app, school, mailed, imap):
    """The mail to Carl about a letter, which the mail server took."""
    send(app, school.otto, [Part(PUPIL, school.sem.id)])
    return next(mail for mail in mailed() if school.carl.email in mail.recipients)


def read(app) -> int:
    with app.app_context():
        return mailbox.read_once(threading.Event())


def test_what_came_back_is_noted_once_and_marked_as_seen(app, school, sent, imap, rows):
    imap.add(sample("postfix_unknown_user", sent.sender))
    imap.add(sample("vacation_sieve", sent.sender))
    imap.add(b"")
    imap.add(sample("person_answers", sent.sender, sent.message["Message-ID"]))
    assert read(app) == 4
    assert imap.seen == {1, 2, 3, 4}
    assert [(trouble.user_id, trouble.code) for trouble in rows(MailTrouble)] == [(school.carl.id, "5.1.1")]
    assert [message.address for message in rows(OutgoingMessage) if message.kind == "where_to_write"] == [
        "ouder@thuis.example"
    ]
    assert read(app) == 0


def test_a_mail_with_a_sign_that_no_database_takes_keeps_no_other_waiting(app, school, sent, imap, rows):
    imap.add(sample("person_answers", sent.sender, "<a\x00b@lindeboog.example>"))
    imap.add(sample("postfix_unknown_user", sent.sender))
    assert read(app) == 2
    assert [trouble.user_id for trouble in rows(MailTrouble)] == [school.carl.id]


def test_a_mail_that_was_not_marked_is_taken_in_again_and_counts_once(app, sent, imap, rows):
    imap.add(sample("postfix_unknown_user", sent.sender))
    imap.add(sample("person_answers", sent.sender, sent.message["Message-ID"]))
    read(app)
    imap.seen.clear()
    assert read(app) == 2
    assert [trouble.times for trouble in rows(MailTrouble)] == [1]
    assert len([message for message in rows(OutgoingMessage) if message.kind == "where_to_write"]) == 1


def test_more_than_fits_in_a_round_comes_in_the_next(app, sent, imap):
    for _ in range(mailbox.MOST_AT_ONCE + 5):
        imap.add(b"From: a@b.example\nAuto-Submitted: auto-replied\n\nhallo")
    assert read(app) == mailbox.MOST_AT_ONCE
    assert read(app) == 5


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("mode", ["hang", "refuse"])
def test_a_mail_server_that_does_not_answer_is_left_in_time(app, sent, imap, mode):
    imap.mode = mode
    began = time.monotonic()
    with pytest.raises((OSError, imaplib.IMAP4.error)):
        read(app)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_server_that_is_not_who_it_says_gets_no_password(app, sent, imap, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_CA_FILE", str(CERTIFICATE.parent / "elsewhere.pem"))
    with pytest.raises(OSError, match="certificate"):
        read(app)
    assert imap.logins == []


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_mailbox_that_hangs_keeps_no_mail_waiting_and_stops_with_the_worker(
    app, sent, imap, smtp, school, mailed
):
    imap.mode = "hang"
    stop = threading.Event()
    reader = threading.Thread(target=mailbox.read_mailbox, args=(app, stop))
    reader.start()
    try:
        send(app, school.otto, [Part(PUPIL, school.sem.id)])
        began = time.monotonic()
        assert len(mailed()) == 2
        assert time.monotonic() - began < 3
    finally:
        stop.set()
        reader.join(5)
    assert not reader.is_alive()


def test_one_worker_at_a_time_looks_once_a_minute(app, school, imap, at):
    def turn() -> bool:
        with app.app_context():
            return mailbox._is_our_turn()

    assert [turn(), turn()] == [True, False]
    at("2026-11-24 07:57")
    assert turn()


@pytest.mark.parametrize("engine", ["sqlite"])
def test_without_a_mailbox_nobody_looks(app, school, rows):
    mailbox.read_mailbox(app, threading.Event())
    with app.app_context():
        assert jobs.due([mailbox.JOB], mailbox.clock.now()) == {mailbox.JOB[0]}
        db.session.rollback()
