"""A set of times for all children of a family: after each other, on one day, when that can be. Pure.

For each day and each order of the children it takes the earliest time that leaves room to walk, from every
first time there is; what makes the family wait least wins. Where no day has room for all of them the day with
room for most goes first. A search through everything is the last resort, so that no set is missed.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, permutations
from typing import NamedTuple

from portal import clock
from portal.domain.slot_times import Span

MOST_ORDERS = 720
MOST_STEPS = 50_000


class Start(NamedTuple):
    """A place at which a talk can begin, and when it would end."""

    slot_id: int
    starts_at: datetime
    ends_at: datetime
    part: str

    @property
    def span(self) -> Span:
        return Span(self.starts_at, self.ends_at)

    @property
    def day(self) -> date:
        return clock.to_local(self.starts_at).date()


@dataclass(frozen=True, slots=True)
class Seeking:
    """A talk that has no time yet, and where it could begin beside the talks that the family has already."""

    talk_id: int
    table: int
    building: str
    starts: tuple[Start, ...]


Gap = Callable[[Seeking, Seeking], timedelta]
Seats = dict[int, Start]


def propose(talks: Sequence[Seeking], gap: Gap, booked: Sequence[Span] = (), part: str = "") -> Seats | None:
    """Return a place for each talk by its number, or None when they cannot all have one.

    `gap` says what must be between two talks, `booked` when the family is at school already. One day counts
    first, then `part`, the part of the day that the family prefers, then how long it waits.
    """
    if not talks:
        return {}
    preferred = [_only(talk, part) for talk in talks] if part else []
    tries = [many for many in (preferred, list(talks)) if many]
    for many in tries:
        if found := _on_one_day(many, gap, booked):
            return found
    for many in tries:
        if found := _day_by_day(many, gap, booked) or _anyhow(many, gap):
            return found
    return None


def _only(talk: Seeking, part: str) -> Seeking:
    return Seeking(
        talk.talk_id, talk.table, talk.building, tuple(one for one in talk.starts if one.part == part)
    )


def _days(talks: Iterable[Seeking]) -> list[date]:
    return sorted({start.day for talk in talks for start in talk.starts})


def _on_one_day(talks: Sequence[Seeking], gap: Gap, booked: Sequence[Span]) -> Seats | None:
    """Return the set of the day on which the family is at school already, or else waits least."""
    there = {clock.to_local(span.starts_at).date() for span in booked}
    best: tuple[tuple[bool, timedelta, date], Seats] | None = None
    for day in _days(talks):
        seats = _best_of_day(talks, day, gap, booked)
        if len(seats) < len(talks):
            continue
        cost = (bool(there) and day not in there, _waiting(seats, booked, day), day)
        if best is None or cost < best[0]:
            best = (cost, seats)
    return best[1] if best else None


def _day_by_day(talks: Sequence[Seeking], gap: Gap, booked: Sequence[Span]) -> Seats | None:
    """Return the set that begins with the day that has room for most; None when that leads nowhere."""
    left, seats = list(talks), Seats()
    days = _days(talks)
    while left:
        of_days = {day: _best_of_day(left, day, gap, booked) for day in days}
        fullest = max(
            of_days, key=lambda day: (len(of_days[day]), -_waiting(of_days[day], booked, day)), default=None
        )
        if fullest is None or not of_days[fullest]:
            return None
        seats |= of_days[fullest]
        left = [talk for talk in left if talk.talk_id not in seats]
        days.remove(fullest)
    return seats


def _best_of_day(talks: Sequence[Seeking], day: date, gap: Gap, booked: Sequence[Span]) -> Seats:
    """Return places on one day for as many of the talks as can be, with the least waiting."""
    of_day = [
        Seeking(talk.talk_id, talk.table, talk.building, tuple(one for one in talk.starts if one.day == day))
        for talk in talks
    ]
    best: tuple[tuple[int, timedelta, datetime], Seats] | None = None
    for order in islice(permutations(of_day), MOST_ORDERS):
        for first in order[0].starts:
            seats = _after_each_other(order, first, gap)
            beginning = min(start.starts_at for start in seats.values())
            cost = (-len(seats), _waiting(seats, booked, day), beginning)
            if best is None or cost < best[0]:
                best = (cost, seats)
    return best[1] if best else {}


def _after_each_other(order: Sequence[Seeking], first: Start, gap: Gap) -> Seats:
    seats = {order[0].talk_id: first}
    before, ends_at = order[0], first.ends_at
    for talk in order[1:]:
        earliest = ends_at + gap(before, talk)
        found = next((start for start in talk.starts if start.starts_at >= earliest), None)
        if found:
            seats[talk.talk_id] = found
            before, ends_at = talk, found.ends_at
    return seats


def _waiting(seats: Seats, booked: Sequence[Span], day: date) -> timedelta:
    """Return how much longer than its talks the family is at school on a day."""
    spans = [start.span for start in seats.values()]
    spans += [span for span in booked if clock.to_local(span.starts_at).date() == day]
    if not spans:
        return timedelta()
    there = max(span.ends_at for span in spans) - min(span.starts_at for span in spans)
    return there - sum((span.ends_at - span.starts_at for span in spans), timedelta())


def _anyhow(talks: Sequence[Seeking], gap: Gap) -> Seats | None:
    """Return any set there is, those with the fewest places first."""
    order = sorted(talks, key=lambda talk: len(talk.starts))
    seats: Seats = {}
    steps = 0

    def seat(number: int) -> bool:
        nonlocal steps
        if number == len(order):
            return True
        talk = order[number]
        for start in talk.starts:
            steps += 1
            if steps > MOST_STEPS:
                return False
            if any(start.span.overlaps(seats[one.talk_id], gap(one, talk)) for one in order[:number]):
                continue
            seats[talk.talk_id] = start
            if seat(number + 1):
                return True
            del seats[talk.talk_id]
        return False

    return dict(seats) if seat(0) else None
