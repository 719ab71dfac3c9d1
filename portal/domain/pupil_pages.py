"""A pupil as the page shows it: what school has, and what each reader may know of it."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select

from portal import access, names
from portal.access import Viewer
from portal.extensions import fetch
from portal.models.accounts import StaffMember, User
from portal.models.pupils import CareNote, ChangeRequest
from portal.models.roster import Group, Membership, Pupil, Teaching


@dataclass(frozen=True, slots=True)
class PupilFacts:
    """A pupil for one reader. `teachers` as the group calls them.

    `as_guardian` and `as_school` say in which quality the reader has the pupil; neither for a member of staff
    who is a guardian without authority. `care_notes` is None for who may not know of care
    information at all (R15); `own_requests` counts what of the reader's own still waits for the office.
    """

    id: int
    given_name: str
    full_name: str
    birth_date: date | None
    left_on: date | None
    archived_at: datetime | None
    group_id: int | None
    group: str
    visible: bool
    group_visible: bool
    as_guardian: bool
    as_school: bool
    care_as_school: bool
    care_notes: int | None
    own_requests: int
    teachers: tuple[str, ...]

    @property
    def called(self) -> str:
        """The first name, or the only name there is."""
        return self.given_name or self.full_name


def pupil_facts(viewer: Viewer, pupil_id: int) -> PupilFacts | None:
    """Return a pupil that the reader may know of, read in one query, or None.

    Who was named to read the pupil's care information knows of the pupil, and sees no other page (`visible`).
    """
    rows = fetch(_facts_query(access.anyone_with(viewer.role)), viewer_id=viewer.id, pupil=pupil_id)
    if not rows:
        return None
    first = rows[0]
    visible, group_visible, as_guardian, as_school, care_as_school = (bool(flag) for flag in first[9:14])
    called = (row[16] or names.full(row[17] or "", row[18] or "", row[19] or "") for row in rows)
    return PupilFacts(
        id=first[0],
        given_name=first[1],
        full_name=names.full(*first[1:4]),
        birth_date=first[4],
        left_on=first[5],
        archived_at=first[6],
        group_id=first[7],
        group=first[8] or "",
        visible=visible,
        group_visible=group_visible and first[7] is not None,
        as_guardian=as_guardian,
        as_school=as_school,
        care_as_school=care_as_school,
        care_notes=first[14] if as_guardian or care_as_school else None,
        own_requests=first[15],
        teachers=tuple(dict.fromkeys(name for name in called if name)),
    )


@cache
def _facts_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    notes = select(func.count(CareNote.id)).where(
        CareNote.pupil_id == Pupil.id, access.care_visible_to(viewer)
    )
    waiting = select(func.count(ChangeRequest.id)).where(
        ChangeRequest.pupil_id == Pupil.id,
        ChangeRequest.decided_at.is_(None),
        access.requests_made_by(viewer),
    )
    return (
        select(
            Pupil.id,
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            Pupil.birth_date,
            Pupil.left_on,
            Pupil.archived_at,
            Group.id,
            Group.name,
            access.pupils_visible_to(viewer).label("visible"),
            access.groups_visible_to(viewer).label("group_visible"),
            access.has_pupil_as_guardian(viewer, Pupil.id).label("as_guardian"),
            access.has_pupil_as_school(viewer, Pupil.id).label("as_school"),
            access.reads_care_as_school(viewer, Pupil.id).label("care_as_school"),
            notes.scalar_subquery(),
            waiting.scalar_subquery(),
            StaffMember.called,
            User.given_name,
            User.prefix,
            User.surname,
        )
        .outerjoin(
            Membership, and_(Membership.pupil_id == Pupil.id, Membership.home, Membership.ended_on.is_(None))
        )
        .outerjoin(Group, Group.id == Membership.group_id)
        .outerjoin(Teaching, and_(Teaching.group_id == Group.id, Teaching.ended_on.is_(None)))
        .outerjoin(StaffMember, and_(StaffMember.user_id == Teaching.user_id, StaffMember.left_at.is_(None)))
        .outerjoin(User, User.id == StaffMember.user_id)
        .where(
            Pupil.id == bindparam("pupil"),
            or_(access.pupils_visible_to(viewer), access.reads_care_as_school(viewer, Pupil.id)),
        )
        .order_by(Teaching.weekdays, Teaching.id)
    )
