"""Where a talk could be: every set of places that is long enough, and what the family thinks of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from portal.domain.planner.round import Availability, Block, Family, Place, Round, Talk

Seat = tuple[Place, ...]
"""The places of one talk: those of the first teacher in order, then those of the next; then those that are
taken too because their teacher is at this talk as a guardian."""


def end_of(seat: Seat) -> int:
    """Return when the talk has had its last place, which may be later than its length asks."""
    end = seat[0].end
    for before, place in pairwise(seat):
        if not place.follows(before):
            break
        end = place.end
    return end


class Seats:
    """Looks up where the talks of a round could be."""

    def __init__(self, round_: Round) -> None:
        self.by_teacher: dict[int, list[Place]] = defaultdict(list)
        for place in sorted(round_.places, key=lambda place: (place.day, place.start)):
            self.by_teacher[place.teacher].append(place)
        self._held = {key for talk in round_.talks for key in talk.fixed}
        self._places = {place.key: place for place in round_.places}
        for talk in round_.talks:
            if talk.fixed and talk.absent:
                self._held.update(place.key for place in self._missed(talk, self.at(talk.fixed)))

    def at(self, keys: Iterable[int]) -> Seat:
        """Return the places with these keys."""
        return tuple(self._places[key] for key in keys)

    def of(self, talk: Talk) -> list[Seat]:
        """Return every seat that is free for the talk, whatever the family says."""
        if talk.fixed:
            return [self.at(talk.fixed)]
        runs = [list(self._runs(teacher, talk.length)) for teacher in talk.teachers]
        if not talk.all_teachers:
            return self._without_absent(talk, [run for teacher_runs in runs for run in teacher_runs])
        by_start: list[dict[tuple[int, int], Seat]] = [
            {(run[0].day, run[0].start): run for run in teacher_runs} for teacher_runs in runs
        ]
        shared = set(by_start[0]).intersection(*by_start[1:])
        seats = [tuple(place for starts in by_start for place in starts[when]) for when in sorted(shared)]
        return self._without_absent(talk, seats)

    def _missed(self, talk: Talk, seat: Seat) -> list[Place]:
        """Return the places at that time of teachers who sit at the talk as guardians."""
        return [
            place for teacher in talk.absent for place in self.by_teacher[teacher] if overlaps(place, seat)
        ]

    def _without_absent(self, talk: Talk, seats: list[Seat]) -> list[Seat]:
        """Let each seat take the free places that it makes a teacher miss; drop it if somebody sits there."""
        if not talk.absent:
            return seats
        longer = []
        for seat in seats:
            missed = self._missed(talk, seat)
            if not any(place.key in self._held for place in missed):
                longer.append((*seat, *(place for place in missed if place.free)))
        return longer

    def _runs(self, teacher: int, length: int) -> Iterator[Seat]:
        places = self.by_teacher[teacher]
        for first in range(len(places)):
            minutes = 0
            for last in range(first, len(places)):
                place = places[last]
                if not place.free or place.key in self._held:
                    break
                if last > first and not place.follows(places[last - 1]):
                    break
                minutes += place.length
                if minutes >= length:
                    yield tuple(places[first : last + 1])
                    break


def overlaps(place: Place, seat: Seat) -> bool:
    """Say whether a place is at the time of a talk that sits here."""
    return place.day == seat[0].day and place.start < end_of(seat) and seat[0].start < place.end


def availability(family: Family, day: int, start: int, end: int) -> Availability:
    """Return what the family said of this time: the least of what it touches."""
    blocks = [
        block for block in family.blocks if block.day == day and block.start < end and block.end > start
    ]
    moments = {start, *(edge for block in blocks for edge in (block.start, block.end) if start < edge < end)}
    return min(_at(family, blocks, moment) for moment in moments)


def _at(family: Family, blocks: list[Block], moment: int) -> Availability:
    said = [block.availability for block in blocks if block.start <= moment < block.end]
    return min(said, default=family.otherwise)


def unmet_wishes(family: Family, day: int, start: int, end: int) -> int:
    """Return 2 for a time outside what the family prefers, plus 1 outside the wished part of the day."""
    unmet = 0
    prefers = Availability.PREFERS
    if any(block.availability == prefers for block in family.blocks):
        unmet += 2 * (availability(family, day, start, end) < prefers)
    if family.wished:
        unmet += not (family.wished[0] <= start and end <= family.wished[1])
    return unmet
