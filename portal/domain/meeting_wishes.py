"""What a family said about the parts of the days of a round by wishes."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from portal import access, clock
from portal.access import Viewer
from portal.domain.bookings import Stale, check_may_change, check_shown
from portal.domain.holding import hold
from portal.domain.meeting_choices import FamilyRound
from portal.domain.meeting_choosing import CAN, CANNOT, Closed, give_wishes
from portal.domain.meeting_phases import Phase, phase_of
from portal.domain.slot_times import Span
from portal.extensions import db
from portal.models.meeting_talks import MeetingWish
from portal.models.meetings import Booking, Invitee, Slot

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


def may_object(round_: FamilyRound, now: datetime) -> bool:
    """Whether a family may say that a planned time does not suit: until school has settled the round."""
    phases = (Phase.EARLY, Phase.OPEN, Phase.FILLING)
    return round_.facts.kind == "wishes" and phase_of(round_.facts, now) in phases


def object_to_time(
    booking: Booking,
    round_: FamilyRound,
    invitees: Sequence[Invitee],
    shown: str | None,
    actor: Viewer,
    now: datetime,
) -> None:
    """Keep that a family cannot come at the time of a talk, which stays until school gives another.

    `invitees`: all its talks in the round; `shown`: the time that the page showed. Raises Stale when it is
    another one now, Closed when the round is settled, and Refused when school keeps the time, when the talk
    has begun, or when no other time suits.
    """
    if not may_object(round_, now):
        raise Closed()
    hold(booking)
    if booking.cancelled_at:
        raise Stale()
    check_shown(booking, shown)
    check_may_change(booking, now)
    said = wishes_of(actor, round_)
    blocks = blocks_of(actor, round_)
    wishes = {
        one: said.get(one.starts_at, CAN) for one in blocks if not said or one.starts_at in said
    } | dict.fromkeys(half_hours([Span(booking.starts_at, booking.ends_at)]), CANNOT)
    give_wishes(list(invitees), wishes, actor, now)
