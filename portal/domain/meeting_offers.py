"""A place that comes free is held for the first family that waits for it, then for the next.

What frees a place calls `offer_places` in the same transaction; the worker ends offers that nobody answered.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, delete, exists, func, or_, select, update

from portal import clock
from portal.access import Viewer
from portal.domain import meeting_history, meeting_tidings
from portal.domain.meeting_people import first_hindrance, other_talks, people_of
from portal.domain.meeting_talk_lists import is_place_waited_for
from portal.domain.slot_times import Span, run_from
from portal.extensions import db, insert_into
from portal.models.meeting_talks import SlotOffer, WaitingTime
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot

TAKEN, PASSED, EXPIRED = "taken", "passed", "expired"

ON_LAST_DAY = timedelta(hours=1)


class _Waiting(NamedTuple):
    invitee: Invitee
    starts_at: datetime
    minutes: int
    hold_hours: int
    closes_at: datetime


def held_until(now: datetime, hold_hours: int, closes_at: datetime, starts_at: datetime) -> datetime:
    """Return until when a place is held: for the round's hours, shorter on the last day.

    Never beyond the end of choosing, or its own beginning.
    """
    last_day = clock.to_local(closes_at).date() == clock.to_local(now).date()
    held = min(timedelta(hours=hold_hours), ON_LAST_DAY) if last_day else timedelta(hours=hold_hours)
    return min(now + held, closes_at, starts_at)


def is_held() -> ColumnElement[bool]:
    """The offers whose place is still there, at the same time, and held."""
    return exists().where(
        Slot.id == SlotOffer.slot_id,
        Slot.held_for == SlotOffer.invitee_id,
        Slot.starts_at == SlotOffer.starts_at,
    )


def offer_places(host_ids: Iterable[int], now: datetime, but_not: Iterable[int] = ()) -> None:
    """Offer the free places at these tables to who waits for them, the longest first.

    `but_not`: numbers of talks that have just given a place up themselves. Nobody gets a place that is too
    close to another talk, and nobody two at a time.
    """
    waiting = _waiting_at(set(host_ids), set(but_not), now)
    if not waiting:
        return
    free = _free_places({one.invitee.host_id for one in waiting}, now)
    offered: set[int] = set()
    for one in waiting:
        places = free[one.invitee.host_id]
        run = _run(places, one)
        if run and one.invitee.id not in offered and _suits(one.invitee, run) and _hold_for(one, run, now):
            offered.add(one.invitee.id)
            free[one.invitee.host_id] = [place for place in places if place not in run]


def _waiting_at(host_ids: set[int], but_not: set[int], now: datetime) -> list[_Waiting]:
    """Return the times waited for, but those of a talk that somebody else has in hand this moment.

    The worker offers what is passed over so.
    """
    rows = db.session.execute(
        select(
            Invitee,
            WaitingTime.starts_at,
            func.coalesce(Invitee.minutes, MeetingHost.talk_minutes, MeetingRound.talk_minutes),
            MeetingRound.hold_hours,
            MeetingRound.closes_at,
        )
        .join(WaitingTime, WaitingTime.invitee_id == Invitee.id)
        .join(MeetingHost, MeetingHost.id == Invitee.host_id)
        .join(MeetingRound, MeetingRound.id == Invitee.round_id)
        .where(
            Invitee.host_id.in_(host_ids),
            Invitee.id.not_in(but_not),
            Invitee.ended_at.is_(None),
            Invitee.joined_to.is_(None),
            WaitingTime.starts_at > now,
            MeetingRound.published_at.is_not(None),
            MeetingRound.withdrawn_at.is_(None),
            MeetingRound.closes_at > now,
            ~exists().where(SlotOffer.invitee_id == Invitee.id, SlotOffer.answered_at.is_(None)),
            ~exists().where(
                Booking.invitee_id == Invitee.id,
                Booking.cancelled_at.is_(None),
                or_(Booking.fixed, Booking.starts_at <= now),
            ),
        )
        .order_by(WaitingTime.since, WaitingTime.id)
        .with_for_update(of=Invitee, key_share=True, skip_locked=True)
    )
    return [_Waiting(*row) for row in rows]


def _free_places(host_ids: set[int], now: datetime) -> dict[int, list[Slot]]:
    """Return the places that anybody could choose, in order of time; one in use this moment is left out."""
    places: dict[int, list[Slot]] = {host_id: [] for host_id in host_ids}
    for place in db.session.scalars(
        select(Slot)
        .where(
            Slot.host_id.in_(host_ids),
            Slot.state == "open",
            Slot.starts_at > now,
            Slot.booking_id.is_(None),
            Slot.reserved_for.is_(None),
            Slot.held_for.is_(None),
            ~exists().where(SlotOffer.slot_id == Slot.id, SlotOffer.answered_at.is_(None)),
        )
        .order_by(Slot.host_id, Slot.starts_at)
        .with_for_update(key_share=True, skip_locked=True)
        .execution_options(populate_existing=True)
    ):
        places[place.host_id].append(place)
    return places


def _run(places: Sequence[Slot], wanted: _Waiting) -> list[Slot]:
    for number, place in enumerate(places):
        if place.starts_at == wanted.starts_at:
            return run_from(places, number, wanted.minutes)
    return []


def _suits(invitee: Invitee, run: Sequence[Slot]) -> bool:
    span = Span(run[0].starts_at, run[-1].ends_at)
    return first_hindrance(other_talks(invitee, people_of([invitee]), span), span) is None


def _hold_for(one: _Waiting, run: Sequence[Slot], now: datetime) -> bool:
    """Offer the places and hold them; False when the family has just been offered another one."""
    until = held_until(now, one.hold_hours, one.closes_at, run[0].starts_at)
    offer_id = db.session.scalar(
        insert_into(SlotOffer)
        .values(
            invitee_id=one.invitee.id,
            slot_id=run[0].id,
            starts_at=run[0].starts_at,
            ends_at=run[-1].ends_at,
            offered_at=now,
            expires_at=until,
        )
        .on_conflict_do_nothing()
        .returning(SlotOffer.id)
    )
    if offer_id is None:
        return False
    for place in run:
        place.held_for, place.held_until = one.invitee.id, until
    db.session.flush()
    meeting_history.note(one.invitee, "offered", None, now, starts_at=run[0].starts_at)
    meeting_tidings.tell_of_offer(db.session.get_one(SlotOffer, offer_id), now)
    return True


def close_offer(offer: SlotOffer, answer: str, actor: Viewer | None, now: datetime) -> bool:
    """End an offer that was passed or not answered, and offer the place to the next one that waits.

    False when it was answered meanwhile.
    """
    invitee = db.session.get_one(Invitee, offer.invitee_id)
    held = Slot.held_for == invitee.id
    db.session.execute(select(Slot.id).where(held).order_by(Slot.id).with_for_update(key_share=True)).all()
    if not _answer(SlotOffer.id == offer.id, answer, now):
        return False
    db.session.execute(
        update(Slot).where(held).values(held_for=None, held_until=None),
        execution_options={"synchronize_session": False},
    )
    # The same time would come back to them at once.
    db.session.execute(
        delete(WaitingTime)
        .where(WaitingTime.invitee_id == invitee.id, WaitingTime.starts_at == offer.starts_at)
        .execution_options(synchronize_session=False)
    )
    meeting_history.note(invitee, answer, actor, now, starts_at=offer.starts_at)
    offer_places([invitee.host_id], now)
    return True


def note_taken(invitee: Invitee, now: datetime) -> None:
    """End the offer whose place was booked, and the waiting of who has a time that suits now."""
    _answer(SlotOffer.invitee_id == invitee.id, TAKEN, now)
    stop_waiting(invitee)


def stop_waiting(invitee: Invitee) -> None:
    """Forget the times for which a talk waits."""
    db.session.execute(
        delete(WaitingTime)
        .where(WaitingTime.invitee_id == invitee.id)
        .execution_options(synchronize_session=False)
    )


def forget_gone(round_: MeetingRound) -> None:
    """Forget the times waited for that a change of a round took away: nobody is to wait for ever."""
    gone = (
        select(WaitingTime.id)
        .join(Invitee, Invitee.id == WaitingTime.invitee_id)
        .where(Invitee.round_id == round_.id, ~exists().where(is_place_waited_for()))
    )
    db.session.execute(
        delete(WaitingTime).where(WaitingTime.id.in_(gone)).execution_options(synchronize_session=False)
    )


def leave_queue(invitee: Invitee, actor: Viewer, now: datetime) -> None:
    """Stop waiting, and pass on what was offered: the family needs no time of this talk any more."""
    stop_waiting(invitee)
    offer = db.session.scalars(
        select(SlotOffer).where(SlotOffer.invitee_id == invitee.id, SlotOffer.answered_at.is_(None))
    ).one_or_none()
    if offer:
        close_offer(offer, PASSED, actor, now)


def drop_queue(invitee: Invitee, now: datetime) -> None:
    """Take a talk off the waiting list, and what is held for it: not its family's doing, so nobody reads it.

    The caller offers the places to others.
    """
    stop_waiting(invitee)
    db.session.execute(
        update(Slot).where(Slot.held_for == invitee.id).values(held_for=None, held_until=None),
        execution_options={"synchronize_session": False},
    )
    _answer(SlotOffer.invitee_id == invitee.id, EXPIRED, now)


def _answer(which: ColumnElement[bool], answer: str, now: datetime) -> bool:
    answered = db.session.execute(
        update(SlotOffer)
        .where(which, SlotOffer.answered_at.is_(None))
        .values(answer=answer, answered_at=now)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[object]", answered).rowcount == 1


def pass_on(now: datetime) -> None:
    """End the offers that nobody answered in time, or whose place is gone, and offer what is free.

    The worker's job.
    """
    over = or_(SlotOffer.expires_at <= now, ~is_held())
    for offer in db.session.scalars(
        select(SlotOffer).where(SlotOffer.answered_at.is_(None), over).order_by(SlotOffer.id)
    ).all():
        close_offer(offer, EXPIRED, None, now)
    hosts = db.session.scalars(
        select(Invitee.host_id)
        .join(WaitingTime, WaitingTime.invitee_id == Invitee.id)
        .where(WaitingTime.starts_at > now)
        .distinct()
    ).all()
    if hosts:
        offer_places(hosts, now)
