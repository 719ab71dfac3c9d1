"""2,000 mails about a letter through a mail server that is as difficult as they come, and workers that die.

Sixty of them without `PROVE_ALL=1`.

Lost is a mail that never arrives. Doubled is one that comes twice though the worker could know that it had
arrived: SMTP leaves a mail unknown whose answer was not heard, and such a one is sent again as it was.
"""

import os
import signal
from collections import Counter

import pytest
from sqlalchemy import func, insert, select

from portal import clock
from portal.domain.letter_audience import GROUP, Part
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.letters import LetterRecipient
from portal.models.notices import MailTrouble, NoticeChoice
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Membership, Pupil
from tests.letters.sending import set_out
from tests.outbox.test_worker_process import start_worker, wait_until

__all__ = ["start_worker"]

WHOLE = "PROVE_ALL" in os.environ
GUARDIANS = 2_000 if WHOLE else 60
NUMBERS = range(1_000, 1_000 + GUARDIANS)
WRONG = [f"g{number}@lindeboog.example" for number in NUMBERS[::40]]
SECONDS = 1

pytestmark = pytest.mark.slow


@pytest.fixture
def letter(app, school):
    """A letter to all those guardians and four of the cast; every third chose one mail a day, at eight."""
    now = clock.now()
    with app.app_context():
        start_writing()
        for table, rows in {
            User: [{"id": n, "email": f"g{n}@lindeboog.example", "created_at": now} for n in NUMBERS],
            Pupil: [{"id": n, "given_name": f"P{n}", "sort_key": str(n), "created_at": now} for n in NUMBERS],
            Membership: [
                {"pupil_id": n, "group_id": school.group_6, "home": True, "started_on": clock.today()}
                for n in NUMBERS
            ],
            Guardianship: [
                {"pupil_id": n, "user_id": n, "seat": 1, "has_authority": True, "created_at": now}
                for n in NUMBERS
            ],
            NoticeChoice: [{"user_id": n, "letters": "digest", "digest_hour": 8} for n in NUMBERS[::3]],
        }.items():
            db.session.execute(insert(table), rows)
        db.session.commit()
    return set_out(app, school.otto, [Part(GROUP, school.group_6)])


@pytest.fixture
def work(app, engine, start_worker, smtp):
    """Lets one or two workers work from a moment on until something holds, and kills them.

    Returns what was in hand. SQLite has one writer: there it is always one worker.
    """

    def until(condition, moment: str, workers: int = 2 if WHOLE else 1) -> set[str]:
        workers = workers if engine == "postgres" else 1
        running = [start_worker(moment, SECONDS) for _ in range(workers)]
        wait_until(condition, seconds=240)
        for one in running:
            one.send_signal(signal.SIGKILL)
            one.wait()
        with app.app_context():
            unknown = select(OutgoingMessage.message_id).where(
                OutgoingMessage.leased_until.is_not(None), OutgoingMessage.sent_at.is_(None)
            )
            in_hand = set(db.session.scalars(unknown))
            db.session.rollback()
        return in_hand

    return until


def waiting(app) -> int:
    with app.app_context():
        open_ = (OutgoingMessage.sent_at.is_(None), OutgoingMessage.failed_at.is_(None))
        found = db.session.scalar(select(func.count()).select_from(OutgoingMessage).where(*open_)) or 0
        told = db.session.scalar(select(func.count()).select_from(LetterRecipient)) or 0
        db.session.rollback()
    return found if told else GUARDIANS


def put_off(app, why: str, since: str) -> bool:
    """Tell whether a worker put a mail off since then for this reason."""
    with app.app_context():
        found = select(OutgoingMessage.id).where(
            OutgoingMessage.failure == why, OutgoingMessage.due_at > clock.at_local(since)
        )
        number = db.session.scalar(found.limit(1))
        db.session.rollback()
    return number is not None


def test_no_mail_is_lost_and_none_doubled_that_need_not_be(app, letter, work, smtp, rows):
    smtp.refused.update(WRONG)
    in_hand = set()

    def arrived(number: int):
        return lambda: len(smtp.messages) >= number

    smtp.mode = "unsteady"
    in_hand |= work(arrived(GUARDIANS // 7), "2026-11-24 07:58", workers=2)
    in_hand |= work(arrived(GUARDIANS // 3), "2026-11-24 08:10")
    smtp.mode = "hang_after_data"
    in_hand |= work(lambda: smtp.unanswered, "2026-11-24 08:20")
    smtp.mode = "hang"
    tries = smtp.tries
    in_hand |= work(lambda: smtp.tries > tries, "2026-11-24 08:30")
    smtp.mode = "hang_after_data"
    # This time the worker lives, and hears in time that it hears nothing.
    in_hand |= work(lambda: put_off(app, "SMTPServerDisconnected", "2026-11-24 08:40"), "2026-11-24 08:40")
    smtp.mode = "temporary"
    tries = smtp.tries
    in_hand |= work(lambda: smtp.tries > tries + GUARDIANS // 40, "2026-11-24 09:00")
    smtp.mode = "down"
    in_hand |= work(lambda: put_off(app, "ConnectionRefusedError", "2026-11-24 09:20"), "2026-11-24 09:20")
    smtp.mode = "unsteady"
    in_hand |= work(arrived(GUARDIANS * 4 // 5), "2026-11-24 10:30", workers=2)
    smtp.mode = "accept"
    in_hand |= work(lambda: not waiting(app), "2026-11-24 14:00", workers=2)
    assert in_hand

    addresses = {person.id: person.email for person in rows(User)}
    copies = rows(LetterRecipient)
    assert len(copies) == GUARDIANS + 4
    expected = {addresses[copy.user_id] for copy in copies} - set(WRONG)
    times = Counter(mail.recipients[0] for mail in smtp.messages)
    assert set(times) == expected, "lost, or sent to somebody who should get none"

    unheard = in_hand | {mail.message["Message-ID"] for mail in smtp.unanswered}
    identities = {}
    for mail in smtp.messages:
        identities.setdefault(mail.recipients[0], set()).add(mail.message["Message-ID"])
    assert {len(found) for found in identities.values()} == {1}
    doubled = {address for address, number in times.items() if number > 1}
    assert all(identities[address] <= unheard for address in doubled)
    print(f"{len(smtp.messages)} mails, lost 0, twice though that was known 0, unheard {len(doubled)}")

    marked = {trouble.address for trouble in rows(MailTrouble) if trouble.hard_at}
    assert marked == set(WRONG)
    for copy in copies:
        is_wrong = addresses[copy.user_id] in WRONG
        assert (copy.mailed_at is None, copy.failure) == (is_wrong, "5.1.1" if is_wrong else "")
        assert copy.held_at is None
