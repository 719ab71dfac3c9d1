"""What becomes of booked talks when a round's times, lengths or tables change. Pure.

A talk that can stay stays, so that as few families as possible are disturbed; the free places are cut anew
around it. Only where that leaves too few places for everybody, a table is cut evenly and more talks move.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal import clock
from portal.domain.slot_times import Span, run_from

ANOTHER_DAY = 60
STAYS, CHANGES, MOVES, LEAVES = "stays", "changes", "moves", "leaves"


@dataclass(frozen=True, slots=True)
class Talk:
    """A booked talk and what it needs now. `minutes`: how long it is to take.

    `people`: who sits there, guardians and teachers; `guardians` are those who walk to another table.
    `touched`: another table, room or teacher, or by video where it was at school, or the other way round.
    `past`: it has begun, and stays whatever changes.
    """

    booking_id: int
    host_id: int
    span: Span
    minutes: int
    guardians: frozenset[int] = frozenset()
    people: frozenset[int] = frozenset()
    building: str = ""
    touched: bool = False
    past: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """When a table may have talks: stretches of time, cut into places of `minutes`, the coming ones only.

    `unbooked`: how many places the talks take that have no time yet. `same`: nothing changes here, the places
    stay as they are, and `free` are those that nobody has. `since`: now.
    """

    minutes: int
    stretches: tuple[Span, ...]
    unbooked: int = 0
    same: bool = False
    free: tuple[Span, ...] = ()
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gaps:
    """What a family has between two tables, and between two buildings."""

    same_building: timedelta
    other_building: timedelta


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of one talk: STAYS, CHANGES (same begin, something else is other), MOVES or LEAVES."""

    booking_id: int
    what: str
    was: Span
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What becomes of all talks, and the free places that each changed table has then."""

    outcomes: tuple[Outcome, ...]
    free: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)


def work_out(
    talks: Iterable[Talk], grounds: Mapping[int, Ground], gaps: Gaps, others: Iterable[Talk] = ()
) -> Result:
    """Return what becomes of the talks; `others` are the same people's talks of other rounds."""
    every = sorted(talks, key=lambda talk: (talk.span, talk.booking_id))
    people = _People(gaps)
    for other in others:
        people.seat(other, other.span)
    settled = {talk.booking_id: talk.span for talk in every if talk.past}
    moving = [talk for talk in every if talk.host_id not in grounds and not talk.past]
    kept: dict[int, Span] = {}
    free: dict[int, list[Span]] = {}
    for host_id, ground in grounds.items():
        here, free[host_id] = _keep([talk for talk in every if talk.host_id == host_id], ground)
        kept |= here
    for talk in [talk for talk in every if talk.host_id in grounds]:
        if (span := kept.get(talk.booking_id)) and (talk.past or people.can(talk, span)):
            people.seat(talk, span)
            settled[talk.booking_id] = span
        else:
            moving.append(talk)
            if span:
                cut = _cut(span, grounds[talk.host_id].minutes)
                free[talk.host_id] = sorted([*free[talk.host_id], *cut])
    for talk in moving:
        if (ground_of := grounds.get(talk.host_id)) and (span := _nearest(talk, free, ground_of, people)):
            people.seat(talk, span)
            settled[talk.booking_id] = span
            free[talk.host_id] = [one for one in free[talk.host_id] if not one.overlaps(span)]
    changed = {host: tuple(spans) for host, spans in free.items() if not grounds[host].same}
    return Result(tuple(_outcome(talk, settled.get(talk.booking_id)) for talk in every), changed)


def _outcome(talk: Talk, span: Span | None) -> Outcome:
    if span is None:
        return Outcome(talk.booking_id, LEAVES, talk.span)
    if span.starts_at != talk.span.starts_at:
        return Outcome(talk.booking_id, MOVES, talk.span, span)
    changed = (talk.touched or span != talk.span) and not talk.past
    return Outcome(talk.booking_id, CHANGES if changed else STAYS, talk.span, span)


# --- one table --------------------------------------------------------------------------------------------


def _keep(talks: Sequence[Talk], ground: Ground) -> tuple[dict[int, Span], list[Span]]:
    """Return which talks keep their begin, with their new end, and the places that are free beside them."""
    if ground.same:
        lasting = {talk.booking_id: talk.span for talk in talks if talk.past or _lasts(talk, ground)}
        given_up = [talk.span for talk in talks if talk.booking_id not in lasting]
        return lasting, sorted(
            [*ground.free, *(one for span in given_up for one in _cut(span, ground.minutes))]
        )
    ways = [_around(talks, ground, even) for even in (False, True)]

    def cost(way: tuple[dict[int, Span], list[Span]]) -> tuple[int, int]:
        kept, free = way
        needed = sum(_places(talk, ground) for talk in talks if talk.booking_id not in kept)
        return max(0, needed + ground.unbooked - len(free)), len(talks) - len(kept)

    return min(ways, key=cost)


