"""Writers of a SQLite school come one after the other, and none of them waits in vain."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from portal import turns
from portal.extensions import db, start_writing
from portal.models.school import School
from portal.turns import Turn

TURNS = Path(turns.__file__).parent
"""From here another process has the turns without the rest of the portal, which takes seconds to start."""
HOLD = """
import sys, time
from turns import Turn
turn = Turn(sys.argv[1])
turn.take()
print("mine", flush=True)
time.sleep(0.3)
print(time.monotonic(), flush=True)
"""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_crowd_that_writes_for_longer_than_sqlite_is_patient_loses_nobody(app, school):
    """Thirty threads keep the database busy for a second, while SQLite itself waits for an eighth."""

    def add_one(_number: int) -> None:
        for _ in range(3):
            with app.app_context():
                db.session.execute(text("PRAGMA busy_timeout=125"))
                start_writing()
                db.session.get_one(School, 1).roster_revision += 1
                db.session.flush()
                time.sleep(0.01)
                db.session.commit()

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(add_one, range(30)))
    with app.app_context():
        assert db.session.get_one(School, 1).roster_revision == 90
        db.session.rollback()
        # The connections of this test are less patient than those of others.
        db.engine.dispose()


def test_a_turn_that_could_not_be_taken_is_free_for_the_next(tmp_path):
    """There was no number for a file, say, or no such folder."""
    folder = tmp_path / "late"
    turn = Turn(str(folder / "school.sqlite"))
    with pytest.raises(FileNotFoundError):
        turn.take()
    folder.mkdir()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(turn.take).result(timeout=5)
    turn.give_back()


def holder(database: str) -> subprocess.Popen:
    """Return another process that says when it has the turn, keeps it for a while and says when it stops."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, database], cwd=TURNS, stdout=subprocess.PIPE, text=True
    )


def test_another_process_is_waited_for_and_nobody_waits_for_a_dead_one(tmp_path):
    database = str(tmp_path / "school.sqlite")
    with holder(database) as other:
        assert other.stdout.readline() == "mine\n"
        turn = Turn(database)
        assert turn.take()
        assert time.monotonic() >= float(other.stdout.readline())
        turn.give_back()
    with holder(database) as other:
        other.stdout.readline()
        other.kill()
        assert turn.take()
        turn.give_back()
