"""The calendar of a teacher's talks at a secret address (decision 033).

It goes to whatever service the teacher's phone uses, so it has the child's first name and no more.
"""

from datetime import datetime

from flask import current_app
from sqlalchemy import exists, select

from portal import access
from portal.access import Viewer, hash_of
from portal.domain import audit, meeting_calendar
from portal.domain.meeting_calendar import Entry
from portal.domain.meeting_twins import joined_to
from portal.extensions import db
from portal.formatting import spoken_list
from portal.models.meeting_talks import MeetingFeed
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingHost, MeetingRound
from portal.models.roster import Pupil
from portal.tokens import new_nonce, token_for
from portal.words import gettext

PURPOSE = "meeting-feed"


def address_of(viewer: Viewer) -> str | None:
    """Return the secret address of the viewer's own calendar, None while there is none."""
    feed = _own(viewer)
    if feed is None:
        return None
    token = token_for(PURPOSE, feed.user_id, feed.nonce)
    return f"{current_app.config['BASE_URL']}/meetings/feed/{token}.ics"


def _own(viewer: Viewer) -> MeetingFeed | None:
    return db.session.scalars(select(MeetingFeed).where(access.own_feed(viewer))).one_or_none()


def make_feed(actor: Viewer, now: datetime) -> None:
    """Make a new secret address for the own calendar; the one before no longer works."""
    remove_feed(actor)
    nonce = new_nonce()
    token_hash = hash_of(token_for(PURPOSE, actor.id, nonce))
    db.session.add(MeetingFeed(user_id=actor.id, nonce=nonce, token_hash=token_hash, made_at=now))
    audit.record(actor, "make_meeting_feed")
    db.session.flush()


def remove_feed(actor: Viewer) -> None:
    """Let the own calendar be read no more."""
    feed = _own(actor)
    if feed is not None:
        db.session.delete(feed)
        db.session.flush()
        audit.record(actor, "remove_meeting_feed")


def feed_of(viewer: Viewer, now: datetime) -> bytes:
    """Return the talks at the viewer's own tables as a calendar; of one that is kept from them no name."""
    own = exists().where(HostTeacher.host_id == Booking.host_id, HostTeacher.user_id == viewer.id)
    rows = db.session.execute(
        select(Booking, MeetingHost.room, MeetingRound.name, Pupil, access.invitees_of_school(viewer))
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .join(MeetingHost, MeetingHost.id == Booking.host_id)
        .join(MeetingRound, MeetingRound.id == MeetingHost.round_id)
        .where(
            own,
            Booking.cancelled_at.is_(None),
            MeetingRound.published_at.is_not(None),
            MeetingRound.withdrawn_at.is_(None),
        )
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    too = joined_to((row.Booking.invitee_id for row in rows), access.invitees_of_school(viewer))
    entries = [
        Entry(
            uid=booking.uid,
            sequence=booking.sequence,
            starts_at=booking.starts_at,
            ends_at=booking.ends_at,
            summary=_summary([pupil, *too.get(booking.invitee_id, ())] if known else []),
            location=gettext("by video") if booking.way == "video" else room,
            description=round_name,
        )
        for booking, room, round_name, pupil, known in rows
    ]
    return meeting_calendar.feed(gettext("Talks"), entries, now)


def _summary(pupils: list[Pupil]) -> str:
    first_names = [pupil.given_name for pupil in pupils if pupil.given_name]
    return gettext("Talk: %(name)s", name=spoken_list(first_names)) if first_names else gettext("Talk")
