"""On which days there is school: weekdays that are no holiday and no free day of the school's own (R9)."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import g
from sqlalchemy import Connection, Select, bindparam, event, select, update

from portal.domain.school import school_facts
from portal.extensions import fetch, is_writing
from portal.models.school import FreeDay, School, SchoolYear, new_mark

_LOOK_AHEAD = 120


class FreePeriod(NamedTuple):
    """Days without school, both ends included; `kind` is holiday, free or study."""

    kind: str
    name: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class SchoolDays:
    """The school's calendar over the period it was read for, as plain arithmetic."""

    free: tuple[FreePeriod, ...]

    def period_of(self, day: date) -> FreePeriod | None:
        """Return the free period that the day falls in, or None."""
        return next((period for period in self.free if period.first_day <= day <= period.last_day), None)

    def is_school_day(self, day: date) -> bool:
        """Whether pupils are expected on this day."""
        return day.weekday() < 5 and self.period_of(day) is None

    def next_school_day(self, day: date) -> date:
        """Return the first school day after `day`."""
        following = day + timedelta(days=1)
        while not self.is_school_day(following):
            following += timedelta(days=1)
        return following

    def first_school_day(self, day: date) -> date:
        """Return `day` itself when there is school, else the first day that there is."""
        return day if self.is_school_day(day) else self.next_school_day(day)

    def previous_school_day(self, day: date) -> date:
        """Return the last school day before `day`."""
        earlier = day - timedelta(days=1)
        while not self.is_school_day(earlier):
            earlier -= timedelta(days=1)
        return earlier

    def skipped_between(self, first: date, last: date) -> list[FreePeriod]:
        """Return the free periods that a span of days runs through."""
        return [period for period in self.free if period.first_day <= last and period.last_day >= first]

    def count(self, first: date, last: date) -> int:
        """Return the number of school days in a span, both ends included."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return sum(self.is_school_day(day) for day in days)


@cache
def _free_days_query() -> Select[*tuple[Any, ...]]:
    return (
        select(FreeDay.kind, FreeDay.name, FreeDay.first_day, FreeDay.last_day)
        .where(FreeDay.last_day >= bindparam("first"), FreeDay.first_day <= bindparam("last"))
        .order_by(FreeDay.first_day)
    )


def school_days(first: date, last: date | None = None) -> SchoolDays:
    """Return the calendar around a span of days, in one query, or in none on a page of who is signed in.

    What is written is judged by the calendar of that moment, so then it is read.
    """
    since, until = first - timedelta(days=_LOOK_AHEAD), (last or first) + timedelta(days=_LOOK_AHEAD)
    if "school_row" not in g or is_writing():
        rows = fetch(_free_days_query(), first=since, last=until)
        return SchoolDays(tuple(map(FreePeriod._make, rows)))
    kept = _kept_calendar(school_facts().calendar_mark)
    return SchoolDays(tuple(free for free in kept if free.last_day >= since and free.first_day <= until))


@lru_cache(maxsize=2)
def _kept_calendar(_mark: int) -> tuple[FreePeriod, ...]:
    """Return all free days; `_mark` is `School.calendar_mark`, so a calendar that changed is read again."""
    rows = fetch(_free_days_query(), first=date.min, last=date.max)
    return tuple(map(FreePeriod._make, rows))


@event.listens_for(FreeDay, "after_insert")
@event.listens_for(FreeDay, "after_update")
@event.listens_for(FreeDay, "after_delete")
def _mark_calendar(_mapper: object, connection: Connection, _free_day: FreeDay) -> None:
    connection.execute(update(School).values(calendar_mark=new_mark()))


@dataclass(frozen=True, slots=True)
class Year:
    """A school year with its first and last day."""

    id: int
    name: str
    first_day: date
    last_day: date


def school_years() -> list[Year]:
    """Return the school years, the newest first."""
    return [Year(*row) for row in fetch(_years_query())]


@cache
def _years_query() -> Select[int, str, date, date]:
    return select(SchoolYear.id, SchoolYear.name, SchoolYear.first_day, SchoolYear.last_day).order_by(
        SchoolYear.first_day.desc()
    )


def current_year(years: list[Year], day: date) -> Year | None:
    """Return the year that has begun on `day`, else the oldest one, else None."""
    return next((year for year in years if year.first_day <= day), years[-1] if years else None)
