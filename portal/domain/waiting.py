"""A family says which taken times would suit, and answers when one of them is offered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import delete, select

from portal import clock
from portal.access import Viewer
from portal.access.meetings import slots_offered_to, waiting_times_of
from portal.domain import audit, bookings, meeting_history, meeting_offers
from portal.domain.booking_places import hold_places
from portal.domain.bookings import Choice
from portal.domain.holding import hold
from portal.domain.meeting_choosing import is_early_in, take_back_declining, wait_for_turn
from portal.domain.meeting_phases import may_choose
from portal.domain.meeting_talk_lists import teachers_at
from portal.domain.slot_times import Span, run_from
from portal.errors import Refused
from portal.extensions import db, insert_into
from portal.models.meeting_talks import SlotOffer, WaitingTime
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot
from portal.models.roster import Pupil
from portal.words import gettext


@dataclass(frozen=True, slots=True)
class TakenTime:
    """A time that somebody has. `waits`: the family waits for it."""

    slot_id: int
    starts_at: datetime
    ends_at: datetime
    waits: bool


@dataclass(frozen=True, slots=True)
class About:
    """The talk that a page is about. `booked_at`: the time that it has, None when it has none."""

    invitee_id: int
    round_id: int
    round_name: str
    called: str
    teachers: tuple[str, ...]
    room: str
    building: str
    booked_at: datetime | None
    hold_hours: int
    may_choose: bool


def about(invitee: Invitee, viewer: Viewer, now: datetime) -> About:
    """Return what a page says of a guardian's talk."""
    round_ = db.session.get_one(MeetingRound, invitee.round_id)
    called, room, building, booked_at, fixed = db.session.execute(
        select(Pupil.given_name, MeetingHost.room, MeetingHost.building, Booking.starts_at, Booking.fixed)
        .join(Invitee, Invitee.pupil_id == Pupil.id)
        .join(MeetingHost, MeetingHost.id == Invitee.host_id)
        .outerjoin(Booking, (Booking.invitee_id == Invitee.id) & Booking.cancelled_at.is_(None))
        .where(Invitee.id == invitee.id)
    ).one()
    stays = booked_at is not None and (fixed or booked_at <= now)
    return About(
        invitee.id,
        round_.id,
        round_.name,
        called,
        teachers_at([invitee.host_id]).get(invitee.host_id, ()),
        room,
        building,
        booked_at,
        round_.hold_hours,
        not stays and may_choose(round_, now, is_early_in(round_.id, viewer)),
    )


def taken_times(invitee: Invitee, viewer: Viewer, now: datetime) -> list[tuple[date, list[TakenTime]]]:
    """Return the times at a talk's table that are taken now, by day: those one can wait for."""
    places = db.session.scalars(
        select(Slot).where(slots_offered_to(viewer), Slot.host_id == invitee.host_id).order_by(Slot.starts_at)
    ).all()
    waits = set(
        db.session.scalars(
            select(WaitingTime.starts_at).where(
                waiting_times_of(viewer), WaitingTime.invitee_id == invitee.id
            )
        )
    )
    booking, minutes = bookings.open_booking(invitee), bookings.length_of(invitee)
    own = booking.starts_at if booking else None
    found = []
    for number, place in enumerate(places):
        run = run_from(places, number, minutes)
        if not run or place.starts_at <= now or place.starts_at == own:
            continue
        if place.starts_at in waits or any(_is_taken(one, invitee, now) for one in run):
            found.append(
                TakenTime(place.id, place.starts_at, run[-1].ends_at, waits=place.starts_at in waits)
            )
    return [
        (day, list(times))
        for day, times in groupby(found, key=lambda time: clock.to_local(time.starts_at).date())
    ]


def _is_taken(place: Slot, invitee: Invitee, now: datetime) -> bool:
    held = place.held_for is not None and place.held_until is not None and place.held_until > now
    return (
        place.booking_id is not None
        or place.reserved_for not in (None, invitee.id)
        or (held and place.held_for != invitee.id)
    )


