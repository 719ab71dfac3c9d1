"""A guardian's own children, as their pages show them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, select

from portal import access, names
from portal.access import Viewer
from portal.extensions import fetch
from portal.models.accounts import StaffMember, User
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching


@dataclass(frozen=True, slots=True)
class Child:
    """One child of the reader. `teachers` as the group calls them; `decides`: has authority (R21).

    `told`: the reader gets information on request, or has asked or got some.
    """

    id: int
    given_name: str
    full_name: str
    group: str
    teachers: tuple[str, ...]
    decides: bool
    told: bool = False

    @property
    def called(self) -> str:
        """The first name, or the only name there is."""
        return self.given_name or self.full_name


@cache
def _children_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Pupil.id,
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            Group.name,
            Guardianship.has_authority,
            StaffMember.called,
            User.given_name,
            User.prefix,
            User.surname,
            access.pupils_told_about(viewer).label("told"),
        )
        .join(
            Guardianship,
            and_(
                Guardianship.pupil_id == Pupil.id,
                Guardianship.user_id == viewer.id,
                Guardianship.revoked_at.is_(None),
            ),
        )
        .outerjoin(
            Membership,
            and_(Membership.pupil_id == Pupil.id, Membership.home, Membership.ended_on.is_(None)),
        )
        .outerjoin(Group, Group.id == Membership.group_id)
        .outerjoin(Teaching, and_(Teaching.group_id == Group.id, Teaching.ended_on.is_(None)))
        .outerjoin(StaffMember, and_(StaffMember.user_id == Teaching.user_id, StaffMember.left_at.is_(None)))
        .outerjoin(User, User.id == StaffMember.user_id)
        .where(access.pupils_guarded_by(viewer))
        .order_by(Pupil.sort_key, Pupil.id, Teaching.weekdays, Teaching.id)
    )


def children_of(viewer: Viewer) -> list[Child]:
    """Return the viewer's children in the order of the school's list, read in one query."""
    rows = fetch(_children_query(access.anyone_with(viewer.role)), viewer_id=viewer.id)
    teachers: dict[int, list[str]] = {}
    for row in rows:
        called = row[6] or names.full(row[7] or "", row[8] or "", row[9] or "")
        teachers.setdefault(row[0], [])
        if called and called not in teachers[row[0]]:
            teachers[row[0]].append(called)
    firsts = {row[0]: row for row in reversed(rows)}
    return [
        Child(
            id=pupil_id,
            given_name=firsts[pupil_id][1],
            full_name=names.full(*firsts[pupil_id][1:4]),
            group=firsts[pupil_id][4] or "",
            teachers=tuple(called),
            decides=firsts[pupil_id][5],
            told=bool(firsts[pupil_id][10]),
        )
        for pupil_id, called in teachers.items()
    ]


def child_of_school(pupil: Pupil) -> Child:
    """Return a pupil as the report form knows a child, for school to note absent."""
    full_name = names.full(pupil.given_name, pupil.prefix, pupil.surname)
    return Child(pupil.id, pupil.given_name, full_name, "", (), decides=True)
