"""Whether a plan keeps every hard rule, worked out from the round and the plan alone."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from portal.domain.planner.round import Availability, Place, Round, Talk
from portal.domain.planner.seating import availability, end_of, overlaps

Sat = list[tuple[Talk, list[Place]]]


class Rule(StrEnum):
    """What a plan must never break."""

    KNOWN = "known"
    FREE = "free"
    OWN_TEACHER = "own-teacher"
    IN_A_ROW = "in-a-row"
    ONE_TALK_A_PLACE = "one-talk-a-place"
    FIXED_STAYS = "fixed-stays"
    AVAILABLE = "available"
    GAP = "gap"
    MOST_PER_EVENING = "most-per-evening"
    TEACHER_AWAY = "teacher-away"


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a plan breaks."""

    rule: Rule
    talks: tuple[int, ...]


def breaches(round_: Round, seats: Mapping[int, tuple[int, ...]]) -> list[Breach]:
    """Return every breach of a hard rule; a plan may be accepted when there is none.

    What was fixed beforehand against a rule (a booking by telephone at a time that 'cannot') is no breach.
    """
    places = {place.key: place for place in round_.places}
    talks = {talk.key: talk for talk in round_.talks}
    strange = [
        key for key, seat in seats.items() if key not in talks or not {*seat} <= places.keys() or not seat
    ]
    sat = [
        (talks[key], [places[place] for place in seat]) for key, seat in seats.items() if key not in strange
    ]
    return [
        *(Breach(Rule.KNOWN, (key,)) for key in strange),
        *(
            Breach(Rule.FIXED_STAYS, (talk.key,))
            for talk in round_.talks
            if talk.fixed and seats.get(talk.key) != talk.fixed
        ),
        *_of_one(round_, [pair for pair in sat if not pair[0].fixed]),
        *_of_places(sat),
        *_of_people(round_, sat),
        *_of_absent(sat),
    ]


def _of_one(round_: Round, sat: Sat) -> Iterator[Breach]:
    families = {family.key: family for family in round_.families}
    for talk, seat in sat:
        if not all(place.free for place in seat):
            yield Breach(Rule.FREE, (talk.key,))
        own = [place for place in seat if place.teacher not in talk.absent]
        teachers = {place.teacher for place in own}
        if not (teachers == {*talk.teachers} if talk.all_teachers else len(teachers & {*talk.teachers}) == 1):
            yield Breach(Rule.OWN_TEACHER, (talk.key,))
        parts = [[place for place in own if place.teacher == teacher] for teacher in sorted(teachers)]
        if (
            not all(_in_a_row(part, talk.length) for part in parts)
            or len({_start(part) for part in parts}) > 1
        ):
            yield Breach(Rule.IN_A_ROW, (talk.key,))
        said = availability(families[talk.family], seat[0].day, seat[0].start, end_of(tuple(seat)))
        if said == Availability.CANNOT:
            yield Breach(Rule.AVAILABLE, (talk.key,))


def _start(part: list[Place]) -> tuple[int, int]:
    return part[0].day, part[0].start


def _in_a_row(part: list[Place], length: int) -> bool:
    joined = all(place.follows(part[index]) for index, place in enumerate(part[1:]))
    minutes = sum(place.length for place in part)
    return joined and minutes >= length > minutes - part[-1].length


def _of_places(sat: Sat) -> Iterator[Breach]:
    takers: dict[int, list[int]] = defaultdict(list)
    for talk, seat in sat:
        for place in seat:
            takers[place.key].append(talk.key)
    yield from (Breach(Rule.ONE_TALK_A_PLACE, tuple(keys)) for keys in takers.values() if len(keys) > 1)


def _of_people(round_: Round, sat: Sat) -> Iterator[Breach]:
    guardians = {family.key: {*family.guardians} for family in round_.families}
    for (one, seat), (other, after) in combinations(sorted(sat, key=lambda pair: pair[1][0].start), 2):
        if seat[0].day != after[0].day or (one.fixed and other.fixed):
            continue
        same = one.family == other.family or guardians[one.family] & guardians[other.family]
        ends = end_of(tuple(seat)) + round_.rules.gap_between(seat[0], after[0])
        if same and after[0].start < ends:
            yield Breach(Rule.GAP, (one.key, other.key))
    most = round_.rules.most_per_evening
    evenings: dict[tuple[int, int], list[Talk]] = defaultdict(list)
    for talk, seat in sat:
        evenings[talk.family, seat[0].day].append(talk)
    for talks in evenings.values():
        fixed = sum(bool(talk.fixed) for talk in talks)
        if most is not None and len(talks) > max(most, fixed):
            yield Breach(Rule.MOST_PER_EVENING, tuple(talk.key for talk in talks))


def _of_absent(sat: Sat) -> Iterator[Breach]:
    """Nobody sits with a teacher who is elsewhere as a guardian."""
    for talk, seat in sat:
        for other, there in sat if talk.absent else ():
            met = [place for place in there if place.teacher in {*talk.absent} & {*other.teachers}]
            both_fixed = talk.fixed and other.fixed
            if other is not talk and not both_fixed and any(overlaps(one, tuple(seat)) for one in met):
                yield Breach(Rule.TEACHER_AWAY, (talk.key, other.key))
