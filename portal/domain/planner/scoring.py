"""How good a plan is, counted from the plan alone, and the one number that the search makes smaller.

The number is the sum of the levels of `Score`, each times a weight. A weight is more than all that follows
can cost together, so of two plans the one with the smaller number has the smaller score.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import pairwise
from math import gcd, prod

from portal.domain.planner.plan import Score
from portal.domain.planner.round import Place, Round, Talk
from portal.domain.planner.seating import Seat, Seats, end_of, unmet_wishes


def score(round_: Round, seats: Mapping[int, tuple[int, ...]]) -> Score:
    """Return how good it is to have the talks at these places."""
    lookup = Seats(round_)
    sat = {talk.key: (talk, lookup.at(seats[talk.key])) for talk in round_.talks if talk.key in seats}
    families = {family.key: family for family in round_.families}
    days: dict[int, dict[int, list[tuple[Talk, Seat]]]] = defaultdict(lambda: defaultdict(list))
    for talk, seat in sat.values():
        days[talk.family][seat[0].day].append((talk, seat))
    ranks = start_ranks(round_.places)
    return Score(
        unplaced=len(round_.talks) - len(sat),
        moved=sum(bool(talk.previous) and seats[key] != talk.previous for key, (talk, _) in sat.items()),
        extra_evenings=sum(len(by_day) - 1 for by_day in days.values()),
        waiting=sum(_waiting(round_, talks) for by_day in days.values() for talks in by_day.values()),
        wishes=sum(
            unmet_wishes(families[talk.family], seat[0].day, seat[0].start, end_of(seat))
            for talk, seat in sat.values()
        ),
        missed_breaks=_missed_breaks(round_, {key for places in seats.values() for key in places}),
        lateness=sum(ranks[seat[0].day, seat[0].start] for _, seat in sat.values()),
    )


def _waiting(round_: Round, talks: list[tuple[Talk, Seat]]) -> int:
    minutes = 0
    talks.sort(key=lambda pair: pair[1][0].start)
    for (_, seat), (_, following) in pairwise(talks):
        idle = following[0].start - end_of(seat)
        minutes += max(0, idle - round_.rules.gap_between(seat[0], following[0]))
    return minutes


def _missed_breaks(round_: Round, taken: set[int]) -> int:
    after = round_.rules.break_after
    if after is None:
        return 0
    missed = 0
    for row in rows_of(round_.places):
        streak = 0
        for place in row:
            streak = streak + 1 if place.key in taken else 0
            missed += streak > after
    return missed


def rows_of(places: Iterable[Place]) -> list[list[Place]]:
    """Return the places in rows of one teacher that follow each other without a break."""
    rows: list[list[Place]] = []
    for place in sorted(places, key=lambda place: (place.teacher, place.day, place.start)):
        if rows and place.follows(rows[-1][-1]):
            rows[-1].append(place)
        else:
            rows.append([place])
    return rows


def start_ranks(places: Iterable[Place]) -> dict[tuple[int, int], int]:
    """Return of each day and time how many times of that day come before it."""
    starts = sorted({(place.day, place.start) for place in places})
    first: dict[int, int] = {}
    for index, (day, _) in enumerate(starts):
        first.setdefault(day, index)
    return {(day, start): index - first[day] for index, (day, start) in enumerate(starts)}


class Weights:
    """The weight of each level of the score in this round."""

    def __init__(self, round_: Round) -> None:
        self.minutes = _unit(round_)
        """Minutes of waiting come in multiples of this."""

        bounds = _bounds(round_, self.minutes)
        self.of = Score(*(prod(bound + 1 for bound in bounds[level + 1 :]) for level in range(len(bounds))))

    def levels(self, total: float) -> Score:
        """Return the score that this number stands for."""
        counted = []
        rest = int(total)
        for weight in self.of:
            count, rest = divmod(rest, weight)
            counted.append(count)
        return Score(*counted)._replace(waiting=counted[3] * self.minutes)

    def total(self, levels: Score) -> int:
        """Return the one number."""
        counted = levels._replace(waiting=levels.waiting // self.minutes)
        return sum(level * weight for level, weight in zip(counted, self.of, strict=True))


def _unit(round_: Round) -> int:
    rules = round_.rules
    times = {time for place in round_.places for time in (place.start, place.length)}
    lengths = {talk.length for talk in round_.talks}
    return gcd(*times, *lengths, rules.gap, rules.gap_between_buildings, rules.gap_in_room) or 1


def _bounds(round_: Round, minutes: int) -> Score:
    """Return the most that each level can be."""
    talks: dict[int, int] = defaultdict(int)
    for talk in round_.talks:
        talks[talk.family] += 1
    spans: dict[int, tuple[int, int]] = {}
    for place in round_.places:
        first, last = spans.get(place.day, (place.start, place.end))
        spans[place.day] = (min(first, place.start), max(last, place.end))
    longest = sorted((last - first for first, last in spans.values()), reverse=True)
    after = round_.rules.break_after
    wishing = {family.key: 2 * bool(family.blocks) + bool(family.wished) for family in round_.families}
    return Score(
        unplaced=len(round_.talks),
        moved=sum(bool(talk.previous) for talk in round_.talks),
        extra_evenings=sum(max(0, min(count, len(spans)) - 1) for count in talks.values()),
        waiting=sum(sum(longest[: count // 2]) for count in talks.values()) // minutes,
        wishes=sum(wishing[talk.family] for talk in round_.talks),
        missed_breaks=0 if after is None else sum(max(0, len(row) - after) for row in rows_of(round_.places)),
        lateness=len(round_.talks) * max(start_ranks(round_.places).values(), default=0),
    )
