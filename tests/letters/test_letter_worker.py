"""`portal worker` delivers a letter: killed at any moment, and several at once on Postgres."""

import signal
from collections import Counter, defaultdict

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.domain.letter_audience import GROUP, Part
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.letters import LetterRecipient
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Membership, Pupil
from tests.letters.sending import set_out
from tests.outbox.test_worker_process import start_worker, wait_until

__all__ = ["start_worker"]

GUARDIANS = 40
LEASE_IS_OVER = "2026-11-24 08:10"


@pytest.fixture
def letter(app, school, at):
    """A letter to forty guardians whose two minutes are over."""
    with app.app_context():
        start_writing()
        for number in range(100, 100 + GUARDIANS):
            address = f"g{number}@lindeboog.example"
            db.session.add(User(id=number, given_name=f"G{number}", email=address, created_at=clock.now()))
            db.session.add(
                Pupil(id=number, given_name=f"P{number}", sort_key=str(number), created_at=clock.now())
            )
            db.session.flush()
            db.session.add(
                Membership(pupil_id=number, group_id=school.group_6, home=True, started_on=clock.today())
            )
            db.session.add(
                Guardianship(
                    pupil_id=number, user_id=number, seat=1, has_authority=True, created_at=clock.now()
                )
            )
        db.session.commit()
    return set_out(app, school.otto, [Part(GROUP, school.group_6)])


def mailed_copies(app) -> int:
    with app.app_context():
        mailed = select(func.count()).where(LetterRecipient.mailed_at.is_not(None))
        found = db.session.scalar(mailed) or 0
        db.session.rollback()
    return found


def test_a_letter_survives_workers_that_are_killed(app, engine, letter, start_worker, smtp, rows):
    moments = ("2026-11-24 07:58", "2026-11-24 08:04", LEASE_IS_OVER)
    for killed_after, moment in zip((5, 20), moments, strict=False):
        workers = [start_worker(moment) for _ in range(2 if engine == "postgres" else 1)]
        smtp.wait_for(killed_after, seconds=40)
        for one in workers:
            one.send_signal(signal.SIGKILL)
            one.wait()
    for _ in range(2 if engine == "postgres" else 1):
        start_worker(moments[-1])
    everybody = len(rows(LetterRecipient))
    assert everybody == GUARDIANS + 4
    wait_until(lambda: mailed_copies(app) == everybody, seconds=60)
    assert {mail.recipients[0] for mail in smtp.messages} == {
        person.email for person in rows(User) if person.id in {copy.user_id for copy in rows(LetterRecipient)}
    }
    identities = defaultdict(set)
    for mail in smtp.messages:
        identities[mail.recipients[0]].add(mail.message["Message-ID"])
    assert {len(found) for found in identities.values()} == {1}
    # Only the mail that a killed worker had in hand may come twice, and then it is the same mail.
    doubled = Counter(mail.recipients[0] for mail in smtp.messages)
    assert sum(number - 1 for number in doubled.values()) <= 2 * (2 if engine == "postgres" else 1)
    assert {message.failed_at for message in rows(OutgoingMessage)} == {None}
