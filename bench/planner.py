"""`make bench-planner`: the planner beside CP-SAT on the same generated rounds, one after the other."""

import argparse
import os
import pickle
import platform
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.planner_schools import ROUNDS, overfull
from portal.domain.planner import Round, Score, breaches, impossible, score
from portal.domain.planner.parties import parties_of
from portal.domain.planner.processes import make_plan_in_processes

RESULTS = Path(__file__).parent / "results"
MOST_MEGABYTES = 100
WIDE = 10_000
"""Beginnings kept for the bound: enough to leave none out."""

HEADING = """\
| round | talks | by | placed | extra evenings | waiting, min | wishes missed | breaks missed | lateness \
| proven | wall s | CPU s | MB |
|---|---:|---|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|
"""


@dataclass(frozen=True)
class Result:
    """What one of the two made of a round, and what it took."""

    score: Score
    proven: str
    wall: float
    cpu: float
    megabytes: int


def main() -> None:
    """Measure, print, keep."""
    options = parsed()
    RESULTS.mkdir(exist_ok=True)
    kept = RESULTS / f"planner-{time.strftime('%Y-%m-%d-%H%M')}.md"
    with kept.open("w") as file:
        for line in lines(options):
            print(line, end="", flush=True)
            file.write(line)
    print(f"\nKept in {kept}")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.planner")
    parser.add_argument("--seconds", type=float, default=30, help="For the planner, on two processors.")
    parser.add_argument("--oracle-seconds", type=float, default=120, help="For CP-SAT, on two processors.")
    parser.add_argument("--rounds", nargs="+", choices=ROUNDS, default=list(ROUNDS))
    return parser.parse_args()


def lines(options: argparse.Namespace) -> Iterator[str]:
    """Yield the report, as far as it is known."""
    yield f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}; "
    yield f"the planner {options.seconds:.0f} s, CP-SAT {options.oracle_seconds:.0f} s, two processors each. "
    yield "No plan is better than 'bound': every family as if it were alone.\n\n"
    yield from named_beforehand()
    yield HEADING
    failed: list[str] = []
    for name in options.rounds:
        round_ = ROUNDS[name]()
        bound = bound_of(round_)
        yield row(name, round_, "bound", bound)
        ours = measured(round_, lambda r: (make_plan_in_processes(r, options.seconds).seats, False))
        yield row(name, round_, "planner", ours)
        theirs = measured(round_, lambda r, n=name: by_oracle(n, options.oracle_seconds))
        yield row(name, round_, "CP-SAT", theirs)
        failed += [f"{name}: {problem}" for problem in problems(ours, theirs)]
    yield "\nNot met: " + "; ".join(failed) + "\n" if failed else "\nEvery aim is met.\n"


def problems(ours: Result, theirs: Result) -> Iterator[str]:
    """Yield which aims are not met."""
    if ours.score[:4] > theirs.score[:4]:
        yield "CP-SAT placed more, or with fewer evenings or less waiting"
    if theirs.proven and ours.score != theirs.score:
        yield "not the proven optimum"
    if ours.megabytes > MOST_MEGABYTES:
        yield f"{ours.megabytes} MB"


def bound_of(round_: Round) -> Result:
    """Return what no plan is better than."""
    ready = parties_of(round_, WIDE)
    return Result(ready.weights.levels(sum(party.least for party in ready.parties)), "", 0, 0, 0)


def measured(round_: Round, solve: Callable[[Round], tuple[dict[int, tuple[int, ...]], bool]]) -> Result:
    """Solve the round in processes of its own, and check that the plan keeps every rule."""
    peak = [0]
    done = threading.Event()
    watcher = threading.Thread(target=watch, args=(peak, done))
    watcher.start()
    before, begun = child_cpu(), time.monotonic()
    try:
        seats, proven = solve(round_)
    finally:
        done.set()
        watcher.join()
    wall = time.monotonic() - begun
    found = breaches(round_, seats)
    assert not found, found
    return Result(score(round_, seats), "yes" * proven, wall, child_cpu() - before, peak[0] >> 20)


def watch(peak: list[int], done: threading.Event) -> None:
    """Note the most memory that the processes have together."""
    while not done.wait(0.1):
        total = 0
        for process in psutil.Process().children(recursive=True):
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        peak[0] = max(peak[0], total)


def child_cpu() -> float:
    """Return the processor time of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def by_oracle(name: str, seconds: float) -> tuple[dict[int, tuple[int, ...]], bool]:
    """Let CP-SAT plan the round."""
    command = [sys.executable, "-m", "bench.planner_oracle", name, str(seconds)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    seats, proven = pickle.loads(answer)  # noqa: S301 - from the process that this one started
    return seats, proven


def row(name: str, round_: Round, by: str, result: Result) -> str:
    found = result.score
    talks = len(round_.talks)
    took = f"{result.wall:.0f} | {result.cpu:.0f} | {result.megabytes}" if result.wall else "| |"
    return (
        f"| {name} | {talks} | {by} | {talks - found.unplaced} | {found.extra_evenings} | {found.waiting} "
        f"| {found.wishes} | {found.missed_breaks} | {found.lateness} | {result.proven} | {took} |\n"
    )


def named_beforehand() -> Iterator[str]:
    """Yield what is said of a round that cannot fit, and how long that took."""
    begun = time.process_time()
    found = impossible(overfull())
    taken = 1000 * (time.process_time() - begun)
    for one in found:
        yield f"Beforehand: {one.lack}, {one.needed} talks for {one.available} places of teacher "
        yield f"{one.teachers[0]} ({taken:.0f} ms).\n\n"
    assert [(one.needed, one.available) for one in found] == [(47, 40)]


if __name__ == "__main__":
    main()
