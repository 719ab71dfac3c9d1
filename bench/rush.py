"""`make bench-rush`: the minute in which a round opens, beside a minimal app with the same four steps.

500 families log in, open home and the round, and book: spread over a minute, then all at the same second.
"""

import argparse
import asyncio
import os
import pickle
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles
from urllib.parse import urlencode

import sqlalchemy as sa

from bench.measuring import Server, serving
from bench.rush_bare import booked_bare, booked_by_us, pairs_of
from bench.rush_limit import RUSH, Rush
from bench.schools import SECRET_KEY, BenchSchool, made
from portal.domain.demo.filling import PASSWORD

ENGINES = ("sqlite", "postgres")
STEPS = ("login", "home", "round", "booking")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
TRIES = 40
WARMING = 30
HEADING = """\
| database | arrivals | app | login p95 ms | home p95 ms | round p95 ms | booking p95 ms | last done s | server CPU s | errors | booked |
|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|
"""  # noqa: E501


@dataclass(frozen=True)
class Family:
    """A guardian who comes to book: the address to log in with, a child, and the places of its table."""

    email: str
    pupil: int
    slots: list[int]


@dataclass
class Seen:
    """What the browsers saw: the seconds that each step took, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {step: [] for step in STEPS})
    errors: Counter[str] = field(default_factory=Counter)
    booked: int = 0

    def p95(self, step: str) -> float:
        """Return the time in milliseconds within which 95 of 100 were answered."""
        times = self.seconds[step]
        return 1000 * quantiles(times, n=20)[-1] if len(times) > 1 else 0.0


class Browser:
    """A connection that is kept, with its cookies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.token = ""

    async def open(self) -> None:
        """Connect."""
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)

    async def ask(self, method: str, path: str, **fields: object) -> int:
        """Send a request and read the whole answer; return its status."""
        body = urlencode({"csrf_token": self.token, **fields}).encode() if method == "POST" else b""
        lines = [
            f"{method} {path} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",
            "Accept-Encoding: identity",
            "Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            f"Content-Length: {len(body)}",
            "Content-Type: application/x-www-form-urlencoded",
        ]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head[9:12])
        length = 0
        for line in head.split("\r\n")[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "content-length":
                length = int(value)
            elif name.lower() == "set-cookie":
                cookie, _, rest = value.partition("=")
                self.cookies[cookie] = rest.partition(";")[0]
        text = (await self.reader.readexactly(length)).decode() if length else ""
        if found := TOKEN.search(text):
            self.token = found[1]
        return status


async def come(port: int, family: Family, after: float, seen: Seen, round_id: int, seed: int) -> None:
    """Let one family log in, look and book, `after` some seconds."""
    await asyncio.sleep(after)
    browser = Browser(port)
    try:
        await look(browser, family, seen, round_id)
        await book(browser, family, seen, random.Random(seed))
        browser.writer.close()
    except (OSError, asyncio.IncompleteReadError) as error:
        seen.errors[type(error).__name__] += 1


async def look(browser: Browser, family: Family, seen: Seen, round_id: int) -> None:
    """Log in, and open home and the round."""
    await browser.open()
    await browser.ask("GET", "/login")
    form = {"email": family.email, "password": PASSWORD}
    await timed(seen, "login", 303, browser.ask("POST", "/login", **form))
    await timed(seen, "home", 200, browser.ask("GET", "/"))
    await timed(seen, "round", 200, browser.ask("GET", f"/meetings/{round_id}"))


async def warm(port: int, families: list[Family], round_id: int) -> None:
    """Let some look who do not book yet: a round opens on a server that has been running for a while."""
    for family in families:
        browser = Browser(port)
        await look(browser, family, Seen(), round_id)
        browser.writer.close()


async def timed(seen: Seen, step: str, expected: int, answer: object) -> int:
    """Keep how long a step took, and whether it went as it should."""
    began = time.perf_counter()
    status: int = await answer  # type: ignore[misc]
    seen.seconds[step].append(time.perf_counter() - began)
    if status != expected:
        seen.errors[f"{step} {status}"] += 1
    return status


async def book(browser: Browser, family: Family, seen: Seen, chance: random.Random) -> None:
    """Choose a place, and another one when somebody was first."""
    for slot in chance.sample(family.slots, min(TRIES, len(family.slots))):
        began = time.perf_counter()
        status = await browser.ask("POST", f"/meetings/slots/{slot}/booking", pupil=family.pupil)
        seen.seconds["booking"].append(time.perf_counter() - began)
        if status == 303:
            seen.booked += 1
            return
        if status != 409:
            seen.errors[f"booking {status}"] += 1
            return


async def rush(port: int, families: list[Family], over: float, round_id: int) -> tuple[Seen, float]:
    """Let all families come within `over` seconds; return what they saw, and when the last was done."""
    seen, chance, began = Seen(), random.Random(1), time.perf_counter()
    await asyncio.gather(
        *(
            come(port, family, chance.uniform(0, over), seen, round_id, number)
            for number, family in enumerate(families)
        )
    )
    return seen, time.perf_counter() - began


def prepared(school: BenchSchool) -> tuple[int, list[Family]]:
    """Return the round of the demo school, all of its talks open again, and a guardian of each family."""
    engine = sa.create_engine(school.database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        run = connection.exec_driver_sql
        run("UPDATE slots SET booking_id = NULL, state = 'open', reserved_for = NULL, held_for = NULL")
        run("UPDATE bookings SET cancelled_at = booked_at")
        run("CREATE TABLE IF NOT EXISTS limit_bookings (slot_id INTEGER PRIMARY KEY, pupil_id INTEGER, "
            "user_id INTEGER)")  # fmt: skip
        run("DELETE FROM limit_bookings")
        (round_id,) = run("SELECT min(id) FROM meeting_rounds WHERE published_at IS NOT NULL").one()
        slots: dict[int, list[int]] = {}
        for host, slot in run("SELECT host_id, id FROM slots ORDER BY id"):
            slots.setdefault(host, []).append(slot)
        rows = connection.execute(
            sa.text(
                "SELECT u.email, i.pupil_id, i.host_id FROM users u "
                "JOIN guardianships g ON g.user_id = u.id AND g.revoked_at IS NULL AND g.has_authority "
                "JOIN meeting_invitees i ON i.pupil_id = g.pupil_id AND i.ended_at IS NULL "
                "AND (i.guardian_id IS NULL OR i.guardian_id = u.id) "
                "WHERE i.round_id = :round AND u.password_hash IS NOT NULL AND g.seat = 1 "
                # Who works here too begins at the side of school.
                "AND u.id NOT IN (SELECT user_id FROM staff_members) ORDER BY i.id"
            ),
            {"round": round_id},
        )
        first = {email: Family(email, pupil, slots[host]) for email, pupil, host in reversed(rows.all())}
    engine.dispose()
    return round_id, list(first.values())


def doubles(school: BenchSchool) -> int:
    """Return how many talks have not exactly one place, or places have no talk."""
    engine = sa.create_engine(school.database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        (wrong,) = connection.exec_driver_sql(
            "SELECT count(*) FROM bookings b WHERE b.cancelled_at IS NULL AND "
            "(SELECT count(*) FROM slots s WHERE s.booking_id = b.id) = 0"
        ).one()
    engine.dispose()
    return int(wrong)


def lines(options: argparse.Namespace) -> Iterator[str]:
    """Yield the report, as far as it is known."""
    yield HEADING
    for engine in options.engines:
        with made(engine, options.families, 1) as school:
            keep_for_limit(school)
            for over, name in ((options.over, f"over {options.over:.0f} s"), (0.0, "at once")):
                spent = {}
                for app in ("portal", "rush"):
                    round_id, families = prepared(school)
                    families = families[: options.families]
                    with serving(app, school, "/login") as server:
                        line, spent[app] = one(server, families, over, round_id)
                    yield f"| {engine} | {name} | {app} | {line}"
                yield f"| {engine} | {name} | CPU ratio {spent['portal'] / spent['rush']:.2f} (at most 1.6), "
                yield f"{doubles(school)} talks without a place | | | | | | | | |\n"
            yield from without_web(school)


def without_web(school: BenchSchool) -> Iterator[str]:
    """Yield how many talks a second get a time without the web, and how many bare inserts."""
    round_id, _ = prepared(school)
    pairs, guardian_id = pairs_of(school, round_id)
    bare = booked_bare(school, pairs)
    yield f"| {school.engine} | without the web | bare guarded insert | {bare:.0f} a second | | | | | | | |\n"
    ours = booked_by_us(school, pairs, guardian_id)
    yield f"| {school.engine} | without the web | bookings.book | {ours:.0f} a second, "
    yield f"ratio {ours / bare:.2f} (at least 0.25) | | | | | | | |\n"


def one(server: Server, families: list[Family], over: float, round_id: int) -> tuple[str, float]:
    """Return the line of one rush, and the processor's seconds that it took."""
    asyncio.run(warm(server.port, families[:WARMING], round_id))
    before = server.cpu()
    seen, done = asyncio.run(rush(server.port, families, over, round_id))
    spent = server.cpu() - before
    errors = ", ".join(f"{what} ({count})" for what, count in seen.errors.items()) or "0"
    times = " | ".join(f"{seen.p95(step):.0f}" for step in STEPS)
    return f"{times} | {done - over:.1f} | {spent:.1f} | {errors} | {seen.booked} |\n", spent


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.rush")
    parser.add_argument("--families", type=int, default=500)
    parser.add_argument("--over", type=float, default=60.0, help="Seconds over which they come.")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    for line in lines(parser.parse_args()):
        print(line, end="", flush=True)


def keep_for_limit(school: BenchSchool) -> None:
    """Write down what the minimal app needs."""
    path = school.folder / "rush"
    path.write_bytes(pickle.dumps(Rush(SECRET_KEY, school.database)))
    os.environ[RUSH] = str(path)


if __name__ == "__main__":
    main()
