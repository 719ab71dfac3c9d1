"""When each table of a wanted set-up may have talks, and how many talks have no time there yet."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from portal.domain.meeting_capacity import people_in, places_taken, stretches_of
from portal.domain.meeting_changes import Ground
from portal.domain.meeting_invitees import Family, Seat
from portal.domain.meeting_setup import Setup, Table
from portal.domain.meeting_slots import places_on
from portal.domain.slot_times import Span, at
from portal.models.meetings import Booking, Invitee, Slot


def days_of_tables(setup: Setup) -> dict[int, tuple[Span, ...]]:
    """Return when each table has talks by the days of the set-up: the stretches, without their breaks."""
    people = people_in(setup.tables)
    found = {}
    for place, table in enumerate(setup.tables):
        spans = []
        for one in stretches_of(setup, table, people.weekdays(table)):
            ends = [one.starts_at, one.ends_at]
            if one.break_from and one.break_until and one.starts_at < one.break_until:
                ends = [one.starts_at, min(one.break_from, one.ends_at), one.break_until, one.ends_at]
            edges = [at(one.day, edge) for edge in ends]
            spans += [Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=True) if pair[0] < pair[1]]
        found[place] = tuple(sorted(spans))
    return found


def keeps_times(old: Setup, was: Table | None, setup: Setup, table: Table) -> bool:
    """Whether a table keeps its times and its length."""
    if was is None or old.minutes_at(was) != setup.minutes_at(table):
        return False
    people = people_in([was, table])
    times = [
        places_on(stretches_of(which, one, people.weekdays(one)), setup.minutes_at(table))
        for which, one in ((old, was), (setup, table))
    ]
    return times[0] == times[1]


def ground_of(
    setup: Setup,
    table: Table,
    days: tuple[Span, ...],
    slots: Sequence[Slot],
    unbooked: int,
    same: bool,
    now: datetime,
) -> Ground:
    """Return when a table may have coming talks: its days and what a teacher opened, without what is away."""
    away = [
        Span(slot.starts_at, slot.ends_at) for slot in slots if slot.state != "open" or slot.starts_at <= now
    ]
    extra = [Span(slot.starts_at, slot.ends_at) for slot in slots if slot.extra and slot.state == "open"]
    stretches = without([*days, *_joined(extra, days)], away)
    free = [
        Span(slot.starts_at, slot.ends_at)
        for slot in slots
        if slot.state == "open"
        and slot.starts_at > now
        and not (slot.booking_id or slot.reserved_for or slot.held_for)
    ]
    return Ground(setup.minutes_at(table), tuple(stretches), unbooked, same, tuple(free), now)


def _joined(extra: Iterable[Span], days: Sequence[Span]) -> list[Span]:
    """Return the times that a teacher opened beside the days, those that follow each other as one."""
    found: list[Span] = []
    for span in extra:
        if any(span.overlaps(day) for day in days):
            continue
        if found and found[-1].ends_at == span.starts_at:
            found[-1] = Span(found[-1].starts_at, span.ends_at)
        else:
            found.append(span)
    return found


def without(stretches: Iterable[Span], away: Sequence[Span]) -> list[Span]:
    """Return the stretches without the times that a teacher took away."""
    left = sorted(stretches)
    for gone in away:
        left = [
            part
            for one in left
            for part in (
                [Span(one.starts_at, gone.starts_at), Span(gone.ends_at, one.ends_at)]
                if one.overlaps(gone)
                else [one]
            )
            if part.starts_at < part.ends_at
        ]
    return left


def unbooked_at(
    place: int,
    setup: Setup,
    table: Table,
    families: Mapping[Seat, Family],
    tables: Mapping[int, int],
    invitees: Mapping[int, Invitee],
    booked: Mapping[int, Booking],
) -> int:
    """Return how many places the talks at a table take that have no time yet."""
    length = setup.minutes_at(table)
    every = sum(
        places_taken(table.length_of(seat.pupil_id, guardian_id) or length, length)
        for seat, family in families.items()
        if seat.host_id == place
        for guardian_id in family.talks
    )
    here = [invitees[one.invitee_id] for one in booked.values() if tables.get(one.invitee_id) == place]
    return max(0, every - sum(places_taken(one.minutes or length, length) for one in here))
