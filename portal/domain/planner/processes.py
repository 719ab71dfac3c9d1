"""The planner on several processors: each process anneals by itself, and all go on from the best of them."""

import pickle
import subprocess  # noqa: S404
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import IO

from portal.domain.planner.plan import Plan, Progress
from portal.domain.planner.planning import stretches
from portal.domain.planner.reasons import reasons
from portal.domain.planner.round import Round
from portal.domain.planner.scoring import score

LOOK_UP_EVERY = 0.25
"""Seconds between two looks at the button."""

PROGRAM = Path(__file__).with_name("search_process.py")


class SearchProcess:
    """One process and the best plan it has told of."""

    def __init__(self, round_: Round, seed: int) -> None:
        command = [sys.executable, "-I", str(PROGRAM)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603
        assert self.process.stdin is not None and self.process.stdout is not None  # noqa: S101
        self.orders: IO[bytes] = self.process.stdin
        self.answers: IO[bytes] = self.process.stdout
        self.cost: float = float("inf")
        self.seats: dict[int, tuple[int, ...]] = {}
        self.iterations = 0
        self._send((round_, seed))

    def wait_for_first(self) -> None:
        """Wait for a first plan."""
        self._listen()

    def _send(self, order: object) -> None:
        pickle.dump(order, self.orders)
        self.orders.flush()

    def search(self, seconds: float, start: dict[int, tuple[int, ...]]) -> None:
        """Search for so long from this plan (from its own, when that is empty)."""
        self._send((seconds, start))
        self._listen()

    def _listen(self) -> None:
        done = False
        while not done:
            done, self.cost, self.seats, self.iterations = pickle.load(self.answers)  # noqa: S301

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self.process.kill()
        self.process.wait()
        self.orders.close()
        self.answers.close()


def make_plan_in_processes(
    round_: Round,
    seconds: float,
    seed: int = 0,
    processes: int = 2,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Plan:
    """Return the best plan that the processes found together; one run differs from another."""
    end = monotonic() + seconds
    with ExitStack() as closing:
        pool = closing.enter_context(ThreadPoolExecutor(processes))
        members = [SearchProcess(round_, seed + number) for number in range(processes)]
        for member in members:
            closing.callback(member.close)
        team = Team(round_, members, progress)
        going = team.wait_for([pool.submit(member.wait_for_first) for member in members], stop)
        for stretch in stretches(end - monotonic()):
            start, left = team.best.seats, end - monotonic()
            if not going or left <= 0:
                break
            searches = [pool.submit(member.search, min(stretch, left), start) for member in members]
            going = team.wait_for(searches, stop)
        return team.plan()


class Team:
    """What the members have found so far."""

    def __init__(
        self, round_: Round, members: list[SearchProcess], progress: Callable[[Progress], None] | None
    ) -> None:
        self.round = round_
        self.members = members
        self.progress = progress
        self._told: float = float("inf")

    @property
    def best(self) -> SearchProcess:
        """The member with the best plan."""
        return min(self.members, key=lambda member: member.cost)

    def wait_for(self, searches: list[Future[None]], stop: Callable[[], bool] | None) -> bool:
        """Wait until all have searched; say no when it is good enough before that."""
        while wait(searches, LOOK_UP_EVERY).not_done:
            self.tell()
            if stop is not None and stop() and self.best.cost < float("inf"):
                return False
        for search in searches:
            search.result()
        self.tell()
        return True

    def tell(self) -> None:
        """Report a better plan."""
        best = self.best
        if self.progress is not None and best.cost < self._told:
            self._told = best.cost
            found = score(self.round, best.seats)
            self.progress(Progress(len(best.seats), found.unplaced, found, self._iterations()))

    def plan(self) -> Plan:
        """Return the best plan."""
        seats = self.best.seats
        return Plan(seats, score(self.round, seats), reasons(self.round, seats), self._iterations())

    def _iterations(self) -> int:
        return sum(member.iterations for member in self.members)
