"""How often something may be tried, counted in the database so that every process counts the same.

A bucket is a keyed hash: the table names no person, no address and no device. Who guesses at somebody's
password fills the bucket of unknown devices; the owner's own device has one of its own and the mailed link
has none, so guessing never locks the owner out.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from sqlalchemy import (
    BigInteger,
    Select,
    String,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert

from portal.extensions import UtcDateTime, db, fetch, has_one_writer
from portal.models.accounts import LoginAttempt
from portal.statements import among
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
    budgets, subjects = zip(*tries, strict=True)
    buckets = [keyed_hash(budget.name, subject) for budget, subject in zip(budgets, subjects, strict=True)]
    _wait_for_turn(buckets)
    limits = [limit for budget in budgets for limit in budget.limits]
    since = {f"since_{index}": now - period for index, (_number, period) in enumerate(limits)}
    named = {f"bucket_{index}": bucket for index, bucket in enumerate(buckets)}
    for index, last_of_them in fetch(_full(budgets), until=now + CLOCKS_DIFFER, **since, **named):
        raise TooMany(last_of_them + limits[index][1])
    return [number for (number,) in fetch(_count(len(buckets)), now=now, **named)]


@cache
def _count(tries: int) -> ReturningInsert[tuple[int]]:
    at = bindparam("now", type_=UtcDateTime)
    rows = [{"bucket": bindparam(f"bucket_{index}", type_=String), "at": at} for index in range(tries)]
    return insert(LoginAttempt).values(rows).returning(LoginAttempt.id)


@cache
def _full(budgets: tuple[Budget, ...]) -> Select[*tuple[Any, ...]]:
    """Build the query for the limits that are reached: which one, and the try that has to be over first."""
    wanted = [
        (bindparam(f"bucket_{index}", type_=String), number)
        for index, budget in enumerate(budgets)
        for number, _period in budget.limits
    ]
    one_limit_each = (
        select(literal(index), LoginAttempt.at)
        .where(
            LoginAttempt.bucket == bucket,
            LoginAttempt.at > bindparam(f"since_{index}", type_=UtcDateTime),
            LoginAttempt.at < bindparam("until", type_=UtcDateTime),
        )
        .order_by(LoginAttempt.at.desc())
        .offset(number - 1)
        .limit(1)
        .subquery()
        for index, (bucket, number) in enumerate(wanted)
    )
    return union_all(*map(select, one_limit_each)).order_by(literal_column("1"))  # type: ignore[return-value]


def allows(budget: Budget, subject: str, now: datetime) -> bool:
    """Count one try; False when there were too many already."""
    try:
        spend([(budget, subject)], now)
    except TooMany:
        return False
    return True


def _wait_for_turn(buckets: list[str]) -> None:
    """Count one try after the other: SQLite has one writer anyway, Postgres needs to be told."""
    if not has_one_writer():
        numbers = (int.from_bytes(bytes.fromhex(bucket)[:8], "big", signed=True) for bucket in buckets)
        fetch(_turns(len(buckets)), **{f"key_{index}": number for index, number in enumerate(numbers)})


@cache
def _turns(count: int) -> Select[*tuple[Any, ...]]:
    """Build the query that waits for so many buckets, in order. It answers nothing that anybody reads."""
    keys = (bindparam(f"key_{index}", type_=BigInteger) for index in range(count))
    return select(*(cast(func.pg_advisory_xact_lock(key), String) for key in keys))


def give_back(attempts: Collection[int]) -> None:
    """Take back what was counted for a try that turned out to be the owner's own."""
    fetch(_give_back(), attempts=attempts)


@cache
def _give_back() -> ReturningDelete[tuple[int]]:
    return delete(LoginAttempt).where(among(LoginAttempt.id, "attempts")).returning(LoginAttempt.id)


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
