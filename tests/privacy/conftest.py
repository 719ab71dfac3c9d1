"""The filled school of the proofs."""

import hashlib
import logging
from collections.abc import Iterator
from datetime import timedelta

import pytest

from portal import clock
from portal.worker import JOBS
from tests.privacy import world as worlds
from tests.privacy.world import World
from tests.setting_back import Rows

FIELDS = ("email", "phone", "address", "spoken", "line")


def show_some(world: World) -> None:
    """Let everybody show some fields to some groups, not all to all."""
    world.rows["shared_fields"] = [
        row
        for row in world.rows["shared_fields"]
        if (row["user_id"] + row["group_id"] + FIELDS.index(row["field"])) % 3
    ]


@pytest.fixture
def filled(tested_app, school, databases) -> World:
    """The school of the cast with everybody it lacks and a row of everything about everybody, all marked."""
    start = tested_app.school
    assert start is not None
    # What takes long to work out is worked out once in a test run, from what is the same to begin with; only
    # the mark of the calendar is drawn for each school.
    same = start | {"school": [row | {"calendar_mark": 0} for row in start["school"]]}
    name = f"filled-{hashlib.sha256(repr(same).encode()).hexdigest()}"
    world = databases.once(name, lambda: filled_from(start, name))
    tested_app.set_back(done_already(world.rows) if tested_app.served else world.rows)
    return world


def done_already(rows: Rows) -> Rows:
    """Return these rows as the worker of a live server leaves them alone.

    It would make seventy photos and send their parents what waits, beside a test of what a browser keeps.
    """
    busy_until = clock.now() + timedelta(days=1)
    done = [{"name": job.name, "started_at": clock.now()} for job in JOBS]
    in_hand = {
        table: [row | {"leased_until": busy_until} for row in rows[table]]
        for table in ("outgoing_messages", "photos")
    }
    return rows | in_hand | {"job_runs": done}


def filled_from(start: Rows, name: str) -> World:
    world = worlds.extended(start)
    world.name = name
    worlds.fill(world)
    show_some(world)
    worlds.mark(world)
    world.settle()
    return world


@pytest.fixture
def portal_log() -> Iterator[list[str]]:
    """Everything that the portal writes to its log meanwhile, with what went wrong in full."""
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    logger, keeper = logging.getLogger("portal"), Keeper()
    level = logger.level
    logger.addHandler(keeper)
    logger.setLevel(logging.DEBUG)
    yield lines
    logger.setLevel(level)
    logger.removeHandler(keeper)
