"""The planner: a round in, a plan out, better the longer it may run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic

from portal.domain.planner.parties import Parties, parties_of
from portal.domain.planner.plan import Plan, Progress
from portal.domain.planner.reasons import reasons
from portal.domain.planner.round import Round
from portal.domain.planner.scoring import score
from portal.domain.planner.search import Search, State

LOOK_UP_EVERY = 32
"""Steps between two looks at the clock and at the button."""

TELL_EVERY = 0.5
"""Seconds between two reports of progress."""

FIRST_SECONDS = 1.0
FIRST_ITERATIONS = 1000
HOT, COLD = 2.0, 0.1
"""Annealing goes for each level of the score from the one to the other, in units of that level."""

SeatKeys = Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Budget:
    """How long to search: so many seconds, or so many steps (then the seed decides everything)."""

    seconds: float | None = None
    iterations: int | None = None


def make_plan(
    round_: Round,
    budget: Budget,
    seed: int = 0,
    start: SeatKeys | None = None,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Plan:
    """Return the best plan that was found within the budget, or until `stop` says that it is good enough."""
    run = Run(round_, seed, progress, stop)
    run.construct()
    run.take_over(start or {})
    run.go_on(budget)
    return run.plan()


def stretches(seconds: float) -> Iterator[float]:
    """Divide the time: each stretch twice as long as the one before, the last one takes the rest."""
    length = FIRST_SECONDS
    while seconds > 0:
        length = seconds if seconds < 2 * length else length
        yield length
        seconds, length = seconds - length, 2 * length


class Run:
    """One search with its clock."""

    def __init__(
        self,
        round_: Round,
        seed: int,
        progress: Callable[[Progress], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self.round = round_
        self.ready = parties_of(round_)
        self.search = Search(self.ready, seed)
        self.iterations = 0
        self.stopped = False
        self._progress = progress
        self._stop = stop
        self._told_at = 0.0
        self._heats = _heats(round_, self.ready)

    def construct(self) -> None:
        """Make a first plan."""
        self.search.construct()
        self._tell()

    def take_over(self, seats: SeatKeys) -> None:
        """Go on from this plan if it is better than the own best."""
        if seats:
            self.search.start_from(state_of(self.ready, seats))
            self.search.keep_best(self.search.cost())

    @property
    def cost(self) -> int:
        """The one number of the best plan."""
        return self.search.best_cost

    @property
    def seats(self) -> dict[int, tuple[int, ...]]:
        """The best plan."""
        return seats_of(self.ready, self.search.best)

    @property
    def done(self) -> bool:
        """Whether there is nothing left to find, or nobody who waits for it."""
        return self.stopped or not self.search.movable or self.search.best_cost <= self.search.floor

    def go_on(self, budget: Budget) -> None:
        """Anneal from the best again and again, each time twice as long as before."""
        if budget.iterations is not None:
            done, length = 0, FIRST_ITERATIONS
            while done < budget.iterations and not self.done:
                left = budget.iterations - done
                length = left if left < 2 * length else length
                self.anneal(iterations=length)
                done, length = done + length, 2 * length
        elif budget.seconds is not None:
            end = monotonic() + budget.seconds
            for stretch in stretches(budget.seconds):
                if not self.done:
                    self.anneal(seconds=min(stretch, end - monotonic()))

    def anneal(self, seconds: float = 0.0, iterations: int = 0) -> None:
        """Search once from hot to cold, from the best plan so far."""
        search = self.search
        if iterations == 0 and seconds <= 0:
            return
        search.start_from(search.best)
        search.cost_now = search.best_cost
        begun, done, part = monotonic(), 0, 0.0
        while part < 1 and not self.done:
            search.look_for_trouble()
            heat = self._heat(part)
            for _ in range(min(LOOK_UP_EVERY, iterations - done) if iterations else LOOK_UP_EVERY):
                search.step(heat)
                done += 1
            self.iterations += LOOK_UP_EVERY
            part = done / iterations if iterations else (monotonic() - begun) / seconds
            if self._stop is not None and self._stop():
                self.stopped = True
            if monotonic() - self._told_at >= TELL_EVERY:
                self._tell()
        self._tell()

    def _heat(self, part: float) -> float:
        if not self._heats:
            return 0.0
        level, within = divmod(min(part, 0.999999) * len(self._heats), 1)
        return float(self._heats[int(level)] * HOT * (COLD / HOT) ** within)

    def plan(self) -> Plan:
        """Return the best plan so far."""
        seats = self.seats
        found = score(self.round, seats)
        return Plan(seats, found, reasons(self.round, seats), self.iterations)

    def _tell(self) -> None:
        self._told_at = monotonic()
        if self._progress is not None:
            seats = self.seats
            found = score(self.round, seats)
            self._progress(Progress(len(seats), found.unplaced, found, self.iterations))


def _heats(round_: Round, ready: Parties) -> list[float]:
    """Return what one unit of each level costs, for the levels that can differ in this round."""
    weights = ready.weights.of
    several = any(len(party.talks) > 1 for party in ready.parties)
    minutes = min((place.length for place in round_.places), default=1) / ready.weights.minutes
    return [
        weight
        for weight, counts in (
            (weights.moved, any(talk.previous for talk in round_.talks)),
            (weights.extra_evenings, several and len({place.day for place in round_.places}) > 1),
            (weights.waiting * minutes, several),
            (weights.wishes, any(family.blocks or family.wished for family in round_.families)),
            (weights.missed_breaks, ready.break_after is not None),
            (weights.lateness, True),
        )
        if counts
    ]


def seats_of(ready: Parties, state: State) -> dict[int, tuple[int, ...]]:
    """Return the places of each talk that sits."""
    return {
        talk.key: option.seat
        for party, arrangement in zip(ready.parties, state, strict=True)
        for talk, option in zip(party.talks, arrangement[2], strict=True)
        if option is not None
    }


def state_of(ready: Parties, seats: SeatKeys) -> State:
    """Return a plan as a state of the search. Raises KeyError on a seat that is none of the talk's."""
    state = []
    for party in ready.parties:
        by_seat = [{option.seat: option for option in options} for options in party.options]
        state.append(
            party.arrangement(
                known[seats[talk.key]] if talk.key in seats else None
                for talk, known in zip(party.talks, by_seat, strict=True)
            )
        )
    return state
