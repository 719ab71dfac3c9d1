"""Who reads what is kept of a pupil beside the roster: contacts, care, requests."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_
from sqlalchemy.orm import aliased

from portal.access.adults import of_office
from portal.access.pupils import at_school, decides, guards, taught
from portal.access.tables import membership, teaching
from portal.access.viewers import Viewer
from portal.models.pupils import CareNote, CareReader, ChangeRequest, EmergencyContact

_reader = aliased(CareReader)


def _as_school(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    """Whether the viewer has the pupil as a member of staff; of the own child one stays a guardian (R22)."""
    if not viewer.is_staff:
        return false()
    kept = taught(viewer, pupil_id) if not viewer.is_office else at_school(pupil_id)
    return and_(at_school(pupil_id), kept, ~guards(viewer.id, pupil_id))


def contacts_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Emergency contacts: for school, and for the guardian who gave them; never for the other one (R22)."""
    return or_(contacts_given_by(viewer), _as_school(viewer, EmergencyContact.pupil_id))


def contacts_given_by(viewer: Viewer) -> ColumnElement[bool]:
    """The emergency contacts that the viewer gave, as long as the viewer decides for the child."""
    return and_(
        EmergencyContact.given_by == viewer.id,
        at_school(EmergencyContact.pupil_id),
        decides(viewer, EmergencyContact.pupil_id),
    )


def reads_care_as_school(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    """Whether the viewer is on the short list: the teachers of the home group and who was named (R15)."""
    if not viewer.is_staff:
        return false()
    teaches = exists().where(
        teaching.user_id == viewer.id,
        teaching.ended_on.is_(None),
        teaching.group_id == membership.group_id,
        membership.pupil_id == pupil_id,
        membership.home,
        membership.ended_on.is_(None),
    )
    named = exists().where(_reader.user_id == viewer.id, _reader.pupil_id == pupil_id)
    return and_(at_school(pupil_id), or_(teaches, named))


def care_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Care information: for the guardians with authority, and at school for the short list (R15)."""
    return or_(
        and_(at_school(CareNote.pupil_id), decides(viewer, CareNote.pupil_id)),
        reads_care_as_school(viewer, CareNote.pupil_id),
    )


def requests_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """What guardians said is not right: for who said it, and for the office."""
    return or_(
        and_(ChangeRequest.asked_by == viewer.id, decides(viewer, ChangeRequest.pupil_id)),
        and_(of_office(viewer), ~guards(viewer.id, ChangeRequest.pupil_id)),
    )


def requests_decided_by(viewer: Viewer) -> ColumnElement[bool]:
    """The requests that the viewer accepts or refuses: the office, never about the own child."""
    return and_(of_office(viewer), ~guards(viewer.id, ChangeRequest.pupil_id))
