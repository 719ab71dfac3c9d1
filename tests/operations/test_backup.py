"""`portal backup` and `portal restore`: the whole school in one file, into either database."""

import json
import stat
import threading
import zipfile
from pathlib import Path
from random import Random

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import Column, insert, select, text, update

from portal import clock
from portal.domain import audit, backup
from portal.errors import Refused
from portal.extensions import Base, db, start_writing
from portal.models.accounts import User
from portal.models.audit import AuditEntry
from portal.models.roster import Pupil
from tests.setting_back import contents

OWN_REFERENCES = [
    key.parent
    for table in Base.metadata.sorted_tables
    for key in table.foreign_keys
    if key.column.table is table
]
BACKUPS = 6
"""While others write; one that is not of one moment is among them almost surely."""
OTHER = {"sqlite": "postgres", "postgres": "sqlite"}


@pytest.fixture
def empty_app(databases, engine):
    """Makes an app on a new, empty database: with all tables on the other engine, or as asked."""
    made: list[Flask] = []

    def make(on: str = OTHER[engine], tables: bool = True) -> Flask:
        create = databases.create if tables else databases.create_without_tables
        made.append(databases.app_on(create(on, f"restored{len(made)}")))
        return made[-1]

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


def run(app: Flask, *arguments: object):
    return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def everything(app: Flask):
    with app.app_context():
        return contents()


@pytest.fixture(scope="module")
def backups() -> dict[str, bytes]:
    """What is in a backup of the school of the cast, on each database, once somebody made it."""
    return {}


@pytest.fixture
def saved(app, school, engine, backups, tmp_path) -> Path:
    """The backup of the school of the cast."""
    path = tmp_path / "school.backup"
    if engine not in backups:
        make_backup(app, path)
        backups[engine] = path.read_bytes()
    path.write_bytes(backups[engine])
    return path


def make_backup(app: Flask, path: Path) -> None:
    done = run(app, "backup", path)
    assert done.exit_code == 0, done.output
    assert "4 pupils" in done.output


@pytest.fixture
def untouched(tested_apps, engine) -> Flask:
    """An app on an empty database of the other engine, which stays empty."""
    tested = tested_apps(OTHER[engine], "untouched")
    tested.to_empty()
    return tested.app


def test_it_comes_back_whole_in_the_other_database(app, school, saved, empty_app):
    other = empty_app()
    done = run(other, "restore", saved)
    assert done.exit_code == 0, done.output
    assert everything(other) == everything(app)


def test_rows_that_refer_to_rows_of_their_own_table_come_back(app, talks, empty_app, tmp_path):
    """Each to one with a higher number and to one with a lower: databases look as each row comes in."""
    with app.app_context():
        start_writing()
        for column in OWN_REFERENCES:
            refer_both_ways(column)
        db.session.commit()
    path, other = tmp_path / "school.backup", empty_app()
    assert run(app, "backup", path).exit_code == 0
    done = run(other, "restore", path)
    assert done.exit_code == 0, done.output
    assert everything(other) == everything(app)


def refer_both_ways(column: Column) -> None:
    """Let the first row of a table refer to the last one and the last to the first."""
    table, connection = column.table, db.session.connection()
    rows = connection.execute(select(table).order_by(table.c.id)).mappings().all()
    first, last = rows[0]["id"], rows[-1]["id"]
    if first == last:
        last = first + 1
        connection.execute(insert(table), dict(rows[0]) | {"id": last})
    for one, other in ((first, last), (last, first)):
        connection.execute(update(table).where(table.c.id == one).values({column.name: other}))


def test_what_comes_after_gets_new_numbers(school, saved, empty_app):
    other = empty_app()
    run(other, "restore", saved)
    with other.app_context():
        start_writing()
        db.session.add(User(surname="Nieuw", created_at=clock.now()))
        db.session.commit()


def test_only_its_owner_may_read_the_file(app, school, tmp_path):
    path = tmp_path / "school.backup"
    make_backup(app, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob(".*.part")] == []


def test_it_can_be_read_without_the_portal(saved):
    with zipfile.ZipFile(saved) as packed:
        about = json.loads(packed.read("manifest.json"))
        lines = packed.read("tables/pupils.jsonl").splitlines()
    assert about["tables"]["pupils"]["rows"] == len(lines) - 1 == 4
    assert ["given_name", "plain"] in json.loads(lines[0])


