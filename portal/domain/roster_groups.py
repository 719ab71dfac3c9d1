"""Groups of a school year: their year groups and teachers, several of them being the normal case (R41)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal import names
from portal.access import Viewer
from portal.domain import audit
from portal.domain.letter_stops import stop_for_groups
from portal.domain.roster import take_roster
from portal.domain.school_days import Year
from portal.errors import Refused
from portal.extensions import db
from portal.models.roster import Group, Membership, Teaching
from portal.words import gettext as _
from portal.words import ngettext

YEAR_GROUPS = tuple(range(9))
WEEKDAYS = (1, 2, 4, 8, 16)
"""A bit per school day, Monday first."""


def group_sort_key(name: str, year_groups: Iterable[int]) -> str:
    """Return what groups are ordered by: the youngest year group, then the name, its numbers in order."""
    first = min(year_groups, default=9)
    numbered = "".join(part.zfill(3) if part.isdigit() else part for part in _runs(names.fold(name)))
    return f"{first} {numbered}"[:80]


def _runs(text: str) -> list[str]:
    runs: list[str] = []
    for character in text:
        if runs and runs[-1].isdigit() == character.isdigit():
            runs[-1] += character
        else:
            runs.append(character)
    return runs


def joined(year_groups: Iterable[int]) -> str:
    """Return year groups as the column holds them: '3,4'."""
    return ",".join(str(number) for number in sorted(set(year_groups)))


def split(year_groups: str) -> list[int]:
    """Return the year groups that a column holds."""
    return [int(number) for number in year_groups.split(",") if number]


def add_group(
    year: Year, name: str, year_groups: Iterable[int], composite: bool, actor: Viewer | None
) -> Group:
    """Open a group in a school year. Raises Refused when it has one of that name."""
    take_roster()
    numbers = list(year_groups)
    group = Group(
        school_year_id=year.id,
        name=name,
        year_groups=joined(numbers),
        composite=composite,
        sort_key=group_sort_key(name, numbers),
    )
    db.session.add(group)
    _flush_named(name)
    audit.record(actor, "add_group", "group", group.id)
    return group


def edit_group(
    group: Group, name: str, year_groups: Iterable[int], composite: bool, actor: Viewer | None
) -> None:
    """Change a group's name and year groups; it stays a home group while it is some child's."""
    take_roster()
    numbers = list(year_groups)
    if composite and not group.composite and _members(group, home=True):
        raise Refused(
            _("Children have this as their home group. Move them first, or leave it a home group."),
            "composite",
        )
    group.name = name
    group.year_groups = joined(numbers)
    group.composite = composite
    group.sort_key = group_sort_key(name, numbers)
    _flush_named(name)
    audit.record(actor, "edit_group", "group", group.id)


def _flush_named(name: str) -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(
            _("There is a group called %(name)s in this school year. Choose another name.", name=name), "name"
        ) from None


def _members(group: Group, home: bool = False) -> int:
    query = select(func.count()).where(Membership.group_id == group.id, Membership.ended_on.is_(None))
    return db.session.scalar(query.where(Membership.home) if home else query) or 0


def set_teachers(group: Group, weekdays: Mapping[int, int], actor: Viewer | None, today: date) -> None:
    """Let exactly these members of staff teach the group, each on the given days (0: not told)."""
    take_roster()
    wanted = dict(weekdays)
    current = db.session.scalars(
        select(Teaching).where(Teaching.group_id == group.id, Teaching.ended_on.is_(None))
    )
    for teaching in current:
        if teaching.user_id in wanted:
            teaching.weekdays = wanted.pop(teaching.user_id)
        else:
            end_teaching(teaching, today)
    for user_id, days in wanted.items():
        db.session.add(Teaching(user_id=user_id, group_id=group.id, weekdays=days, started_on=today))
    db.session.flush()
    audit.record(actor, "set_teachers", "group", group.id)


def end_teaching(teaching: Teaching, today: date) -> None:
    """End a teacher's work in a group; what began today was a slip and leaves no trace."""
    stop_for_groups((Teaching.user_id == teaching.user_id) & (Teaching.group_id == teaching.group_id))
    if teaching.started_on >= today:
        db.session.delete(teaching)
    else:
        teaching.ended_on = today


def close_group(group: Group, actor: Viewer | None, now: datetime, today: date) -> None:
    """Close a group in which nobody is any more. Raises Refused while there are children in it."""
    take_roster()
    if count := _members(group):
        raise Refused(
            ngettext(
                "There is still %(num)s child in %(group)s. Move it to another group first.",
                "There are still %(num)s children in %(group)s. Move them to another group first.",
                count,
                group=group.name,
            )
        )
    for teaching in db.session.scalars(
        select(Teaching).where(Teaching.group_id == group.id, Teaching.ended_on.is_(None))
    ):
        end_teaching(teaching, today)
    group.closed_at = group.closed_at or now
    audit.record(actor, "close_group", "group", group.id)


def open_group(group: Group, actor: Viewer | None) -> None:
    """Open a closed group again."""
    take_roster()
    group.closed_at = None
    audit.record(actor, "open_group", "group", group.id)
