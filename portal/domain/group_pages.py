"""Which group pages somebody moves between, and who teaches a group."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select
from sqlalchemy.orm import aliased

from portal import access, names
from portal.access import Viewer
from portal.extensions import fetch
from portal.models.accounts import StaffMember, User
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching


@dataclass(frozen=True, slots=True)
class GroupTab:
    """A group in the strip of the reader's groups, with the names of the own children in it."""

    id: int
    name: str
    children: tuple[str, ...] = ()


def groups_of_children(viewer: Viewer) -> list[GroupTab]:
    """Return the groups of the reader's children in the order of the children, the home group first."""
    found: dict[int, GroupTab] = {}
    for group_id, name, given_name, surname in fetch(
        _childrens_query(access.anyone_with(viewer.role)), viewer_id=viewer.id
    ):
        known = found.get(group_id, GroupTab(group_id, name))
        found[group_id] = GroupTab(group_id, name, (*known.children, given_name or surname))
    return list(found.values())


@cache
def _childrens_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    guards = aliased(Guardianship)
    return (
        select(Group.id, Group.name, Pupil.given_name, Pupil.surname)
        .join(Membership, and_(Membership.group_id == Group.id, Membership.ended_on.is_(None)))
        .join(Pupil, Pupil.id == Membership.pupil_id)
        .join(guards, and_(guards.pupil_id == Pupil.id, guards.user_id == viewer.id))
        .where(guards.revoked_at.is_(None), access.pupils_in_authority_of(viewer), Group.closed_at.is_(None))
        .order_by(Pupil.sort_key, Pupil.id, Membership.home.desc(), Group.sort_key, Group.id)
    )


def groups_kept(viewer: Viewer) -> list[GroupTab]:
    """Return the groups whose page the reader writes, as teacher or for the office, in the school's order."""
    rows = fetch(_kept_query(access.anyone_with(viewer.role)), viewer_id=viewer.id)
    return [GroupTab(*row) for row in rows]


@cache
def _kept_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(Group.id, Group.name)
        .where(access.groups_of_school(viewer))
        .order_by(Group.composite, Group.sort_key, Group.id)
    )


@dataclass(frozen=True, slots=True)
class GroupTeacher:
    """A teacher as the parents of the group know them. `weekdays` is a bit per day, Monday 1."""

    called: str
    initial: str
    weekdays: int
    work_email: str
    reach: str


def teachers_of_group(group_id: int) -> list[GroupTeacher]:
    """Return who teaches a group now, earliest in the week first, with how school says they are reached."""
    rows = fetch(_teachers_query(), group_id=group_id)
    found = [
        GroupTeacher(
            row[0] or names.full(*row[1:4]), (row[1] or row[3])[:1], row[4], row[5] or "", row[6] or ""
        )
        for row in rows
    ]
    return sorted(found, key=lambda teacher: teacher.weekdays & -teacher.weekdays or 32)


@cache
def _teachers_query() -> Select[*tuple[Any, ...]]:
    return (
        select(
            StaffMember.called,
            User.given_name,
            User.prefix,
            User.surname,
            Teaching.weekdays,
            StaffMember.work_email,
            StaffMember.reach,
        )
        .join(StaffMember, and_(StaffMember.user_id == Teaching.user_id, StaffMember.left_at.is_(None)))
        .join(User, User.id == Teaching.user_id)
        .where(Teaching.group_id == bindparam("group_id"), Teaching.ended_on.is_(None))
        .order_by(Teaching.id)
    )
