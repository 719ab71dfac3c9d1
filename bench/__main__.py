"""`make bench`: prints the figures as a table and keeps it in bench/results."""

import argparse
import os
import platform
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measuring import Round, Server, measured, middle, ratio, serving
from bench.schools import PAGES, BenchSchool, made

ENGINES = ("sqlite", "postgres")
CLIENTS = (1, 16, 64)
TARGETS = {"sqlite": 2.0, "postgres": 2.5}
TARGET_OF_YEARS = 1.2
RESULTS = Path(__file__).parent / "results"

HEADING = """\
| database | page | clients | requests/s | CPU ms/request | p50 ms | p95 ms | bare Flask | same queries, page kept | times | same queries, page rendered | times |
|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|
"""  # noqa: E501
HEADING_OF_YEARS = """\
| database | page | one school year, CPU ms | ten school years, CPU ms | ratio | at most |
|---|---|---:|---:|---:|---:|
"""


def main() -> None:
    """Measure, print, keep."""
    options = parsed()
    # Whoever stops it finds no server and no database left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    RESULTS.mkdir(exist_ok=True)
    kept = RESULTS / f"{time.strftime('%Y-%m-%d-%H%M')}.md"
    with kept.open("w") as file:
        for line in lines(options):
            print(line, end="", flush=True)
            file.write(line)
    print(f"\nKept in {kept.relative_to(Path.cwd()) if kept.is_relative_to(Path.cwd()) else kept}")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("what", choices=["bench"], nargs="?", default="bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=240, help="In each round.")
    parser.add_argument("--families", type=int, default=500)
    parser.add_argument("--years", type=int, default=10, help="1: leave the comparison out.")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--clients", nargs="*", type=int, default=CLIENTS, help="None: leave the pages out.")
    return parser.parse_args()


def lines(options: argparse.Namespace) -> Iterator[str]:
    """Yield the report, as far as it is known."""
    yield f"{os.cpu_count()} cores, Python {platform.python_version()}, {options.families} families, "
    yield f"{options.rounds} rounds of {options.requests} requests, each beside its limits; medians.\n\n"
    if options.clients:
        yield HEADING
        costs: list[float] = []
        for engine in options.engines:
            with made(engine, options.families, 1) as school:
                yield from pages(school, options, costs)
        yield f"\nThe client took {sum(costs) / len(costs):.2f} ms a request of the processor beside them.\n"
    if options.years > 1:
        yield "\n" + HEADING_OF_YEARS
        for engine in options.engines:
            with (
                made(engine, options.families, 1) as short,
                made(engine, options.families, options.years) as long,
            ):
                yield from years(short, long, options)


def pages(school: BenchSchool, options: argparse.Namespace, costs: list[float]) -> Iterator[str]:
    """Yield a line for each page and number of clients."""
    with serving("portal", school, "/healthz") as portal, serving("limits", school, "/bare") as limits:
        for clients in options.clients:
            for name in PAGES:
                path, cookie = PAGES[name][0], school.cookies[name]
                targets = [(portal, path), (limits, "/bare")]
                targets += [(limits, f"/{kind}{path}") for kind in ("kept", "rendered")]
                ours, bare, kept, rendered = interleaved(targets, cookie, clients, options)
                costs.append(middle(ours, "client_cpu"))
                yield (
                    f"| {school.engine} | {name} | {clients} | {middle(ours, 'rate'):.0f} "
                    f"| {middle(ours, 'cpu'):.2f} | {middle(ours, 'p50'):.1f} | {middle(ours, 'p95'):.1f} "
                    f"| {middle(bare, 'cpu'):.2f} | {middle(kept, 'cpu'):.2f} | {ratio(ours, kept):.2f} "
                    f"| {middle(rendered, 'cpu'):.2f} "
                    f"| {ratio(ours, rendered):.2f}{verdict(name, school.engine, ratio(ours, rendered))} |\n"
                )


def verdict(name: str, engine: str, times: float) -> str:
    """Return whether the target is met, for the page that has one."""
    if name != "home":
        return ""
    return f" (target {TARGETS[engine]}{'' if times <= TARGETS[engine] else ': not met'})"


def interleaved(
    targets: list[tuple[Server, str]], cookie: str, clients: int, options: argparse.Namespace
) -> list[list[Round]]:
    """Measure the targets in turn, round after round, so that what else the machine does hits all alike."""
    for server, path in targets:
        measured(server, path, cookie, clients, max(40, clients))
    rounds: list[list[Round]] = [[] for _ in targets]
    for _ in range(options.rounds):
        for found, (server, path) in zip(rounds, targets, strict=True):
            found.append(measured(server, path, cookie, clients, options.requests))
    return rounds


def years(short: BenchSchool, long: BenchSchool, options: argparse.Namespace) -> Iterator[str]:
    """Yield a line for each page: one school year beside many."""
    with serving("portal", short, "/healthz") as few, serving("portal", long, "/healthz") as many:
        for name in PAGES:
            path = PAGES[name][0]
            one, ten = [], []
            for number in range(options.rounds + 1):
                first = measured(few, path, short.cookies[name], 16, options.requests)
                second = measured(many, path, long.cookies[name], 16, options.requests)
                if number:
                    one.append(first)
                    ten.append(second)
            times = ratio(ten, one)
            yield (
                f"| {short.engine} | {name} | {middle(one, 'cpu'):.2f} | {middle(ten, 'cpu'):.2f} "
                f"| {times:.2f} | {TARGET_OF_YEARS}{'' if times <= TARGET_OF_YEARS else ': not met'} |\n"
            )


if __name__ == "__main__":
    main()
