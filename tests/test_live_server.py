"""The portal as a process: it starts, keeps its rules under load of many, and stops cleanly."""

import signal
import urllib.error
import urllib.request

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


def test_no_answer_says_which_web_server_gave_it(live_server, school):
    for path in ("/login", "/healthz", "/static/portal.css"):
        with urllib.request.urlopen(f"{live_server.url}{path}", timeout=10) as answer:  # noqa: S310
            assert answer.headers.get_all("Server") == ["portal"]
