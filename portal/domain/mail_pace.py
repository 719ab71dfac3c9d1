"""How fast mail goes to the school's mail server: one at a time, so many a minute of all workers together.

Mails are spread over the minute. So nothing ever uses a minute up, and what is urgent waits for the next
mail's turn and no longer, however many wait before a letter to the whole school has gone. When the last one
went stands in the database: a worker that starts anew keeps to it too.
"""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from portal.domain import jobs
from portal.extensions import db
from portal.models.jobs import JobRun

PER_MINUTE = 600
"""As many as any school needs, and no more than a mail server of a provider takes."""

NAME = "a mail goes"
_CLOCK_WAS_SET_BACK = timedelta(minutes=2)


def per_minute() -> int | None:
    """Return how many mails may go in a minute, 0 for any number; None when the setting is no such number."""
    found = current_app.config["MAIL_PER_MINUTE"]
    if isinstance(found, bool):
        return None
    try:
        number = int(str(found))
    except ValueError:
        return None
    return number if number >= 0 else None


def _between() -> timedelta:
    number = per_minute()
    most = PER_MINUTE if number is None else number
    return timedelta(minutes=1) / most if most else timedelta(0)


def seconds_to_wait(now: datetime) -> float:
    """Return in how many seconds the next mail may go; asks without taking the write lock."""
    between = _between()
    last = db.session.scalar(select(JobRun.started_at).where(JobRun.name == NAME)) if between else None
    if last is None or last > now + _CLOCK_WAS_SET_BACK:
        return 0.0
    return max(0.0, (last + between - now).total_seconds())


def take_turn(now: datetime) -> bool:
    """Note that a mail goes now; False when another worker was first and it must wait."""
    between = _between()
    return not between or jobs.claim(NAME, between, now, _CLOCK_WAS_SET_BACK)
