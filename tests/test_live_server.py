"""The portal as a process: it starts, keeps its rules under load of many, and stops cleanly."""

import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from portal import clock
from portal.domain import outbox
from portal.extensions import db, start_writing
from portal.models.school import School


def get(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_it_serves_the_database_of_the_test(live_server, app, school):
    assert "De Lindeboog" in get(f"{live_server.url}/login")[1]
    with app.app_context():
        start_writing()
        db.session.get(School, 1).name = "De Wilgenhoek"
        db.session.get(School, 1).short_name = ""
        db.session.commit()
    assert "De Wilgenhoek" in get(f"{live_server.url}/login")[1]


def test_it_answers_an_unknown_page_in_words(live_server, school):
    status, page = get(f"{live_server.url}/login/nothing-here")
    assert status in (303, 404, 200)
    assert "<html" in page


def test_it_stops_when_told_to(start_server, school):
    server = start_server()
    assert server.stop(signal.SIGTERM) in (0, -signal.SIGTERM)
    assert "Traceback" not in server.new_output()


@pytest.mark.parametrize("engine", ["sqlite"])
def test_what_it_mails_arrives_with_those_who_use_it_only(live_server, app, school, smtp, smtp_servers):
    with app.app_context():
        start_writing()
        outbox.queue("login", clock.now(), address=school.inge.email)
        db.session.commit()
    smtp.wait_for(1)
    assert smtp_servers().tries == 0


SECONDS_TO_BEGIN = 30


def has_a_worker(server) -> bool:
    return server.worker() is not None


def has_web_processes(server) -> bool:
    return "Spawning worker-2" in server.new_output()


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("has_begun", [has_a_worker, has_web_processes])
def test_told_to_while_it_still_starts_it_stops_at_once_and_leaves_nothing(start_server, school, has_begun):
    server = start_server(wait=False)
    end = time.monotonic() + SECONDS_TO_BEGIN
    while not has_begun(server):
        assert server.process.poll() is None and time.monotonic() < end
        time.sleep(0.001)
    worker = server.worker()
    told = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - told < 5
    assert not Path(f"/proc/{worker}").exists()


def test_no_answer_says_which_web_server_gave_it(live_server, school):
    for path in ("/login", "/healthz", "/static/portal.css"):
        with urllib.request.urlopen(f"{live_server.url}{path}", timeout=10) as answer:  # noqa: S310
            assert answer.headers.get_all("Server") == ["portal"]
