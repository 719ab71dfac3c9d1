"""Who keeps how school deals with guardians, and who reads what was released to them."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from portal.access.adults import of_office
from portal.access.directory import guarded_by_unknown, unknown_as_staff
from portal.access.pupils import at_school, guards, has_pupil_as_school, is_family
from portal.access.viewers import Viewer
from portal.models.arrangements import ArrangementEntry, Barring, InformationRequest, Release
from portal.models.letters import Letter
from portal.models.roster import Guardianship, Pupil

_letter = aliased(Letter)


def _kept_by(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    """Whether the viewer keeps the guardians of a pupil: the office, never of the own child.

    Nor of a child that has somebody for guardian whom the viewer may not know: the other guardian of the own.
    """
    kept_from = guarded_by_unknown(viewer.id, pupil_id)
    return and_(of_office(viewer), ~is_family(viewer.id, pupil_id), ~kept_from)


def pupils_arranged_by(viewer: Viewer) -> ColumnElement[bool]:
    """The pupils whose guardians and arrangement the viewer keeps: the office, never of the own child."""
    return _kept_by(viewer, Pupil.id)


def history_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """What was done about pupils' arrangements, for the office."""
    return and_(
        _kept_by(viewer, ArrangementEntry.pupil_id), ~unknown_as_staff(viewer.id, ArrangementEntry.about)
    )


def guardianships_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """Who is whose guardian now, for the office; beside the own child one sees only oneself."""
    return and_(
        of_office(viewer),
        Guardianship.revoked_at.is_(None),
        ~unknown_as_staff(viewer.id, Guardianship.user_id),
    )


def guardianships_arranged_by(viewer: Viewer) -> ColumnElement[bool]:
    """Who is or was whose guardian, for the office to change, never beside the own child.

    Nor oneself: who ended the own access would read of the other guardian as if it were any other child.
    """
    return and_(_kept_by(viewer, Guardianship.pupil_id), ~unknown_as_staff(viewer.id, Guardianship.user_id))


def current_guardianships(viewer: Viewer) -> ColumnElement[bool]:
    """Who is whose guardian now, for the office to change; one that ended is history."""
    return and_(guardianships_arranged_by(viewer), Guardianship.revoked_at.is_(None))


def barrings_kept_by(viewer: Viewer) -> ColumnElement[bool]:
    """Who may have no contact with a pupil, for the office; never beside the own child, nor about oneself."""
    return and_(_kept_by(viewer, Barring.pupil_id), ~unknown_as_staff(viewer.id, Barring.user_id))


def barrings_told_to(viewer: Viewer) -> ColumnElement[bool]:
    """Who may have no contact with a pupil now, without the reason, for who has the child at school.

    The teacher must not let that person collect the child. Never for guardians, nor for staff who are family.
    """
    return and_(
        Barring.lifted_at.is_(None),
        has_pupil_as_school(viewer, Barring.pupil_id),
        ~unknown_as_staff(viewer.id, Barring.user_id),
    )


def pupils_informed_of(viewer: Viewer) -> ColumnElement[bool]:
    """The own children about whom the viewer gets information on request only (R21)."""
    asks = guards(viewer.id, Pupil.id, authority=False)
    return and_(Pupil.archived_at.is_(None), asks)


def pupils_told_about(viewer: Viewer) -> ColumnElement[bool]:
    """The own children about whom this guardian can ask school, or asked or got something (R21).

    Who has authority by now goes on reading the answers and documents of before.
    """
    asked = exists().where(InformationRequest.pupil_id == Pupil.id, own_information_requests(viewer))
    got = exists().where(Release.pupil_id == Pupil.id, releases_visible_to(viewer))
    return or_(pupils_informed_of(viewer), asked, got)


def releases_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The documents that school released to this guardian (R21).

    A letter is there until the release or the letter itself is taken back; the last day on which parents find
    it is not of who asked for it.
    """
    letter_is_there = exists().where(_letter.id == Release.letter_id, _letter.withdrawn_at.is_(None))
    return and_(
        Release.user_id == viewer.id,
        Release.withdrawn_at.is_(None),
        or_(Release.letter_id.is_(None), letter_is_there),
        at_school(Release.pupil_id),
        guards(viewer.id, Release.pupil_id),
    )


def releases_kept_by(viewer: Viewer) -> ColumnElement[bool]:
    """What was released about pupils, for the office; never about the own child."""
    return and_(_kept_by(viewer, Release.pupil_id), ~unknown_as_staff(viewer.id, Release.user_id))


def own_information_requests(viewer: Viewer) -> ColumnElement[bool]:
    """What this guardian asked school about the child (R21)."""
    return and_(
        InformationRequest.asked_by == viewer.id,
        at_school(InformationRequest.pupil_id),
        guards(viewer.id, InformationRequest.pupil_id),
    )


def information_requests_answered_by(viewer: Viewer) -> ColumnElement[bool]:
    """The requests that the office answers, never about the own child."""
    return and_(
        _kept_by(viewer, InformationRequest.pupil_id),
        ~unknown_as_staff(viewer.id, InformationRequest.asked_by),
    )
