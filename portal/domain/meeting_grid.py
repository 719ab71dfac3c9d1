"""The places at a table as one family sees them: free, or why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, select

from portal import access, clock
from portal.access import Viewer
from portal.domain.meeting_choices import FamilyRound, Talk
from portal.domain.meeting_hindrances import Hindrance, asked, asked_of, hindrances
from portal.domain.slot_times import Span, run_from
from portal.extensions import fetch
from portal.models.meetings import Invitee, Slot
from portal.models.roster import Guardianship

EVENING_FROM, AFTERNOON_FROM = 18, 12


class State(StrEnum):
    """What a family is told about a place."""

    FREE = "free"
    KEPT = "kept"
    """Free for this family only: the teacher or the waiting list keeps it."""

    TAKEN = "taken"
    """Somebody else has it, or somebody of this talk cannot be there; never said why."""

    TIGHT = "tight"
    """Too close to another talk of the reader."""

    SIBLING = "sibling"
    """The reader has another talk at this time."""

    OWN = "own"
    """The time that this talk has now."""

    SHORT = "short"
    """The talk takes longer than there is from here."""

    PAST = "past"


CHOOSABLE = (State.FREE, State.KEPT)


@dataclass(frozen=True, slots=True)
class Place:
    """A place at which a talk might begin, and when it would end. `about`: the child of the other talk."""

    id: int
    starts_at: datetime
    ends_at: datetime
    state: State
    about: str = ""

    @property
    def choosable(self) -> bool:
        return self.state in CHOOSABLE

    @property
    def day(self) -> date:
        return clock.to_local(self.starts_at).date()

    @property
    def part(self) -> str:
        return part_of_day(self.starts_at)


class OpenSlot(NamedTuple):
    """A place at a table that is neither blocked nor a break."""

    id: int
    starts_at: datetime
    ends_at: datetime
    booking_id: int | None
    reserved_for: int | None
    held_for: int | None
    held_until: datetime | None


def part_of_day(moment: datetime) -> str:
    """Return 'morning', 'afternoon' or 'evening', by the school's clock."""
    hour = clock.to_local(moment).hour
    return "evening" if hour >= EVENING_FROM else "afternoon" if hour >= AFTERNOON_FROM else "morning"


def grid_of(viewer: Viewer, round_: FamilyRound, talk: Talk, now: datetime) -> list[Place]:
    """Return all places at a talk's table, in order of time, as its family sees them; in two queries."""
    return grids_of(viewer, round_, [talk], now)[talk.id]


def grids_of(
    viewer: Viewer, round_: FamilyRound, talks: Sequence[Talk], now: datetime
) -> dict[int, list[Place]]:
    """Return the places for each of these talks, by its number; in two queries, however many there are."""
    slots: dict[int, list[OpenSlot]] = {}
    for row in fetch(_slots_query(access.anyone_with(viewer.role)), **asked(viewer, round_, talks)):
        slots.setdefault(row[0], []).append(OpenSlot(*row[1:]))
    others = hindrances(viewer, round_, talks, now)
    called = {talk.pupil_id: talk.called for talk in round_.talks}
    return {
        talk.id: places_for(talk, slots.get(talk.id, []), others.get(talk.id, []), called, now)
        for talk in talks
    }


def places_for(
    talk: Talk, slots: Sequence[OpenSlot], others: Sequence[Hindrance], called: dict[int, str], now: datetime
) -> list[Place]:
    """Return what a family is told about each place of a table. Pure; `slots` are in order of time."""
    return [_place(talk, slots, index, others, called, now) for index in range(len(slots))]


def _place(
    talk: Talk,
    slots: Sequence[OpenSlot],
    index: int,
    others: Sequence[Hindrance],
    called: dict[int, str],
    now: datetime,
) -> Place:
    slot = slots[index]
    run = run_from(slots, index, talk.minutes)
    span = Span(slot.starts_at, (run or [slot])[-1].ends_at)
    state, about = _state(talk, slot, run, span, others, now)
    return Place(slot.id, *span, state, called.get(about, "") if about else "")


def _state(
    talk: Talk,
    slot: OpenSlot,
    run: Sequence[OpenSlot],
    span: Span,
    others: Sequence[Hindrance],
    now: datetime,
) -> tuple[State, int | None]:
    booking_id = talk.booked.id if talk.booked else None
    if talk.booked and slot.booking_id == booking_id and slot.starts_at == talk.booked.starts_at:
        return State.OWN, None
    same_time = next((one for one in others if one.pupil_id and one.span.overlaps(slot)), None)
    if same_time:
        return State.SIBLING, same_time.pupil_id
    if not run:
        return State.SHORT, None
    if slot.starts_at <= now:
        return State.PAST, None
    if not all(_is_free(place, talk.id, booking_id, now) for place in run):
        return State.TAKEN, None
    close = [one for one in others if one.span.overlaps(span, one.gap)]
    if any(one.pupil_id is None for one in close):
        return State.TAKEN, None
    if close:
        return State.TIGHT, close[0].pupil_id
    kept = any(talk.id in (place.reserved_for, place.held_for) for place in run)
    return (State.KEPT if kept else State.FREE), None


def _is_free(place: OpenSlot, talk_id: int, booking_id: int | None, now: datetime) -> bool:
    return (
        place.booking_id in (None, booking_id)
        and place.reserved_for in (None, talk_id)
        and (place.held_for in (None, talk_id) or (place.held_until is not None and place.held_until <= now))
    )


@cache
def _slots_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """The places of one talk's table, or of all the viewer's tables in a round, with the talk's number."""
    return (
        select(
            Invitee.id,
            Slot.id,
            Slot.starts_at,
            Slot.ends_at,
            Slot.booking_id,
            Slot.reserved_for,
            Slot.held_for,
            Slot.held_until,
        )
        .select_from(Guardianship)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .join(Slot, and_(Slot.host_id == Invitee.host_id, Slot.state == "open"))
        .where(*asked_of(viewer))
        .order_by(Invitee.id, Slot.starts_at)
    )
