"""The next school year begins by itself, with the holidays of the region (R9, R36)."""

from datetime import datetime, timedelta

from sqlalchemy import select

from portal import clock
from portal.domain import audit
from portal.domain.free_days import load_holidays
from portal.domain.holidays import known_years
from portal.domain.roster_staff import somebody_leads
from portal.domain.school import school_facts
from portal.domain.school_days import Year
from portal.domain.settings import school_row, school_year_around
from portal.extensions import db
from portal.models.school import SchoolYear

AHEAD = timedelta(weeks=10)
"""So long before it begins a year is there when its holidays are known: for talks and leave after summer."""


def begin_school_years(now: datetime) -> None:
    """Make the school year that runs, and the next one in time; nothing before somebody leads the school."""
    if not school_facts().exists or not somebody_leads():
        return
    today = clock.to_local(now).date()
    open_year(school_year_around(today))
    coming = school_year_around(today + AHEAD)
    if coming.name in known_years():
        open_year(coming)


def open_year(wanted: SchoolYear) -> int:
    """Return the number of a school year, that is made with its holidays when it is not there yet.

    It begins after a year that runs on into it. A school that nobody leads has not said its region yet: its
    holidays come with `portal setup`.
    """
    found = db.session.scalar(select(SchoolYear.id).where(SchoolYear.name == wanted.name))
    if found is not None:
        return found
    running = select(SchoolYear.last_day).where(
        SchoolYear.first_day < wanted.first_day, SchoolYear.last_day >= wanted.first_day
    )
    if ends := db.session.scalar(running):
        wanted.first_day = ends + timedelta(days=1)
    db.session.add(wanted)
    db.session.flush()
    audit.record(None, "add_school_year", "school_year", wanted.id)
    if somebody_leads():
        year = Year(wanted.id, wanted.name, wanted.first_day, wanted.last_day)
        load_holidays(year, school_row().region, None)
    return wanted.id
