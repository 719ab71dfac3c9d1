"""School years and free days: the holidays of the region and the school's own days (R9, R36)."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.access import Viewer
from portal.domain import audit
from portal.domain.holidays import Holiday, holidays_of
from portal.domain.school_days import Year
from portal.errors import Refused
from portal.extensions import db
from portal.formatting import long_date
from portal.models.school import FreeDay, SchoolYear
from portal.words import gettext as _

KINDS = ("holiday", "free", "study")
LONGEST = 70
"""Days that no holiday is longer than; more is a slip of the year."""


def free_days_of(year: Year) -> list[FreeDay]:
    """Return the free days that touch a school year, in order."""
    return list(
        db.session.scalars(
            select(FreeDay)
            .where(FreeDay.last_day >= year.first_day, FreeDay.first_day <= year.last_day)
            .order_by(FreeDay.first_day, FreeDay.id)
        )
    )


def holidays_to_load(year: Year, region: str) -> list[Holiday]:
    """Return the holidays of a school year, with the rest of the summer before it, that are not there yet."""
    before = f"{int(year.name[:4]) - 1}-{year.name[:4]}"
    summer = [holiday for holiday in holidays_of(before, region) if holiday.last_day >= year.first_day]
    holidays = [*summer, *holidays_of(year.name, region)]
    if not holidays:
        return []
    first, last = holidays[0].first_day, holidays[-1].last_day
    present = db.session.scalars(
        select(FreeDay).where(FreeDay.last_day >= first, FreeDay.first_day <= last)
    ).all()
    return [holiday for holiday in holidays if not any(_overlap(holiday, free_day) for free_day in present)]


def load_holidays(year: Year, region: str, actor: Viewer | None) -> int:
    """Take in the region's holidays, as far as those days are not free already; return how many."""
    holidays = holidays_to_load(year, region)
    for holiday in holidays:
        db.session.add(
            FreeDay(kind="holiday", name=holiday.name, first_day=holiday.first_day, last_day=holiday.last_day)
        )
    _flush()
    audit.record(actor, "load_holidays", "school_year", year.id)
    return len(holidays)


def add_free_day(kind: str, name: str, first_day: date, last_day: date, actor: Viewer | None) -> FreeDay:
    """Make days free. Raises Refused for days the wrong way round, or that are free already."""
    _refuse_wrong_days(first_day, last_day)
    free_day = FreeDay(kind=kind, name=name, first_day=first_day, last_day=last_day)
    db.session.add(free_day)
    _flush()
    audit.record(actor, "add_free_day", "free_day", free_day.id)
    return free_day


def edit_free_day(
    free_day: FreeDay, kind: str, name: str, first_day: date, last_day: date, actor: Viewer | None
) -> None:
    """Change when a free day is, or what it is called."""
    _refuse_wrong_days(first_day, last_day, free_day.id)
    free_day.kind, free_day.name = kind, name
    free_day.first_day, free_day.last_day = first_day, last_day
    _flush()
    audit.record(actor, "edit_free_day", "free_day", free_day.id)


def remove_free_day(free_day: FreeDay, actor: Viewer | None) -> None:
    """Make the days school days again."""
    audit.record(actor, "remove_free_day", "free_day", free_day.id)
    db.session.delete(free_day)
    db.session.flush()


def _flush() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(_("Somebody else has just added these days. Look at the calendar again.")) from None


def _refuse_wrong_days(first_day: date, last_day: date, own_id: int | None = None) -> None:
    if last_day < first_day:
        raise Refused(_("The last day is before the first. Choose a later last day."), "last_day")
    if (last_day - first_day).days >= LONGEST:
        raise Refused(_("This is longer than any holiday. Look at the years of both dates."), "last_day")
    present = db.session.scalars(
        select(FreeDay)
        .where(FreeDay.first_day <= last_day, FreeDay.last_day >= first_day, FreeDay.id != (own_id or 0))
        .order_by(FreeDay.first_day)
    ).first()
    if present:
        raise Refused(
            _(
                "%(name)s is from %(first)s until %(last)s already. Choose other days, or change that one.",
                name=present.name,
                first=long_date(present.first_day),
                last=long_date(present.last_day),
            ),
            "first_day",
        )


def _overlap(one: Holiday, other: FreeDay) -> bool:
    return one.first_day <= other.last_day and other.first_day <= one.last_day


def next_school_year(years: list[Year], today: date) -> dict[str, date]:
    """Return the days that the next school year would have by law: 1 August to 31 July."""
    newest = max((year.first_day.year for year in years), default=today.year - 1)
    return {"first_day": date(newest + 1, 8, 1), "last_day": date(newest + 2, 7, 31)}


def add_school_year(first_day: date, last_day: date, actor: Viewer | None) -> SchoolYear:
    """Add a school year, named after the years it begins and ends in."""
    _refuse_wrong_year(first_day, last_day)
    year = SchoolYear(name=f"{first_day.year}-{last_day.year}", first_day=first_day, last_day=last_day)
    db.session.add(year)
    _flush_year(year.name)
    audit.record(actor, "add_school_year", "school_year", year.id)
    return year


def edit_school_year(year: SchoolYear, first_day: date, last_day: date, actor: Viewer | None) -> None:
    """Change the first and last day of a school year."""
    _refuse_wrong_year(first_day, last_day, year.id)
    year.first_day, year.last_day = first_day, last_day
    year.name = f"{first_day.year}-{last_day.year}"
    _flush_year(year.name)
    audit.record(actor, "edit_school_year", "school_year", year.id)


def _flush_year(name: str) -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(_("School year %(name)s is there already.", name=name), "first_day") from None


def _refuse_wrong_year(first_day: date, last_day: date, own_id: int | None = None) -> None:
    if last_day < first_day:
        raise Refused(_("The last day is before the first. Choose a later last day."), "last_day")
    if last_day.year != first_day.year + 1 or (last_day - first_day).days > 400:
        raise Refused(_("A school year ends in the year after the one it begins in."), "last_day")
    other = db.session.scalars(
        select(SchoolYear).where(
            SchoolYear.first_day <= last_day, SchoolYear.last_day >= first_day, SchoolYear.id != (own_id or 0)
        )
    ).first()
    if other:
        raise Refused(
            _(
                "School year %(name)s runs until %(last)s. Choose days outside it.",
                name=other.name,
                last=long_date(other.last_day),
            ),
            "first_day",
        )
