"""The same round as a model for OR-Tools CP-SAT: exact, and as strong as we can make it.

A boolean for each seat of each talk; a family's evening is a path from its first talk to its last, with a
boolean for each step from one seat to the next, so that waiting and evenings are linear and the relaxation is
tight. The levels of the score are settled one after the other (placed, evenings, waiting, then all the rest),
each from the solution of the one before: one sum of all has a hopeless bound.
"""

import pickle
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from ortools.sat.python import cp_model

from bench.planner_schools import ROUNDS
from portal.domain.planner.parties import Parties, parties_of
from portal.domain.planner.party import Option, Party
from portal.domain.planner.round import Round

SHARE = 0.4
"""Of the time that is left, for a level that is not the last, unless it is proven sooner."""

WORKERS = 2


@dataclass
class Answer:
    """What CP-SAT found: a seat for each talk that has one, and whether it proved every level."""

    seats: dict[int, tuple[int, ...]]
    proven: bool
    booleans: int


class Model:
    """The model of one round."""

    def __init__(self, round_: Round) -> None:
        self.ready: Parties = parties_of(round_)
        self.model = cp_model.CpModel()
        self.sits: list[tuple[int, Option, cp_model.IntVar]] = []
        self.takers: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        self.missed: list[tuple[int, cp_model.IntVar]] = []
        self.extra: list[tuple[int, cp_model.IntVar]] = []
        self.waiting: list[tuple[int, cp_model.IntVar]] = []
        self.then: list[tuple[int, cp_model.IntVar]] = []
        for party in self.ready.parties:
            self._add_party(party)
        for takers in self.takers.values():
            self.model.add_at_most_one(takers)
        self._add_breaks(round_)

    def boolean(self) -> cp_model.IntVar:
        return self.model.new_bool_var("")

    def _add_party(self, party: Party) -> None:
        chosen: list[list[tuple[Option, cp_model.IntVar]]] = []
        for talk, options in zip(party.talks, party.options, strict=True):
            own = [(option, self.boolean()) for option in options]
            missed = self.boolean()
            self.missed.append((1, missed))
            if talk.fixed:
                self.model.add(missed == 0)
            self.model.add_exactly_one([missed, *(sits for _, sits in own)])
            for option, sits in own:
                self.sits.append((talk.key, option, sits))
                self.then.append((option.cost, sits))
                mask = option.mask
                while mask:
                    self.takers[mask & -mask].append(sits)
                    mask &= mask - 1
            chosen.append(own)
        families: dict[int, list[int]] = defaultdict(list)
        for index, talk in enumerate(party.talks):
            families[talk.family].append(index)
        for indexes in families.values():
            if len(indexes) > 1:
                self._add_family(party, indexes, chosen)
        for one, other in combinations(range(len(party.talks)), 2):
            if (one, other) in party.pairs and party.talks[one].family != party.talks[other].family:
                self._keep_apart(party, one, other, chosen)

    def _keep_apart(
        self, party: Party, one: int, other: int, chosen: list[list[tuple[Option, cp_model.IntVar]]]
    ) -> None:
        for first, sits in chosen[one]:
            clashing = [var for second, var in chosen[other] if party.clash(one, first, other, second)]
            if clashing:
                self.model.add_at_most_one([sits, *clashing])

    def _add_family(
        self, party: Party, indexes: list[int], chosen: list[list[tuple[Option, cp_model.IntVar]]]
    ) -> None:
        days = sorted({option.day for index in indexes for option, _ in chosen[index]})
        coming = []
        for day in days:
            nodes = [(index, o, sits) for index in indexes for o, sits in chosen[index] if o.day == day]
            comes = self.boolean()
            coming.append(comes)
            self._add_path(party, nodes, comes)
            if party.rules.most_per_evening is not None:
                self.model.add(sum(sits for _, _, sits in nodes) <= party.rules.most_per_evening)
        firsts = [self.boolean() for _ in days]
        self.model.add_at_most_one(firsts)
        for comes, first in zip(coming, firsts, strict=True):
            extra = self.boolean()
            self.model.add(comes <= first + extra)
            self.extra.append((1, extra))
        for one, other in combinations(indexes, 2):
            self._keep_apart(party, one, other, chosen)

    def _add_path(
        self, party: Party, nodes: list[tuple[int, Option, cp_model.IntVar]], comes: cp_model.IntVar
    ) -> None:
        """Lay one path over the seats of a day: in at one, from each to a later one, out at one."""
        into: list[list[cp_model.IntVar]] = [[self.boolean()] for _ in nodes]
        out: list[list[cp_model.IntVar]] = [[self.boolean()] for _ in nodes]
        self.model.add(sum(arcs[0] for arcs in into) == comes)
        self.model.add(sum(arcs[0] for arcs in out) == comes)
        for here, (one, before, _) in enumerate(nodes):
            for there, (other, after, _) in enumerate(nodes):
                if one == other or after.start < before.start or party.clash(one, before, other, after):
                    continue
                idle = after.start - before.end - party.rules.gap_between(before.place, after.place)
                step = self.boolean()
                out[here].append(step)
                into[there].append(step)
                self.waiting.append((idle // party.minutes, step))
        for node, (_, _, sits) in enumerate(nodes):
            self.model.add(sum(into[node]) == sits)
            self.model.add(sum(out[node]) == sits)

    def _add_breaks(self, round_: Round) -> None:
        after = self.ready.break_after
        if after is None:
            return
        for bit in list(self.takers):
            window = [bit << shift for shift in range(after + 1)]
            if all(one in self.takers for one in window):
                missed = self.boolean()
                taken = sum(var for one in window for var in self.takers[one])
                self.model.add(taken - after <= missed)
                self.then.append((self.ready.weights.of.missed_breaks, missed))

    def solve(self, seconds: float, workers: int, seed: int) -> Answer:
        """Settle one level after the other."""
        end = time.monotonic() + seconds
        seats: dict[int, tuple[int, ...]] = {}
        proven = True
        for level in (self.missed, self.extra, self.waiting, self.then):
            left = end - time.monotonic()
            solver = _solver(left if level is self.then else left * SHARE, workers, seed)
            aim = sum(weight * var for weight, var in level if weight)
            self.model.minimize(aim)
            status = solver.solve(self.model, AtNothing())
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                proven = False
                break
            seats = {key: option.seat for key, option, sits in self.sits if solver.value(sits)}
            proven &= status == cp_model.OPTIMAL or solver.objective_value == 0
            self.model.add(aim <= round(solver.objective_value))
            self.model.clear_hints()
            for index in range(len(self.model.proto.variables)):
                var = self.model.get_int_var_from_proto_index(index)
                self.model.add_hint(var, solver.value(var))
        return Answer(seats, proven, len(self.model.proto.variables))


class AtNothing(cp_model.CpSolverSolutionCallback):
    """Stops at a level of 0: nothing is less, but CP-SAT rewrites the sum and does not see it."""

    def on_solution_callback(self) -> None:
        if self.objective_value == 0:
            self.stop_search()


def _solver(seconds: float, workers: int, seed: int) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(1.0, seconds)
    solver.parameters.num_workers = workers
    solver.parameters.random_seed = seed
    return solver


def main() -> None:
    """Plan the round that is named for so many seconds, the making of the model included."""
    begun = time.monotonic()
    model = Model(ROUNDS[sys.argv[1]]())
    answer = model.solve(float(sys.argv[2]) - (time.monotonic() - begun), WORKERS, seed=1)
    pickle.dump((answer.seats, answer.proven), sys.stdout.buffer)


if __name__ == "__main__":
    main()
