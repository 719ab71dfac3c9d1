"""Setting up a round of talks: its tables, days and phases, as the office wants them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import delete, select

from portal.access import Viewer
from portal.domain import audit
from portal.domain.holding import hold
from portal.domain.meeting_invitees import invite_families
from portal.domain.meeting_slots import hosts_of, make_slots
from portal.errors import Refused
from portal.extensions import db
from portal.models.meetings import (
    HostTeacher,
    Invitee,
    MeetingDay,
    MeetingHost,
    MeetingRound,
    RoundGroup,
    Slot,
)
from portal.words import gettext


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """A stretch of a day with talks, by the school's clock."""

    day: date
    starts_at: time
    ends_at: time
    break_from: time | None = None
    break_until: time | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the office wants it: for whom, who sits there, and where. `minutes` None: the round's.

    `some`: the groups of which only some pupils are invited. `days` empty: those of the round.
    """

    groups: tuple[int, ...]
    teachers: tuple[int, ...]
    room: str = ""
    building: str = ""
    video_url: str = ""
    minutes: int | None = None
    days: tuple[Stretch, ...] = ()
    some: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Setup:
    """A round as the office wants it; the fields are those of `MeetingRound`."""

    name: str
    opens_at: datetime
    closes_at: datetime
    days: tuple[Stretch, ...]
    tables: tuple[Table, ...]
    kind: str = "booking"
    talk_minutes: int = 10
    gap_minutes: int = 10
    building_gap_minutes: int = 20
    way: str = "place"
    twins_together: bool = False
    hold_hours: int = 12
    hall_names: str = "initials"
    shape_from: datetime | None = None
    early_from: datetime | None = None
    filled_by: datetime | None = None


COLUMNS = (
    "name", "kind", "talk_minutes", "gap_minutes", "building_gap_minutes", "way", "twins_together",
    "hold_hours", "hall_names", "shape_from", "early_from", "opens_at", "closes_at", "filled_by",
)  # fmt: skip
"""What a set-up and the row of its round both have."""


def create_round(
    setup: Setup, actor: Viewer, now: datetime, copied_from: MeetingRound | None = None
) -> MeetingRound:
    """Make a round that nobody but the office sees yet. Raises Refused when it cannot be held like that."""
    check(setup)
    round_ = MeetingRound(
        created_by=actor.id,
        created_at=now,
        copied_from=copied_from.id if copied_from else None,
        revision=0,
        **{name: getattr(setup, name) for name in COLUMNS},
    )
    db.session.add(round_)
    db.session.flush()
    lay_out(round_, setup)
    _bring_up_to_date(round_, now)
    audit.record(actor, "create_round", "meeting_round", round_.id)
    return round_


def save_concept(round_: MeetingRound, setup: Setup, actor: Viewer, now: datetime) -> None:
    """Change a round that is not published. Raises Refused when it was published meanwhile."""
    check(setup)
    hold(round_)
    if round_.published_at or round_.withdrawn_at:
        raise Refused(gettext("This round has been published meanwhile. Look at it again."))
    for name in COLUMNS:
        setattr(round_, name, getattr(setup, name))
    round_.revision += 1
    lay_out(round_, setup)
    _bring_up_to_date(round_, now)
    audit.record(actor, "change_round", "meeting_round", round_.id)


def publish(round_: MeetingRound, actor: Viewer, now: datetime) -> None:
    """Let teachers and parents see a round, each from their own moment on. Doing it twice is doing it once.

    Raises Refused when a table has no place at all.
    """
    hold(round_)
    if round_.withdrawn_at:
        raise Refused(gettext("This round was withdrawn."))
    if round_.published_at:
        return
    _bring_up_to_date(round_, now)
    if _tables_without_places(round_):
        raise Refused(gettext("One of the tables has no times. Give it days of its own first."))
    round_.published_at = now
    round_.revision += 1
    audit.record(actor, "publish_round", "meeting_round", round_.id)
    db.session.flush()


def check(setup: Setup) -> None:
    """Say whether a round can be held like that. Raises Refused, with the field it is about."""
    if not setup.tables:
        raise Refused(gettext("Choose at least one group."), "groups")
    if not setup.days and not all(table.days for table in setup.tables):
        raise Refused(gettext("Add at least one day with times."), "days")
    teachers = [teacher for table in setup.tables for teacher in table.teachers]
    if len(teachers) > len(set(teachers)):
        raise Refused(gettext("A teacher cannot be at two tables at once."), "groups")
    if not all(table.teachers for table in setup.tables):
        raise Refused(gettext("Every group needs a teacher who has the talks."), "groups")
    _check_order(setup)
    for stretch in [*setup.days, *(day for table in setup.tables for day in table.days)]:
        if stretch.ends_at <= stretch.starts_at:
            raise Refused(gettext("The end must come after the beginning."), "days")


def _check_order(setup: Setup) -> None:
    if setup.closes_at <= setup.opens_at:
        raise Refused(gettext("The end of choosing must come after its beginning."), "closes_at")
    if setup.early_from and setup.early_from > setup.opens_at:
        raise Refused(gettext("Early choosing must come before choosing for everyone."), "early_from")
    if setup.shape_from and setup.shape_from > (setup.early_from or setup.opens_at):
        raise Refused(gettext("Teachers shape their times before parents choose."), "shape_from")
    if setup.filled_by and setup.filled_by < setup.closes_at:
        raise Refused(gettext("The office fills the rest after choosing has ended."), "filled_by")


def _bring_up_to_date(round_: MeetingRound, now: datetime) -> None:
    db.session.flush()
    make_slots(round_)
    invite_families(round_, now)


def _tables_without_places(round_: MeetingRound) -> bool:
    with_places = select(Slot.host_id).distinct()
    missing = select(HostTeacher.host_id).where(
        HostTeacher.round_id == round_.id, HostTeacher.host_id.not_in(with_places)
    )
    return db.session.scalars(missing.limit(1)).first() is not None


# --- tables -----------------------------------------------------------------------------------------------


def lay_out(round_: MeetingRound, setup: Setup) -> dict[int, Table]:
    """Write the days and tables of a set-up; return the table wanted by the number of each host.

    A table keeps its row while a group or else a teacher stays at it, so that its talks keep their places.
    A row that is left over goes, or stays empty when talks were booked there once.
    """
    kept = _rows_for(setup.tables, hosts_of(round_), *_seated(round_))
    for model in (HostTeacher, RoundGroup, MeetingDay):
        db.session.execute(delete(model).where(model.round_id == round_.id))
    placed = {}
    for table, known in zip(setup.tables, kept, strict=True):
        host = known or MeetingHost(round_id=round_.id)
        host.room, host.building, host.video_url = table.room, table.building, table.video_url
        host.talk_minutes = table.minutes
        db.session.add(host)
        db.session.flush()
        placed[host.id] = table
        _write_table(round_, host.id, table)
    _write_days(round_, None, setup.days)
    if not round_.published_at:
        _remove_others(round_, placed)
    db.session.flush()
    return placed


def _seated(round_: MeetingRound) -> tuple[dict[int, int], dict[int, int]]:
    """Return at which table each group and each teacher is now."""
    groups = select(RoundGroup.group_id, RoundGroup.host_id).where(RoundGroup.round_id == round_.id)
    teachers = select(HostTeacher.user_id, HostTeacher.host_id).where(HostTeacher.round_id == round_.id)
    return (
        {group: host for group, host in db.session.execute(groups)},
        {teacher: host for teacher, host in db.session.execute(teachers)},
    )


def _rows_for(
    tables: Iterable[Table], hosts: list[MeetingHost], by_group: dict[int, int], by_teacher: dict[int, int]
) -> list[MeetingHost | None]:
    rows = {host.id: host for host in hosts}
    found = []
    for table in tables:
        known = [by_group.get(group) for group in table.groups]
        known += [by_teacher.get(teacher) for teacher in table.teachers]
        number = next((one for one in known if one in rows), None)
        found.append(rows.pop(number) if number is not None else None)
    return found


def _write_table(round_: MeetingRound, host_id: int, table: Table) -> None:
    db.session.add_all(
        [HostTeacher(host_id=host_id, user_id=one, round_id=round_.id) for one in table.teachers]
    )
    db.session.add_all(
        [
            RoundGroup(round_id=round_.id, group_id=one, host_id=host_id, everyone=one not in table.some)
            for one in table.groups
        ]
    )
    _write_days(round_, host_id, table.days)


def _write_days(round_: MeetingRound, host_id: int | None, days: Iterable[Stretch]) -> None:
    db.session.add_all(
        [
            MeetingDay(
                round_id=round_.id,
                host_id=host_id,
                day=stretch.day,
                starts_at=stretch.starts_at,
                ends_at=stretch.ends_at,
                break_from=stretch.break_from,
                break_until=stretch.break_until,
            )
            for stretch in days
        ]
    )


def _remove_others(round_: MeetingRound, placed: dict[int, Table]) -> None:
    """Remove the tables that a concept no longer has; nothing is booked there."""
    gone = [host.id for host in hosts_of(round_) if host.id not in placed]
    db.session.flush()
    db.session.execute(delete(Invitee).where(Invitee.host_id.in_(gone)))
    db.session.execute(delete(MeetingHost).where(MeetingHost.id.in_(gone)))
