"""Who keeps how school deals with guardians, and who reads what was released to them."""

from sqlalchemy import ColumnElement, and_, or_

from portal.access.adults import of_office
from portal.access.pupils import at_school, guards, is_family
from portal.access.viewers import Viewer
from portal.models.arrangements import Barring, InformationRequest, Release
from portal.models.roster import Guardianship, Pupil


def pupils_arranged_by(viewer: Viewer) -> ColumnElement[bool]:
    """The pupils whose guardians and arrangement the viewer keeps: the office, never of the own child."""
    return and_(of_office(viewer), ~is_family(viewer.id, Pupil.id))


def guardianships_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """Who is whose guardian now, for the office; beside the own child one sees only oneself."""
    return and_(
        of_office(viewer),
        Guardianship.revoked_at.is_(None),
        or_(~is_family(viewer.id, Guardianship.pupil_id), Guardianship.user_id == viewer.id),
    )


def guardianships_arranged_by(viewer: Viewer) -> ColumnElement[bool]:
    """Who is or was whose guardian, for the office to change, never beside the own child.

    Nor oneself: who ended the own access would read of the other guardian as if it were any other child.
    """
    return and_(of_office(viewer), ~is_family(viewer.id, Guardianship.pupil_id))


def current_guardianships(viewer: Viewer) -> ColumnElement[bool]:
    """Who is whose guardian now, for the office to change; one that ended is history."""
    return and_(guardianships_arranged_by(viewer), Guardianship.revoked_at.is_(None))


def barrings_kept_by(viewer: Viewer) -> ColumnElement[bool]:
    """Who may have no contact with a pupil, for the office; never beside the own child, nor about oneself."""
    return and_(of_office(viewer), ~is_family(viewer.id, Barring.pupil_id))


def pupils_informed_of(viewer: Viewer) -> ColumnElement[bool]:
    """The own children about whom the viewer gets information on request only (R21)."""
    asks = guards(viewer.id, Pupil.id, authority=False)
    return and_(Pupil.archived_at.is_(None), asks)


def releases_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The documents that school released to this guardian (R21)."""
    return and_(
        Release.user_id == viewer.id,
        Release.withdrawn_at.is_(None),
        at_school(Release.pupil_id),
        guards(viewer.id, Release.pupil_id),
    )


def releases_kept_by(viewer: Viewer) -> ColumnElement[bool]:
    """What was released about pupils, for the office; never about the own child."""
    return and_(of_office(viewer), ~is_family(viewer.id, Release.pupil_id))


def own_information_requests(viewer: Viewer) -> ColumnElement[bool]:
    """What this guardian asked school about the child (R21)."""
    return and_(
        InformationRequest.asked_by == viewer.id,
        at_school(InformationRequest.pupil_id),
        guards(viewer.id, InformationRequest.pupil_id),
    )


def information_requests_answered_by(viewer: Viewer) -> ColumnElement[bool]:
    """The requests that the office answers, never about the own child."""
    return and_(of_office(viewer), ~is_family(viewer.id, InformationRequest.pupil_id))