def test_every_changed_byte_is_noticed(app, saved, tmp_path):
    whole = saved.read_bytes()
    random = Random(1)
    places = [0, 1, len(whole) - 1, len(whole) - 64, len(whole) - 84]
    places += [random.randrange(len(whole)) for _ in range(100)]
    hurt = tmp_path / "hurt"
    with app.app_context():
        for place in places:
            broken = bytearray(whole)
            broken[place] ^= 1 << random.randrange(8)
            hurt.write_bytes(broken)
            with pytest.raises(Refused, match="beschadigd"):
                backup.open_backup(hurt)


@pytest.mark.parametrize("cut", [0, 1, 83, 84, 1000, -1])
def test_a_file_that_stops_half_way_is_refused_in_words(saved, untouched, cut):
    saved.write_bytes(saved.read_bytes()[:cut])
    done = run(untouched, "restore", saved)
    assert done.exit_code == 2
    assert "beschadigd" in done.output
    assert everything(untouched)["users"] == []


def test_a_file_that_is_not_there_is_refused_in_words(app, tmp_path):
    done = run(app, "restore", tmp_path / "nothing")
    assert done.exit_code == 2
    assert "nothing" in done.output


def test_a_folder_that_cannot_be_written_is_said(app, school, tmp_path):
    done = run(app, "backup", tmp_path / "no" / "such" / "folder")
    assert done.exit_code == 2
    assert done.output.strip()


def test_a_database_with_pupils_stays_as_it_is(app, school, saved):
    before = everything(app)
    done = run(app, "restore", saved)
    assert done.exit_code == 2
    assert "al een school" in done.output
    assert everything(app) == before


def test_a_backup_of_a_newer_portal_is_refused(app, school, tmp_path, untouched):
    path = tmp_path / "newer"
    with app.app_context():
        start_writing()
        known = db.session.scalar(text("SELECT version_num FROM alembic_version"))
        change = text("UPDATE alembic_version SET version_num = :revision")
        try:
            db.session.connection().execute(change, {"revision": "from-later"})
            db.session.commit()
            backup.write_backup(path, clock.now())
        finally:
            start_writing()
            db.session.connection().execute(change, {"revision": known})
            db.session.commit()
    done = run(untouched, "restore", path)
    assert done.exit_code == 2
    assert "nieuwere" in done.output
    assert everything(untouched)["users"] == []


def test_a_backup_of_an_older_portal_is_taken_along(empty_app, engine, tmp_path):
    old, new, path = empty_app(engine, tables=False), empty_app(), tmp_path / "old"
    with old.app_context():
        scripts = list(backup._scripts().walk_revisions())
        flask_migrate.upgrade(revision=scripts[-1].revision)
        start_writing()
        db.session.connection().exec_driver_sql(
            "INSERT INTO users (given_name, initials, prefix, surname, sort_key, phone, phone_e164, language,"
            " created_at) VALUES ('', '', '', 'Oud', 'oud', '', '', 'nl', '2026-11-24 06:55:00')"
        )
        db.session.commit()
    assert run(old, "backup", path).exit_code == 0
    done = run(new, "restore", path)
    assert done.exit_code == 0, done.output
    with new.app_context():
        assert flask_migrate.check() is None
        assert db.session.query(User.surname).scalar() == "Oud"


def test_another_secret_key_is_said(school, saved, databases, empty_app):
    other = empty_app()
    other.config["SECRET_KEY"] = "another-key-than-the-one-of-the-backup"
    done = run(other, "restore", saved)
    assert done.exit_code == 0
    assert "another secret key" in done.output


def test_each_is_of_one_moment_while_others_write(app, school, tmp_path, empty_app):
    stop = threading.Event()

    def write_in_pairs() -> None:
        # As fast as it can it would only make the backups large.
        while not stop.wait(0.001):
            with app.app_context():
                start_writing()
                audit.record(None, "first", "pair", 1)
                db.session.flush()
                audit.record(None, "second", "pair", 1)
                db.session.commit()

    writer = threading.Thread(target=write_in_pairs)
    writer.start()
    try:
        counts = []
        with app.app_context():
            for number in range(BACKUPS):
                made = backup.write_backup(tmp_path / f"{number}", clock.now())
                counts.append(made.tables["audit_entries"])
    finally:
        stop.set()
        writer.join()
    assert not [count for count in counts if count % 2]
    assert counts[-1] > counts[0]
    other = empty_app()
    done = run(other, "restore", tmp_path / f"{BACKUPS - 1}")
    assert done.exit_code == 0, done.output
    with other.app_context():
        assert db.session.query(AuditEntry).count() == counts[-1]
        assert db.session.query(Pupil).count() == 4
