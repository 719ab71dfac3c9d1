"""5,000 titles, senders and names that try to write a header of their own: none does (SAFETY 18).

Two hundred of them without `PROVE_ALL=1`.
"""

import os
import random

import pytest

from portal import clock, mailer
from portal.domain import letter_digests, mails
from portal.domain.mail_trouble import LETTER, LETTER_DIGEST, LETTER_REMINDER, LETTER_URGENT
from portal.models.school import School
from tests.mail_server import SENDER

ATTEMPTS = 5_000 if "PROVE_ALL" in os.environ else 200
AT_ONCE = 100
BREAKS = ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "%0d%0a", "\\r\\n"]
BREAKS += ["=0D=0A", "=?utf-8?q?=0d=0a?=", "=?utf-8?b?DQo=?=", "&#13;&#10;", "\r\n ", "\n\t", "\r\n\r\n"]
HEADERS = [
    "Bcc: x@evil.example",
    "To: x@evil.example",
    "X-Evil: 1",
    "Content-Type: text/html",
    "From: x@evil.example",
]
HEADERS += ["Subject: other", "Reply-To: x@evil.example", "Return-Path: <x@evil.example>", "MIME-Version: 2"]
WORDS = ["Brief", "juf", "Zoë", "日本", "😀", '"', "<x@evil.example>", ",", ";", "(", "\\", "a" * 60, ""]
ALLOWED = {
    "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Reply-To", "References",
    "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress", "Importance", "List-Unsubscribe",
    "List-Unsubscribe-Post",
}  # fmt: skip


def attempt(chance: random.Random) -> str:
    """Return something between a name and an attack."""
    parts = [chance.choice(chance.choice((WORDS, BREAKS, HEADERS))) for _ in range(chance.randint(1, 5))]
    return "".join([*parts, chance.choice(BREAKS), chance.choice(HEADERS)])


def some_mail(number: int, chance: random.Random) -> mails.Mail:
    """Return a mail of each kind in which every word is an attempt."""
    kind = (LETTER, LETTER_URGENT, LETTER_REMINDER, LETTER_DIGEST)[number % 4]
    facts = {
        "letter_id": number,
        "user_id": 1,
        "link": "http://127.0.0.1:8000/letters/1",
        "sender": attempt(chance),
        "urgent": kind == LETTER_URGENT,
        "changed_at": None if number % 5 else clock.now(),
        "title": attempt(chance),
        "title_in_subject": bool(number % 3),
        "plain": attempt(chance),
        "html": "",
        "files": [attempt(chance)],
        "reminder": kind == LETTER_REMINDER,
        "name": attempt(chance),
        "letters": [
            {"link": "http://127.0.0.1:8000/letters/1", "day": clock.today(), "corrected": False}
            | {"title": attempt(chance), "sender": attempt(chance)}
        ],
        "choices": "http://127.0.0.1:8000/profile/notices",
        "stop": letter_digests.stop_link(1, f"p{number}@lindeboog.example"),
    }
    address = f"p{number}@lindeboog.example"
    return mails.Mail(number, f"<n{number}@127.0.0.1>", kind, address, ("nl", "en")[number % 2], facts, 1)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["sqlite"])
def test_no_attempt_adds_a_header_or_a_recipient(app, school, change, smtp):
    chance = random.Random(18)
    for start in range(0, ATTEMPTS, AT_ONCE):
        # The school's own name is an attempt too, another one now and then.
        change(School, 1, name=attempt(chance)[:100])
        with app.app_context(), mailer.mail_server() as server:
            for number in range(start, start + AT_ONCE):
                server.deliver(mails.render(some_mail(number, chance)))
    assert len(smtp.messages) == ATTEMPTS
    for number, mail in enumerate(smtp.messages):
        address = f"p{number}@lindeboog.example"
        assert mail.recipients == [address]
        assert [one.addr_spec for one in mail.message["To"].addresses] == [address]
        assert [one.addr_spec for one in mail.message["From"].addresses] == [SENDER]
        assert set(mail.message.keys()) <= ALLOWED
        assert len(mail.message.keys()) == len(set(mail.message.keys()))
        assert not any(mark in mail.subject for mark in "\r\n\x0b\x0c\x85\u2028\u2029\x00")
        assert mail.message["Reply-To"] == "info@lindeboog.example"


def test_the_attempts_are_attacks():
    chance = random.Random(18)
    some = [attempt(chance) for _ in range(300)]
    assert sum("\n" in one or "\r" in one for one in some) > 100
