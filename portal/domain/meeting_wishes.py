"""What a family said about the parts of the days of a round by wishes."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import access, clock
from portal.access import Viewer
from portal.domain.meeting_choices import FamilyRound
from portal.domain.slot_times import Span
from portal.extensions import db
from portal.models.meeting_talks import MeetingWish
from portal.models.meetings import Invitee, Slot

HALF_HOUR = timedelta(minutes=30)


def half_hours(spans: Iterable[Span]) -> list[Span]:
    """Return the half hours of the school's clock in which these places lie, in order of time. Pure."""
    found: set[datetime] = set()
    for span in spans:
        local = clock.to_local(span.starts_at)
        start = span.starts_at - timedelta(
            minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond
        )
        while start < span.ends_at:
            found.add(start)
            start += HALF_HOUR
    return [Span(start, start + HALF_HOUR) for start in sorted(found)]


def blocks_of(viewer: Viewer, round_: FamilyRound) -> list[Span]:
    """Return the half hours in which a table of the family has places."""
    rows = db.session.execute(
        select(Slot.starts_at, Slot.ends_at)
        .where(
            Slot.host_id.in_({talk.host_id for talk in round_.talks}),
            access.slots_offered_to(viewer),
        )
        .distinct()
    )
    return half_hours(Span(*row) for row in rows)


def wishes_of(viewer: Viewer, round_: FamilyRound) -> dict[datetime, int]:
    """Return what the family said of each half hour, by its beginning; empty when nothing yet."""
    rows = db.session.execute(
        select(MeetingWish.starts_at, MeetingWish.availability)
        .join(Invitee, Invitee.id == MeetingWish.invitee_id)
        .where(Invitee.round_id == round_.facts.id, access.invitees_of(viewer))
        .order_by(MeetingWish.said_at, MeetingWish.id)
    )
    return {starts_at: availability for starts_at, availability in rows}
