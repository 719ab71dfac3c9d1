"""The times of talks: made from the days of a round, and which places follow each other. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, Protocol, TypeVar

from portal.clock import SCHOOL_ZONE


class Span(NamedTuple):
    """From one aware moment until another."""

    starts_at: datetime
    ends_at: datetime

    def overlaps(self, other: "Timed", gap: timedelta = timedelta()) -> bool:
        """Say whether there is less than `gap` between the two."""
        return self.starts_at < other.ends_at + gap and other.starts_at < self.ends_at + gap


class Timed(Protocol):
    """What has a beginning and an end."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


T = TypeVar("T", bound=Timed)


def at(day: date, clock: time) -> datetime:
    """Return the moment at which the school's clock shows this time, in UTC."""
    return datetime.combine(day, clock, SCHOOL_ZONE).astimezone(UTC)


def spans_of(
    day: date, starts: time, ends: time, minutes: int, pause: tuple[time, time] | None = None
) -> list[Span]:
    """Return the places of `minutes` each between two times of the school's clock, around a break."""
    stretches = [(at(day, starts), at(day, ends))]
    if pause and starts < pause[1] and pause[0] < ends:
        stretches = [(at(day, starts), at(day, pause[0])), (at(day, pause[1]), at(day, ends))]
    return [span for first, last in stretches for span in _places(first, last, timedelta(minutes=minutes))]


def _places(first: datetime, last: datetime, length: timedelta) -> Iterator[Span]:
    while first + length <= last:
        yield Span(first, first + length)
        first += length


def run_from(places: Sequence[T], first: int, minutes: int) -> list[T]:
    """Return the places from number `first` that follow each other and together last `minutes`, or none.

    The places are of one table, in order of time.
    """
    run: list[T] = []
    for place in places[first:]:
        if run and run[-1].ends_at != place.starts_at:
            return []
        run.append(place)
        if run[-1].ends_at - run[0].starts_at >= timedelta(minutes=minutes):
            return run
    return []


def shown_as(number: int | None, starts_at: datetime | None) -> str:
    """Return what a page sends along of the time that it shows, '' for none: the same again after a move."""
    return f"{number}.{int(starts_at.timestamp())}" if number and starts_at else ""


def nearest(places: Iterable[T], moment: datetime, count: int = 3) -> list[T]:
    """Return the places nearest to a moment, in order of time; of two as near the earlier one."""
    closest = sorted(places, key=lambda place: (abs(place.starts_at - moment), place.starts_at))
    return sorted(closest[:count], key=lambda place: place.starts_at)
