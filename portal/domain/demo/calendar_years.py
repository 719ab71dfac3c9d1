"""The school years of the demo, with the holidays of its region."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from portal import clock
from portal.domain.free_days import load_holidays
from portal.domain.holidays import holidays_of, known_years
from portal.domain.school_days import SchoolDays, Year, school_days
from portal.domain.settings import school_year_around
from portal.extensions import db
from portal.models.school import FreeDay, SchoolYear

REGION = "midden"


@dataclass(slots=True)
class DemoYear:
    """A school year; `groups` are the numbers of its groups in the order of the plan."""

    id: int
    first_day: date
    last_day: date
    closed_at: datetime | None
    groups: list[int] = field(default_factory=list)

    def days(self) -> SchoolDays:
        """Return the calendar of the year."""
        return school_days(self.first_day, self.last_day)

    def school_days_until(self, end: date) -> list[date]:
        """Return the days on which there was school before `end`."""
        calendar = self.days()
        span = (min(self.last_day + timedelta(days=1), end) - self.first_day).days
        every = (self.first_day + timedelta(days=number) for number in range(span))
        return [day for day in every if calendar.is_school_day(day)]


def open_years(today: date, count: int) -> list[DemoYear]:
    """Make the school years before this one and give each its holidays; this year comes first."""
    current = school_year_around(today)
    years = [_year(current.first_day.year - ago) for ago in range(count)]
    for year in years:
        if year.name in known_years():
            load_holidays(Year(year.id, year.name, year.first_day, year.last_day), REGION, None)
        else:
            _add_likely_holidays(year)
    db.session.flush()
    return [
        DemoYear(year.id, year.first_day, year.last_day, _end_of(year) if ago else None)
        for ago, year in enumerate(years)
    ]


def _year(begins: int) -> SchoolYear:
    made = school_year_around(date(begins, 9, 1))
    known = db.session.scalars(select(SchoolYear).where(SchoolYear.name == made.name)).one_or_none()
    if known is None:
        db.session.add(made)
        db.session.flush()
    return known or made


def _end_of(year: SchoolYear) -> datetime:
    return datetime.combine(year.last_day, time(17), clock.SCHOOL_ZONE)


def _add_likely_holidays(year: SchoolYear) -> None:
    """Holidays of long ago, whole weeks before those of the first year that is known."""
    first_known = known_years()[0]
    weeks = 52 * (int(first_known[:4]) - int(year.name[:4]))
    weeks += (int(first_known[:4]) - int(year.name[:4])) // 6
    for holiday in holidays_of(first_known, REGION):
        first = holiday.first_day - timedelta(weeks=weeks)
        last = holiday.last_day - timedelta(weeks=weeks)
        if year.first_day <= first <= year.last_day:
            db.session.add(FreeDay(kind="holiday", name=holiday.name, first_day=first, last_day=last))
