"""A past round as the next one: the same tables and rooms, with the groups and teachers of now."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal import clock
from portal.domain.meeting_round_lists import GroupChoice
from portal.domain.meeting_setup import Setup, Stretch, Table
from portal.extensions import db
from portal.models.roster import Group

AHEAD = timedelta(weeks=3)


def next_setup(setup: Setup, groups: list[GroupChoice], today: date) -> Setup:
    """Return a set-up like an earlier one, whole weeks later, at least three from today.

    A group of an earlier school year becomes the one of that name now; its teachers are those who teach it
    now, unless the same ones still do; one that nobody teaches is left out. Nobody is invited one by one, and
    no talk has a length of its own.
    """
    shift = _weeks_until(_first_day(setup) or today, today + AHEAD)
    now_called = _same_groups(setup, groups)
    moments = {
        name: _later(moment, shift) if (moment := getattr(setup, name)) else None
        for name in ("shape_from", "early_from", "opens_at", "closes_at", "filled_by")
    }
    tables = tuple(_table(table, now_called, shift) for table in setup.tables)
    return replace(
        setup,
        days=_days_later(setup.days, shift),
        tables=tuple(table for table in each_teacher_once(tables) if table.groups and table.teachers),
        **moments,  # type: ignore[arg-type]
    )


def left_out(earlier: Setup, copy: Setup) -> list[str]:
    """Return the names of the groups that a round had and its copy has not."""
    was, now = ({group for table in setup.tables for group in table.groups} for setup in (earlier, copy))
    named = select(Group.id, Group.name).where(Group.id.in_(was | now)).order_by(Group.sort_key, Group.id)
    names = {number: name for number, name in db.session.execute(named)}
    kept = {names[number] for number in now}
    return [name for number, name in names.items() if number in was and name not in kept]


def _first_day(setup: Setup) -> date | None:
    days = [*setup.days, *(day for table in setup.tables for day in table.days)]
    return min((stretch.day for stretch in days), default=None)


def _weeks_until(first: date, wanted: date) -> timedelta:
    return timedelta(weeks=max(0, -(-(wanted - first).days // 7)))


def _later(moment: datetime, shift: timedelta) -> datetime:
    """Move by whole weeks on the school's clock, also over a change of summer time."""
    return (clock.to_local(moment).replace(tzinfo=None) + shift).replace(tzinfo=clock.SCHOOL_ZONE)


def _days_later(days: tuple[Stretch, ...], shift: timedelta) -> tuple[Stretch, ...]:
    return tuple(replace(stretch, day=stretch.day + shift) for stretch in days)


def _same_groups(setup: Setup, groups: list[GroupChoice]) -> Mapping[int, GroupChoice]:
    """Return for each group of the set-up the one of now with its name."""
    numbers = [group for table in setup.tables for group in table.groups]
    named = db.session.execute(select(Group.id, Group.name).where(Group.id.in_(numbers)))
    names = {number: name for number, name in named}
    of_name = {group.name: group for group in groups}
    return {number: of_name[name] for number, name in names.items() if name in of_name}


def _table(table: Table, now_called: Mapping[int, GroupChoice], shift: timedelta) -> Table:
    groups = [now_called[group] for group in table.groups if group in now_called]
    teaching = {teacher for group in groups for teacher in group.teachers}
    still = tuple(teacher for teacher in table.teachers if teacher in teaching)
    return replace(
        table,
        groups=tuple(group.id for group in groups),
        teachers=still or tuple(sorted(teaching)),
        days=_days_later(table.days, shift),
        some=frozenset(),
        pupils=(),
        lengths={},
        one_sided={},
    )


def each_teacher_once(tables: tuple[Table, ...]) -> list[Table]:
    """Let a teacher who has another group now be at one table, with both.

    A colleague who comes along to that table and has one already stays there.
    """
    found: list[Table] = []
    for table in tables:
        place = next((n for n, one in enumerate(found) if set(one.teachers) & set(table.teachers)), None)
        if place is None:
            found.append(table)
        else:
            one = found[place]
            seated = {teacher for other in found for teacher in other.teachers}
            teachers = (*one.teachers, *(teacher for teacher in table.teachers if teacher not in seated))
            found[place] = replace(one, groups=(*one.groups, *table.groups), teachers=teachers)
    return found
