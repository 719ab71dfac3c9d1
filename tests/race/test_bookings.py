"""The opening minute of a round, all at once: nobody is booked twice and nothing that was told is lost.

By default a small crowd, with `PROVE_ALL=1` the whole one: 200 clients, 100 places, five times, fifty kills.
"""

import http.client
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from datetime import time as clock_time
from itertools import pairwise
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.domain.meeting_invitees import invite_families
from portal.domain.meeting_slots import make_slots
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.meetings import Booking, Invitee, MeetingDay, MeetingRound, Slot
from portal.models.roster import Guardianship, Membership, Pupil
from tests.cast import Cast, Person
from tests.live_server import LiveServer
from tests.meetings.making import THURSDAY, TUESDAY, Talks, make_round
from tests.race.crowding import Crowd

WHOLE = "PROVE_ALL" in os.environ
FAMILIES, CLIENTS, HALF_HOURS = (80, 200, 16) if WHOLE else (14, 28, 4)
RUNS = 5 if WHOLE else 1
KILLS = 50 if WHOLE else 2
GAP = timedelta(minutes=10)


@dataclass(frozen=True)
class Family:
    """One or two guardians and the numbers of their children, each with the table of its group."""

    guardians: list[Person]
    children: dict[int, int]


@dataclass
class Told:
    """What the server acknowledged of each child: the place it has, or none. `unsure`: no answer came."""

    places: dict[int, int | None] = field(default_factory=dict)
    unsure: set[int] = field(default_factory=set)
    statuses: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True)
class Somebody:
    """An adult by number."""

    id: int


def add_families(app: Flask, school: Cast, talks: Talks, chance: random.Random) -> list[Family]:
    """Put families of one to three children into both groups, and invite them."""
    tables = {school.group_34: talks.host_34, school.group_6: talks.host_6}
    with app.app_context():
        start_writing()
        families = [_family(number, tables, chance) for number in range(FAMILIES)]
        invite_families(db.session.get_one(MeetingRound, talks.round), clock.now())
        db.session.commit()
    return families


def _family(number: int, tables: dict[int, int], chance: random.Random) -> Family:
    now = clock.now()
    adults = [
        User(given_name=f"Ouder {number}", surname=str(seat), created_at=now, activated_at=now)
        for seat in range(chance.choice((1, 2)))
    ]
    db.session.add_all(adults)
    children: dict[int, int] = {}
    for _ in range(chance.choice((1, 1, 2, 3))):
        pupil = Pupil(given_name=f"Kind {number}", created_at=now)
        db.session.add(pupil)
        db.session.flush()
        group = chance.choice(list(tables))
        db.session.add(Membership(pupil_id=pupil.id, group_id=group, home=True, started_on=date(2026, 8, 24)))
        for seat, adult in enumerate(adults, 1):
            db.session.add(Guardianship(pupil_id=pupil.id, user_id=adult.id, seat=seat, created_at=now))
        children[pupil.id] = tables[group]
    return Family([Somebody(adult.id) for adult in adults], children)


