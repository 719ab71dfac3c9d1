"""`make bench-letters`: a letter to 1,500 guardians, pages while its mail goes out, and a search over years.

Pages are measured in turn: the worker stopped, the worker delivering, and so on until enough is known.
"""

import argparse
import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

from bench.letter_school import COMMON, NOWHERE, RARE, YEARS, connected, fill
from bench.measuring import Round, Server, measured, middle, serving
from bench.rush import Browser
from bench.schools import BenchSchool, made, sign_in
from portal import create_app
from portal.domain.mail_pace import PER_MINUTE
from tests.postgres_server import free_port

ENGINES = ("sqlite", "postgres")
FAMILIES = 840
AFTER_THE_TWO_MINUTES = "2026-11-24 08:15"
PATIENCE = 240.0
LONGEST_POST, MOST_TIMES, MOST_SEARCH = 1000, 1.5, 3.0
PAGES = {"home": "/", "letters": "/letters"}
OFFICE, PARENT = "administratie@lindeboog.example", "ouder1@lindeboog.example"
HEADING = """\
| database | what | figure | at most |
|---|---|---:|---:|
"""


def lines(options: argparse.Namespace) -> Iterator[str]:
    """Yield the report, as far as it is known."""
    yield HEADING
    for engine in options.engines:
        with made(engine, options.families, YEARS) as school:
            fill(school)
            cookies = signed_in(school)
            with serving("portal", school, "/healthz") as server:
                yield from searches(school, server, cookies, options.rounds)
                yield from deliveries(school, server, cookies, options)


def signed_in(school: BenchSchool) -> dict[str, str]:
    """Return the cookies of the office and of a parent."""
    app = create_app({"DATABASE_URL": school.database, "SECRET_KEY": school.settings["PORTAL_SECRET_KEY"]})
    return {email: sign_in(app, email) for email in (OFFICE, PARENT)}


def searches(school: BenchSchool, server: Server, cookies: dict[str, str], rounds: int) -> Iterator[str]:
    """Yield how long a search takes beside the list of all letters, round after round in turn."""
    paths = ["/letters", *(f"/letters?q={quote(word)}" for word in (RARE, COMMON, NOWHERE))]
    found: list[list[Round]] = [[] for _ in paths]
    for number in range(rounds + 1):
        for seen, path in zip(found, paths, strict=True):
            one = measured(server, path, cookies[PARENT], 1, 30)
            if number:
                seen.append(one)
    for path, seen in zip(paths[1:], found[1:], strict=True):
        times = median(one.p50 / other.p50 for one, other in zip(seen, found[0], strict=True))
        what = f"{path}, {middle(seen, 'p50'):.1f} ms beside a list of {middle(found[0], 'p50'):.1f} ms"
        yield line(school, what, f"{times:.2f} times", times, MOST_SEARCH)


def line(school: BenchSchool, what: str, figure: str, value: float, limit: float) -> str:
    """Return a line of the table, with whether the limit is kept."""
    kept = "" if value <= limit else ": not met"
    return f"| {school.engine} | {what} | {figure} | {limit:g}{kept} |\n"


def deliveries(
    school: BenchSchool, server: Server, cookies: dict[str, str], options: argparse.Namespace
) -> Iterator[str]:
    """Yield how long sending takes, and what its delivery does to the pages of others, at each pace."""
    for pace in options.paces:
        posts = asyncio.run(send_letters(server.port, cookies[OFFICE], options.rounds))
        keep_last(school)
        slowest = max(posts)
        yield line(school, "POST that sends to all, slowest", f"{slowest:.0f} ms", slowest, LONGEST_POST)
        with sinking(school) as (port, count), working(school, port, pace) as worker:
            wait_for_mail(count, 1)
            began, sent = time.monotonic(), waiting(school)
            for name, clients, idle, busy in beside(worker, server, cookies[PARENT], options):
                times = p95(busy) / p95(idle)
                what = (
                    f"{name}, {clients} at once, p95 {p95(idle):.1f} ms; {p95(busy):.1f} while {said(pace)}"
                )
                yield line(school, what, f"{times:.2f} times", times, MOST_TIMES)
            done = f"{taken(count)} of {sent} taken, measured for {time.monotonic() - began:.0f} s"
            yield f"| {school.engine} | {said(pace)}: {done} | | |\n"


