"""Groups and staff as the office reads them: a fixed number of queries, however large the school."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import and_, func, select

from portal import access, names
from portal.access import Viewer
from portal.domain.roster_groups import split
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.roster import Group, Membership, Pupil, Teaching


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group: its year groups, how many children, and its teachers as the children call them."""

    id: int
    name: str
    year_groups: list[int]
    composite: bool
    closed: bool
    pupils: int
    teachers: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """A group that is open, for choosing from."""

    id: int
    name: str
    composite: bool


def open_groups(viewer: Viewer) -> list[OpenGroup]:
    """Return every group that is open, in order."""
    rows = db.session.execute(
        select(Group.id, Group.name, Group.composite)
        .where(access.groups_of_school(viewer))
        .order_by(Group.sort_key, Group.id)
    )
    return [OpenGroup(*row) for row in rows]


def group_lines(viewer: Viewer, closed: bool = False) -> list[GroupLine]:
    """Return the open groups, or the closed ones, with their teachers and the number of children.

    Counted are the children whom the group's page shows this reader.
    """
    wanted = and_(access.of_office(viewer), Group.closed_at.is_not(None)) if closed else None
    rows = db.session.execute(
        select(Group, func.count(Pupil.id))
        .outerjoin(Membership, and_(Membership.group_id == Group.id, Membership.ended_on.is_(None)))
        .outerjoin(Pupil, and_(Pupil.id == Membership.pupil_id, access.pupils_of_school(viewer)))
        .where(access.groups_of_school(viewer) if wanted is None else wanted)
        .group_by(Group.id)
        .order_by(Group.sort_key, Group.id)
    ).all()
    teachers = teachers_of([group.id for group, _count in rows])
    return [
        GroupLine(
            group.id,
            group.name,
            split(group.year_groups),
            group.composite,
            group.closed_at is not None,
            count,
            [teacher.called for teacher in teachers[group.id]],
        )
        for group, count in rows
    ]


def count_closed(viewer: Viewer) -> int:
    """Return how many groups were closed."""
    closed = select(func.count()).select_from(Group).where(Group.closed_at.is_not(None))
    return db.session.scalar(closed.where(access.of_office(viewer))) or 0


@dataclass(frozen=True, slots=True)
class TeacherLine:
    """A teacher of a group. `weekdays` is a bit per day, Monday 1."""

    user_id: int
    name: str
    called: str
    weekdays: int


def teachers_of(group_ids: list[int]) -> dict[int, list[TeacherLine]]:
    """Return the teachers of each of these groups, earliest in the week first, in one query."""
    found: dict[int, list[TeacherLine]] = defaultdict(list)
    rows = db.session.execute(
        select(
            Teaching.group_id,
            Teaching.user_id,
            Teaching.weekdays,
            StaffMember.called,
            User.given_name,
            User.prefix,
            User.surname,
        )
        .join(StaffMember, StaffMember.user_id == Teaching.user_id)
        .join(User, User.id == Teaching.user_id)
        .where(Teaching.group_id.in_(group_ids), Teaching.ended_on.is_(None))
        .order_by(Teaching.id)
    ).all()
    for row in sorted(rows, key=lambda row: _first_day(row.weekdays)):
        name = names.full(row.given_name, row.prefix, row.surname)
        found[row.group_id].append(TeacherLine(row.user_id, name, row.called or name, row.weekdays))
    return found


def _first_day(weekdays: int) -> int:
    return weekdays & -weekdays or 32


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A child in a group. `home` is False for who is only here for some of the time."""

    id: int
    listed: str
    year_group: int | None
    home: bool


def pupils_in(viewer: Viewer, group: Group) -> list[MemberLine]:
    """Return the children of a group whom the viewer has as a member of staff."""
    rows = db.session.execute(
        select(Pupil.id, Pupil.given_name, Pupil.prefix, Pupil.surname, Pupil.year_group, Membership.home)
        .join(Membership, Membership.pupil_id == Pupil.id)
        .where(
            Membership.group_id == group.id,
            Membership.ended_on.is_(None),
            access.pupils_of_school(viewer),
        )
        .order_by(Pupil.sort_key, Pupil.id)
    )
    return [
        MemberLine(row.id, names.listed(row.given_name, row.prefix, row.surname), row.year_group, row.home)
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class StaffLine:
    """Somebody who works at school, or did."""

    user_id: int
    listed: str
    name: str
    called: str
    role: str
    email: str | None
    activated_at: datetime | None
    left_at: datetime | None
    groups: list[str] = field(default_factory=list)


def staff_lines(viewer: Viewer, left: bool = False) -> list[StaffLine]:
    """Return who works at school now, or who left, in order of name.

    The other guardian of the reader's own child is not among them.
    """
    rows = db.session.execute(
        select(StaffMember, User)
        .join(User, User.id == StaffMember.user_id)
        .where(
            access.adults_known_to(viewer),
            StaffMember.left_at.is_not(None) if left else StaffMember.left_at.is_(None),
        )
        .order_by(User.sort_key, User.id)
    ).all()
    taught = _groups_taught([member.user_id for member, _user in rows])
    return [
        StaffLine(
            user.id,
            names.listed(user.given_name, user.prefix, user.surname) or user.email or "",
            names.full(user.given_name, user.prefix, user.surname),
            member.called,
            member.role,
            user.email,
            user.activated_at,
            member.left_at,
            taught[user.id],
        )
        for member, user in rows
    ]


def colleagues(viewer: Viewer) -> list[TeacherLine]:
    """Return everybody who can teach a group: that is no secret at school, whoever's guardian they are."""
    rows = db.session.execute(
        select(StaffMember.user_id, User.given_name, User.prefix, User.surname, StaffMember.called)
        .join(User, User.id == StaffMember.user_id)
        .where(access.of_office(viewer), StaffMember.left_at.is_(None))
        .order_by(User.sort_key, User.id)
    )
    return [TeacherLine(row[0], names.full(*row[1:4]), row[4], 0) for row in rows]


def _groups_taught(user_ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for user_id, name in db.session.execute(
        select(Teaching.user_id, Group.name)
        .join(Group, Group.id == Teaching.group_id)
        .where(Teaching.user_id.in_(user_ids), Teaching.ended_on.is_(None), Group.closed_at.is_(None))
        .order_by(Group.sort_key)
    ):
        found[user_id].append(name)
    return found