@pytest.fixture
def opening(app, school) -> Callable[[int], tuple[list[Family], dict[int, list[int]]]]:
    """Makes a round with many families and few places; returns them, and the places of each table."""

    def open_round(seed: int) -> tuple[list[Family], dict[int, list[int]]]:
        talks = make_round(app, school)
        with app.app_context():
            start_writing()
            db.session.query(MeetingDay).delete()
            for day in (TUESDAY, THURSDAY):
                until = clock_time(13 + HALF_HOURS // 4, 10 if WHOLE else 0)
                db.session.add(
                    MeetingDay(round_id=talks.round, day=day, starts_at=clock_time(13), ends_at=until)
                )
            db.session.flush()
            make_slots(db.session.get_one(MeetingRound, talks.round))
            db.session.commit()
            places: dict[int, list[int]] = {}
            for slot in db.session.scalars(select(Slot).order_by(Slot.id)):
                places.setdefault(slot.host_id, []).append(slot.id)
        return add_families(app, school, talks, random.Random(seed)), places

    return open_round


class Browser:
    """Somebody signed in once, who sends one form after the other and waits for each answer."""

    def __init__(self, crowd: Crowd, person: Person) -> None:
        first = crowd.post(person, "/")
        self.cookie = first.cookie
        self.token = parse_qs(first.body)["csrf_token"][0]

    def send(self, server: LiveServer, path: str, **fields: object) -> int | None:
        """Post a form; None when no answer came."""
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            connection.request("POST", path, urlencode({"csrf_token": self.token, **fields}), headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def acts_of(family: Family, places: dict[int, list[int]], chance: random.Random) -> Iterator[tuple[str, int]]:
    """Yield what a family does: ('book', child) until it has a place, then now and then more."""
    for child in family.children:
        yield "book", child
        if chance.random() < 0.4:
            yield "book", child
        if chance.random() < 0.25:
            yield "cancel", child


def play(
    server: LiveServer,
    browser: Browser,
    family: Family,
    places: dict[int, list[int]],
    told: Told,
    chance: random.Random,
) -> None:
    """Let one browser book, move and cancel for a family; what it is told is kept."""
    for act, child in acts_of(family, places, chance):
        for _attempt in range(3):
            if act == "book":
                slot = chance.choice(places[family.children[child]])
                status = browser.send(server, f"/meetings/slots/{slot}/booking", pupil=child)
            else:
                booking = booking_of(server.app, child)
                if booking is None:
                    break
                slot = None
                status = browser.send(server, f"/meetings/bookings/{booking}/cancellation")
            if status is None:
                told.unsure.add(child)
                return
            told.statuses[status] += 1
            if status == 303:
                told.places[child] = slot
                told.unsure.discard(child)
                break


def booking_of(app: Flask, child: int) -> int | None:
    with app.app_context():
        return db.session.scalar(
            select(Booking.id)
            .join(Invitee, Invitee.id == Booking.invitee_id)
            .where(Invitee.pupil_id == child, Booking.cancelled_at.is_(None))
        )


def check(app: Flask, families: list[Family], told: Told, alone: set[int]) -> None:
    """Hold the database to every rule. `alone`: the children for whom one browser only acted."""
    with app.app_context():
        rows = db.session.execute(
            select(Booking, Invitee.pupil_id)
            .join(Invitee, Invitee.id == Booking.invitee_id)
            .where(Booking.cancelled_at.is_(None))
            .order_by(Booking.starts_at)
        ).all()
        slots = db.session.scalars(select(Slot).where(Slot.booking_id.is_not(None))).all()
    booked = {pupil: booking for booking, pupil in rows}
    assert len(booked) == len(rows), "a child has two talks"
    assert sorted((slot.booking_id, slot.host_id, slot.starts_at, slot.ends_at) for slot in slots) == sorted(
        (booking.id, booking.host_id, booking.starts_at, booking.ends_at) for booking in booked.values()
    ), "a talk without its place, or a place without its talk"
    assert all(slot.state == "open" for slot in slots)
    for family in families:
        talks = sorted(
            (booked[child] for child in family.children if child in booked), key=lambda one: one.starts_at
        )
        for first, second in pairwise(talks):
            gap = GAP if first.host_id != second.host_id else timedelta()
            assert second.starts_at >= first.ends_at + gap, "a guardian has no time to walk"
    at = {slot.booking_id: slot.id for slot in slots}
    for child in alone - told.unsure:
        now_at = at[booked[child].id] if child in booked else None
        assert now_at == told.places.get(child), "what was told is not so"


def clients_of(families: list[Family], count: int) -> tuple[list[tuple[Person, Family]], set[int]]:
    """Return so many browsers, each of a guardian, and the children for whom only one of them acts."""
    everybody = [(guardian, family) for family in families for guardian in family.guardians]
    chosen = [everybody[number % len(everybody)] for number in range(count)]
    acting = Counter(id(family) for _, family in chosen)
    alone = {child for family in families if acting[id(family)] == 1 for child in family.children}
    return chosen, alone


def office_blocks(
    server: LiveServer, browser: Browser, places: dict[int, list[int]], chance: random.Random, told: Told
) -> None:
    """Let the office block places and open them again, whether or not somebody is booking them."""
    for _ in range(40 if WHOLE else 12):
        slot = chance.choice([slot for table in places.values() for slot in table])
        state = chance.choice(("blocked", "open"))
        status = browser.send(server, f"/staff/meetings/slots/{slot}/state", state=state)
        if status is not None:
            told.statuses[status] += 1


def run_together(
    server: LiveServer, school: Cast, families: list[Family], places: dict[int, list[int]], seed: int
) -> tuple[Told, set[int]]:
    """Let all browsers go at the same moment, and wait for the last."""
    crowd, told = Crowd(server), Told()
    chosen, alone = clients_of(families, CLIENTS)
    browsers = [(Browser(crowd, guardian), family) for guardian, family in chosen]
    office = Browser(crowd, school.otto)
    start = threading.Barrier(len(browsers) + 1)

    def act(number: int) -> None:
        chance = random.Random(f"{seed}-{number}")
        start.wait(60)
        if number < len(browsers):
            play(server, *browsers[number], places, told, chance)
        else:
            office_blocks(server, office, places, chance, told)

    with ThreadPoolExecutor(len(browsers) + 1) as pool:
        list(pool.map(act, range(len(browsers) + 1)))
    return told, alone


@pytest.mark.parametrize("seed", range(RUNS))
def test_nobody_is_booked_twice_and_nothing_told_is_lost(live_server, school, opening, seed):
    families, places = opening(seed)
    told, alone = run_together(live_server, school, families, places, seed)
    assert {status for status in told.statuses if status >= 500} == set()
    assert set(told.statuses) <= {303, 404, 409, 422}
    assert told.statuses[303] > FAMILIES
    check(live_server.app, families, told, alone)


def test_a_server_that_is_killed_loses_nothing_that_it_told(start_server, school, opening):
    families, places = opening(99)
    chance = random.Random(99)
    for number in range(KILLS):
        server = start_server(arguments=("--no-worker",))
        after = chance.uniform(0.1, 1.5)
        killer = threading.Thread(target=kill_after, args=(server, after))
        killer.start()
        told, alone = run_together(server, school, families, places, number)
        killer.join()
        check_told(server.app, families, told, alone)


def kill_after(server: LiveServer, seconds: float) -> None:
    time.sleep(seconds)
    os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()


def check_told(app: Flask, families: list[Family], told: Told, alone: set[int]) -> None:
    """Hold the database to what was told in this run; what an earlier one left is not known here."""
    check(app, families, told, {child for child in alone if child in told.places})
