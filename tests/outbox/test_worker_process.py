"""`portal worker` as a process: killed, stopped and started again."""

import os
import signal
import time
from pathlib import Path

import pytest

from portal import clock
from portal.domain import invitations
from portal.extensions import db
from portal.models.accounts import User
from portal.models.outbox import OutgoingMessage
from portal.worker import JOBS
from tests.accounts.conftest import have_just_done
from tests.databases import AN_HOUR
from tests.mail_server import SENDER
from tests.processes import PortalProcess


@pytest.fixture
def start_worker(tested_app, app, smtp, tmp_path):
    """Starts a worker whose clock runs from a moment, None for now: `start_worker("2026-11-24 07:55")`."""
    started = []

    def start(now, patience=60, per_minute=0):
        if not started:
            # What it does once an hour or less often says nothing here, and takes longer than to send a mail.
            have_just_done(app, [job.name for job in JOBS if job.every >= AN_HOUR])
        settings = {
            "INSTANCE": str(tmp_path),
            "DATABASE_URL": app.config["DATABASE_URL"],
            "SECRET_KEY": app.config["SECRET_KEY"],
            "TEST_NOW": now or "",
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(smtp.port),
            "MAIL_DEFAULT_SENDER": SENDER,
            "MAIL_TIMEOUT": str(patience),
            "MAIL_PER_MINUTE": str(per_minute),
        }
        log = tmp_path / f"worker-{len(started)}.log"
        started.append(PortalProcess("worker", settings=settings, output=log))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
    for log in tmp_path.glob("worker-*.log"):
        assert "Traceback" not in log.read_text()


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} seconds"
        time.sleep(0.05)


@pytest.fixture
def invited(school, do):
    do(lambda: invitations.invite(db.session.get_one(User, school.inge.id), None, clock.now()))


def test_a_worker_killed_while_it_sends_loses_nothing_and_doubles_nothing(
    invited, start_worker, smtp, rows, at
):
    smtp.mode = "hang"
    victim = start_worker("2026-11-24 07:55")
    wait_until(lambda: smtp.tries)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    [message] = rows(OutgoingMessage)
    assert message.sent_at is None
    assert message.leased_until is not None
    smtp.mode = "accept"
    start_worker("2026-11-24 08:02")
    [mail] = smtp.wait_for(1)
    wait_until(lambda: rows(OutgoingMessage)[0].sent_at)
    time.sleep(1.5)
    assert len(smtp.messages) == 1
    assert mail.message["Message-ID"] == message.message_id
    assert rows(OutgoingMessage)[0].attempts == 2


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_worker_that_is_told_to_stop_finishes_and_stops(invited, start_worker, smtp, rows):
    worker = start_worker("2026-11-24 07:55")
    smtp.wait_for(1)
    worker.terminate()
    assert worker.wait(10) == 0
    assert rows(OutgoingMessage)[0].sent_at is not None


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_server_replaces_a_worker_that_died(start_server, school, do, smtp):
    server = start_server()
    first = server.worker()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: server.worker() not in (first, None))
    do(lambda: invitations.invite(db.session.get_one(User, school.inge.id), None, clock.now()))
    smtp.wait_for(1)
    second = server.worker()
    server.stop()
    assert not Path(f"/proc/{second}").exists()
