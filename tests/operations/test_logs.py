"""The log: what happens is written with its time in UTC, and nothing about people."""

import logging
import re
import time
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.extensions import db, start_writing
from portal.logs import Line
from portal.models.accounts import User
from tests.cast import PASSWORD
from tests.processes import run_portal

LINE = re.compile(r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [A-Z]+ [\w.]+: ")


class Visitor:
    """A browser without a screen at a running server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def open(self, path: str, **fields: str) -> str:
        """Open a page, or send the form that is on it; return what came back."""
        try:
            page = self.opener.open(f"{self.url}{path}", timeout=10).read().decode()
            if fields:
                fields["csrf_token"] = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
                page = self.opener.open(f"{self.url}{path}", urlencode(fields).encode(), timeout=10).read()
        except HTTPError as error:
            with error:
                page = error.read().decode()
        return page


@pytest.mark.parametrize("engine", ["sqlite"])
def test_logins_failures_and_exports_are_in_the_log_of_a_school(start_server, school):
    server = start_server()
    visitor = Visitor(server.url)
    visitor.open("/login", email=school.tess.email, password="Kanarie-wachtwoord")
    visitor.open("/login", email=school.tess.email, password=PASSWORD)
    visitor.open(f"/groups/{school.group_34}/list.csv?naam=Kanarie")
    wanted = (
        "portal.security: login refused",
        "portal.security: signed in",
        f"portal.security: exported: class list csv {school.group_34}, by user {school.tess.id}",
        "portal.requests: GET directory.download_csv 200",
        "_granian.serve: Started worker-1",
    )
    output, end = "", time.monotonic() + 10
    while not all(line in output for line in wanted):
        assert time.monotonic() < end, output
        time.sleep(0.1)
        output += server.new_output()
    server.stop()
    lines = (output + server.new_output()).splitlines()
    assert [line for line in lines if not LINE.match(line)] == []
    assert sum("127.0.0.1" in line for line in lines) == 1, "only where the server listens"
    for trace in ("kanarie", school.tess.email, PASSWORD.casefold()):
        assert trace not in output.casefold()


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_backup_is_in_the_log(app, school, tmp_path):
    settings = {"DATABASE_URL": app.config["DATABASE_URL"], "INSTANCE": str(tmp_path)}
    done = run_portal("backup", str(tmp_path / "school.backup"), **settings)
    assert done.returncode == 0
    assert "portal.security: backup written" in done.stderr


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/groups/{group}/list.xlsx", "class list xlsx {group}, by user {who}"),
        ("/staff/meetings/tables/{table}/schedule.xlsx", "schedule of table {table}, by user {who}"),
    ],
)
def test_each_export_is_noted(client_for, school, talks, caplog, path, line):
    caplog.set_level(logging.INFO)
    numbers = {"group": school.group_34, "table": talks.host_34, "who": school.tess.id}
    assert client_for(school.tess).get(path.format(**numbers)).status_code == 200
    assert f"exported: {line.format(**numbers)}" in caplog.text


def test_what_the_database_says_about_somebody_stays_out(app, school):
    with app.app_context():
        start_writing()
        db.session.add(User(surname="Tweede", email=school.anna.email, created_at=clock.now()))
        with pytest.raises(IntegrityError) as refused:
            db.session.flush()
        db.session.rollback()
    error = refused.value
    record = logging.LogRecord("portal", logging.ERROR, "", 1, "wrong", (), (type(error), error, None))
    record.exc_text = str(error)
    line = Line().format(record)
    assert LINE.match(line)
    assert school.anna.email not in line
    assert "IntegrityError" in line
    assert "UniqueViolation" in line or "sqlite3" in line
    assert "which led to" in line


def test_nobody_can_make_up_a_line():
    record = logging.LogRecord("portal", logging.INFO, "", 1, "%s", ("GET\r\n2026 signed in",), None)
    assert "\n" not in Line().format(record)
