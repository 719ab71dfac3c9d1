"""Who keeps how school deals with guardians, and who reads what was released to them."""

from sqlalchemy import ColumnElement, and_

from portal.access.adults import of_office
from portal.access.directory import guard_together
from portal.access.pupils import at_school, guards
from portal.access.viewers import Viewer
from portal.models.accounts import User
from portal.models.arrangements import InformationRequest, Release
from portal.models.roster import Guardianship, Pupil


def pupils_arranged_by(viewer: Viewer) -> ColumnElement[bool]:
    """The pupils whose arrangement the viewer keeps: the office, never of the own child."""
    return and_(of_office(viewer), ~guards(viewer.id, Pupil.id))


def adults_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """The adults whose details the office reads, not the other guardian of the own child (R22)."""
    return and_(of_office(viewer), ~guard_together(viewer.id, User.id))


def guardianships_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """Who is whose guardian now, for the office; beside the own child one sees only oneself."""
    return and_(
        of_office(viewer),
        Guardianship.revoked_at.is_(None),
        ~guards(viewer.id, Guardianship.pupil_id) | (Guardianship.user_id == viewer.id),
    )


def releases_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The documents that school released to this guardian (R21)."""
    return and_(
        Release.user_id == viewer.id,
        Release.withdrawn_at.is_(None),
        at_school(Release.pupil_id),
        guards(viewer.id, Release.pupil_id),
    )


def own_information_requests(viewer: Viewer) -> ColumnElement[bool]:
    """What this guardian asked school about the child (R21)."""
    return and_(
        InformationRequest.asked_by == viewer.id,
        at_school(InformationRequest.pupil_id),
        guards(viewer.id, InformationRequest.pupil_id),
    )


def information_requests_answered_by(viewer: Viewer) -> ColumnElement[bool]:
    """The requests that the office answers, never about the own child."""
    return and_(of_office(viewer), ~guards(viewer.id, InformationRequest.pupil_id))
