"""What the tests of getting in may ask for."""

import threading
import time
from collections.abc import Callable, Collection

import pytest
from flask import Flask

from portal import clock, postman, worker
from portal.domain.jobs import ALIVE
from portal.extensions import db, insert_into, start_writing
from portal.models.jobs import JobRun
from portal.models.outbox import OutgoingMessage

SECONDS_TO_DELIVER = 10
ABOUT_LETTERS = ("send letters", "give letters to who came later", "remind of reply slips")
ABOUT_TALKS = (
    "bring meetings up to date",
    "offer times that came free",
    "invite to talks",
    "remind of talks",
    "tell of the talks of tomorrow",
)
"""The jobs of the worker that write mail about these, some times an hour."""


@pytest.fixture
def change(app) -> Callable[..., None]:
    """Change columns of a row behind the portal's back: `change(User, 1, disabled_at=now)`."""

    def change_row(model, ident: int, **values: object) -> None:
        with app.app_context():
            start_writing()
            row = db.session.get_one(model, ident)
            for name, value in values.items():
                setattr(row, name, value)
            db.session.commit()

    return change_row


@pytest.fixture
def do(app) -> Callable[..., object]:
    """Do something in a transaction of its own, as a view does: `do(lambda: verb(…))`."""

    def do_and_commit(work: Callable[[], object]) -> object:
        with app.app_context():
            start_writing()
            result = work()
            db.session.commit()
            return result

    return do_and_commit


@pytest.fixture
def mailed(app, smtp, rows) -> Callable[[], list]:
    """Let the worker deliver what is due, and return the mails that arrived since the last time."""

    def deliver() -> float:
        with app.app_context():
            rest = postman.deliver_due(threading.Event())
        return 0.0 if rest == postman.MORE else worker.PAUSE

    return arrivals(deliver, smtp, rows)


@pytest.fixture
def mailed_about_letters(app, smtp, rows) -> Callable[[], list]:
    """The same, after the worker did what it has to do about letters: much mail is written by a job of it."""
    return arrivals(lambda: work_all_day(app, ABOUT_LETTERS), smtp, rows)


@pytest.fixture
def mailed_about_talks(app, smtp, rows) -> Callable[[], list]:
    """The same, after the worker did what it has to do about talks."""
    return arrivals(lambda: work_all_day(app, ABOUT_TALKS), smtp, rows)


def work_all_day(app: Flask, jobs: Collection[str]) -> float:
    """Let the worker do its round; of its jobs it has just done the others.

    Those are most of a round, and have tests of their own.
    """
    have_just_done(app, [job.name for job in worker.JOBS if job.name not in jobs])
    return worker.work_once(app)


def have_just_done(app: Flask, jobs: Collection[str]) -> None:
    """Note that the worker did these jobs at this moment."""
    with app.app_context():
        start_writing()
        noted = insert_into(JobRun)
        db.session.execute(
            noted.on_conflict_do_update(
                index_elements=["name"], set_={"started_at": noted.excluded.started_at}
            ),
            [{"name": name, "started_at": clock.now()} for name in (*jobs, ALIVE[0])],
        )
        db.session.commit()


def arrivals(work: Callable[[], float], smtp, rows) -> Callable[[], list]:
    """Return what works until there is no rest of it, and answers the mails that came by that.

    A live server has a worker of its own: what that one has in hand is waited for.
    """
    seen = 0

    def deliver() -> list:
        nonlocal seen
        while work() == 0:
            pass
        end = time.monotonic() + SECONDS_TO_DELIVER
        while any(message.leased_until for message in rows(OutgoingMessage)) and time.monotonic() < end:
            time.sleep(0.05)
        new = smtp.messages[seen:]
        seen = len(smtp.messages)
        return new

    return deliver


@pytest.fixture
def waiting(rows) -> Callable[[], list[OutgoingMessage]]:
    """The mails that wait to be sent."""
    return lambda: [m for m in rows(OutgoingMessage) if m.sent_at is None and m.failed_at is None]
