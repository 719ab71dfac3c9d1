"""Booking, moving and cancelling a talk: one path for guardians, teachers, the office, who waits, and plans.

Whoever changes a talk takes the turn of everybody who sits at it, so that nobody is ever at two talks at
once; a place is taken by a conditional UPDATE, so that nobody takes it twice.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import ColumnElement, CursorResult, or_, select, update

from portal.access import Viewer
from portal.domain import audit, meeting_history, meeting_offers, meeting_tidings
from portal.domain.holding import hold
from portal.domain.meeting_people import (
    OtherTalk,
    first_hindrance,
    other_talks,
    people_of,
    take_turn,
)
from portal.domain.slot_times import Span, run_from
from portal.errors import Refused
from portal.extensions import db, has_one_writer
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot
from portal.tokens import new_nonce
from portal.words import gettext

LONGEST_TALK = timedelta(minutes=120)


class SlotTaken(Refused):
    """Somebody else was first, or the teacher has just taken the place away."""

    def __init__(self, slot: Slot) -> None:
        super().__init__(gettext("This time has just been chosen by somebody else."), "slot")
        self.starts_at = slot.starts_at


class TooTight(Refused):
    """The same people have another talk at that time, or too close to it."""

    def __init__(self, talk: OtherTalk) -> None:
        super().__init__(gettext("This time is too close to another talk."), "slot")
        self.talk = talk


class Stale(Refused):
    """The talk is no longer as the page showed it: changed in another window or by somebody else."""

    def __init__(self) -> None:
        super().__init__(gettext("This talk was changed meanwhile. Look at it again before you change it."))


@dataclass(frozen=True, slots=True)
class Choice:
    """A talk and the place at which it is to begin.

    `instead_of`: the number of the booking that the page showed, None when it showed none; a `Choice` without
    `checked` takes the place of whatever is booked.
    """

    invitee: Invitee
    slot: Slot
    way: str = ""
    subjects: str | None = None
    instead_of: int | None = None
    checked: bool = False


def book(
    choices: Iterable[Choice], actor: Viewer, now: datetime, source: str, *, fixed: bool = False
) -> list[Booking]:
    """Book or move talks, together or not at all; return them in that order.

    The same choice again changes nothing. Raises SlotTaken, TooTight, Stale, or Refused in words; the caller
    then rolls back, so that what was booked before stands.
    """
    wanted = list(choices)
    take_turn(people_of([choice.invitee for choice in wanted]))
    moves = [_move(choice) for choice in wanted]
    leaving = {move.booking.id for move in moves if move.booking and not move.stays}
    _hold_places([place.id for move in moves for place in move.run], leaving)
    # Who moves gives the old place up first: two of them may change places.
    freed = _release(leaving)
    seated = []
    for move in moves:
        if move.booking:
            leaving.discard(move.booking.id)
        seated.append(_seat(move, actor, now, source, fixed, leaving))
    db.session.flush()
    talks = [choice.invitee.id for choice in wanted]
    meeting_tidings.tell(talks, now)
    if freed:
        meeting_offers.offer_places(freed, now, but_not=talks)
    return seated


def length_of(invitee: Invitee) -> int:
    """Return how many minutes a talk takes: its own, the table's, or the round's."""
    return _terms_of(invitee)[0]


def _terms_of(invitee: Invitee) -> tuple[int, str]:
    """Return how many minutes a talk takes, and whether it is at school or by video if nobody chooses."""
    own = db.session.execute(
        select(MeetingHost.talk_minutes, MeetingRound.talk_minutes, MeetingRound.way)
        .join(MeetingRound, MeetingRound.id == MeetingHost.round_id)
        .where(MeetingHost.id == invitee.host_id)
    ).one()
    return invitee.minutes or own[0] or own[1], "video" if own[2] == "video" else "place"


def open_booking(invitee: Invitee) -> Booking | None:
    """Return the time that a talk has, if it has one, as it is in the database now."""
    return db.session.scalars(
        select(Booking)
        .where(Booking.invitee_id == invitee.id, Booking.cancelled_at.is_(None))
        .execution_options(populate_existing=True)
    ).one_or_none()


@dataclass(frozen=True, slots=True)
class _Move:
    """A choice with the places that it takes and the time that the talk has now, if it has one.

    `way`: the one that was chosen, else the round's own.
    """

    choice: Choice
    run: Sequence[Slot]
    booking: Booking | None
    way: str

    @property
    def span(self) -> Span:
        return Span(self.run[0].starts_at, self.run[-1].ends_at)

    @property
    def stays(self) -> bool:
        """Whether the talk is there already."""
        if self.booking is None:
            return False
        there = (self.booking.host_id, self.booking.starts_at, self.booking.ends_at)
        return there == (self.choice.invitee.host_id, *self.span)


def _move(choice: Choice) -> _Move:
    _check_planned(choice)
    minutes, way = _terms_of(choice.invitee)
    return _Move(choice, _places_for(choice.slot, minutes), open_booking(choice.invitee), choice.way or way)


def _check_planned(choice: Choice) -> None:
    """Hold the talk, and refuse one that is not (or not by itself) at this table any more."""
    whose = choice.invitee.guardian_id
    hold(choice.invitee)
    if choice.invitee.guardian_id != whose:
        raise Stale()
    if choice.invitee.ended_at or choice.slot.host_id != choice.invitee.host_id:
        raise Refused(gettext("This talk is no longer planned. Call the school if that is not right."))
    if choice.invitee.joined_to:
        raise Refused(gettext("This child is talked about together with a brother or sister."))


def _places_for(slot: Slot, minutes: int) -> Sequence[Slot]:
    """Return the places that a talk takes from this one on. Raises Refused when it does not fit."""
    places = db.session.scalars(
        select(Slot)
        .where(
            Slot.host_id == slot.host_id,
            Slot.starts_at >= slot.starts_at,
            Slot.starts_at < slot.starts_at + LONGEST_TALK,
        )
        .order_by(Slot.starts_at)
    ).all()
    run = run_from(places, 0, minutes)
    if not run or run[0].id != slot.id:
        raise Refused(
            gettext("This talk takes longer than there is from this time. Choose another one."), "slot"
        )
    return run


def _hold_places(slot_ids: Iterable[int], booking_ids: Collection[int]) -> None:
    """Lock the places that are to be taken and those that are given up, always in the same order."""
    if has_one_writer():
        return
    taken: ColumnElement[bool] = Slot.id.in_(sorted(slot_ids))
    places = or_(taken, Slot.booking_id.in_(booking_ids)) if booking_ids else taken
    db.session.execute(select(Slot.id).where(places).order_by(Slot.id).with_for_update(key_share=True)).all()


def _seat(
    move: _Move, actor: Viewer, now: datetime, source: str, fixed: bool, leaving: Collection[int]
) -> Booking:
    """Give a talk its time. `leaving`: bookings that are about to get another time, and hinder nobody."""
    choice, invitee, booking, span = move.choice, move.choice.invitee, move.booking, move.span
    if booking and move.stays:
        return booking
    if choice.checked and choice.instead_of != (booking.id if booking else None):
        raise Stale()
    if booking and booking.fixed and source == "guardian":
        raise Refused(gettext("The teacher keeps this time for you. Call the school to change it."))
    others = other_talks(invitee, people_of([invitee]), span)
    hindrance = first_hindrance((talk for talk in others if talk.booking_id not in leaving), span)
    if hindrance:
        raise TooTight(hindrance)
    was_at = booking.starts_at if booking else None
    if booking:
        booking.sequence, booking.changed_at = booking.sequence + 1, now
        booking.starts_at, booking.ends_at = span
        booking.host_id, booking.source = invitee.host_id, source
    else:
        booking = _new(invitee, span, actor, now, source)
    booking.fixed = fixed
    booking.way = choice.way or (booking.way if was_at else move.way)
    if choice.subjects is not None:
        booking.subjects = choice.subjects
    db.session.flush()
    _claim(move.run, booking, invitee, now)
    what = "moved" if was_at else "booked"
    meeting_history.note(invitee, what, actor, now, starts_at=span.starts_at, was_at=was_at)
    audit.record(actor, f"{what}_talk", "booking", booking.id)
    return booking


def _new(invitee: Invitee, span: Span, actor: Viewer, now: datetime, source: str) -> Booking:
    booking = Booking(
        invitee_id=invitee.id,
        host_id=invitee.host_id,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
        way="place",
        source=source,
        booked_by=actor.id,
        booked_at=now,
        uid=new_nonce(),
        sequence=0,
    )
    invitee.declined_at = invitee.declined_by = None
    db.session.add(booking)
    return booking


def _claim(run: Sequence[Slot], booking: Booking, invitee: Invitee, now: datetime) -> None:
    """Take the places if every one of them is free for this talk. Raises SlotTaken."""
    claimed = db.session.execute(
        update(Slot)
        .where(
            Slot.id.in_([place.id for place in run]),
            Slot.state == "open",
            or_(Slot.booking_id.is_(None), Slot.booking_id == booking.id),
            or_(Slot.reserved_for.is_(None), Slot.reserved_for == invitee.id),
            or_(Slot.held_for.is_(None), Slot.held_for == invitee.id, Slot.held_until <= now),
        )
        .values(booking_id=booking.id, held_for=None, held_until=None)
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[object]", claimed).rowcount != len(run):
        raise SlotTaken(run[0])
    if any(place.held_for == invitee.id for place in run):
        meeting_offers.note_taken(invitee, now)


def _release(booking_ids: Collection[int]) -> set[int]:
    """Give the places of these bookings up; return the tables at which one is free now."""
    if not booking_ids:
        return set()
    freed = db.session.scalars(
        update(Slot)
        .where(Slot.booking_id.in_(booking_ids))
        .values(booking_id=None)
        .returning(Slot.host_id)
        .execution_options(synchronize_session=False)
    )
    return set(freed)


def cancel(
    booking: Booking, actor: Viewer | None, now: datetime, what: str = "cancelled", offer: bool = True
) -> None:
    """Give up a talk's time; the invitation is open again. Doing it twice is doing it once.

    `actor` None: the portal itself, because the talk ended (`what` 'ended'). `offer`: to who waits.
    """
    invitee = db.session.get_one(Invitee, booking.invitee_id)
    take_turn(people_of([invitee]))
    hold(booking)
    if booking.cancelled_at:
        return
    booking.cancelled_at, booking.cancelled_by = now, actor.id if actor else None
    booking.sequence += 1
    db.session.flush()
    freed = _release([booking.id])
    meeting_history.note(invitee, what, actor, now, was_at=booking.starts_at)
    audit.record(actor, "cancel_talk", "booking", booking.id)
    meeting_tidings.tell([invitee.id], now)
    if offer:
        meeting_offers.offer_places(freed, now, but_not=[invitee.id])