def _lasts(talk: Talk, ground: Ground) -> bool:
    """Whether a talk has as many places as it needs."""
    return talk.span == _wanted(talk, ground)


def _around(talks: Sequence[Talk], ground: Ground, even: bool) -> tuple[dict[int, Span], list[Span]]:
    """Keep as many talks as fit, the one that ends first before the others; `even`: on the even cut only."""
    kept: dict[int, Span] = {talk.booking_id: talk.span for talk in talks if talk.past}
    last: datetime | None = max((span.ends_at for span in kept.values()), default=None)
    wanted = [(_wanted(talk, ground), talk) for talk in talks if not talk.past]
    for span, talk in sorted(wanted, key=_ends_first):
        fits = any(_may_begin(span, stretch, ground, even) for stretch in ground.stretches)
        if fits and (last is None or last <= span.starts_at):
            kept[talk.booking_id] = span
            last = span.ends_at
    return kept, free_around(kept.values(), ground)


def _ends_first(pair: tuple[Span, Talk]) -> tuple[datetime, float, int]:
    """Order by the end; of two with the same one the shorter first, which disturbs the other alone."""
    span, talk = pair
    return span.ends_at, -span.starts_at.timestamp(), talk.booking_id


def _wanted(talk: Talk, ground: Ground) -> Span:
    length = timedelta(minutes=_places(talk, ground) * ground.minutes)
    return Span(talk.span.starts_at, talk.span.starts_at + length)


def _places(talk: Talk, ground: Ground) -> int:
    return -(-talk.minutes // ground.minutes)


def _may_begin(span: Span, stretch: Span, ground: Ground, even: bool) -> bool:
    inside = stretch.starts_at <= span.starts_at and span.ends_at <= stretch.ends_at
    off = (span.starts_at - stretch.starts_at) % timedelta(minutes=ground.minutes)
    return inside and not (even and off)


def free_around(taken: Iterable[Span], ground: Ground) -> list[Span]:
    """Return the places that are left on the ground of a table beside the times that are taken."""
    found: list[Span] = []
    busy = sorted(taken)
    for stretch in ground.stretches:
        start = stretch.starts_at
        for span in [one for one in busy if one.overlaps(stretch)]:
            found += _cut(Span(start, span.starts_at), ground.minutes)
            start = max(start, span.ends_at)
        found += _cut(Span(start, stretch.ends_at), ground.minutes)
    return [span for span in found if ground.since is None or span.starts_at > ground.since]


def _cut(span: Span, minutes: int) -> list[Span]:
    length = timedelta(minutes=minutes)
    count = (span.ends_at - span.starts_at) // length
    return [
        Span(span.starts_at + n * length, span.starts_at + (n + 1) * length) for n in range(max(0, count))
    ]


def _nearest(talk: Talk, free: Mapping[int, list[Span]], ground: Ground, people: "_People") -> Span | None:
    """Return the free time that bothers the family least, at which everybody can be there."""
    places = free[talk.host_id]
    order = sorted(range(len(places)), key=lambda n: (_bother(talk.span, places[n]), places[n]))
    for number in order:
        run = run_from(places, number, _places(talk, ground) * ground.minutes)
        if run and people.can(talk, span := Span(run[0].starts_at, run[-1].ends_at)):
            return span
    return None


def _bother(was: Span, place: Span) -> float:
    """Say how much another time bothers a family, in minutes of the clock: another day is like an hour.

    So an evening that goes becomes another evening sooner than an afternoon.
    """
    before, after = clock.to_local(was.starts_at), clock.to_local(place.starts_at)
    days = abs((after.date() - before.date()).days)
    minutes = abs((after.hour - before.hour) * 60 + after.minute - before.minute)
    return minutes + (ANOTHER_DAY + days if days else 0)


class _People:
    """Where everybody is: nobody at two talks, and time to walk between two tables."""

    def __init__(self, gaps: Gaps) -> None:
        self.gaps = gaps
        self.seated: dict[int, list[tuple[Talk, Span]]] = defaultdict(list)

    def seat(self, talk: Talk, span: Span) -> None:
        """Note that the people of a talk are there at that time."""
        for person in talk.people:
            self.seated[person].append((talk, span))

    def can(self, talk: Talk, span: Span) -> bool:
        """Say whether everybody can be at a talk at that time."""
        return not any(
            other.overlaps(span, self._gap(talk, seat))
            for person in talk.people
            for seat, other in self.seated[person]
            if seat.booking_id != talk.booking_id
        )

    def _gap(self, talk: Talk, other: Talk) -> timedelta:
        if talk.host_id == other.host_id or not talk.guardians & other.guardians:
            return timedelta()
        same = talk.building == other.building
        return self.gaps.same_building if same else self.gaps.other_building
