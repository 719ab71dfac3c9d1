"""Which pupils somebody has: the own children, the own groups, the whole school."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, true

from portal.access.tables import barring, guardianship, membership, pupil, teaching
from portal.access.viewers import Viewer
from portal.models.roster import Pupil


def guards(viewer_id: Any, pupil_id: Any, authority: bool | None = None) -> ColumnElement[bool]:
    """Whether an adult is guardian of the pupil now, of any kind or only with or without authority (R21)."""
    kind = () if authority is None else (guardianship.has_authority.is_(authority),)
    return exists().where(
        guardianship.user_id == viewer_id,
        guardianship.pupil_id == pupil_id,
        guardianship.revoked_at.is_(None),
        *kind,
    )


def barred(viewer_id: Any, pupil_id: Any) -> ColumnElement[bool]:
    """Whether an adult may have no contact with the pupil now."""
    found = exists().where(
        barring.user_id == viewer_id, barring.pupil_id == pupil_id, barring.lifted_at.is_(None)
    )
    return found.correlate_except(barring)


def is_family(viewer_id: Any, pupil_id: Any) -> ColumnElement[bool]:
    """Whether the pupil is somebody's own child, also one whom they may have no contact with."""
    return or_(guards(viewer_id, pupil_id), barred(viewer_id, pupil_id))


def has_child_here(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer is or was guardian of any pupil, or may have no contact with one.

    Only of them somebody can be kept from who works here (`unknown_as_staff`); whether somebody is does not
    matter to it, so what depends on this tells of nobody (R22).
    """
    was_guardian = exists().where(guardianship.user_id == viewer.id).correlate_except(guardianship)
    kept_off = exists().where(barring.user_id == viewer.id, barring.lifted_at.is_(None))
    return or_(was_guardian, kept_off.correlate_except(barring))


def has_authority(guardian_id: Any, pupil_id: Any) -> ColumnElement[bool]:
    """Whether an adult is a guardian with authority over a pupil (R21)."""
    found = exists().where(
        guardianship.user_id == guardian_id,
        guardianship.pupil_id == pupil_id,
        guardianship.revoked_at.is_(None),
        guardianship.has_authority,
    )
    return found.correlate_except(guardianship)


def taught(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    """Whether the pupil is now in a group that the viewer teaches now, its home group or another one."""
    return exists().where(
        teaching.user_id == viewer.id,
        teaching.ended_on.is_(None),
        teaching.group_id == membership.group_id,
        membership.pupil_id == pupil_id,
        membership.ended_on.is_(None),
    )


def at_school(pupil_id: Any) -> ColumnElement[bool]:
    """Whether the pupil has not left the school."""
    return exists().where(pupil.id == pupil_id, pupil.archived_at.is_(None)).correlate_except(pupil)


def has_pupil_as_guardian(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    """Whether the viewer decides for the pupil, who is at school (R21)."""
    return and_(at_school(pupil_id), has_authority(viewer.id, pupil_id))


def has_pupil_as_school(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    """Whether the viewer has the pupil as a member of staff; of the own child one stays a guardian (R22)."""
    if not viewer.is_staff:
        return false()
    kept = true() if viewer.is_office else taught(viewer, pupil_id)
    return and_(at_school(pupil_id), kept, ~is_family(viewer.id, pupil_id))


def pupils_guarded_by(viewer: Viewer) -> ColumnElement[bool]:
    """The viewer's own children, with or without authority over them."""
    return and_(Pupil.archived_at.is_(None), guards(viewer.id, Pupil.id))


def pupils_in_authority_of(viewer: Viewer) -> ColumnElement[bool]:
    """The children for whom the viewer decides: reports sick, asks leave, books (R21)."""
    return and_(Pupil.archived_at.is_(None), has_authority(viewer.id, Pupil.id))


def pupils_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The pupils whom the viewer has as a member of staff: a teacher the own groups', the office all.

    Who may have no contact with a pupil does not have it as staff either.
    """
    if viewer.is_office:
        return ~barred(viewer.id, Pupil.id)
    if viewer.is_staff:
        return and_(Pupil.archived_at.is_(None), taught(viewer, Pupil.id), ~barred(viewer.id, Pupil.id))
    return false()


def pupils_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The pupils whose facts (absence among them) the viewer may read, as guardian or as staff."""
    return or_(pupils_in_authority_of(viewer), pupils_of_school(viewer))
