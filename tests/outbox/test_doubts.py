"""A mail server that refuses without a word why: whether that is the school's fault or the address's."""

from datetime import timedelta

import pytest

from portal import clock
from portal.domain import outbox
from portal.extensions import db
from portal.models.accounts import User
from portal.models.notices import MailTrouble
from portal.models.outbox import OutgoingMessage
from tests.mail_server import REFUSALS

ELSEWHERE = "inge@elders.example"


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """Who is refused by name hears a bare '550' too."""
    monkeypatch.setitem(REFUSALS, "refuse", REFUSALS["blunt"])


@pytest.fixture
def write(do):
    """Let a mail wait for somebody."""

    def write(person) -> None:
        user = lambda: db.session.get_one(User, person.id)  # noqa: E731
        do(lambda: outbox.queue("password_changed", clock.now(), user=user()))

    return write


@pytest.fixture
def later(at, mailed):
    """Let the worker work again after so many minutes, and again after so many more."""

    def later(*minutes: int) -> None:
        for number in minutes:
            at((clock.to_local(clock.now()) + timedelta(minutes=number)).strftime("%Y-%m-%d %H:%M"))
            mailed()

    return later


def about(rows, person) -> OutgoingMessage:
    return next(message for message in rows(OutgoingMessage) if message.user_id == person.id)


def test_an_address_is_believed_to_be_wrong_when_others_get_mail_meanwhile(
    school, write, mailed, later, smtp, rows
):
    smtp.refused = {school.carl.email}
    write(school.carl)
    mailed()
    write(school.anna)
    later(1)
    assert [mail.recipients for mail in smtp.messages] == [[school.anna.email]]
    assert about(rows, school.carl).failed_at is None
    later(2)
    carl = about(rows, school.carl)
    assert (carl.failed_at is not None, carl.failure, carl.attempts) == (True, "550", 3)
    assert [trouble.user_id for trouble in rows(MailTrouble)] == [school.carl.id]
    assert len(smtp.messages) == 1


def test_nothing_is_believed_of_a_server_that_takes_mail_from_nobody(
    school, write, mailed, later, smtp, rows
):
    smtp.mode = "blunt"
    for person in (school.carl, school.anna, school.tess, school.otto):
        write(person)
    mailed()
    later(1, 2, 4, 8, 16)
    assert not any(message.failed_at for message in rows(OutgoingMessage)) and not rows(MailTrouble)
    smtp.mode = "accept"
    later(60)
    assert sorted(mail.recipients[0] for mail in smtp.messages) == sorted(
        person.email for person in (school.carl, school.anna, school.tess, school.otto)
    )


def test_what_school_itself_gets_proves_nothing_for_who_is_elsewhere(
    school, write, mailed, later, smtp, rows, change
):
    """A relay that takes mail for its own domain only, as long as the school does not log in to it."""
    change(User, school.inge.id, email=ELSEWHERE)
    smtp.refused = {ELSEWHERE}
    write(school.inge)
    mailed()
    for minutes in (1, 2, 4):
        write(school.anna)
        later(minutes)
    assert about(rows, school.inge).failed_at is None
    smtp.refused = set()
    later(8)
    assert [mail.recipients for mail in smtp.messages] == [[school.anna.email]] * 3 + [[ELSEWHERE]]


def test_a_share_of_each_day_loses_nobody(school, write, mailed, later, at, smtp, rows):
    """The server takes two mails a day, and refuses all others until the next one."""
    people = [school.carl, school.anna, school.tess, school.otto, school.daan, school.inge]
    for person in people:
        write(person)
    for day in (25, 26, 27):
        assert len(smtp.messages) == 2 * (day - 25)
        smtp.share = 2
        at(f"2026-11-{day} 00:00")
        mailed()
        later(1, 2, 4, 8)
    smtp.share = None
    at("2026-11-30 12:00")
    mailed()
    assert not any(message.failed_at for message in rows(OutgoingMessage)) and not rows(MailTrouble)
    assert sorted(mail.recipients[0] for mail in smtp.messages) == sorted(one.email for one in people)


def test_who_gets_no_mail_for_a_week_is_told_to_school_without_a_mark(school, write, mailed, at, smtp, rows):
    smtp.mode = "blunt"
    write(school.carl)
    mailed()
    at("2026-12-02 08:00")
    mailed()
    assert about(rows, school.carl).failure.startswith("gave up: 550")
    assert [trouble.hard_at for trouble in rows(MailTrouble)] == [None]
