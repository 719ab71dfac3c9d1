"""Every actor of the cast gets from every route what its line in the access matrix says.

A new route without a line fails here, and so does a line without a route.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from portal import create_app
from portal.extensions import WRITING
from portal.models.absence import Absence
from tests.access_subjects import make_subjects
from tests.access_table import ACTORS, TABLE, Line
from tests.cast import Cast, Person
from tests.clients import client_with, sign_in
from tests.meetings.making import numbers_of_talks


def routes() -> set[tuple[str, str]]:
    app = create_app({"TESTING": True, "SECRET_KEY": "x", "DATABASE_URL": "sqlite://"})
    return {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_and_method_has_a_line_and_every_line_a_route():
    assert routes() == set(TABLE)


@dataclass
class Changes:
    """Whether the portal wrote something to a database since somebody last looked."""

    seen: bool = False

    def note(self, connection: Connection) -> None:
        self.seen |= WRITING in connection.get_execution_options()


@pytest.fixture
def changes() -> Iterator[Changes]:
    """Notes that a request wrote something: only then the school has to be set back for the next actor."""
    noting = Changes()
    event.listen(Engine, "commit", noting.note)
    yield noting
    event.remove(Engine, "commit", noting.note)


@pytest.fixture
def school(tested_app) -> Cast:
    """The cast; `subjects` sets their school back, so that it need not be done twice."""
    return tested_app.people or tested_app.to_school()


@pytest.fixture
def subjects(app, school, tested_app):
    """Sets the school back and returns the numbers that addresses are made of: Bram's, Anna's and Yara's.

    Every actor is signed in; under the name of each stands what its cookie holds.
    """

    def make() -> dict[str, Any]:
        tokens = {actor: sign_in(app, getattr(school, actor)) for actor in ACTORS}
        return tokens | make_subjects(app, school)

    def make_with_talks() -> dict[str, Any]:
        return make() | numbers_of_talks(app, school)

    def set_back(rule: str) -> dict[str, Any]:
        name = start_of(rule)
        numbers = tested_app.to(name, make_with_talks if name == "talks" else make)
        about = school.noor if "/information" in rule else school.bram
        letter = numbers["waiting_id" if rule.endswith("/approval") else "letter_id"]
        return numbers | {
            "pupil_id": about.id,
            "user_id": person_in(rule, school).id,
            "letter_id": letter,
        }

    return set_back


def start_of(rule: str) -> str:
    """Return what the school that an address is about is kept under: with a round of talks, or without."""
    return "talks" if not rule or "/meetings" in rule else "subjects"


def person_in(rule: str, school: Cast) -> Person:
    """Return the adult whom an address is about: of accounts, Inge, who is invited and not in yet."""
    if rule.startswith("/school/staff"):
        return school.yara
    return school.inge if rule.startswith("/school/accounts") else school.anna


def answer_of(status: int, location: str) -> str:
    """Return what an answer means for who asked: let in, refused, nothing there, or: log in first."""
    if status == 303 and location.startswith("/login?next="):
        return "login"
    return {403: "refused", 404: "nothing"}.get(status, "let in" if status < 500 else f"error {status}")


def expected(line: Line, actor: str) -> str:
    if line.unknown:
        return "nothing"
    if actor in line.admitted:
        return "let in"
    if actor in line.refused:
        return "refused"
    return "login" if actor == "anonymous" else "nothing"


@pytest.mark.parametrize(("method", "rule"), sorted(TABLE), ids=lambda part: part)
def test_each_actor_gets_what_the_line_says(app, subjects, method, rule, tested_app, changes):
    line = TABLE[method, rule]
    numbers = subjects(rule)
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(numbers[found[1]]), rule)
    answers, changes.seen = {}, False
    with unchanged(tested_app, rule) if method == "GET" else nullcontext():
        for actor in ("anonymous", *ACTORS):
            if method == "POST" and changes.seen:
                numbers, changes.seen = subjects(rule), False
            client = client_with(app, numbers.get(actor, ""))
            data = {name: str(value).format(**numbers) for name, value in line.data.items()}
            answer = client.open(path + line.query.format(**numbers), method=method, data=data)
            answers[actor] = answer_of(answer.status_code, answer.headers.get("Location", ""))
    assert answers == {actor: expected(line, actor) for actor in answers}


@contextmanager
def unchanged(tested_app, rule: str) -> Iterator[None]:
    """Fail when all that the school has, but who is signed in, is not what it was; looked at on SQLite."""
    if tested_app.engine != "sqlite":
        yield
        return
    path = tested_app.app.config["DATABASE_URL"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as somebody:
        # Another number whenever somebody else wrote.
        version = somebody.execute("PRAGMA data_version").fetchone()
        yield
        if somebody.execute("PRAGMA data_version").fetchone() != version:
            before, after = tested_app.made[start_of(rule)][1], tested_app.contents()
            changed = {table for table in before if before[table] != after[table]}
            assert changed <= {"login_sessions"}, "a GET changed something (SAFETY 8)"


def test_another_familys_numbers_in_a_form_reach_nothing(client_for, school, rows, subjects):
    subjects("")
    carl = client_for(school.carl)
    answer = carl.post("/absence/report", data={"pupil": school.bram.id, "kind": "sick", "days": "one"})
    assert answer.status_code == 404
    assert len(rows(Absence)) == 1
