"""Every test that touches the database runs on SQLite and on Postgres.

The migrations run once per test run and engine; each worker then has a copy of its own. Before a test every
table is emptied and filled with what the test starts from (`tests/setting_back.py`).
"""

import fcntl
import os
import pickle
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import flask_migrate
import psycopg
import pytest
from flask import Flask
from psycopg.sql import SQL, Identifier
from sqlalchemy import (
    Connection,
    Engine,
    event,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import OperationalError

from portal import clock, config, create_app
from portal.extensions import Base, db, start_writing
from portal.models.albums import Photo
from portal.models.jobs import JobRun
from portal.worker import JOBS
from tests import cast, mail_server
from tests.postgres_server import PostgresServer
from tests.setting_back import Kept, Rows, contents

ENGINES = tuple(os.environ.get("TEST_ENGINES", "sqlite,postgres").split(","))
ENOUGH_MEMORY = 500 * 1024**2
A_TUESDAY_MORNING = "2026-11-24 07:55"
LIVE = "live"
AN_HOUR = timedelta(hours=1)

TRIES = 3

T = TypeVar("T")
Model = TypeVar("Model", bound=Base)


@dataclass
class TestedApp:
    """The app on one database, with what its tables can be set back to."""

    engine: str
    app: Flask
    empty: Rows = field(default_factory=dict, repr=False)
    school: Rows | None = field(default=None, repr=False)
    people: cast.Cast | None = field(default=None, repr=False)
    made: dict[str, tuple[Any, Rows]] = field(default_factory=dict, repr=False)
    kept: Kept = field(default_factory=Kept, repr=False)
    served: bool = False

    def set_back(self, start: Rows) -> None:
        """Make the tables hold exactly these rows; tried again when a worker was still busy with them."""
        for attempt in range(TRIES):
            try:
                with self.app.app_context():
                    self.kept.set_back(db.engine, start)
                return
            except (OperationalError, sqlite3.OperationalError):
                if attempt == TRIES - 1:
                    raise

    def contents(self) -> Rows:
        """Return all rows of all tables, as another request would see them now."""
        with self.app.app_context():
            found = contents()
            db.session.rollback()
        return found

    def to_empty(self) -> None:
        self.set_back(self.empty)

    def to_school(self) -> cast.Cast:
        """Set the tables back to the school of the cast, which is made only once."""
        if self.school is None or self.people is None:
            self.to_empty()
            with self.app.app_context():
                self.people = cast.make()
                if self.served:
                    note_rare_work()
                self.school = contents()
        else:
            self.set_back(self.school)
        return self.people

    def to(self, name: str, make: Callable[[], T], begin: Callable[[], object] | None = None) -> T:
        """Set the tables back to the school with what `make` adds, only once; return what it answered.

        `begin`: what sets them to where `make` begins, when that is not the school of the cast.
        """
        if name in self.made:
            self.set_back(self.made[name][1])
        else:
            (begin or self.to_school)()
            self.made[name] = make(), self.contents()
        return self.made[name][0]


def note_rare_work() -> None:
    """Let the worker of a live server find done what it does once an hour or less often.

    Else it would do all of that anew for every test, beside it. What it does more often it does as at school.
    The photo of the cast that waits is in the hands of another worker: to make it starts a process.
    """
    start_writing()
    db.session.execute(
        update(Photo).where(Photo.ready_at.is_(None)).values(leased_until=clock.now() + AN_HOUR)
    )
    rare = [{"name": job.name, "started_at": clock.now()} for job in JOBS if job.every >= AN_HOUR]
    db.session.execute(insert(JobRun), rare)
    db.session.commit()


THERE_FROM_THE_BEGINNING: dict[str, Callable[[Flask, cast.Cast], object]] = {}
"""What a fixture of that name adds to the school of the cast for every test that asks for it, made once."""


class Databases:
    """Makes databases with the tables of the migrations in them."""

    def __init__(self, shared: Path, own: Path, worker: str, settings: dict[str, object]) -> None:
        self.shared = shared
        self.own = own
        self.worker = worker
        self.settings = settings
        self.server: PostgresServer | None = None

    def close(self) -> None:
        if self.server:
            self.server.leave()

    def postgres(self) -> str:
        """Return the address of the server; it starts when the first test needs it."""
        if self.server is None:
            server = PostgresServer(self.shared)
            self.address = server.join()
            self.server = server
        return self.address

    def url(self, engine: str, name: str) -> str:
        if engine == "sqlite":
            return f"sqlite:///{self.own / name}.sqlite"
        return f"{self.postgres()}/{name}"

    def create(self, engine: str, name: str) -> str:
        """Return the address of a new, migrated database."""
        template = self.template(engine)
        name = f"{name}_{self.worker}"
        if engine == "sqlite":
            shutil.copyfile(template, self.own / f"{name}.sqlite")
        else:
            self.run_on_postgres("DROP DATABASE IF EXISTS {}", name)
            self.run_on_postgres("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(engine, name)

    def create_without_tables(self, engine: str, name: str) -> str:
        """Return the address of a new database with nothing in it."""
        name = f"{name}_{self.worker}"
        if engine == "sqlite":
            for path in self.own.glob(f"{name}.sqlite*"):
                path.unlink()
        else:
            self.run_on_postgres("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            self.run_on_postgres("CREATE DATABASE {}", name)
        return self.url(engine, name)

    def template(self, engine: str) -> str:
        """Return the migrated database that others are copied from; the first worker makes it."""
        path = self.shared / "template.sqlite"
        with (self.shared / f"template-{engine}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # A server that had no test left was stopped, and the next one does not have it.
            of_server = self.postgres().rpartition(":")[2] if engine == "postgres" else ""
            made = self.shared / f"template-{engine}{of_server}.made"
            if not made.exists():
                if engine == "postgres":
                    self.run_on_postgres("CREATE DATABASE {}", "template_portal")
                    self.migrate(self.url(engine, "template_portal"))
                else:
                    self.migrate(f"sqlite:///{path}")
                made.touch()
        return str(path) if engine == "sqlite" else "template_portal"

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what is made once in a test run, by the worker that wants it first."""
        path = self.shared / f"{name}.pickle"
        with (self.shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not path.exists():
                path.write_bytes(pickle.dumps(make()))
        return pickle.loads(path.read_bytes())  # noqa: S301

    def migrate(self, url: str) -> None:
        app = self.app_on(url)
        with app.app_context():
            flask_migrate.upgrade()
            db.engine.dispose()

    def app_on(self, url: str, **settings: object) -> Flask:
        return create_app(self.settings | {"DATABASE_URL": url} | settings)

    def run_on_postgres(self, statement: str, *names: str) -> None:
        with psycopg.connect(f"{self.postgres()}/postgres", autocommit=True) as connection:
            connection.execute(SQL(statement).format(*map(Identifier, names)))


@pytest.fixture(scope="session")
def databases(tmp_path_factory, worker_id, smtp_servers) -> Iterator[Databases]:
    """Where databases of both engines come from."""
    own = tmp_path_factory.getbasetemp()
    files = folder_in_memory()
    settings: dict[str, object] = {
        "TESTING": True,
        "SECRET_KEY": "only-for-tests",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": smtp_servers().port,
        "MAIL_DEFAULT_SENDER": mail_server.SENDER,
        "MAIL_TIMEOUT": 2,
        "MAIL_PER_MINUTE": 0,
        "POSTGRES_OPTIONS": config.POSTGRES_OPTIONS_OF_PAGES,
    }
    made = Databases(own if worker_id == "master" else own.parent, files or own, worker_id, settings)
    yield made
    made.close()
    if files:
        shutil.rmtree(files)


def folder_in_memory() -> Path | None:
    """Return a folder where no disk makes a commit wait, when this machine has the room for one."""
    memory = Path("/dev/shm")  # noqa: S108
    if not memory.is_dir() or shutil.disk_usage(memory).free < ENOUGH_MEMORY:
        return None
    return Path(tempfile.mkdtemp(prefix="portal-tests-", dir=memory))


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The name of this process among those that share the test run."""
    return getattr(request.config, "workerinput", {}).get("workerid", "master")


@pytest.fixture(scope="session")
def tested_apps(databases, smtp_servers) -> Iterator[Callable[[str, str], TestedApp]]:
    """The apps of this worker, each made when the first test asks for it."""
    made: dict[tuple[str, str], TestedApp] = {}

    def tested_app(engine: str, name: str) -> TestedApp:
        if (engine, name) not in made:
            is_live = name == LIVE
            port = smtp_servers(engine if is_live else "").port
            app = databases.app_on(databases.create(engine, name), MAIL_PORT=port)
            tested = TestedApp(engine, app, served=is_live)
            with tested.app.app_context():
                try:
                    tested.empty = contents()
                except BaseException:
                    db.engine.dispose()
                    raise
            made[engine, name] = tested
        return made[engine, name]

    yield tested_app
    for tested in made.values():
        tested.kept.close()
        with tested.app.app_context():
            db.engine.dispose()


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """The database of this test; each runs on both."""
    return request.param


@pytest.fixture
def tested_app(request: pytest.FixtureRequest, engine, tested_apps, at) -> TestedApp:
    """The app with its database; a live server has one of its own, so its worker finds only its own mail."""
    at(A_TUESDAY_MORNING)
    return tested_apps(engine, LIVE if "live_server" in request.fixturenames else "portal")


@pytest.fixture
def app(request: pytest.FixtureRequest, tested_app) -> Flask:
    """The app on an empty database. Open a context only to look: one kept open hides a forgotten commit."""
    if "school" not in request.fixturenames:
        tested_app.to_empty()
    return tested_app.app


@pytest.fixture
def school(request: pytest.FixtureRequest, tested_app) -> cast.Cast:
    """The school of the cast, on a Tuesday morning at 7.55."""
    name = next((one for one in THERE_FROM_THE_BEGINNING if one in request.fixturenames), None)
    if name is None:
        return tested_app.to_school()
    tested_app.to(name, lambda: THERE_FROM_THE_BEGINNING[name](tested_app.app, tested_app.people))
    return tested_app.people


@pytest.fixture
def rows(app) -> Callable[[type[Model]], list[Model]]:
    """What is in a table now, oldest first, as another request would see it."""

    def look(model: type[Model]) -> list[Model]:
        with app.app_context():
            found = list(db.session.scalars(select(model).order_by(*inspect(model).primary_key)))
            db.session.expunge_all()
            return found

    return look


@pytest.fixture
def at() -> Iterator[Callable[[str], datetime]]:
    """Stops the clock at a moment of the school's day: at("2026-11-24 07:55")."""

    def stop_clock(moment: str) -> datetime:
        clock.set_now(clock.at_local(moment))
        return clock.now()

    yield stop_clock
    clock.set_now(None)


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[list[str]]]:
    """Collects the SQL sent meanwhile: `with count_queries() as queries: ...`, then `len(queries)`."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if (
                not statement.lstrip()
                .upper()
                .startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA"))
            ):
                statements.append(statement)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(Engine, "before_cursor_execute", note)

    return counting


def explain(connection: Connection, statement: str) -> str:
    """Return how the database would answer a statement."""
    plan = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    return "\n".join(str(tuple(row)) for row in connection.execute(text(plan + statement)))
