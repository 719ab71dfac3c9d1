"""A talk whose guardians come apart or together again: one row stays, with only what its readers may know."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, exists, or_, select

from portal.domain import meeting_offers, meeting_tidings
from portal.extensions import db
from portal.models.meeting_talks import MeetingEvent, MeetingWish, SlotOffer, WaitingTime
from portal.models.meetings import Booking, Invitee


def hand_over(
    talks: Sequence[Invitee],
    guardians: Collection[int],
    apart: bool,
    booked: Mapping[int, Booking],
    now: datetime,
) -> None:
    """Let a talk that becomes one guardian's own, or both guardians' again, keep its row and its time.

    `talks`: those about one child at one table; not the one of who is no guardian any more, so that nobody
    else learns when that was. Apart, the row is of who booked, declined, wished or waits (R20). Whoever comes
    new to the child finds the talk of the only guardian as it is: the same as when nobody ever hid (R22).
    """
    own = [talk for talk in talks if talk.guardian_id in {None, *guardians}]
    if not own:
        return
    kept = min(own, key=lambda talk: _order(booked.get(talk.id)))
    if not apart and not _were_apart(kept, guardians):
        kept.guardian_id = None
        return
    booking = booked.get(kept.id)
    if apart:
        kept.guardian_id = _whose(kept, guardians, booked)
    else:
        kept.guardian_id = None
        # What one of them did and wrote while the other saw nothing of it stays theirs.
        kept.created_at = now
        if booking:
            booking.subjects = ""
    _forget_of_others(kept, now)
    if booking:
        # In the calendar of who has the talk no more it can now be taken back.
        booking.sequence += 1
    db.session.flush()
    if booking:
        meeting_tidings.tell([kept.id], now)


def _were_apart(talk: Invitee, guardians: Collection[int]) -> bool:
    """Tell whether another of the guardians has, or ever had, an own talk about the child in this round."""
    theirs = exists().where(
        Invitee.round_id == talk.round_id,
        Invitee.pupil_id == talk.pupil_id,
        Invitee.guardian_id.in_([one for one in guardians if one != talk.guardian_id]),
    )
    return bool(db.session.scalar(select(theirs)))


def _order(booking: Booking | None) -> tuple[bool, float]:
    return (booking is None, booking.starts_at.timestamp() if booking else 0.0)


def _whose(talk: Invitee, guardians: Collection[int], booked: Mapping[int, Booking]) -> int:
    """Return to which of the guardians a talk of both goes: who last did something with it.

    A child that is talked about in the talk of a brother or sister stays with whose that one is.
    """
    lead = db.session.get_one(Invitee, talk.joined_to) if talk.joined_to else talk
    time = booked.get(lead.id)
    did = [time.booked_by if time else None, lead.declined_by, _wished(lead), _waits(lead)]
    return next((one for one in did if one is not None and one in guardians), min(guardians))


def _wished(talk: Invitee) -> int | None:
    said = select(MeetingWish.said_by).where(MeetingWish.invitee_id == talk.id)
    return db.session.scalars(said.order_by(MeetingWish.said_at.desc()).limit(1)).first()


def _waits(talk: Invitee) -> int | None:
    """Return who put a talk on the waiting list, while it waits or has an offer to answer."""
    offered = exists().where(SlotOffer.invitee_id == talk.id, SlotOffer.answered_at.is_(None))
    waits = or_(exists().where(WaitingTime.invitee_id == talk.id), offered)
    events = select(MeetingEvent.actor_id).where(
        MeetingEvent.invitee_id == talk.id, MeetingEvent.what == "waits", waits
    )
    return db.session.scalars(events.order_by(MeetingEvent.id.desc()).limit(1)).first()


def _forget_of_others(kept: Invitee, now: datetime) -> None:
    """Take from a talk what was said by who does not read it alone from now on: no, wishes and waiting."""
    whose = kept.guardian_id
    if whose is None or kept.declined_by != whose:
        kept.declined_at = kept.declined_by = None
    if whose is None or _waits(kept) != whose:
        meeting_offers.drop_queue(kept, now)
        meeting_offers.offer_places([kept.host_id], now)
    db.session.execute(
        delete(MeetingWish)
        .where(MeetingWish.invitee_id == kept.id, MeetingWish.said_by.is_distinct_from(whose))
        .execution_options(synchronize_session=False)
    )
