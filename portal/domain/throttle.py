"""How often something may be tried, counted in the database so that every process counts the same.

A bucket is a keyed hash: the table names no person, no address and no device. Who guesses at somebody's
password fills the bucket of unknown devices; the owner's own device has one of its own and the mailed link
has none, so guessing never locks the owner out.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import BigInteger, Integer, String, bindparam, cast, delete, func, or_, select

from portal.extensions import UtcDateTime, db, fetch, has_one_writer
from portal.models.accounts import LoginAttempt
from portal.tokens import keyed_hash


@dataclass(frozen=True, slots=True)
class Budget:
    """So many tries in each of these periods."""

    name: str
    limits: tuple[tuple[int, timedelta], ...]


MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PASSWORD = Budget("password", ((5, MINUTE),))
PASSWORD_ON_DEVICE = Budget("password on device", ((5, MINUTE),))
CODE = Budget("code", ((5, 10 * MINUTE), (20, DAY)))
CODE_ON_DEVICE = Budget("code on device", ((5, 10 * MINUTE),))
MAIL = Budget("mail", ((5, HOUR),))
NETWORK = Budget("network", ((600, MINUTE),))
"""Wide, because all parents of a school may share one address and come at once when a round opens."""

CLOCKS_DIFFER = MINUTE
"""What counts later than this was counted by a clock that was wrong, and keeps nobody out."""


# The lock answers nothing, of a type that nobody reads.
_TURN = select(cast(func.pg_advisory_xact_lock(bindparam("key", type_=BigInteger)), String))
_LAST_OF_THEM = (
    select(LoginAttempt.at)
    .where(
        LoginAttempt.bucket == bindparam("bucket", type_=String),
        LoginAttempt.at > bindparam("since", type_=UtcDateTime),
        LoginAttempt.at < bindparam("until", type_=UtcDateTime),
    )
    .order_by(LoginAttempt.at.desc())
    .offset(bindparam("others", type_=Integer))
    .limit(1)
)


class TooMany(Exception):
    """There were too many tries; `until` is when the next one counts."""

    def __init__(self, until: datetime) -> None:
        super().__init__("too many tries")
        self.until = until


def spend(tries: Iterable[tuple[Budget, str]], now: datetime) -> list[int]:
    """Count one try of each of these subjects; return their numbers.

    Raises TooMany, and counts none, when there were too many of one already. Who asks for several names them
    always in the same order.
    """
    buckets = [(budget, keyed_hash(budget.name, subject)) for budget, subject in tries]
    for budget, bucket in buckets:
        _wait_for_turn(bucket)
        for number, period in budget.limits:
            before = {"since": now - period, "until": now + CLOCKS_DIFFER, "others": number - 1}
            last_of_them = fetch(_LAST_OF_THEM, bucket=bucket, **before)
            if last_of_them:
                raise TooMany(last_of_them[0][0] + period)
    attempts = [LoginAttempt(bucket=bucket, at=now) for _budget, bucket in buckets]
    db.session.add_all(attempts)
    db.session.flush()
    return [attempt.id for attempt in attempts]


def allows(budget: Budget, subject: str, now: datetime) -> bool:
    """Count one try; False when there were too many already."""
    try:
        spend([(budget, subject)], now)
    except TooMany:
        return False
    return True


def _wait_for_turn(bucket: str) -> None:
    """Count one try after the other: SQLite has one writer anyway, Postgres needs to be told."""
    if not has_one_writer():
        fetch(_TURN, key=int.from_bytes(bytes.fromhex(bucket)[:8], "big", signed=True))


def give_back(attempts: Collection[int]) -> None:
    """Take back what was counted for a try that turned out to be the owner's own."""
    counted = LoginAttempt.id.in_(attempts)
    db.session.execute(delete(LoginAttempt).where(counted).execution_options(synchronize_session=False))


def network_of(address: str | None) -> str:
    """Return what counts as one network address: all of an IPv6 line's addresses are one."""
    try:
        parsed = ip_address(address or "")
    except ValueError:
        return ""
    return str(int(parsed) >> 64) if isinstance(parsed, IPv6Address) else str(parsed)


def prune(now: datetime) -> None:
    """Forget tries that no limit counts any more."""
    db.session.execute(
        delete(LoginAttempt)
        .where(or_(LoginAttempt.at < now - DAY, LoginAttempt.at > now + DAY))
        .execution_options(synchronize_session=False)
    )
