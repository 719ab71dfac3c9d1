"""The search: seat everybody as well as they come, then again and again unseat a few and seat them better.

Worse plans are walked through on the way ('annealing'): first an evening more is accepted now and then, then
some minutes of waiting, and in the end nothing that is worse. The best plan that was seen is kept throughout.
"""

from math import inf, log
from random import Random

from portal.domain.planner.parties import Parties, neighbours
from portal.domain.planner.party import Arrangement, Party, partial_seats

TRIED_FOR_BREAKS = 12
"""Arrangements that are compared for the breaks they cost, at most."""

State = list[Arrangement]
"""For each party how it sits."""


class Search:
    """One state that grows better."""

    def __init__(self, ready: Parties, seed: int) -> None:
        self.parties = ready.parties
        self.small = ready.weights.of.wishes
        self.random = Random(seed)  # noqa: S311 - a plan, not a secret
        self.much = ready.weights.of.unplaced // 2
        self.shifts = _shifts(ready.break_after)
        self.break_weight = ready.weights.of.missed_breaks if self.shifts else 0
        self.now: State = [party.none for party in self.parties]
        self.taken = 0
        for arrangement in self.now:
            self.taken |= arrangement[1]
        self.movable = [
            index for index, party in enumerate(self.parties) if any(not talk.fixed for talk in party.talks)
        ]
        self.near = neighbours(self.parties)
        self.least = [party.arrangements[0][0] for party in self.parties]
        self.floor = sum(party.least for party in self.parties)
        """What no plan can cost less than: each party as if it were alone."""

        self.best: State = list(self.now)
        self.best_cost = self.cost_now = self.cost()
        self.troubled: list[int] = []

    def cost(self) -> int:
        """Return what the present state costs."""
        return sum(one[0] for one in self.now) + self.break_weight * self.streaks(self.taken)

    def streaks(self, taken: int) -> int:
        """Return the breaks that teachers miss when these places are taken."""
        for shift in self.shifts:
            taken &= taken >> shift
        return taken.bit_count() if self.shifts else 0

    def start_from(self, state: State) -> None:
        """Go on from this state."""
        self.now = list(state)
        self.taken = 0
        for arrangement in state:
            self.taken |= arrangement[1]

    def keep_best(self, cost: int) -> None:
        """Remember the present state if none better was seen."""
        if cost < self.best_cost:
            self.best = list(self.now)
            self.best_cost = cost

    def construct(self) -> None:
        """Seat the parties one by one: who had a seat before, then who would lose most by waiting."""
        waiting = set(self.movable)
        for index in waiting:
            self.unseat(index)
        firsts: dict[int, tuple[int, int]] = {}
        while waiting:
            turn = None
            for index in sorted(waiting):
                known = firsts.get(index)
                if known is None or self.taken & known[1]:
                    known = firsts[index] = self._regret(index)
                key = (any(talk.previous for talk in self.parties[index].talks), known[0])
                if turn is None or key > turn[0]:
                    turn = key, index
            assert turn is not None  # noqa: S101
            waiting.remove(turn[1])
            self.seat(turn[1], 0.0)
        self.keep_best(self.cost())

    def _regret(self, index: int) -> tuple[int, int]:
        """Return what it costs the party to get its second choice, and the places of both."""
        first: Arrangement | None = None
        for arrangement in self.parties[index].arrangements:
            if not self.taken & arrangement[1]:
                if first is not None:
                    return arrangement[0] - first[0], arrangement[1] | first[1]
                first = arrangement
        party = self.parties[index]
        return party.weights.unplaced * len(party.talks), first[1] if first else 0

    def unseat(self, index: int) -> None:
        """Give up the places of the party, except what is fixed."""
        self.taken ^= self.now[index][1]
        none = self.now[index] = self.parties[index].none
        self.taken |= none[1]

    def seat(self, index: int, blink: float = 0.0, room: float = inf) -> bool:
        """Give an unseated party the best seats that are free; say no if they cost more than `room`.

        `blink` is how often one is overlooked.
        """
        party = self.parties[index]
        taken = self.taken ^ party.none[1]
        found = self._best_free(party, taken, blink)
        if found is None:
            listed = party.arrangements
            if listed[-1][0] > room:
                return False
            found = partial_seats(party, taken, room)
        self.now[index] = found
        self.taken = taken | found[1]
        return found[0] <= room

    def _best_free(self, party: Party, taken: int, blink: float) -> Arrangement | None:
        found = overlooked = None
        least = before = tried = 0
        overlooking = blink > 0 and self.random.random() < blink
        for arrangement in party.arrangements:
            if taken & arrangement[1]:
                continue
            if overlooking:
                overlooking = self.random.random() < 0.5
                overlooked = overlooked or arrangement
                continue
            if not self.shifts:
                found = arrangement
                break
            if found is None:
                before = self.streaks(taken)
            elif arrangement[0] >= least or tried > TRIED_FOR_BREAKS:
                break
            tried += 1
            cost = arrangement[0] + self.break_weight * (self.streaks(taken | arrangement[1]) - before)
            if found is None or cost < least:
                found, least = arrangement, cost
        if overlooked and (not found or found[0] - overlooked[0] >= self.much):
            return overlooked
        return found

    def step(self, heat: float) -> None:
        """Unseat a few parties, seat them again, and keep it if it is better or not too much worse."""
        taken_before = self.taken
        target, unseated = self._ruin()
        old = [(index, self.now[index]) for index in unseated]
        limit = int(-heat * log(1.0 - self.random.random()))
        room = limit + sum(arrangement[0] for _, arrangement in old)
        for index, arrangement in old:
            self.taken ^= arrangement[1] ^ self.parties[index].none[1]
            room -= self.least[index]
        if self.shifts:
            room += self.break_weight * (self.streaks(taken_before) - self.streaks(self.taken))
        if self._seat_again(unseated, target, room):
            change = sum(self.now[index][0] - arrangement[0] for index, arrangement in old)
            if self.shifts:
                change += self.break_weight * (self.streaks(self.taken) - self.streaks(taken_before))
            if change <= limit:
                self.cost_now += change
                self.keep_best(self.cost_now)
                return
        for index, arrangement in old:
            self.now[index] = arrangement
        self.taken = taken_before

    def _seat_again(self, unseated: list[int], target: Arrangement | None, room: float) -> bool:
        """Seat them in this order, the first at the target; say whether that stayed within the room."""
        if target is not None:
            first, *unseated = unseated
            self.now[first] = target
            self.taken = self.taken ^ self.parties[first].none[1] | target[1]
            room -= target[0] - self.least[first]
        for index in unseated:
            room += self.least[index]
            if not self.seat(index, 0.05, room):
                return False
            room -= self.now[index][0]
        return room >= 0

    def _ruin(self) -> tuple[Arrangement | None, list[int]]:
        """Choose whom to unseat, in the order in which they are seated again."""
        random = self.random
        if self.troubled and random.random() < 0.6:
            seed = self.troubled[int(random.random() * len(self.troubled))]
        else:
            seed = self.movable[int(random.random() * len(self.movable))]
        if random.random() < 0.6:
            return self._eject(seed)
        near = self.near[seed]
        count = 1 + int(random.random() * 5)
        unseated = [seed, *(near[int(random.random() * len(near))] for _ in range(count) if near)]
        unseated = list(dict.fromkeys(unseated))
        random.shuffle(unseated)
        return None, unseated

    def _eject(self, seed: int) -> tuple[Arrangement, list[int]]:
        """Choose seats for the party and unseat who has them."""
        random = self.random
        better = self.parties[seed].arrangements
        target = better[int(len(better) * random.random() ** 4)]
        places = target[1]
        now = self.now
        in_the_way = [index for index in self.near[seed] if now[index][1] & places]
        if random.random() < 0.3 and self.near[seed]:
            extra = self.near[seed][int(random.random() * len(self.near[seed]))]
            if extra not in in_the_way:
                in_the_way.append(extra)
        random.shuffle(in_the_way)
        return target, [seed, *in_the_way]

    def look_for_trouble(self) -> None:
        """Note which parties sit worse than they would if they were alone."""
        self.troubled = [
            index for index in self.movable if self.now[index][0] - self.least[index] >= self.small
        ] or self.movable


def _shifts(break_after: int | None) -> list[int]:
    """Return the shifts that leave a bit for each run of more than so many."""
    shifts = []
    have = 1
    while break_after is not None and have < break_after + 1:
        shifts.append(min(have, break_after + 1 - have))
        have += shifts[-1]
    return shifts
