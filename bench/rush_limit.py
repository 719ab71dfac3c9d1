"""What the opening minute is measured against: a minimal Flask app with the same steps on the same database.

It checks the same password, keeps a signed cookie, sends a query a page and books by a guarded insert; of our
rules it knows none. Its table `limit_bookings` is its own.
"""

import pickle
import secrets
import threading
from dataclasses import dataclass
from os import environ
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from flask import Flask, Response, abort, redirect, render_template_string, request, session

from bench.limits import connect, rows

RUSH = "BENCH_RUSH"
LOGIN = '<!doctype html><form method="post"><input name="csrf_token" value="{{ token }}"></form>'
HOME = "<!doctype html><h1>{{ name }}</h1><a href='/meetings/1'>Kies</a>"
ROUND = """<!doctype html><form method="post"><input name="csrf_token" value="{{ token }}">
{% for slot in free %}<label><input type="radio" name="slot" value="{{ slot[0] }}">{{ slot[1] }}</label>
{% endfor %}</form>"""


@dataclass(frozen=True)
class Rush:
    """What the limit needs: the database and the sessions' key, and a free place's statement."""

    secret_key: str
    database: str


def create_app() -> Flask:
    """Make the minimal app."""
    rush: Rush = pickle.loads(Path(environ[RUSH]).read_bytes())  # noqa: S301
    app = Flask("rush")
    app.secret_key = rush.secret_key
    hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    local = threading.local()
    mark = "?" if rush.database.startswith("sqlite") else "%s"

    def ask(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        if not hasattr(local, "connection"):
            local.connection = connect(rush.database)
            if mark == "%s":
                local.connection.autocommit = True
        return rows(local.connection, statement.replace("?", mark), values)

    def reader() -> int:
        return session.get("reader") or abort(403)

    @app.get("/login")
    def show_login() -> str:
        session["token"] = secrets.token_hex(16)
        return render_template_string(LOGIN, token=session["token"])

    @app.post("/login")
    def log_in() -> Response:
        check_token()
        found = ask("SELECT id, password_hash FROM users WHERE email = ?", request.form["email"])
        hasher.verify(found[0][1], request.form["password"])
        session["reader"] = found[0][0]
        return redirect("/", 303)  # type: ignore[return-value]

    @app.get("/")
    def show_home() -> str:
        return render_template_string(HOME, name=ask("SELECT given_name FROM users WHERE id = ?", reader()))

    @app.get("/meetings/<int:round_id>")
    def show_round(round_id: int) -> str:
        free = ask(
            "SELECT s.id, s.starts_at FROM slots s JOIN meeting_invitees i ON i.host_id = s.host_id "
            "JOIN guardianships g ON g.pupil_id = i.pupil_id "
            "LEFT JOIN limit_bookings b ON b.slot_id = s.id "
            "WHERE g.user_id = ? AND i.round_id = ? AND b.slot_id IS NULL ORDER BY s.starts_at",
            reader(),
            round_id,
        )
        return render_template_string(ROUND, free=free, token=session["token"])

    @app.post("/meetings/slots/<int:slot_id>/booking")
    def create_booking(slot_id: int) -> Response:
        check_token()
        won = ask(
            "INSERT INTO limit_bookings (slot_id, pupil_id, user_id) VALUES (?, ?, ?) "
            "ON CONFLICT DO NOTHING RETURNING slot_id",
            slot_id,
            int(request.form["pupil"]),
            reader(),
        )
        return redirect("/meetings/1", 303) if won else Response("taken", 409)  # type: ignore[return-value]

    def check_token() -> None:
        if request.form.get("csrf_token") != session.get("token"):
            abort(400)

    return app
