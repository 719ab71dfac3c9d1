"""Who reads what is kept of a pupil beside the roster: contacts, care, requests."""

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, and_, exists, false, or_, select, union
from sqlalchemy.orm import aliased

from portal.access.arrangements import pupils_arranged_by
from portal.access.directory import unknown_as_staff
from portal.access.pupils import (
    at_school,
    has_authority,
    has_pupil_as_guardian,
    has_pupil_as_school,
    is_family,
)
from portal.access.tables import membership, teaching
from portal.access.viewers import Viewer
from portal.models.arrangements import Barring
from portal.models.pupils import CareNote, CareReader, CareReading, ChangeRequest, EmergencyContact
from portal.models.roster import Guardianship, Pupil

_reader = aliased(CareReader)


def contacts_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Emergency contacts: for school, and for the guardian who gave them; never for the other one (R22).

    Those of who does not decide for the child any more are nobody's. School also corrects what it sees.
    """
    giver = EmergencyContact.given_by
    still_given = or_(giver.is_(None), has_authority(giver, EmergencyContact.pupil_id))
    kept = has_pupil_as_school(viewer, EmergencyContact.pupil_id)
    return or_(contacts_given_by(viewer), and_(kept, still_given, ~unknown_as_staff(viewer.id, giver)))


def contacts_given_by(viewer: Viewer) -> ColumnElement[bool]:
    """The emergency contacts that the viewer gave, as long as the viewer decides for the child."""
    return and_(
        EmergencyContact.given_by == viewer.id, has_pupil_as_guardian(viewer, EmergencyContact.pupil_id)
    )


def reads_care_as_school(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    """Whether the viewer is on the short list: the teachers of the home group and who was named (R15).

    A teacher who is a guardian of the child reads as a guardian, or not at all without authority (R21).
    """
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
    return and_(at_school(pupil_id), or_(teaches, named), ~is_family(viewer.id, pupil_id))


def family_of(pupil_id: int) -> CompoundSelect[int]:
    """The numbers of a pupil's guardians and of who is barred from it: staff on no list about it."""
    return union(
        select(Guardianship.user_id).where(
            Guardianship.pupil_id == pupil_id, Guardianship.revoked_at.is_(None)
        ),
        select(Barring.user_id).where(Barring.pupil_id == pupil_id, Barring.lifted_at.is_(None)),
    )


def reads_care(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    """Whether the viewer may know of a pupil's care information, as a guardian or on the short list (R15)."""
    return or_(has_pupil_as_guardian(viewer, pupil_id), reads_care_as_school(viewer, pupil_id))


def care_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Care information: for the guardians with authority, and at school for the short list (R15)."""
    return reads_care(viewer, CareNote.pupil_id)


def care_writers_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """Notes whose writer school is told; a guardian is told of none (R22)."""
    return and_(
        reads_care_as_school(viewer, CareNote.pupil_id), ~unknown_as_staff(viewer.id, CareNote.written_by)
    )


def care_openings_named_to(viewer: Viewer) -> ColumnElement[bool]:
    """Of which openings of care information a guardian reads by whom and when, not only that school did it.

    Not of the other guardian of the own child who works here, whether or not that one hides (R22).
    """
    return ~unknown_as_staff(viewer.id, CareReading.user_id)


def care_readers_named_by(viewer: Viewer) -> ColumnElement[bool]:
    """Who was put on a pupil's short list: kept by the office, never for the own child (R15)."""
    return exists().where(_pupil_of(CareReader, viewer)).correlate(CareReader)


def _pupil_of(model: type[CareReader | ChangeRequest], viewer: Viewer) -> ColumnElement[bool]:
    return and_(Pupil.id == model.pupil_id, Pupil.archived_at.is_(None), pupils_arranged_by(viewer))


def requests_made_by(viewer: Viewer) -> ColumnElement[bool]:
    """What the viewer said is not right, as long as the viewer decides for the child; nobody else's (R22)."""
    return and_(ChangeRequest.asked_by == viewer.id, has_pupil_as_guardian(viewer, ChangeRequest.pupil_id))


def requests_decided_by(viewer: Viewer) -> ColumnElement[bool]:
    """The requests that the viewer accepts or refuses: the office, never about the own child.

    Nor what the other guardian of the own child once asked about another child (R22).
    """
    of_pupil = exists().where(_pupil_of(ChangeRequest, viewer)).correlate(ChangeRequest)
    return and_(of_pupil, ~unknown_as_staff(viewer.id, ChangeRequest.asked_by))
