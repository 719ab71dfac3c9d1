"""What the pages are measured against: the same work with nothing of ours around it.

`/bare` is Flask alone. Every other address checks the same cookie, sends the statements that the real page
sent, with the bare driver, and answers with the real page as it was once rendered.
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

    @app.get("/bare")
    def show_bare() -> str:
        return "hello"

    @app.get("/", defaults={"path": ""})
    @app.get("/<path:path>")
    def show_page(path: str) -> bytes:
        page = recording.pages["/" + path]
        if not hasattr(connections, "one"):
            connections.one = connect(recording.database)
        connection = connections.one
        if isinstance(connection, sqlite3.Connection):
            connection.execute("BEGIN")
        token_hash = sha256(session["_user_id"].encode()).hexdigest()
        if not rows(connection, page.statements[0][0], with_token(page.statements[0][1], token_hash)):
            abort(403)
        for statement, parameters in page.statements[1:]:
            rows(connection, statement, parameters)
        connection.rollback()
        return page.html

    return app


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
