"""Demo schools on both databases, somebody signed in, and what their pages ask of the database."""

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from bench.limits import Page, Recording
from portal import clock, create_app
from portal.domain.sessions import open_session
from portal.extensions import db, start_writing
from portal.models.accounts import User
from tests import postgres_server

NOW = "2026-11-24 07:55"
SECRET_KEY = "only-for-the-benchmark"
PAGES = {
    "home": ("/", "ouder1@lindeboog.example"),
    "report": ("/absence/report", "ouder1@lindeboog.example"),
    "board": ("/staff/today", "leerkracht1@lindeboog.example"),
}


@dataclass(frozen=True)
class BenchSchool:
    """A demo school in a database; `cookies` sign in the reader of each page."""

    engine: str
    folder: Path
    database: str
    cookies: dict[str, str]

    @property
    def settings(self) -> dict[str, str]:
        """The environment that a server of this school runs in."""
        return os.environ | {
            "PORTAL_INSTANCE": str(self.folder),
            "PORTAL_DATABASE_URL": self.database,
            "PORTAL_SECRET_KEY": SECRET_KEY,
            "PORTAL_TEST_NOW": NOW,
            "BENCH_RECORDING": str(self.folder / "recording"),
        }


@contextmanager
def made(engine: str, families: int, years: int) -> Iterator[BenchSchool]:
    """Make a demo school and throw it away afterwards."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
        stack.callback(shutil.rmtree, folder)
        database = f"sqlite:///{folder / 'portal.sqlite'}"
        if engine == "postgres":
            server = postgres_server.start(durable=True)
            stack.callback(postgres_server.stop, server)
            # By its socket, as a school has it on one machine.
            database = f"postgresql://postgres@/postgres?host={server['folder']}/data&port={server['port']}"
        school = BenchSchool(engine, folder, database, {})
        portal(school, "db", "upgrade")
        portal(school, "demo", "--families", str(families), "--years", str(years))
        if engine == "postgres":
            with psycopg.connect(database, autocommit=True) as connection:
                connection.execute("VACUUM ANALYZE")
        record(school)
        yield school


def portal(school: BenchSchool, *arguments: str) -> None:
    """Run a command of the portal on the school."""
    command = [sys.executable, "-m", "portal", *arguments]
    subprocess.run(command, env=school.settings, check=True, stdout=subprocess.DEVNULL)


def record(school: BenchSchool) -> None:
    """Sign in the readers and record their pages, with the statements that each sends."""
    clock.set_now(clock.at_local(NOW))
    os.environ["PORTAL_INSTANCE"] = str(school.folder)
    app = create_app({"DATABASE_URL": school.database, "SECRET_KEY": SECRET_KEY})
    pages = {}
    for name, (path, email) in PAGES.items():
        school.cookies[name] = sign_in(app, email)
        pages[path] = recorded(app, path, school.cookies[name])
    name = str(app.config["SESSION_COOKIE_NAME"])
    recording = Recording(SECRET_KEY, name, school.database, pages)
    (school.folder / "recording").write_bytes(pickle.dumps(recording))
    with app.app_context():
        db.engine.dispose()


def sign_in(app: Flask, email: str) -> str:
    """Begin a session for somebody and return the cookie."""
    with app.app_context():
        start_writing()
        user_id = db.session.scalars(select(User.id).where(User.email == email)).one()
        token = open_session(user_id, "bench", True, clock.now())
        db.session.commit()
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    value = serializer.dumps({"_user_id": token, "_fresh": True, "_permanent": True})
    return f"{app.config['SESSION_COOKIE_NAME']}={value}"


def recorded(app: Flask, path: str, cookie: str) -> Page:
    """Return the page, and the statements of its second showing: the first may fill caches."""
    statements: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append((statement, parameters))

    def show() -> bytes:
        answer = app.test_client(use_cookies=False).get(path, headers={"Cookie": cookie})
        assert answer.status_code == 200, f"{path} answers {answer.status}"
        return answer.data

    show()
    event.listen(Engine, "before_cursor_execute", note)
    try:
        return Page(show(), statements)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