def beside(
    worker: subprocess.Popen[bytes], server: Server, cookie: str, options: argparse.Namespace
) -> Iterator[tuple[str, int, list[Round], list[Round]]]:
    """Yield for each page and number of clients the rounds with the worker stopped, and those with it."""
    found: dict[tuple[str, int], tuple[list[Round], list[Round]]] = {}
    for _ in range(options.rounds):
        for name, path in PAGES.items():
            for clients in options.clients:
                idle, busy = found.setdefault((name, clients), ([], []))
                worker.send_signal(signal.SIGSTOP)
                idle.append(measured(server, path, cookie, clients, options.requests))
                worker.send_signal(signal.SIGCONT)
                busy.append(measured(server, path, cookie, clients, options.requests))
    for (name, clients), (idle, busy) in found.items():
        yield name, clients, idle, busy


def p95(rounds: list[Round]) -> float:
    """Return the time in milliseconds within which 95 of 100 requests of all rounds were answered."""
    return quantiles([each for one in rounds for each in one.times], n=20)[-1]


def said(pace: int) -> str:
    """Return a pace in words."""
    return f"{pace} mails a minute go" if pace else "mails go as fast as they can"


async def send_letters(port: int, cookie: str, number: int) -> list[float]:
    """Let the office send letters to the whole school; return how long each took, in milliseconds."""
    browser = Browser(port)
    name, _, value = cookie.partition("=")
    browser.cookies[name] = value
    await browser.open()
    took = []
    for times in range(number):
        await browser.ask("GET", "/staff/letters/new")
        fields = {"title": f"Brief {times}", "text": "Beste ouders, " * 100, "sender": "de directie"}
        began = time.perf_counter()
        status = await browser.ask(
            "POST", "/staff/letters/new", **fields, part="school", mail_shows="hint", when="now", do="send"
        )
        took.append(1000 * (time.perf_counter() - began))
        assert status == 303, f"the letter was answered with {status}"
    browser.writer.close()
    return took


def keep_last(school: BenchSchool) -> None:
    """Take back all of the letters that were just sent but one."""
    engine = connected(school)
    with engine.begin() as connection:
        run = connection.exec_driver_sql
        run("UPDATE letters SET send_at = NULL WHERE sent_at IS NULL AND id < (SELECT max(id) FROM letters)")
    engine.dispose()


def waiting(school: BenchSchool) -> int:
    """Return how many mails there are about the newest letter."""
    engine = connected(school)
    with engine.connect() as connection:
        (number,) = connection.exec_driver_sql(
            "SELECT count(*) FROM outgoing_messages WHERE subject_id = (SELECT max(id) FROM letters)"
        ).one()
    engine.dispose()
    return int(number)


@contextmanager
def sinking(school: BenchSchool) -> Iterator[tuple[int, Path]]:
    """Run a mail server; yields its port and the file in which it counts."""
    port, count = free_port(), school.folder / "taken"
    count.write_text("0")
    process = subprocess.Popen([sys.executable, "-m", "bench.mail_sink", str(port), str(count)])
    try:
        yield port, count
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def working(school: BenchSchool, port: int, pace: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the portal's worker, whose clock is past the two minutes in which a letter is taken back."""
    settings = {
        "TEST_NOW": AFTER_THE_TWO_MINUTES,
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(port),
        "MAIL_PER_MINUTE": str(pace),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "portal", "worker"],
        env=school.settings | {f"PORTAL_{name}": value for name, value in settings.items()},
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(30)


def taken(count: Path) -> int:
    """Return how many mails the mail server took; it may just be writing that down."""
    return int(count.read_text() or 0)


def wait_for_mail(count: Path, number: int) -> None:
    """Wait until so many mails were taken."""
    end = time.monotonic() + PATIENCE
    while taken(count) < number:
        if time.monotonic() > end:
            raise RuntimeError(f"{taken(count)} of {number} mails were taken")
        time.sleep(0.1)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.letters")
    parser.add_argument("--families", type=int, default=FAMILIES)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=60, help="In each round.")
    parser.add_argument("--clients", nargs="+", type=int, default=[1, 8])
    parser.add_argument("--paces", nargs="+", type=int, default=[PER_MINUTE, 0])
    return parser.parse_args()


def main() -> None:
    """Measure and print."""
    # Whoever stops it finds no server and no database left behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for one in lines(parsed()):
        print(one, end="", flush=True)


if __name__ == "__main__":
    main()
