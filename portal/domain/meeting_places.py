"""Cuts the places of a round that changes anew, and gives each talk the ones that it takes then."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from portal.domain.meeting_change_data import Situation
from portal.domain.meeting_changes import CHANGES, MOVES, Ground, Result, free_around
from portal.domain.meeting_kept_places import give_kept
from portal.domain.slot_times import Span
from portal.extensions import db
from portal.models.meetings import MeetingHost, MeetingRound, Slot


def write_places(
    round_: MeetingRound, situation: Situation, result: Result, hosts: Mapping[int, int], now: datetime
) -> None:
    """Cut the places of the tables that change anew, and give each talk the ones that it takes now."""
    taken: dict[int, list[tuple[Span, int]]] = defaultdict(list)
    place_of = {talk.booking_id: talk.host_id for talk in situation.talks}
    for outcome in result.outcomes:
        if outcome.span:
            taken[place_of[outcome.booking_id]].append((outcome.span, outcome.booking_id))
    lapsed = {-outcome.booking_id for outcome in result.outcomes if outcome.span is None}
    for place, ground in situation.grounds.items():
        if ground.same:
            _give(situation.slots.get(place, []), taken[place], lapsed)
        else:
            _recut(situation, place, hosts[place], result.free.get(place, ()), taken[place], now)
    others = select(MeetingHost.id).where(
        MeetingHost.round_id == round_.id, MeetingHost.id.not_in(list(hosts.values()))
    )
    moved = [one.booking_id for one in result.outcomes if one.what in (MOVES, CHANGES)]
    db.session.execute(
        update(Slot).where(Slot.host_id.in_(others), Slot.booking_id.in_(moved)).values(booking_id=None)
    )
    db.session.execute(delete(Slot).where(Slot.host_id.in_(others), Slot.booking_id.is_(None)))


def _give(slots: Sequence[Slot], taken: Sequence[tuple[Span, int]], lapsed: Collection[int]) -> None:
    """Let each place have the talk that takes it now, and the others none.

    `lapsed`: the talks for which no place is kept any more.
    """
    for slot in slots:
        span = Span(slot.starts_at, slot.ends_at)
        if slot.reserved_for in lapsed:
            slot.reserved_for = None
        booked = next((number for talk, number in taken if number > 0 and talk.overlaps(span)), None)
        if slot.booking_id != booked:
            slot.booking_id = booked
            if booked:
                slot.held_for = slot.held_until = None
    give_kept(slots, taken)
    db.session.flush()


def _recut(
    situation: Situation,
    place: int,
    host_id: int,
    free: Iterable[Span],
    taken: Sequence[tuple[Span, int]],
    now: datetime,
) -> None:
    ground = situation.grounds[place]
    old = {slot.starts_at: slot for slot in situation.slots.get(place, [])}
    wanted: dict[datetime, dict[str, Any]] = {}
    for span in free:
        wanted[span.starts_at] = {"ends_at": span.ends_at}
    for talk, number in taken:
        owner = {"booking_id": number} if number > 0 else {"reserved_for": -number}
        for span in free_around([], Ground(ground.minutes, (talk,))):
            wanted[span.starts_at] = {"ends_at": span.ends_at, **owner}
    for slot in old.values():
        # What has begun, and what the teacher took away, stays as it is.
        if slot.starts_at <= now or slot.state != "open":
            wanted[slot.starts_at] = {
                "ends_at": slot.ends_at, "state": slot.state, "booking_id": slot.booking_id,
                "reserved_for": slot.reserved_for,
            }  # fmt: skip
    wanted = {moment: values for moment, values in wanted.items() if moment > now or moment in old}
    _write_slots(host_id, old, wanted, situation.days[place])


def _write_slots(
    host_id: int,
    old: Mapping[datetime, Slot],
    wanted: Mapping[datetime, dict[str, Any]],
    days: Sequence[Span],
) -> None:
    """Let the table have exactly these places; a place with the same beginning keeps its row."""
    gone = [slot.id for moment, slot in old.items() if moment not in wanted]
    new = []
    for moment, values in sorted(wanted.items()):
        given = {"state": "open", "booking_id": None, "reserved_for": None} | values
        given["extra"] = not any(day.starts_at <= moment < day.ends_at for day in days)
        slot = old.get(moment)
        if slot is None:
            new.append({"host_id": host_id, "starts_at": moment, **given})
            continue
        for name, value in given.items():
            setattr(slot, name, value)
        if slot.booking_id:
            slot.held_for = slot.held_until = None
    db.session.flush()
    if gone:
        db.session.execute(delete(Slot).where(Slot.id.in_(gone)))
    if new:
        db.session.execute(insert(Slot), new)
