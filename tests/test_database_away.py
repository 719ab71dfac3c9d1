"""When the database is away, or goes while a page is made, everybody reads to try again in a moment."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Engine, event

from portal import create_app
from portal.extensions import db, is_writing, start_writing
from tests.clients import client_of
from tests.postgres_server import free_port

NOBODY = {"email": "anna@lindeboog.example", "password": "zonnebloem-4"}
AWAY = {
    "postgres": lambda folder: f"postgresql://postgres@127.0.0.1:{free_port()}/portal",
    "sqlite": lambda folder: f"sqlite:///{folder}/gone/portal.sqlite",
}


@pytest.mark.parametrize("database", AWAY)
def test_a_form_sent_while_it_is_away_gets_that_page_and_leaves_nothing_behind(database, tmp_path):
    settings = {"TESTING": False, "SECRET_KEY": "x", "DATABASE_URL": AWAY[database](tmp_path)}
    app = create_app(settings)
    client = client_of(app)
    with client.session_transaction() as session:
        session["_user_id"] = "somebody"
    for path in ("/login", "/login/mail", "/absence/report"):
        for _ in range(2):
            answer = client.post(path, data=NOBODY)
            assert answer.status_code == 503
            assert "<html" in answer.text
    assert client_of(app).post("/login", data=NOBODY).status_code == 503
    with app.app_context():
        assert not is_writing()
        assert db.engine.pool.checkedout() == 0


@contextmanager
def lost_before(number: int, url: str) -> Iterator[list[int]]:
    """Let Postgres end the connection just before the statement of this number that the portal sends."""
    sent: list[int] = []

    def end_it(connection: object, _cursor: object, *_: object) -> None:
        sent.append(1)
        if len(sent) == number:
            pid = connection.connection.dbapi_connection.info.backend_pid
            with psycopg.connect(url, autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))

    event.listen(Engine, "before_cursor_execute", end_it)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", end_it)


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_wherever_a_connection_is_lost_the_next_page_is_there(app, school, client_for, method):
    anna = client_for(school.anna)
    path = "/" if method == "GET" else "/absence/report"
    form = {"pupil": school.bram.id, "kind": "sick"}
    for number in range(1, 100):
        with lost_before(number, app.config["DATABASE_URL"]) as sent:
            answer = anna.open(path, method=method, data=form)
        if len(sent) < number:
            break
        assert (number, answer.status_code) == (number, 503)
        assert "<html" in answer.text
        with app.app_context():
            assert db.engine.pool.checkedout() == 0
        assert anna.get("/").status_code == 200
    assert number > 4
    assert answer.status_code in (200, 303)


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_who_comes_after_it_was_away_notices_nothing(app, school, client_for):
    """All connections that wait for the next page are ended, as by a restart."""
    anna = client_for(school.anna)
    with app.app_context():
        waiting = [db.engine.connect() for _ in range(3)]
        pids = [one.connection.dbapi_connection.info.backend_pid for one in waiting]
        for one in waiting:
            one.close()
    with psycopg.connect(app.config["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) AS pid", (pids,))
    for _ in range(3):
        assert anna.get("/").status_code == 200
    assert anna.post("/side", data={"side": "parent"}).status_code == 303
    with app.app_context():
        held = [db.engine.connect() for _ in range(3)]
        assert not {one.connection.dbapi_connection.info.backend_pid for one in held} & set(pids)
        for one in held:
            one.close()


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_one_connection_that_is_lost_says_that_all_are(app, school, client_for):
    """A server that fell over tells nobody: the next visitors would lose theirs one by one."""
    anna = client_for(school.anna)
    with app.app_context():
        waiting = [db.engine.connect() for _ in range(3)]
        pids = {one.connection.dbapi_connection.info.backend_pid for one in waiting}
        for one in waiting:
            one.close()
    with lost_before(1, app.config["DATABASE_URL"]):
        assert anna.get("/").status_code == 503
    with app.app_context():
        anew = [db.engine.connect() for _ in range(3)]
        assert not {one.connection.dbapi_connection.info.backend_pid for one in anew} & pids
        for one in anew:
            one.close()


def test_whether_something_is_being_written_is_known_until_it_ends(app):
    with app.app_context():
        assert not is_writing()
        start_writing()
        assert is_writing()
        db.session.rollback()
        assert not is_writing()
        start_writing()
        db.session.commit()
        assert not is_writing()
        db.session.connection()
        assert not is_writing()
