"""Which adults belong to the school, and what only the office and the head have of them."""

from sqlalchemy import ColumnElement, and_, exists, false, or_, true

from portal.access.directory import unknown_as_staff
from portal.access.tables import guardianship, pupil, staff
from portal.access.viewers import Viewer
from portal.models.accounts import LoginSession, StaffMember, User
from portal.models.notices import NoticeChoice


def admitted() -> ColumnElement[bool]:
    """The adults who belong to the school now, as guardian or as staff. Nobody else is invited or mailed."""
    guards = exists().where(
        guardianship.user_id == User.id,
        guardianship.revoked_at.is_(None),
        pupil.id == guardianship.pupil_id,
        pupil.archived_at.is_(None),
    )
    works = exists().where(staff.user_id == User.id, staff.left_at.is_(None))
    return and_(User.disabled_at.is_(None), or_(guards, works))


def own_account(viewer: Viewer) -> ColumnElement[bool]:
    """The viewer's own details."""
    return User.id == viewer.id


def own_notice_choice(viewer: Viewer) -> ColumnElement[bool]:
    """How the viewer wants to be told; nobody else learns it."""
    return NoticeChoice.user_id == viewer.id


def own_sessions(viewer: Viewer) -> ColumnElement[bool]:
    """The devices on which the viewer is signed in."""
    return and_(LoginSession.user_id == viewer.id, LoginSession.ended_at.is_(None))


def own_place_at_school(viewer: Viewer) -> ColumnElement[bool]:
    """The viewer as a member of staff, while working here."""
    return and_(StaffMember.user_id == viewer.id, StaffMember.left_at.is_(None))


def of_office(viewer: Viewer) -> ColumnElement[bool]:
    """Adults, guardianships, closed groups, settings: all of them for the office, none for anybody else."""
    return true() if viewer.is_office else false()


def of_leaders(viewer: Viewer) -> ColumnElement[bool]:
    """Who works at school and in which role: for the head and the administrator."""
    return true() if viewer.is_leading else false()


def adults_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """The adults whom the office reads about and invites; not the other guardian of the own child (R22)."""
    return and_(of_office(viewer), ~unknown_as_staff(viewer.id, User.id))


def adults_managed_by(viewer: Viewer) -> ColumnElement[bool]:
    """The adults whose address and way in the viewer handles.

    Who works here is left to the head and the administrator: with somebody's address or letter in hand one
    could come in as that person.
    """
    works = exists().where(staff.user_id == User.id, staff.left_at.is_(None))
    return adults_known_to(viewer) if viewer.is_leading else and_(adults_known_to(viewer), ~works)


def staff_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The adults who work here or did, for who decides about them."""
    return and_(of_leaders(viewer), adults_known_to(viewer), exists().where(staff.user_id == User.id))
