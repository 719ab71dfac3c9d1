"""What was at De Lindeboog before today: earlier groups, children who left, and their absences."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, cast

from sqlalchemy import and_, exists, func, insert, literal, select

from portal import clock
from portal.domain.demo.calendar_years import DemoYear
from portal.domain.demo.people import Child, Guard
from portal.domain.demo.plan import LEVELS, Plan
from portal.domain.roster import PersonName
from portal.domain.school_days import SchoolDays
from portal.extensions import UtcDateTime, db
from portal.models.absence import Absence, AttendanceMark
from portal.models.roster import Guardianship, Membership, Pupil, Teaching
from portal.models.school import AbsenceKind

ABSENCES_A_YEAR = 4
YEAR_GROUPS = 8
KEPT_FREE = 5
"""The last school days before today, in which the demo's own cases may lie."""


def write_earlier_years(plan: Plan, years: list[DemoYear], random: Random, now: datetime) -> None:
    """Write who was in which group, was absent and was seen in the years before this one."""
    left = _write_left(plan, years, random, now)
    for ago, year in enumerate(years[1:], 1):
        _write_members(plan, year, ago, left)
        days = year.school_days_until(year.last_day)
        here = [(child, child.year_group - ago) for child in plan.children]
        here += [(child, YEAR_GROUPS - (ago - gone)) for child, gone in left]
        _write_absences(plan, [child for child, level in here if 1 <= level <= YEAR_GROUPS], days, random)
        _write_marks(year, days)


def write_this_year(plan: Plan, year: DemoYear, today: date, days: SchoolDays, random: Random) -> None:
    """Write the absences and registers of this year until the last days before today."""
    end = today
    for _ in range(KEPT_FREE):
        end = days.previous_school_day(end)
    passed = year.school_days_until(end)
    _write_absences(plan, plan.children, passed, random, ABSENCES_A_YEAR * len(passed) / 195)
    _write_marks(year, passed)


def _write_left(plan: Plan, years: list[DemoYear], random: Random, now: datetime) -> list[tuple[Child, int]]:
    """Write the older brothers and sisters who left, so many years ago each, and return them."""
    left: list[tuple[Child, int]] = []
    for ago in range(1, len(years)):
        for sibling in random.sample(plan.children[4:], len(plan.children[4:]) // YEAR_GROUPS):
            name = PersonName(random.choice(plan.children).name.given_name, *_surname(sibling))
            left.append((Child(name, YEAR_GROUPS, group_of(plan, sibling, YEAR_GROUPS), sibling.guards), ago))
    if not left:
        return left
    numbers = db.session.scalars(
        insert(Pupil).returning(cast(Any, Pupil.id), sort_by_parameter_order=True),
        [
            {
                "given_name": child.name.given_name,
                "prefix": child.name.prefix,
                "surname": child.name.surname,
                "sort_key": child.name.sort_key,
                "year_group": YEAR_GROUPS,
                "left_on": years[ago].last_day,
                "archived_at": years[ago].closed_at,
                "created_at": now,
            }
            for child, ago in left
        ],
    )
    for (child, _ago), number in zip(left, numbers, strict=True):
        child.id = number
    db.session.execute(
        insert(Guardianship), [row for child, _ago in left for row in _guardianships(child, now)]
    )
    return left


def _surname(child: Child) -> tuple[str, str]:
    return child.name.prefix, child.name.surname


def _guardianships(child: Child, now: datetime) -> Iterator[dict[str, Any]]:
    for seat, guard in enumerate(child.guards, 1):
        yield {
            "pupil_id": child.id,
            "user_id": guard.adult.id,
            "seat": seat,
            "relation": guard.relation,
            "has_authority": guard.has_authority,
            "created_at": now,
        }


def group_of(plan: Plan, child: Child, year_group: int) -> int:
    """Return the group that the child was in when it was in this year group: parallel to where it is now."""
    parallel = len(plan.groups) // len(LEVELS)
    level = next(number for number, (_name, years) in enumerate(LEVELS) if year_group in years)
    return level * parallel + child.group % parallel


def _write_members(plan: Plan, year: DemoYear, ago: int, left: list[tuple[Child, int]]) -> None:
    here = [(child, child.year_group - ago) for child in plan.children]
    here += [(child, YEAR_GROUPS - (ago - gone)) for child, gone in left]
    rows = [
        {
            "pupil_id": child.id,
            "group_id": year.groups[group_of(plan, child, level)],
            "home": True,
            "started_on": year.first_day,
            "ended_on": year.last_day,
        }
        for child, level in here
        if 1 <= level <= YEAR_GROUPS
    ]
    if rows:
        db.session.execute(insert(Membership), rows)


# --- absences and registers -------------------------------------------------------------------------------


def _write_absences(
    plan: Plan, children: list[Child], days: list[date], random: Random, each: float = ABSENCES_A_YEAR
) -> None:
    """Write about so many short absences for each child, on days of their own."""
    if len(days) < YEAR_GROUPS:
        return
    kinds = {kind.code: kind.id for kind in db.session.scalars(select(AbsenceKind))}
    rows = []
    for child in children:
        number = min(int(random.expovariate(1 / max(each, 0.1))), len(days) // 5)
        for place in sorted(random.sample(range(0, len(days) - 3, 5), min(number, len(days) // 5 - 1))):
            rows.append(_absence(plan, child, days, place, kinds, random))
    if rows:
        db.session.execute(insert(Absence), rows)


def _absence(
    plan: Plan, child: Child, days: list[date], place: int, kinds: dict[str, int], random: Random
) -> dict[str, Any]:
    kind = random.choices(("sick", "doctor", "late", "other"), (70, 18, 7, 5))[0]
    whole = kind in ("sick", "other")
    last = days[place + random.choices((0, 1, 2), (60, 28, 12))[0]] if whole else days[place]
    reported = datetime.combine(days[place], time(7, random.randrange(60)), clock.SCHOOL_ZONE)
    teacher = plan.groups[child.group].teachers[0][0].id
    reporter = _reporter(child)
    return {
        "pupil_id": child.id,
        "kind_id": kinds[kind],
        "first_day": days[place],
        "last_day": last,
        "from_time": time(10, 15) if kind == "doctor" else None,
        "until_time": None if whole else time(11),
        "source": "guardian" if reporter else "school",
        "reported_by": reporter.adult.id if reporter else teacher,
        "reported_at": reported,
        "seen_by": teacher,
        "seen_at": reported + timedelta(minutes=40),
    }


def _reporter(child: Child) -> Guard | None:
    active = (guard for guard in child.guards if guard.has_authority and guard.adult.way_in == "active")
    return next(active, None)


def _write_marks(year: DemoYear, days: list[date]) -> None:
    """Let everybody in the year's groups have been seen by their teacher, but who was reported absent."""
    teacher = (
        select(func.min(Teaching.user_id)).where(Teaching.group_id == Membership.group_id).scalar_subquery()
    )
    for day in days:
        absent = exists().where(
            Absence.pupil_id == Membership.pupil_id,
            Absence.first_day <= day,
            Absence.last_day >= day,
            Absence.until_time.is_(None),
        )
        moment = datetime.combine(day, time(8, 36), clock.SCHOOL_ZONE)
        seen = select(
            Membership.pupil_id, literal(day), literal("present"), teacher, literal(moment, UtcDateTime())
        ).where(and_(Membership.group_id.in_(year.groups), ~absent))
        db.session.execute(
            insert(AttendanceMark).from_select(["pupil_id", "day", "state", "marked_by", "marked_at"], seen)
        )
