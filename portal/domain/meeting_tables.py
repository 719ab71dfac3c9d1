"""The tables of the rounds that somebody at school has: whose they are and where."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select

from portal import access, names
from portal.access import Viewer
from portal.domain.meeting_phases import Phase, phase_of
from portal.extensions import db
from portal.formatting import room
from portal.models.accounts import StaffMember, User
from portal.models.meeting_talks import HostEvening
from portal.models.meetings import HostTeacher, MeetingDay, MeetingHost, MeetingRound, RoundGroup, Slot
from portal.models.roster import Group

MOST_LATE = 60
"""The minutes behind that a table can be."""

SHAPED_BY_NOBODY = (Phase.CONCEPT, Phase.ANNOUNCED, Phase.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a round. `groups` are names, `teachers` as the group calls them ('juf Tess')."""

    host: MeetingHost
    round: MeetingRound
    groups: tuple[str, ...]
    teachers: tuple[str, ...]
    teacher_ids: frozenset[int]

    @property
    def minutes(self) -> int:
        """How long a place at this table lasts."""
        return self.host.talk_minutes or self.round.talk_minutes

    @property
    def room(self) -> str:
        """Where it is: the room ('lokaal 3' for a number), with its building where it has one."""
        return ", ".join(part for part in (room(self.host.room), self.host.building) if part)

    def phase(self, now: datetime) -> Phase:
        """Return the phase that the round is in at a moment."""
        return phase_of(self.round, now)


def table_of(host: MeetingHost) -> Table:
    """Return a table that a view has got through access."""
    return _tables(MeetingHost.id == host.id)[0]


def tables_of(viewer: Viewer) -> list[Table]:
    """Return the tables that the viewer has at school, the newest round first."""
    return _tables(access.hosts_kept_by(viewer))


def tables_of_round(viewer: Viewer, round_id: int) -> list[Table]:
    """Return the tables of one round that the viewer has at school."""
    return _tables(access.hosts_kept_by(viewer), MeetingHost.round_id == round_id)


def tables_with(host_ids: Iterable[int]) -> list[Table]:
    """Return tables by number, for who may know of them already."""
    return _tables(MeetingHost.id.in_(list(host_ids)))


def with_places(host_ids: Iterable[int], first: datetime, last: datetime) -> list[int]:
    """Return those of the tables that have places between two moments, blocked ones included."""
    return list(
        db.session.scalars(
            select(Slot.host_id)
            .where(Slot.host_id.in_(list(host_ids)), Slot.starts_at >= first, Slot.starts_at < last)
            .distinct()
            .order_by(Slot.host_id)
        )
    )


def lateness(host_ids: Iterable[int], day: date) -> dict[int, int]:
    """Return how many minutes each table is behind on a day; a table that said nothing is not there."""
    rows = db.session.execute(
        select(HostEvening.host_id, HostEvening.late_minutes).where(
            HostEvening.host_id.in_(host_ids), HostEvening.day == day
        )
    )
    return {host_id: minutes for host_id, minutes in rows}


def _tables(*conditions: ColumnElement[bool]) -> list[Table]:
    rows = db.session.execute(
        select(MeetingHost, MeetingRound)
        .join(MeetingRound, MeetingRound.id == MeetingHost.round_id)
        .where(*conditions)
        .order_by(MeetingRound.opens_at.desc(), MeetingRound.id.desc(), MeetingHost.id)
    ).all()
    hosts = [host.id for host, _ in rows]
    groups, teachers = _groups_of(hosts), _teachers_of(hosts)
    return [
        Table(
            host,
            round_,
            tuple(groups.get(host.id, ())),
            tuple(called for _, called in teachers.get(host.id, ())),
            frozenset(number for number, _ in teachers.get(host.id, ())),
        )
        for host, round_ in rows
    ]


def _groups_of(host_ids: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for host_id, name in db.session.execute(
        select(RoundGroup.host_id, Group.name)
        .join(Group, Group.id == RoundGroup.group_id)
        .where(RoundGroup.host_id.in_(host_ids))
        .order_by(Group.sort_key, Group.id)
    ):
        found.setdefault(host_id, []).append(name)
    return found


def _teachers_of(host_ids: Iterable[int]) -> dict[int, list[tuple[int, str]]]:
    found: dict[int, list[tuple[int, str]]] = {}
    for host_id, number, called, *name in db.session.execute(
        select(HostTeacher.host_id, User.id, StaffMember.called, User.given_name, User.prefix, User.surname)
        .join(User, User.id == HostTeacher.user_id)
        .join(StaffMember, StaffMember.user_id == User.id)
        .where(HostTeacher.host_id.in_(host_ids))
        .order_by(User.sort_key, User.id)
    ):
        found.setdefault(host_id, []).append((number, called or names.full(*name)))
    return found


def last_days_of(round_ids: Iterable[int]) -> dict[int, date]:
    """Return for each round its last day with talks."""
    rows = db.session.execute(
        select(MeetingDay.round_id, MeetingDay.day)
        .where(MeetingDay.round_id.in_(round_ids))
        .order_by(MeetingDay.day)
    )
    return {round_id: day for round_id, day in rows}


def may_shape(viewer: Viewer, table: Table, now: datetime) -> bool:
    """Whether the viewer changes the times of a table now: teachers once their phase has begun."""
    phase = table.phase(now)
    return phase is not Phase.WITHDRAWN and (viewer.is_office or phase not in SHAPED_BY_NOBODY)
