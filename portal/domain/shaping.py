"""What a teacher does with the times of the own table, and with the families that come there."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import CursorResult, or_, select, update

from portal.access import Viewer
from portal.domain import audit, bookings, meeting_history, meeting_offers
from portal.domain.booking_places import NO_BOOKING, keep_no_other, places_for, withdrawn
from portal.domain.bookings import Choice, SlotTaken
from portal.domain.holding import hold
from portal.domain.meeting_people import take_turn_at
from portal.domain.meeting_tables import Table, may_shape
from portal.domain.slot_times import run_from
from portal.errors import Refused
from portal.extensions import db
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.words import gettext

STATES = ("open", "blocked", "break")
WISHES = ("", "wanted", "not_needed")
BOOK, FIX, KEEP = "book", "fix", "keep"
WAYS_TO_PLAN = (BOOK, FIX, KEEP)
"""A talk that the family may move, one that only school moves, or a time that only this family can choose."""


def check_may_shape(table: Table, actor: Viewer, now: datetime) -> None:
    """Raise Refused in words while the teachers' phase has not begun, or when the round is off."""
    if may_shape(actor, table, now):
        return
    if table.round.withdrawn_at:
        raise Refused(gettext("This round is called off."))
    raise Refused(gettext("You can change your times as soon as the office opens that."))


def check_running(round_: MeetingRound) -> None:
    """Raise Refused when nobody can have a time in a round, because nobody knows of it.

    The tables and the talks of a concept may still go.
    """
    if round_.published_at is None or round_.withdrawn_at is not None:
        raise Refused(gettext("This round is not published, so nobody can have a time in it."))


def set_state(slots: Sequence[Slot], state: str, actor: Viewer, now: datetime) -> list[Slot]:
    """Block places, make a break of them or open them; return those that stay as they are.

    A place that is booked, or just being offered to a family that waits, stays. `state`: one of STATES.
    """
    numbers = [slot.id for slot in slots]
    db.session.execute(
        select(Slot.id).where(Slot.id.in_(numbers)).order_by(Slot.id).with_for_update(key_share=True)
    ).all()
    is_loose = [
        Slot.id.in_(numbers),
        Slot.booking_id.is_(None),
        or_(Slot.held_for.is_(None), Slot.held_until <= now),
    ]
    loose = set(db.session.scalars(select(Slot.id).where(*is_loose)))
    db.session.execute(
        update(Slot)
        .where(*is_loose)
        .values(state=state, reserved_for=None, held_for=None, held_until=None)
        .execution_options(synchronize_session=False)
    )
    for number in sorted(loose):
        audit.record(actor, "shape_slot", "slot", number)
    if state == "open":
        meeting_offers.offer_places({slot.host_id for slot in slots}, now)
    return [slot for slot in slots if slot.id not in loose]


def let_go(slot: Slot, actor: Viewer, now: datetime) -> None:
    """Let every family choose a place that was kept for one; who waits for it comes first."""
    hold(slot)
    slot.reserved_for = None
    audit.record(actor, "shape_slot", "slot", slot.id)
    db.session.flush()
    meeting_offers.offer_places([slot.host_id], now)


def plan_talk(choice: Choice, how: str, actor: Viewer, now: datetime) -> Booking | None:
    """Give a family a time by hand: book it, book it for good, or keep it for them (WAYS_TO_PLAN).

    Raises what `bookings.book` raises, and Refused in a concept.
    """
    check_running(db.session.get_one(MeetingRound, choice.invitee.round_id))
    if how == KEEP:
        _keep(choice, actor, now)
        return None
    source = "office" if actor.is_office else "teacher"
    (booking,) = bookings.book([choice], actor, now, source, fixed=how == FIX)
    if booking.fixed or how == FIX:
        booking.fixed = how == FIX
        db.session.flush()
        audit.record(actor, "fix_talk" if booking.fixed else "unfix_talk", "booking", booking.id)
    if booking.fixed:
        meeting_offers.leave_queue(choice.invitee, actor, now)
    return booking


def _keep(choice: Choice, actor: Viewer, now: datetime) -> None:
    bookings.check_planned(choice)
    if bookings.open_booking(choice.invitee):
        raise Refused(gettext("This family has a time already. Move the talk instead."), "talk")
    run = places_for(choice.slot, bookings.length_of(choice.invitee))
    freed = keep_no_other(choice.invitee.id, NO_BOOKING)
    kept = db.session.execute(
        update(Slot)
        .where(
            Slot.id.in_([place.id for place in run]),
            Slot.state == "open",
            Slot.booking_id.is_(None),
            Slot.reserved_for.is_(None),
            or_(Slot.held_for.is_(None), Slot.held_until <= now),
        )
        .values(reserved_for=choice.invitee.id, held_for=None, held_until=None)
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[object]", kept).rowcount != len(run):
        raise SlotTaken(choice, withdrawn(run, NO_BOOKING, choice.invitee.id, now))
    meeting_history.note(choice.invitee, "reserved", actor, now, starts_at=choice.slot.starts_at)
    audit.record(actor, "reserve_slot", "slot", choice.slot.id)
    meeting_offers.offer_places(freed, now)


def say_wish(invitee: Invitee, wish: str, actor: Viewer, now: datetime) -> None:
    """Note that the teacher would like to see a family, or needs no talk. `wish`: one of WISHES."""
    take_turn_at([invitee])
    hold(invitee)
    if invitee.asked == wish:
        return
    invitee.asked, invitee.asked_by = wish, actor.id if wish else None
    if wish:
        meeting_history.note(invitee, "asked", actor, now)
    audit.record(actor, "ask_for_talk", "invitee", invitee.id)
    db.session.flush()


def set_double(invitee: Invitee, double: bool, table: Table, actor: Viewer, now: datetime) -> None:
    """Give a talk double time, or its usual time again; a time that is booked or kept changes with it.

    Raises Refused when the time after it is not free.
    """
    take_turn_at([invitee])
    hold(invitee)
    wanted = table.minutes * 2 if double else None
    if invitee.minutes == wanted:
        return
    invitee.minutes = wanted
    db.session.flush()
    audit.record(actor, "set_talk_minutes", "invitee", invitee.id)
    booking = bookings.open_booking(invitee)
    has = Slot.booking_id == booking.id if booking else Slot.reserved_for == invitee.id
    slot = db.session.scalars(select(Slot).where(has).order_by(Slot.starts_at).limit(1)).one_or_none()
    if slot is None:
        return
    how = KEEP if booking is None else FIX if booking.fixed else BOOK
    try:
        plan_talk(Choice(invitee, slot), how, actor, now)
    except Refused as refusal:
        raise Refused(
            gettext("There is no free time right after this talk. Move the talk first."), "double"
        ) from refusal


def free_runs(host_id: int, invitee: Invitee, now: datetime) -> list[list[Slot]]:
    """Return the free places that a talk could take, all that belong to one beginning together."""
    booking = bookings.open_booking(invitee)
    places = list(
        db.session.scalars(
            select(Slot)
            .where(
                Slot.host_id == host_id,
                Slot.state == "open",
                or_(Slot.booking_id.is_(None), Slot.booking_id == (booking.id if booking else None)),
                or_(Slot.reserved_for.is_(None), Slot.reserved_for == invitee.id),
                or_(Slot.held_for.is_(None), Slot.held_for == invitee.id, Slot.held_until <= now),
            )
            .order_by(Slot.starts_at)
        )
    )
    length = bookings.length_of(invitee)
    return [run for number in range(len(places)) if (run := run_from(places, number, length))]
