"""Writers of a SQLite school come one after the other, and none of them waits in vain."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from portal.extensions import db, start_writing
from portal.models.school import School
from portal.turns import Turn

HOLD = """
import sys, time
from portal.turns import Turn
turn = Turn(sys.argv[1])
turn.take()
print("mine", flush=True)
time.sleep(0.6)
print(time.monotonic(), flush=True)
"""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_crowd_that_writes_for_longer_than_sqlite_is_patient_loses_nobody(app, school):
    """Thirty threads keep the database busy for four seconds, while SQLite itself waits for half a second."""

    def add_one(_number: int) -> None:
        for _ in range(3):
            with app.app_context():
                db.session.execute(text("PRAGMA busy_timeout=500"))
                start_writing()
                db.session.get_one(School, 1).roster_revision += 1
                db.session.flush()
                time.sleep(0.04)
                db.session.commit()

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(add_one, range(30)))
    with app.app_context():
        assert db.session.get_one(School, 1).roster_revision == 90
        db.session.rollback()
        # The connections of this test are less patient than those of others.
        db.engine.dispose()


def test_another_process_is_waited_for_and_nobody_waits_for_a_dead_one(tmp_path):
    database = str(tmp_path / "school.sqlite")
    with subprocess.Popen([sys.executable, "-c", HOLD, database], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "mine\n"
        turn = Turn(database)
        assert turn.take()
        assert time.monotonic() >= float(other.stdout.readline())
        turn.give_back()
    with subprocess.Popen([sys.executable, "-c", HOLD, database], stdout=subprocess.PIPE, text=True) as other:
        other.stdout.readline()
        other.kill()
        assert turn.take()
        turn.give_back()
