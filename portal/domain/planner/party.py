"""Talks that share guardians, and every way to seat them with what it costs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise
from math import inf

from portal.domain.planner.plan import Score
from portal.domain.planner.round import Place, Rules, Talk

MOST_ARRANGEMENTS = 400
"""Kept of a party, the cheapest first; what is not among them is looked for when it is needed."""

BEAM = 300
"""Beginnings of an arrangement that are kept for each talk more."""

LOOKED_AT = 500
"""Steps of the search for what is not among the arrangements, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """One seat of one talk."""

    seat: tuple[int, ...]
    mask: int
    """A bit for each of its places."""

    place: Place
    """Where it begins."""

    day: int
    start: int
    end: int
    cost: int
    """What it costs whatever the rest of the party does."""


Chosen = tuple[Option | None, ...]
Arrangement = tuple[int, int, Chosen]
"""What it costs without breaks, the bits of its places, and an option (or none) for each talk."""

Promise = tuple[int, int, Chosen]
"""What an arrangement that begins like this costs at least; the number in between settles the order."""


@dataclass(eq=False)
class Party:
    """Talks that share guardians, with the options of each."""

    talks: list[Talk]
    options: list[list[Option]]
    pairs: list[tuple[int, int]]
    """Talks that cannot be at once."""

    rules: Rules
    weights: Score
    minutes: int
    arrangements: list[Arrangement] = field(default_factory=list)
    complete: bool = True
    """Whether `arrangements` holds every one there is."""

    least: float = inf
    """What no arrangement costs less than."""

    none: Arrangement = (0, 0, ())
    """Nobody seated but who is fixed."""

    @property
    def most_filled(self) -> int:
        """Minutes that a talk between two others may take off the waiting, beside its own."""
        walks = self.rules.gap, self.rules.gap_between_buildings, self.rules.gap_in_room
        return 2 * max(walks) - min(walks)

    def fits(self, chosen: Sequence[Option | None]) -> bool:
        """Say whether these options keep the rules about people."""
        for one, other in self.pairs:
            first, second = chosen[one], chosen[other]
            if first is not None and second is not None and self.clash(one, first, other, second):
                return False
        return self.rules.most_per_evening is None or self._few_enough(chosen, self.rules.most_per_evening)

    def _few_enough(self, chosen: Sequence[Option | None], most: int) -> bool:
        seated: dict[tuple[int, int], list[bool]] = defaultdict(list)
        for talk, option in zip(self.talks, chosen, strict=False):
            if option:
                seated[talk.family, option.day].append(bool(talk.fixed))
        return all(len(fixed) <= max(most, sum(fixed)) for fixed in seated.values())

    def cost(self, chosen: Sequence[Option | None]) -> int:
        """Return what these options cost together, without breaks."""
        unplaced, _, evening, minute, *_ = self.weights
        total = 0
        days: dict[tuple[int, int], list[Option]] = {}
        families = set()
        for talk, option in zip(self.talks, chosen, strict=False):
            if option is None:
                total += unplaced
            else:
                total += option.cost
                families.add(talk.family)
                days.setdefault((talk.family, option.day), []).append(option)
        total += evening * (len(days) - len(families))
        for options in days.values():
            if len(options) > 1:
                total += minute * (self.waiting(options) // self.minutes)
        return total

    def waiting(self, options: list[Option]) -> int:
        """Return the minutes between the talks of one family on one day, beyond the walking gap."""
        options.sort(key=_start)
        gap = self.rules.gap_between
        return sum(
            max(0, after.start - before.end - gap(before.place, after.place))
            for before, after in pairwise(options)
        )

    def arrange(self, beam: int = BEAM) -> None:
        """List the arrangements, the cheapest first."""
        begun: list[Promise] = [(0, 0, ())]
        order = count()
        for index in range(len(self.talks)):
            room = (
                MOST_ARRANGEMENTS
                if index == len(self.talks) - 1
                else beam
                if index
                else len(self.options[0]) + 1
            )
            grown: list[Promise] = []
            most = inf
            for least, chosen, option in self._grown(begun):
                if least < most:
                    longer = (*chosen, option)
                    grown.append((self._promise(longer), next(order), longer))
                else:
                    self._leave_out(least)
                if len(grown) > 3 * room:
                    grown = self._shortened(grown, room)
                    most = grown[-1][0]
            begun = self._shortened(grown, room)
        self.arrangements = [self.arrangement(chosen) for _, _, chosen in begun]
        self.least = min(self.least, self.arrangements[0][0])
        fixed = (
            options[0] if talk.fixed else None for talk, options in zip(self.talks, self.options, strict=True)
        )
        self.none = self.arrangement(fixed)

    def _shortened(self, grown: list[Promise], room: int) -> list[Promise]:
        grown.sort()
        if len(grown) > room:
            self._leave_out(grown[room][0])
        return grown[:room]

    def _leave_out(self, least: int) -> None:
        self.complete = False
        self.least = min(self.least, least)

    def _grown(self, begun: list[Promise]) -> Iterator[tuple[int, Chosen, Option | None]]:
        """Yield each of these with a seat of the next talk, or none, and what they cost together at least."""
        index = len(begun[0][2])
        options, fixed = self.options[index], bool(self.talks[index].fixed)
        fitting = self._fitting(index)
        most = self.rules.most_per_evening
        family = self.talks[index].family
        for promise, _, chosen in begun:
            allowed = (1 << len(options)) - 1
            days = set()
            for talk, earlier in zip(self.talks, chosen, strict=False):
                if earlier:
                    allowed &= fitting[id(earlier)]
                    if talk.family == family:
                        days.add(earlier.day)
            for number, option in enumerate(options):
                if (allowed >> number & 1 or fixed) and (
                    most is None or self._few_enough((*chosen, option), most)
                ):
                    evening = self.weights.extra_evenings if days and option.day not in days else 0
                    yield promise + option.cost + evening, chosen, option
            if not fixed:
                yield promise + self.weights.unplaced, chosen, None

    def _fitting(self, index: int) -> dict[int, int]:
        """Return for each option of the earlier talks which options of this talk fit beside it, as bits."""
        found = {}
        for earlier in range(index):
            pair = (earlier, index) in self.pairs
            for one in self.options[earlier]:
                bits = 0
                for number, other in enumerate(self.options[index]):
                    if not one.mask & other.mask and not (pair and self.clash(earlier, one, index, other)):
                        bits |= 1 << number
                found[id(one)] = bits
        return found

    def clash(self, earlier: int, one: Option, later: int, other: Option) -> bool:
        """Say whether the same people cannot be at both; what was fixed beforehand stays."""
        fixed = self.talks[earlier].fixed and self.talks[later].fixed
        return not fixed and self.too_close(one, other)

    def too_close(self, one: Option, other: Option) -> bool:
        """Say whether nobody gets from the one to the other in time."""
        if one.day != other.day:
            return False
        if one.start > other.start:
            one, other = other, one
        return other.start < one.end + self.rules.gap_between(one.place, other.place)

    def arrangement(self, chosen: Iterable[Option | None]) -> Arrangement:
        """Return these options as an arrangement."""
        options = tuple(chosen)
        mask = 0
        for option in options:
            mask |= option.mask if option else 0
        return self.cost(options), mask, options

    def _promise(self, chosen: Chosen) -> int:
        """Return what an arrangement that begins like this costs at least."""
        if len(chosen) == 2 and chosen[0] and chosen[1]:
            return self._cost_of_two(chosen[0], chosen[1])
        cost = self.cost(chosen)
        waiting = self.talks[len(chosen) :]
        if not waiting or len(chosen) < 2:
            return cost
        filled = sum(talk.length + self.most_filled for talk in waiting)
        return cost - self.weights.waiting * (min(self._idle(chosen), filled) // self.minutes)

    def _cost_of_two(self, one: Option, other: Option) -> int:
        """Return the cost of the first two talks, quickly; what others may fill is not counted."""
        cost = one.cost + other.cost
        if self.talks[0].family != self.talks[1].family:
            return cost
        if one.day != other.day:
            return cost + self.weights.extra_evenings
        if one.start > other.start:
            one, other = other, one
        idle = other.start - one.end - self.rules.gap_between(one.place, other.place)
        idle -= sum(talk.length + self.most_filled for talk in self.talks[2:])
        return cost + self.weights.waiting * (idle // self.minutes) if idle > 0 else cost

    def _idle(self, chosen: Chosen) -> int:
        days: dict[int, list[Option]] = defaultdict(list)
        for option in chosen:
            if option:
                days[option.day].append(option)
        return sum(self.waiting(options) for options in days.values() if len(options) > 1)


def _start(option: Option) -> int:
    return option.start


def partial_seats(party: Party, taken: int, room: float) -> Arrangement:
    """Return the best way to seat as many of the party as possible, by looking at (nearly) all."""
    free: list[list[Option]] = [
        [option for option in options if not taken & option.mask] for options in party.options
    ]
    order = sorted(range(len(free)), key=lambda index: (not party.talks[index].fixed, len(free[index])))
    best = party.none
    most: float = min(room + 1, best[0])
    steps = 0
    chosen: list[Option | None] = [None] * len(free)
    missed = party.weights.unplaced

    def look(depth: int, lost: int, mask: int) -> None:
        nonlocal best, steps, most
        if steps > LOOKED_AT:
            return
        if depth == len(order):
            cost = party.cost(chosen)
            if cost < most:
                best = cost, mask, tuple(chosen)
                most = cost
            return
        index = order[depth]
        for option in free[index]:
            steps += 1
            if lost + option.cost >= most:
                break
            if mask & option.mask:
                continue
            chosen[index] = option
            if party.fits(chosen):
                look(depth + 1, lost + option.cost, mask | option.mask)
        chosen[index] = None
        if not party.talks[index].fixed and lost + missed < most:
            look(depth + 1, lost + missed, mask)

    look(0, 0, 0)
    return best
