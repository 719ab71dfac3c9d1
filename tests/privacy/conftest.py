"""The filled school of the proofs."""

import logging
from collections.abc import Iterator

import pytest

from tests.privacy import world as worlds
from tests.privacy.world import World

FIELDS = ("email", "phone", "address", "spoken", "line")


def show_some(world: World) -> None:
    """Let everybody show some fields to some groups, not all to all."""
    world.rows["shared_fields"] = [
        row
        for row in world.rows["shared_fields"]
        if (row["user_id"] + row["group_id"] + FIELDS.index(row["field"])) % 3
    ]


@pytest.fixture
def filled(tested_app, school) -> World:
    """The school of the cast with everybody it lacks and a row of everything about everybody, all marked."""
    start = tested_app.school
    assert start is not None
    world = worlds.extended(start)
    worlds.fill(world)
    show_some(world)
    worlds.mark(world)
    world.settle()
    tested_app.set_back(world.rows)
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
