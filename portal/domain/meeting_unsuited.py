"""Talks of a round by wishes that have a time at which their family cannot come any more."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from portal import access
from portal.access import Viewer
from portal.domain.meeting_choosing import CANNOT
from portal.domain.meeting_tables import tables_of_round
from portal.domain.meeting_talks_at_school import Talk, talks_of
from portal.extensions import db
from portal.models.meeting_talks import MeetingWish
from portal.models.meetings import Booking, Invitee, MeetingRound


def _is_unsuited(round_id: int, now: datetime) -> ColumnElement[bool]:
    """The talks to come at a time of which the family says that it cannot.

    What school booked knowing that does not count: only a plan's time moves by itself.
    """
    said = exists().where(
        MeetingWish.invitee_id == Invitee.id,
        MeetingWish.availability == CANNOT,
        MeetingWish.starts_at < Booking.ends_at,
        MeetingWish.ends_at > Booking.starts_at,
        or_(
            Booking.source == "plan",
            MeetingWish.said_at > func.coalesce(Booking.changed_at, Booking.booked_at),
        ),
    )
    coming = and_(Booking.cancelled_at.is_(None), ~Booking.fixed, Booking.starts_at > now)
    return and_(Invitee.round_id == round_id, coming, said)


def unsuited_of(viewer: Viewer, round_id: int, now: datetime) -> set[int]:
    """Return which of a guardian's own talks these are, by number."""
    mine = select(Invitee.id).join(Booking, Booking.invitee_id == Invitee.id)
    return set(db.session.scalars(mine.where(access.invitees_of(viewer), _is_unsuited(round_id, now))))


def unsuited_at_school(viewer: Viewer, round_: MeetingRound, now: datetime) -> list[Talk]:
    """Return which they are of the talks that the viewer has at school, by the pupils' names."""
    if round_.kind != "wishes":
        return []
    known = select(Invitee.id).join(Booking, Booking.invitee_id == Invitee.id)
    found = set(
        db.session.scalars(known.where(access.invitees_of_school(viewer), _is_unsuited(round_.id, now)))
    )
    if not found:
        return []
    hosts = [table.host.id for table in tables_of_round(viewer, round_.id)]
    return [talk for talk in talks_of(viewer, hosts) if talk.invitee_id in found]
