"""What cannot fit, named with its numbers before anything runs."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from portal.domain.planner.parties import parties_of
from portal.domain.planner.party import Option, Party
from portal.domain.planner.round import Round, Talk
from portal.domain.planner.seating import Seat, Seats

LOOKED_AT = 100_000
"""Steps of the exact search for one party, at most; beyond that nothing is said of it."""


class Lack(StrEnum):
    """What there is too little of."""

    NO_SEAT = "no-seat"
    """The teacher has no places in a row that are long enough for this talk."""

    NEVER_AVAILABLE = "never-available"
    """The family can come at none of the places of the teacher."""

    TEACHER_FULL = "teacher-full"
    """The talks of these teachers need more places than there are."""

    TIMES_FULL = "times-full"
    """There are places enough, but these families can come only at some of them, which are too few."""

    FAMILY_FULL = "family-full"
    """The family cannot have all its talks, even if all teachers were free: too close, or too many a day."""

    FIXED_CLASH = "fixed-clash"
    """Talks that were fixed beforehand have the same people too close together."""


@dataclass(frozen=True, slots=True)
class Impossible:
    """So many are needed, so many there are."""

    lack: Lack
    talks: tuple[int, ...]
    needed: int
    available: int
    teachers: tuple[int, ...] = ()
    families: tuple[int, ...] = ()


def impossible(round_: Round) -> list[Impossible]:
    """Return what cannot fit, whatever the planner does; nothing is a promise that all fits."""
    lookup = Seats(round_)
    ready = parties_of(round_)
    options = {
        talk.key: [lookup.at(option.seat) for option in own]
        for party in ready.parties
        for talk, own in zip(party.talks, party.options, strict=True)
    }
    full = _full_teachers(round_, lookup)
    return [
        *full,
        *(_alone(talk, lookup) for talk in round_.talks if not options[talk.key]),
        *_crowded(round_, options, lookup, full),
        *(found for party in ready.parties for found in _in_party(party)),
    ]


def too_few_places(round_: Round) -> list[Impossible]:
    """Return what cannot fit for want of places, whoever can come when; quick, where `impossible` is not."""
    lookup = Seats(round_)
    return [
        *_full_teachers(round_, lookup),
        *(_alone(talk, lookup) for talk in round_.talks if not lookup.of(talk)),
    ]


def _alone(talk: Talk, lookup: Seats) -> Impossible:
    """Name a talk that has no seat even in an empty round."""
    seats = lookup.of(talk)
    lack = Lack.NEVER_AVAILABLE if seats else Lack.NO_SEAT
    return Impossible(lack, (talk.key,), 1, 0, talk.teachers, (talk.family,))


def _full_teachers(round_: Round, lookup: Seats) -> list[Impossible]:
    """Name the teachers whose talks need more places than they have, whoever can come when."""
    needs: dict[int, dict[int, int]] = defaultdict(dict)
    for talk in round_.talks:
        if talk.all_teachers or len(talk.teachers) == 1:
            for teacher in talk.teachers:
                needs[teacher][talk.key] = _need(talk, teacher, lookup)
    found = []
    for teacher, talks in sorted(needs.items()):
        held = {key for talk in round_.talks for key in talk.fixed}
        places = sum(place.free or place.key in held for place in lookup.by_teacher[teacher])
        if sum(talks.values()) > places:
            families = {talk.family for talk in round_.talks if talk.key in talks}
            needed = sum(talks.values())
            found.append(
                Impossible(
                    Lack.TEACHER_FULL, tuple(talks), needed, places, (teacher,), tuple(sorted(families))
                )
            )
    return found


def _need(talk: Talk, teacher: int, lookup: Seats) -> int:
    """Return the least number of places of the teacher that the talk takes."""
    if talk.fixed:
        return sum(place.teacher == teacher for place in lookup.at(talk.fixed))
    lengths = sorted((place.length for place in lookup.by_teacher[teacher]), reverse=True)
    count = minutes = 0
    for length in lengths:
        if minutes >= talk.length:
            break
        count, minutes = count + 1, minutes + length
    return max(1, count)


def _crowded(
    round_: Round, options: dict[int, list[Seat]], lookup: Seats, full: list[Impossible]
) -> list[Impossible]:
    """Name the talks that together can only be at fewer places than they need (Hall, by matching)."""
    demands = _demands(round_, options)
    named = {teacher for one in full for teacher in one.teachers}
    held = {key for talk in round_.talks for key in talk.fixed}
    families = {talk.key: talk.family for talk in round_.talks}
    found = []
    for group, near in _too_many(demands):
        teachers = {teacher for demand in group for teacher in demand.teachers}
        whole = {
            place.key
            for teacher in teachers
            for place in lookup.by_teacher[teacher]
            if place.free or place.key in held
        }
        if near == whole and teachers <= named:
            continue
        talks = tuple(sorted({demand.talk for demand in group}))
        found.append(
            Impossible(
                Lack.TEACHER_FULL if near == whole else Lack.TIMES_FULL,
                talks,
                sum(demand.need for demand in group),
                len(near),
                tuple(sorted(teachers)),
                tuple(sorted({families[talk] for talk in talks})),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class _Demand:
    """A talk needs so many places out of these, of one of these teachers."""

    talk: int
    teachers: tuple[int, ...]
    places: tuple[int, ...]
    need: int


def _demands(round_: Round, options: dict[int, list[Seat]]) -> list[_Demand]:
    demands = []
    for talk in round_.talks:
        groups = [(teacher,) for teacher in talk.teachers] if talk.all_teachers else [talk.teachers]
        for teachers in groups:
            parts = [[p.key for p in seat if p.teacher in teachers] for seat in options[talk.key]]
            if parts:
                places = tuple(sorted({key for part in parts for key in part}))
                demands.append(_Demand(talk.key, teachers, places, min(len(part) for part in parts)))
    return demands


def _too_many(demands: list[_Demand]) -> list[tuple[list[_Demand], set[int]]]:
    """Return the groups of demands that need more places than they can be at, with those places."""
    units = [demand for demand in demands for _ in range(demand.need)]
    holder: dict[int, int] = {}
    held: dict[int, int] = {}
    unmatched = [unit for unit in range(len(units)) if not _augment(unit, units, holder, held)]
    groups: list[tuple[list[_Demand], set[int]]] = []
    seen: set[int] = set()
    for unit in unmatched:
        if unit in seen:
            continue
        reached, near = {unit}, set()
        queue = [unit]
        while queue:
            for place in units[queue.pop()].places:
                near.add(place)
                if holder[place] not in reached:
                    reached.add(holder[place])
                    queue.append(holder[place])
        group = [demand for demand in demands if near.issuperset(demand.places)]
        seen.update(index for index, one in enumerate(units) if near.issuperset(one.places))
        groups.append((group, near))
    return groups


def _augment(unit: int, units: list[_Demand], holder: dict[int, int], held: dict[int, int]) -> bool:
    """Give the unit a place, moving others along if that is needed."""
    reached_by: dict[int, int] = {}
    queue = [unit]
    for one in queue:
        for place in units[one].places:
            if place in reached_by:
                continue
            reached_by[place] = one
            if place in holder:
                queue.append(holder[place])
                continue
            freed: int | None = place
            while freed is not None:
                mover = holder[freed] = reached_by[freed]
                held[mover], freed = freed, held.get(mover)
            return True
    return False


def _in_party(party: Party) -> list[Impossible]:
    """Name what the same people cannot have at once."""
    found = []
    for one, other in party.pairs:
        talks = party.talks[one], party.talks[other]
        if (
            talks[0].fixed
            and talks[1].fixed
            and party.too_close(party.options[one][0], party.options[other][0])
        ):
            found.append(_of(Lack.FIXED_CLASH, talks, 2, 1))
    wanted = [index for index, options in enumerate(party.options) if options]
    if len(wanted) > 1 and None in (party.arrangements[0][2][index] for index in wanted):
        most = _most_seated(party, wanted)
        if most is not None and most < len(wanted):
            talks_wanted = tuple(party.talks[index] for index in wanted)
            found.append(_of(Lack.FAMILY_FULL, talks_wanted, len(wanted), most))
    return found


def _of(lack: Lack, talks: tuple[Talk, ...], needed: int, available: int) -> Impossible:
    teachers = {teacher for talk in talks for teacher in talk.teachers}
    families = {talk.family for talk in talks}
    keys = tuple(talk.key for talk in talks)
    return Impossible(lack, keys, needed, available, tuple(sorted(teachers)), tuple(sorted(families)))


def _most_seated(party: Party, wanted: list[int]) -> int | None:
    """Return how many of these talks can sit at once, or None when that takes too long to say."""
    chosen: list[Option | None] = [None] * len(party.talks)
    best = steps = 0

    def look(depth: int, seated: int, mask: int) -> None:
        nonlocal best, steps
        best = max(best, seated)
        if depth == len(wanted) or seated + len(wanted) - depth <= best:
            return
        index = wanted[depth]
        for option in party.options[index]:
            steps += 1
            if steps > LOOKED_AT:
                return
            chosen[index] = option
            if not mask & option.mask and party.fits(chosen):
                look(depth + 1, seated + 1, mask | option.mask)
        chosen[index] = None
        if not party.talks[index].fixed:
            look(depth + 1, seated, mask)

    look(0, 0, 0)
    return None if steps > LOOKED_AT else best
