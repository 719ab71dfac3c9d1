"""The mail that waits: queued in the transaction that causes it, delivered later by the worker.

Delivering is at least once: a worker that dies between the mail server's answer and its own note sends the
same mail again, with the same Message-ID. A failure that may pass is tried again, first after a minute and
then ever later, up to a day; after a week it is given up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import (
    ColumnElement,
    Integer,
    ScalarSelect,
    Select,
    String,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from portal.domain.bounce_addresses import Sending
from portal.extensions import UtcDateTime, db, fetch, given, insert_into, row_of
from portal.models.accounts import User
from portal.models.outbox import OutgoingMessage
from portal.tokens import new_nonce

LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(days=1)
GIVE_UP_AFTER = timedelta(days=7)
SENT_IS_KEPT = timedelta(days=90)
FAILED_IS_KEPT = timedelta(days=365)
GAVE_UP = "gave up"

TURN = {
    **{"login": 0, "password": 0, "resend": 0, "new_email": 0, "letter_urgent": 1},
    **dict.fromkeys(("letter", "letter_digest", "letter_reminder", "slip_reminder"), 3),
}
"""What goes before what, other mail being 2: who sits waiting for a code or a link does not wait for a letter
to the whole school."""

_NOW = bindparam("now", type_=UtcDateTime)
_FAILURE = bindparam("failure", type_=String)


@dataclass(frozen=True, slots=True)
class Later:
    """That a mail whose turn it is goes no sooner than this."""

    until: datetime


Settled = tuple[str, dict[str, object]] | Later | None
"""To which address a mail goes and what it tells, or that it goes later; None when it is not to go at all."""


class Person(NamedTuple):
    """Who gets a mail, by number, and in which language."""

    id: int
    language: str


def queue(
    kind: str,
    now: datetime,
    *,
    user: User | None = None,
    address: str | None = None,
    subject_id: int | None = None,
    language: str = "nl",
    dedupe_key: str | None = None,
) -> None:
    """Put a mail in the outbox: to `user` in their language, or to a typed `address` in `language`.

    A second mail with the same `dedupe_key` is not queued, also when both come at once.
    """
    to = {"user_id": user.id, "language": user.language} if user else {"user_id": None, "language": language}
    _insert([_row(kind, now, subject_id, dedupe_key) | to | {"address": address}])


def queue_all(kind: str, now: datetime, mails: list[tuple[User, int, str]]) -> None:
    """Queue many mails at once: each a person, the number of what it is about, and its `dedupe_key`."""
    _insert([_to(user, kind, now, subject_id, dedupe_key) for user, subject_id, dedupe_key in mails])


def queue_soon(
    kind: str, now: datetime, delay: timedelta, mails: Sequence[tuple[Person, int | None, str]]
) -> None:
    """Queue mails that go after a while and then tell what holds; one that waits already tells this too.

    One that waits is held until the commit, so that it does not leave without what is being changed. Who
    settles such a mail clears its `dedupe_key`: what changes afterwards needs another one.
    """
    rows = [
        _to(person, kind, now, subject_id, dedupe_key) | {"due_at": now + delay}
        for person, subject_id, dedupe_key in mails
    ]
    for row in rows:
        fetch(_unless_it_waits(db.engine.dialect.name, tuple(row)), **given(row))


@cache
def _unless_it_waits(_dialect: str, names: tuple[str, ...]) -> ReturningInsert[tuple[int]]:
    unchanged = {"due_at": OutgoingMessage.due_at}
    return (
        insert_into(OutgoingMessage)
        .values(row_of(OutgoingMessage, names))
        .on_conflict_do_update(index_elements=["dedupe_key"], set_=unchanged)
        .returning(OutgoingMessage.id)
    )


def _to(
    user: User | Person, kind: str, now: datetime, subject_id: int | None, dedupe_key: str
) -> dict[str, object]:
    to = {"user_id": user.id, "language": user.language, "address": None}
    return _row(kind, now, subject_id, dedupe_key) | to


def _row(kind: str, now: datetime, subject_id: int | None, dedupe_key: str | None) -> dict[str, object]:
    return {
        "kind": kind,
        "subject_id": subject_id,
        "dedupe_key": dedupe_key,
        "message_id": _new_message_id(),
        "created_at": now,
        "due_at": now,
    }


def _insert(rows: list[dict[str, object]]) -> None:
    if rows:
        statement = insert_into(OutgoingMessage).on_conflict_do_nothing(index_elements=["dedupe_key"])
        db.session.execute(statement, rows)


def _new_message_id() -> str:
    host = urlsplit(str(current_app.config["BASE_URL"])).hostname or "portal"
    return f"<{new_nonce()[:32]}@{host[-70:]}>"


def times_done(kind: str, subject_id: int) -> int:
    """Return how many mails of this kind about this thing are behind us, delivered or refused."""
    return (
        db.session.scalar(
            select(func.count()).where(
                OutgoingMessage.kind == kind,
                OutgoingMessage.subject_id == subject_id,
                or_(OutgoingMessage.sent_at.is_not(None), OutgoingMessage.failed_at.is_not(None)),
            )
        )
        or 0
    )


def _is_due() -> ColumnElement[bool]:
    """The condition for mails whose time has come at the parameter `now`."""
    return and_(
        OutgoingMessage.sent_at.is_(None),
        OutgoingMessage.failed_at.is_(None),
        OutgoingMessage.due_at <= _NOW,
        or_(OutgoingMessage.leased_until.is_(None), OutgoingMessage.leased_until <= _NOW),
    )


def anything_due(now: datetime) -> bool:
    """Whether there is a mail to deliver now; asks without taking the write lock."""
    ((due,),) = fetch(_due_query(), now=now)
    return bool(due)


@cache
def _due_query() -> Select[bool]:
    return select(exists().where(_is_due()))


def lease(now: datetime) -> OutgoingMessage | None:
    """Take the mail whose turn it is for ourselves, for some minutes; None when there is none."""
    leased = fetch(_lease_first(), now=now, until=now + LEASE)
    return db.session.get(OutgoingMessage, leased[0][0], populate_existing=True) if leased else None


@cache
def _lease_first() -> ReturningUpdate[tuple[int]]:
    turn = case(TURN, value=OutgoingMessage.kind, else_=2)
    first = (
        select(OutgoingMessage.id).where(_is_due()).order_by(turn, OutgoingMessage.due_at, OutgoingMessage.id)
    )
    return _leasing(first.limit(1).with_for_update(skip_locked=True).scalar_subquery())


def lease_again(message_id: int, now: datetime) -> bool:
    """Take a mail of which the lease was undone; False when somebody else has it by now."""
    return bool(fetch(_lease_one(), number=message_id, now=now, until=now + LEASE))


@cache
def _lease_one() -> ReturningUpdate[tuple[int]]:
    one = OutgoingMessage.id == bindparam("number", type_=Integer)
    mine = select(OutgoingMessage.id).where(one, _is_due())
    return _leasing(mine.with_for_update(skip_locked=True).scalar_subquery())


def _leasing(number: ScalarSelect[int]) -> ReturningUpdate[tuple[int]]:
    """Build what takes a mail until the parameter `until`, if there is one, and answers its number."""
    return (
        update(OutgoingMessage)
        .where(OutgoingMessage.id == number)
        .values(leased_until=bindparam("until", type_=UtcDateTime), attempts=OutgoingMessage.attempts + 1)
        .returning(OutgoingMessage.id)
    )


def hurry_earlier(message: OutgoingMessage, now: datetime) -> bool:
    """Let an earlier mail of this kind to the same person about the same thing go now; whether one waited.

    It waited for its next try, and tells all that this one would. Not one whose week is over: it is given up
    when that try fails, and what is new would go with it.
    """
    hurried = db.session.execute(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.kind == message.kind,
            OutgoingMessage.user_id == message.user_id,
            OutgoingMessage.subject_id == message.subject_id,
            OutgoingMessage.id < message.id,
            OutgoingMessage.sent_at.is_(None),
            OutgoingMessage.failed_at.is_(None),
            OutgoingMessage.created_at > now - GIVE_UP_AFTER,
            or_(OutgoingMessage.leased_until.is_(None), OutgoingMessage.leased_until <= now),
        )
        .values(due_at=now)
        .returning(OutgoingMessage.id)
        .execution_options(synchronize_session=False)
    )
    return hurried.first() is not None


def note_sent(message_id: int, now: datetime) -> None:
    """Note that the mail server took the mail; an address of its own is needed no more."""
    fetch(_sent(), number=message_id, now=now)


@cache
def _sent() -> ReturningUpdate[tuple[int]]:
    return _noting(sent_at=_NOW, leased_until=None, failure="", address=None)


def note_refused(message_id: int, failure: str, now: datetime) -> None:
    """Note that the mail will never arrive, with the code that says why; the office sees it."""
    fetch(_refused(), number=message_id, now=now, failure=failure[:60])


@cache
def _refused() -> ReturningUpdate[tuple[int]]:
    return _noting(failed_at=_NOW, failure=_FAILURE, leased_until=None)


def put_off(message_id: int, reason: str, now: datetime) -> bool:
    """Try the mail again later; False when that has gone on for a week and it is given up."""
    message = db.session.get_one(OutgoingMessage, message_id, populate_existing=True)
    if now - message.created_at >= GIVE_UP_AFTER:
        note_refused(message_id, f"{GAVE_UP}: {reason}", now)
        return False
    fetch(_put_off(), number=message_id, now=now + wait_after(message.attempts), failure=reason[:60])
    return True


@cache
def _put_off() -> ReturningUpdate[tuple[int]]:
    return _noting(due_at=_NOW, failure=_FAILURE, leased_until=None)


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: 1, 2, 4, 8 minutes and so on, at most a day."""
    doublings: int = min(max(attempts - 1, 0), 20)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def _noting(**values: object) -> ReturningUpdate[tuple[int]]:
    """Build what notes something of the mail `number`, unless it was sent."""
    one = OutgoingMessage.id == bindparam("number", type_=Integer)
    return (
        update(OutgoingMessage)
        .where(one, OutgoingMessage.sent_at.is_(None))
        .values(**values)
        .returning(OutgoingMessage.id)
    )


