"""What the pages are measured against: the same work with nothing of ours around it.

`/bare` is Flask alone. Every other address checks the same cookie and sends the statements that the real page
sent, with the bare driver. Under `/kept` it answers with the real page as it was once rendered; under
`/rendered` with a template that shows the rows, filled up to the same size.
"""

import os
import pickle
import sqlite3
import threading
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask, abort, session
from jinja2 import Template

TEMPLATE = """<!doctype html><title>Rows</title>
{% for rows in tables %}<table>
{% for row in rows %}<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}</table>{% endfor %}"""
RECORDING = "BENCH_RECORDING"


@dataclass(frozen=True)
class Page:
    """A real page: its HTML, and the statements behind it; the first is the one that finds the reader."""

    html: bytes
    statements: list[tuple[str, Any]]


@dataclass(frozen=True)
class Recording:
    """All that the limits need, recorded from the real app on the same database."""

    secret_key: str
    cookie_name: str
    database: str
    pages: dict[str, Page]


def create_app() -> Flask:
    """Make the app of the limits."""
    recording: Recording = pickle.loads(Path(os.environ[RECORDING]).read_bytes())  # noqa: S301
    app = Flask("limits")
    app.secret_key = recording.secret_key
    app.config["SESSION_COOKIE_NAME"] = recording.cookie_name
    connections = threading.local()
    template = app.jinja_env.from_string(TEMPLATE)

    @app.get("/bare")
    def show_bare() -> str:
        return "hello"

    @app.get("/<kind>/", defaults={"path": ""})
    @app.get("/<kind>/<path:path>")
    def show_page(kind: str, path: str) -> str | bytes:
        page = recording.pages["/" + path]
        if not hasattr(connections, "one"):
            connections.one = connect(recording.database)
        connection = connections.one
        if isinstance(connection, sqlite3.Connection):
            connection.execute("BEGIN")
        token_hash = sha256(session["_user_id"].encode()).hexdigest()
        if not rows(connection, page.statements[0][0], with_token(page.statements[0][1], token_hash)):
            abort(403)
        found = [rows(connection, *statement) for statement in page.statements[1:]]
        connection.rollback()
        return page.html if kind == "kept" else rendered(template, found, page)

    return app


def rendered(template: Template, found: list[list[tuple[Any, ...]]], page: Page) -> str:
    """Return a page of the real one's size with all the rows in it."""
    html = template.render(tables=found)
    return html + page.html.decode()[len(html) :]


def connect(database: str) -> Any:
    """Return a connection of the bare driver, set up as ours are."""
    if not database.startswith("sqlite"):
        return psycopg.connect(database)
    connection = sqlite3.connect(database.removeprefix("sqlite:///"))
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}").close()
    return connection


def rows(connection: Any, statement: str, parameters: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a statement."""
    cursor = connection.execute(statement, parameters)
    found: list[tuple[Any, ...]] = cursor.fetchall()
    cursor.close()
    return found


def with_token(parameters: Any, token_hash: str) -> Any:
    """Return the parameters with the hash of the cookie's token in the place of the recorded one."""

    def replaced(value: Any) -> Any:
        return token_hash if isinstance(value, str) and len(value) == 64 else value

    if isinstance(parameters, dict):
        return {name: replaced(value) for name, value in parameters.items()}
    return tuple(replaced(value) for value in parameters)
