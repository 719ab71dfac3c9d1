"""Who has to be planned together, and where: a round made ready for the search.

Between parties nothing is shared but places. So what a way to seat a party costs is known beforehand, and
whether it is free is one `&` of two numbers: the places it takes and the places that are taken.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from portal.domain.planner.party import BEAM, Option, Party
from portal.domain.planner.plan import Score
from portal.domain.planner.round import Availability, Family, Place, Round, Talk
from portal.domain.planner.scoring import Weights, rows_of, start_ranks
from portal.domain.planner.seating import Seat, Seats, availability, end_of, unmet_wishes


@dataclass
class Parties:
    """A round made ready for the search."""

    parties: list[Party]
    weights: Weights
    break_after: int | None


def parties_of(round_: Round, beam: int = BEAM) -> Parties:
    """Make a round ready for the search."""
    weights = Weights(round_)
    bits = _bits(round_.places)
    families = {family.key: family for family in round_.families}
    lookup = Seats(round_)
    ranks = start_ranks(round_.places)
    parties = []
    for talks in _sharing(round_.talks, families):
        options = []
        for talk in talks:
            seats = lookup.of(talk)
            options.append(_options(talk, families[talk.family], seats, bits, weights.of, ranks))
        pairs = [
            (one, other)
            for one, other in combinations(range(len(talks)), 2)
            if _share(families[talks[one].family], families[talks[other].family])
        ]
        party = Party(talks, options, pairs, round_.rules, weights.of, weights.minutes)
        party.arrange(beam)
        parties.append(party)
    return Parties(parties, weights, round_.rules.break_after)


def _share(one: Family, other: Family) -> bool:
    return one.key == other.key or bool({*one.guardians} & {*other.guardians})


def _bits(places: Iterable[Place]) -> dict[int, int]:
    """Give each place a bit, with a bit that is never set between rows."""
    bits = {}
    bit = 0
    for row in rows_of(places):
        for place in row:
            bits[place.key] = 1 << bit
            bit += 1
        bit += 1
    return bits


def _options(
    talk: Talk,
    family: Family,
    seats: list[Seat],
    bits: dict[int, int],
    weights: Score,
    ranks: dict[tuple[int, int], int],
) -> list[Option]:
    options = []
    for seat in seats:
        place = seat[0]
        end = end_of(seat)
        if not talk.fixed and availability(family, place.day, place.start, end) == Availability.CANNOT:
            continue
        keys = tuple(one.key for one in seat)
        cost = weights.wishes * unmet_wishes(family, place.day, place.start, end)
        cost += weights.lateness * ranks[place.day, place.start]
        cost += weights.moved * (bool(talk.previous) and keys != talk.previous)
        options.append(Option(keys, sum(bits[key] for key in keys), place, place.day, place.start, end, cost))
    return sorted(options, key=lambda option: option.cost)


def _sharing(talks: Iterable[Talk], families: dict[int, Family]) -> list[list[Talk]]:
    """Return the talks in groups that share no guardian with each other."""
    leader: dict[tuple[str, int], tuple[str, int]] = {}

    def find(node: tuple[str, int]) -> tuple[str, int]:
        while leader.setdefault(node, node) != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for family in families.values():
        for guardian in family.guardians:
            leader[find(("guardian", guardian))] = find(("family", family.key))
    groups: dict[tuple[str, int], list[Talk]] = defaultdict(list)
    for talk in talks:
        groups[find(("family", talk.family))].append(talk)
    return [sorted(group, key=lambda talk: (not talk.fixed, talk.key)) for group in groups.values()]


def neighbours(parties: list[Party]) -> list[list[int]]:
    """Return of each party the others that could ever sit at one of its places."""
    by_bit: dict[int, set[int]] = defaultdict(set)
    reach = []
    for index, party in enumerate(parties):
        mask = 0
        for options in party.options:
            for option in options:
                mask |= option.mask
        reach.append(mask)
        if all(talk.fixed for talk in party.talks):
            continue
        while mask:
            lowest = mask & -mask
            by_bit[lowest].add(index)
            mask ^= lowest
    near = []
    for index, mask in enumerate(reach):
        others: set[int] = set()
        while mask:
            lowest = mask & -mask
            others |= by_bit[lowest]
            mask ^= lowest
        near.append(sorted(others - {index}))
    return near
