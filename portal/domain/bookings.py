"""Booking, moving and cancelling a talk: one path for guardians, teachers, the office, who waits, and plans.

Whoever changes a talk takes the turn of everybody who sits at it, so that nobody is ever at two talks at
once; a place is taken by a conditional UPDATE, so that nobody takes it twice.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select

from portal.access import Viewer
from portal.domain import audit, meeting_history, meeting_offers, meeting_tidings
from portal.domain.booking_places import (
    NO_BOOKING,
    Place,
    claim,
    hold_places,
    keep_no_other,
    places_for,
    release,
    withdrawn,
)
from portal.domain.holding import hold, refuse_overtaken, version_of
from portal.domain.meeting_people import (
    OtherTalk,
    People,
    first_hindrance,
    other_talks,
    people_in_turn,
    take_turn_at,
)
from portal.domain.slot_times import Span, shown_as
from portal.errors import Refused
from portal.extensions import db, fetch
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot
from portal.tokens import new_nonce
from portal.words import gettext

BY_GUARDIANS = ("guardian", "waiting")
"""The sources of a time that a guardian chose."""


class NotFree(Refused):
    """A talk cannot have a place.

    `withdrawn`: nobody has booked the place, but it is blocked, or kept for somebody. That is so whatever
    else is in the way, so that it tells nobody what hinders unseen (decision 035).
    """

    def __init__(self, sentence: str, choice: "Choice", withdrawn: bool) -> None:
        super().__init__(sentence, "slot")
        self.invitee_id = choice.invitee.id
        self.starts_at = choice.slot.starts_at
        self.withdrawn = withdrawn


class SlotTaken(NotFree):
    """Somebody else was first, or the teacher has just taken the place away."""

    def __init__(self, choice: "Choice", withdrawn: bool) -> None:
        booked = gettext("This time has just been chosen by somebody else.")
        super().__init__(gettext("This time is no longer free.") if withdrawn else booked, choice, withdrawn)


class TooTight(NotFree):
    """The same people have another talk at that time, or too close to it."""

    def __init__(self, choice: "Choice", withdrawn: bool, talk: OtherTalk) -> None:
        super().__init__(gettext("This time is too close to another talk."), choice, withdrawn)
        self.talk = talk


class Stale(Refused):
    """The talk is no longer as the page showed it: changed in another window or by somebody else."""

    def __init__(self) -> None:
        super().__init__(gettext("This talk was changed meanwhile. Look at it again before you change it."))


@dataclass(frozen=True, slots=True)
class Choice:
    """A talk and the place at which it is to begin.

    `instead_of`: the time that the page showed (`shown_as`, or only the number of the booking), '' when it
    showed none; None takes the place of whatever is booked. `subjects_version`: of the subjects that the page
    showed, None when it did not say.
    """

    invitee: Invitee
    slot: Slot
    way: str = ""
    subjects: str | None = None
    instead_of: str | None = None
    subjects_version: str | None = None


def book(
    choices: Iterable[Choice], actor: Viewer, now: datetime, source: str, *, fixed: bool = False
) -> list[Booking]:
    """Book or move talks, together or not at all; return them in that order.

    The same choice again changes nothing. Raises SlotTaken, TooTight, Stale, Overtaken when somebody else
    wrote meanwhile what is to be discussed, or Refused in words; the caller then rolls back, so that what was
    booked before stands.
    """
    wanted = list(choices)
    people = people_in_turn([choice.invitee for choice in wanted])
    moves = [_move(choice, people_there) for choice, people_there in zip(wanted, people, strict=True)]
    leaving = {move.booking.id for move in moves if move.booking and not move.stays}
    talks = [choice.invitee.id for choice in wanted]
    hold_places([place.id for move in moves for place in move.run], leaving, talks)
    # Who moves gives the old place up first: two of them may change places.
    freed = release(leaving)
    seated = []
    for move in moves:
        if move.booking:
            leaving.discard(move.booking.id)
        booking = _seat(move, actor, now, source, fixed, leaving)
        seated.append(booking)
        if not move.stays:
            freed |= keep_no_other(move.choice.invitee.id, booking.id)
    db.session.flush()
    meeting_tidings.tell(talks, now)
    if freed:
        meeting_offers.offer_places(freed, now, but_not=talks)
    return seated


def check_shown(booking: Booking | None, shown: str | None) -> None:
    """Raise Stale when a page showed another time than the one there is; `shown` None: it did not say."""
    there = (str(booking.id), shown_as(booking.id, booking.starts_at)) if booking else ("",)
    if shown is not None and shown not in there:
        raise Stale()


def check_may_change(booking: Booking, now: datetime) -> None:
    """Refuse a guardian who moves or gives up what school keeps for them, or a talk that has begun."""
    if booking.fixed:
        raise Refused(gettext("The teacher keeps this time for you. Call the school to change it."))
    if booking.starts_at <= now:
        raise Refused(gettext("This talk has begun already. Call the school to change it."))


def give_time(booking: Booking, span: Span, now: datetime) -> None:
    """Write another time to a talk; how it went at a time before is no longer how it goes."""
    if booking.starts_at != span.starts_at:
        booking.outcome, booking.done_at = "", None
    booking.starts_at, booking.ends_at = span
    booking.sequence, booking.changed_at = booking.sequence + 1, now


def length_of(invitee: Invitee) -> int:
    """Return how many minutes a talk takes: its own, the table's, or the round's."""
    return _terms_of(invitee)[0]


def _terms_of(invitee: Invitee) -> tuple[int, str]:
    """Return how many minutes a talk takes, and whether it is at school or by video if nobody chooses."""
    ((own, usual, way),) = fetch(_terms_query(), host_id=invitee.host_id)
    return invitee.minutes or own or usual, "video" if way == "video" else "place"


@cache
def _terms_query() -> Select[*tuple[Any, ...]]:
    return (
        select(MeetingHost.talk_minutes, MeetingRound.talk_minutes, MeetingRound.way)
        .join(MeetingRound, MeetingRound.id == MeetingHost.round_id)
        .where(MeetingHost.id == bindparam("host_id", type_=Integer))
    )


def open_booking(invitee: Invitee) -> Booking | None:
    """Return the time that a talk has, if it has one, as it is in the database now."""
    db.session.flush()
    # Most often there is none, and then the session has nothing to do.
    found = fetch(_open_booking_query(), invitee_id=invitee.id)
    return db.session.get(Booking, found[0][0], populate_existing=True) if found else None


@cache
def _open_booking_query() -> Select[int]:
    return select(Booking.id).where(
        Booking.invitee_id == bindparam("invitee_id", type_=Integer), Booking.cancelled_at.is_(None)
    )


@dataclass(frozen=True, slots=True)
class _Move:
    """A choice with the places that it takes and the time that the talk has now, if it has one.

    `people`: who sits at the talk. `way`: the one that was chosen, else the round's own.
    """

    choice: Choice
    people: People
    run: Sequence[Place]
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


def _move(choice: Choice, people: People) -> _Move:
    check_planned(choice)
    minutes, way = _terms_of(choice.invitee)
    run = places_for(choice.slot, minutes)
    return _Move(choice, people, run, open_booking(choice.invitee), choice.way or way)


def check_planned(choice: Choice) -> None:
    """Hold the talk, and refuse one that is not (or not by itself) at this table any more.

    Raises Stale when it became one guardian's own meanwhile, or went to another table.
    """
    invitee = choice.invitee
    people = invitee.guardian_id, invitee.host_id
    hold(invitee)
    if (invitee.guardian_id, invitee.host_id) != people:
        raise Stale()
    if choice.invitee.ended_at or choice.slot.host_id != choice.invitee.host_id:
        raise Refused(gettext("This talk is no longer planned. Call the school if that is not right."))
    if choice.invitee.joined_to:
        raise Refused(gettext("This child is talked about together with a brother or sister."))


def _seat(
    move: _Move, actor: Viewer, now: datetime, source: str, fixed: bool, leaving: Collection[int]
) -> Booking:
    """Give a talk its time. `leaving`: bookings that are about to get another time, and hinder nobody."""
    choice, invitee, booking, span = move.choice, move.choice.invitee, move.booking, move.span
    if booking and move.stays:
        return booking
    check_shown(booking, choice.instead_of)
    if booking and source in BY_GUARDIANS:
        check_may_change(booking, now)
    others = other_talks(invitee, move.people, span)
    hindrance = first_hindrance((talk for talk in others if talk.booking_id not in leaving), span)
    if hindrance:
        own = booking.id if booking else NO_BOOKING
        raise TooTight(choice, withdrawn(move.run, own, invitee.id, now), hindrance)
    was_at = booking.starts_at if booking else None
    if booking:
        give_time(booking, span, now)
        booking.host_id, booking.source = invitee.host_id, source
    else:
        booking = _new(invitee, span, actor, now, source)
    booking.fixed = fixed
    booking.way = choice.way or (booking.way if was_at else move.way)
    if choice.subjects is not None and choice.subjects != booking.subjects:
        if was_at and choice.subjects_version is not None:
            refuse_overtaken(choice.subjects_version, version_of(booking.subjects))
        booking.subjects = choice.subjects
    db.session.flush()
    _claim(move, booking, now)
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


def _claim(move: _Move, booking: Booking, now: datetime) -> None:
    """Take the places if every one of them is free for this talk. Raises SlotTaken."""
    run, invitee = move.run, move.choice.invitee
    if not claim(run, booking.id, invitee.id, now):
        raise SlotTaken(move.choice, withdrawn(run, booking.id, invitee.id, now))
    if any(place.held_for == invitee.id for place in run):
        meeting_offers.note_taken(invitee, now)


def cancel(
    booking: Booking,
    actor: Viewer | None,
    now: datetime,
    what: str = "cancelled",
    offer: bool = True,
    shown: str | None = None,
) -> None:
    """Give up a talk's time; the invitation is open again. Doing it twice is doing it once.

    `actor` None: the portal itself, because the talk ended (`what` 'ended'). `offer`: to who waits. `shown`:
    the time that the page showed. Raises Stale when it is another one now.
    """
    invitee = db.session.get_one(Invitee, booking.invitee_id)
    take_turn_at([invitee])
    hold(booking)
    if booking.cancelled_at:
        return
    check_shown(booking, shown)
    booking.cancelled_at, booking.cancelled_by = now, actor.id if actor else None
    booking.sequence += 1
    db.session.flush()
    freed = release([booking.id])
    meeting_history.note(invitee, what, actor, now, was_at=booking.starts_at)
    audit.record(actor, "cancel_talk", "booking", booking.id)
    meeting_tidings.tell([invitee.id], now)
    if offer:
        meeting_offers.offer_places(freed, now, but_not=[invitee.id])