def wait_for(invitee: Invitee, places: Sequence[Slot], actor: Viewer, now: datetime) -> bool:
    """Let a family wait for these times and no others; one that is free already is offered at once.

    Return whether it waited before. Who waits for a time already keeps the place in the queue. Raises
    Refused when there is nothing to choose, and Stale when the talk became only the other guardian's
    meanwhile.
    """
    wait_for_turn([invitee])
    round_ = db.session.get_one(MeetingRound, invitee.round_id)
    chooses = may_choose(round_, now, is_early_in(round_.id, actor))
    if invitee.ended_at or invitee.joined_to or not chooses:
        raise Refused(gettext("No time can be chosen now. Call the school."))
    booking = bookings.open_booking(invitee)
    if booking and places:
        bookings.check_may_change(booking, now)
    spans = _spans(invitee, {place.id for place in places}, now)
    starts = [span.starts_at for span in spans]
    before = select(WaitingTime.id).where(WaitingTime.invitee_id == invitee.id)
    waited = bool(db.session.scalar(before.limit(1)))
    db.session.execute(
        delete(WaitingTime)
        .where(WaitingTime.invitee_id == invitee.id, WaitingTime.starts_at.not_in(starts))
        .execution_options(synchronize_session=False)
    )
    if spans:
        take_back_declining(invitee, actor, now)
        rows = [
            {"invitee_id": invitee.id, "starts_at": one.starts_at, "ends_at": one.ends_at, "since": now}
            for one in spans
        ]
        db.session.execute(
            insert_into(WaitingTime).on_conflict_do_nothing(index_elements=["invitee_id", "starts_at"]), rows
        )
    if spans and not waited:
        meeting_history.note(invitee, "waits", actor, now)
    audit.record(actor, "wait_for_times", "invitee", invitee.id)
    meeting_offers.offer_places([invitee.host_id], now)
    return waited


def _spans(invitee: Invitee, slot_ids: Collection[int], now: datetime) -> list[Span]:
    """Return the times of a talk that begin at these places of its table."""
    places = db.session.scalars(
        select(Slot).where(Slot.host_id == invitee.host_id, Slot.state == "open").order_by(Slot.starts_at)
    ).all()
    minutes = bookings.length_of(invitee)
    runs = [
        run_from(places, number, minutes)
        for number, place in enumerate(places)
        if place.id in slot_ids and place.starts_at > now
    ]
    return [Span(run[0].starts_at, run[-1].ends_at) for run in runs if run]


def accept(offer: SlotOffer, actor: Viewer, now: datetime) -> Booking:
    """Take the time that was offered; a time that the talk has is given up only then.

    Raises Refused when the offer is over, and what `bookings.book` raises.
    """
    invitee = db.session.get_one(Invitee, offer.invitee_id)
    wait_for_turn([invitee])
    booking = bookings.open_booking(invitee)
    # Places before offers, like who passes one on; all of them at once, as who books does.
    places = db.session.scalars(select(Slot.id).where(Slot.held_for == invitee.id)).all()
    hold_places(places, [booking.id] if booking else [], [invitee.id])
    hold(offer)
    held = SlotOffer.id == offer.id, meeting_offers.is_held()
    slot = db.session.scalar(select(Slot).where(Slot.id.in_(select(SlotOffer.slot_id).where(*held))).limit(1))
    if offer.answered_at or min(offer.expires_at, offer.starts_at) <= now or slot is None:
        raise Refused(gettext("This time is no longer held for you."))
    if booking:
        bookings.check_may_change(booking, now)
    (taken,) = bookings.book([Choice(invitee, slot)], actor, now, "waiting")
    return taken


def refuse(offer: SlotOffer, actor: Viewer, now: datetime) -> None:
    """Pass on the time that was offered, to the next one that waits for it. Doing it twice is once.

    Raises Stale when the talk became only the other guardian's meanwhile.
    """
    wait_for_turn([talk_of(offer)])
    if meeting_offers.close_offer(offer, meeting_offers.PASSED, actor, now):
        audit.record(actor, "refuse_offer", "slot_offer", offer.id)


def talk_of(offer: SlotOffer) -> Invitee:
    """Return the talk for which a place was offered."""
    return db.session.get_one(Invitee, offer.invitee_id)
