"""The server of the tests: one that was left behind does not stand in the way of the next."""

import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests import postgres_server


@pytest.fixture
def left_behind():
    """A server whose test run is over without having stopped it; its number can be somebody else's by now."""
    state = postgres_server.start()
    postgres_server.note_users(state | {"users": [2**22 + 1]})
    yield state
    if Path(state["folder"]).exists():
        postgres_server.stop(state)


def answers(state: dict) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", state["port"])) == 0


def number_of(state: dict) -> int:
    return int((Path(state["folder"]) / "data" / "postmaster.pid").read_text().split()[0])


def test_one_that_runs_is_stopped_and_removed(left_behind):
    assert answers(left_behind)
    postgres_server.stop_forgotten()
    assert not answers(left_behind)
    assert not Path(left_behind["folder"]).exists()


@pytest.mark.parametrize("number", [2**22 + 1, os.getpid()], ids=["nobody", "somebody else"])
def test_one_that_died_with_its_machine_is_removed(left_behind, number):
    note = Path(left_behind["folder"]) / "data" / "postmaster.pid"
    kept = note.read_text()
    os.kill(number_of(left_behind), signal.SIGQUIT)
    end = time.monotonic() + 20
    while note.exists() and time.monotonic() < end:
        time.sleep(0.05)
    note.write_text(kept.replace(kept.split()[0], str(number), 1))
    postgres_server.stop_forgotten()
    assert not Path(left_behind["folder"]).exists()
