"""What is kept of a pupil beside the roster goes when it is not needed any more (R18)."""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, exists, select

from portal.domain.retention import YEAR, end_of_year_before
from portal.extensions import db
from portal.models.arrangements import ArrangementEntry
from portal.models.pupils import CareNote, CareReader, CareReading, ChangeRequest, EmergencyContact
from portal.models.roster import Guardianship, Pupil

CONTACTS_KEPT = timedelta(days=30)
"""A mistake in an import is mended within that time, and then no contact has to be given again."""


def delete_old_pupil_data(now: datetime) -> None:
    """Delete what R18 lets nobody keep, by the day on which the pupil left.

    Care information (R15) goes when the school year ends in which the pupil left, after a year at the latest;
    emergency contacts and requests a year after the pupil left, and a decided request a year after the
    decision. Contacts of who does not decide for the pupil any more go after 30 days: nobody sees them. Who
    opened care information is kept for a year, as the record of who did what is.
    """
    _delete_contacts_of_former_givers(now - CONTACTS_KEPT)
    _delete_of_who_left((CareNote, CareReader), max(now - YEAR, end_of_year_before(now)))
    _delete_of_who_left((EmergencyContact, ChangeRequest), now - YEAR)
    db.session.execute(delete(ChangeRequest).where(ChangeRequest.decided_at < now - YEAR))
    db.session.execute(delete(CareReading).where(CareReading.read_at < now - YEAR))


def _delete_contacts_of_former_givers(limit: datetime) -> None:
    """Delete the contacts of who neither decides for the pupil nor did so until after the limit."""
    place = and_(
        Guardianship.pupil_id == EmergencyContact.pupil_id, Guardianship.user_id == EmergencyContact.given_by
    )
    decides = exists().where(place, Guardianship.revoked_at.is_(None), Guardianship.has_authority)
    ended_since = exists().where(place, Guardianship.revoked_at >= limit)
    lost_since = exists().where(
        ArrangementEntry.pupil_id == EmergencyContact.pupil_id,
        ArrangementEntry.about == EmergencyContact.given_by,
        ArrangementEntry.what.in_(("no_authority", "listed_no_authority")),
        ArrangementEntry.changed_at >= limit,
    )
    db.session.execute(
        delete(EmergencyContact)
        .where(EmergencyContact.given_by.is_not(None), ~decides, ~ended_since, ~lost_since)
        .execution_options(synchronize_session=False)
    )


def _delete_of_who_left(
    tables: tuple[type[CareNote | CareReader | EmergencyContact | ChangeRequest], ...], limit: datetime
) -> None:
    left = select(Pupil.id).where(Pupil.archived_at.is_not(None), Pupil.archived_at < limit)
    for table in tables:
        db.session.execute(
            delete(table).where(table.pupil_id.in_(left)).execution_options(synchronize_session=False)
        )
