"""`portal check`: says line by line whether an installation is healthy and safe."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from portal import clock
from portal.domain import jobs
from portal.extensions import db, start_writing
from portal.models.school import School


@pytest.fixture
def check(databases, engine, school, app, smtp, tmp_path):
    """Runs `portal check` on the school with other settings; returns what is bad and the lines by topic.

    The Postgres of the tests need not survive a power cut, and `portal check` rightly says so.
    """

    def run(**settings: object) -> tuple[set[str], dict[str, str]]:
        made = databases.app_on(app.config["DATABASE_URL"])
        made.config.update(
            {
                "TESTING": False,
                "BASE_URL": "https://ouders.lindeboog.example",
                "TRUSTED_PROXIES": 1,
                "SECRET_KEY": "k" * 64,
            }
        )
        made.config.update(settings)
        made.instance_path = str(tmp_path)
        code, lines = checked(made)
        bad = {topic for topic, line in lines.items() if line.startswith("BAD")}
        assert code == bool(bad)
        return bad - ({"durability"} if engine == "postgres" else set()), lines

    tmp_path.chmod(0o700)
    return run


def checked(app: Flask) -> tuple[int, dict[str, str]]:
    done = app.test_cli_runner().invoke(args=["check"])
    with app.app_context():
        db.engine.dispose()
    lines = (line.partition("  ") for line in done.output.splitlines())
    return done.exit_code, {
        rest.strip().partition(":")[0]: f"{verdict} {rest.strip()}" for verdict, _, rest in lines
    }


def worker_ran(app: Flask, ago: timedelta) -> None:
    with app.app_context():
        start_writing()
        jobs.claim(*jobs.ALIVE, clock.now() - ago)
        db.session.commit()


def test_a_sound_installation_has_nothing_bad(app, check):
    worker_ran(app, timedelta(seconds=20))
    bad, lines = check()
    assert not bad, lines
    assert {"database", "durability", "migrations", "school", "worker", "secret key", "mail"} <= lines.keys()


@pytest.mark.parametrize(
    ("settings", "about"),
    [
        ({"BASE_URL": "http://ouders.lindeboog.example"}, "address"),
        ({"SECRET_KEY": "short"}, "secret key"),
        ({"TEST_NOW": "2026-11-24 07:55"}, "clock"),
        ({"TESTING": True}, "debug"),
        ({"MAIL_DEFAULT_SENDER": ""}, "mail"),
        ({"MAIL_PORT": 1}, "mail"),
        ({"TRUSTED_PROXIES": 0}, "proxies"),
    ],
)
def test_what_is_wrong_is_named(app, check, settings, about):
    worker_ran(app, timedelta(seconds=20))
    assert check(**settings)[0] == {about}


def test_a_worker_that_stopped_is_named(app, check):
    assert check()[0] == {"worker"}
    worker_ran(app, timedelta(minutes=30))
    assert "30 minutes" in check()[1]["worker"]


def test_a_folder_that_others_may_open_is_named(check, tmp_path):
    tmp_path.chmod(0o755)
    assert "chmod" in check()[1]["instance folder"]


def test_a_secret_key_that_others_may_read_is_named(check, tmp_path: Path):
    key = tmp_path / "secret_key"
    key.write_text("k" * 64)
    key.chmod(0o644)
    assert check()[1]["secret_key"].startswith("BAD")


def test_a_demo_may_run_without_encryption_and_mail(app, check):
    with app.app_context():
        start_writing()
        db.session.get_one(School, 1).is_demo = True
        db.session.commit()
    _bad, lines = check(BASE_URL="http://127.0.0.1:8000")
    assert lines["address"].startswith("ok")
    assert lines["mail"].startswith("ok")


@pytest.mark.parametrize("server", ["smtp.provider.nl", "10.0.0.7", "::2"])
def test_mail_that_can_be_read_on_the_way_is_named(check, server):
    assert "PORTAL_MAIL_USE_TLS" in check(MAIL_SERVER=server)[1]["mail"]
    assert "mail" in check(MAIL_SERVER=server)[0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [({}, "what this demo school sends"), ({"MAIL_SERVER": ""}, "sent to nobody"), ({"MAIL_PORT": 1}, "BAD")],
)
def test_where_the_mail_of_a_demo_goes_is_said(app, check, settings, words):
    with app.app_context():
        start_writing()
        db.session.get_one(School, 1).is_demo = True
        db.session.commit()
    assert words in check(**settings)[1]["mail"]


def test_a_database_without_tables_is_named(databases, engine):
    made = databases.app_on(databases.create_without_tables(engine, "unmigrated"))
    code, lines = checked(made)
    assert code == 1
    assert "portal db upgrade" in lines["migrations"]
    assert "school" not in lines


def test_a_postgres_that_may_forget_is_named(app, school, engine):
    if engine == "sqlite":
        pytest.skip("about Postgres")
    with app.app_context():
        assert db.session.scalar(text("SHOW fsync")) == "off"
        db.session.rollback()
    assert "fsync, synchronous_commit, full_page_writes" in checked(app)[1]["durability"]


def test_a_database_that_does_not_answer_is_named(databases):
    code, lines = checked(databases.app_on("postgresql://nobody@127.0.0.1:1/nowhere"))
    assert code == 1
    assert lines["database"].startswith("BAD")