def note_bounced(which: Sending | str, status: str, now: datetime) -> OutgoingMessage | None:
    """Note that a mail came back after all, and return it; None when it is none of ours, or known already.

    `which`: the sending that the signed address says it was, or the mail's own Message-ID. `status` is the
    code of the report, like 5.1.1.
    """
    if isinstance(which, str):
        ours = and_(OutgoingMessage.message_id == which, OutgoingMessage.sent_at.is_not(None))
    else:
        ours = and_(OutgoingMessage.id == which.message_id, OutgoingMessage.attempts == which.attempt)
    number = db.session.scalar(
        update(OutgoingMessage)
        .where(ours, OutgoingMessage.failed_at.is_(None))
        .values(failed_at=now, failure=status[:60])
        .returning(OutgoingMessage.id)
        .execution_options(synchronize_session=False)
    )
    return db.session.get(OutgoingMessage, number, populate_existing=True) if number else None


def send_back(message: OutgoingMessage, now: datetime) -> bool:
    """Send a mail that came back once more, after a day; False when that has gone on for a week."""
    if now - message.created_at >= GIVE_UP_AFTER:
        return False
    message.sent_at = message.failed_at = message.leased_until = None
    message.due_at = now + LONGEST_WAIT
    # The report of the time that is over says nothing more.
    message.attempts += 1
    db.session.flush()
    return True


def hold(message: OutgoingMessage, until: datetime) -> None:
    """Put a mail that was just leased back until a moment, as if it had not been taken.

    What a mail server said of it before is too long ago by then.
    """
    message.due_at, message.leased_until, message.failure = until, None, ""
    message.attempts -= 1
    db.session.flush()


def prune(now: datetime) -> None:
    """Forget mail that was delivered or refused long ago."""
    db.session.execute(
        delete(OutgoingMessage)
        .where(
            or_(
                and_(OutgoingMessage.sent_at < now - SENT_IS_KEPT, OutgoingMessage.failed_at.is_(None)),
                OutgoingMessage.failed_at < now - FAILED_IS_KEPT,
            )
        )
        .execution_options(synchronize_session=False)
    )
