"""The migrations make the tables that the models describe, on both databases, and undo it again."""

import ast
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import CheckConstraint, inspect, text

from portal import clock, migrations_folder
from portal.domain.arrangement_history import note
from portal.extensions import Base, db, start_writing
from portal.models.meeting_tidings import RoundTold
from tests import cast
from tests.meetings.making import make_round
from tests.privacy import world
from tests.setting_back import contents, fill

VERSIONS = sorted(Path(migrations_folder(), "versions").glob("*.py"))


@pytest.fixture
def bare_app(engine, databases) -> Flask:
    """The app on a database with nothing in it."""
    app = databases.app_on(databases.create_without_tables(engine, "migrations"))
    yield app
    with app.app_context():
        db.engine.dispose()


def tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def named(kind: str, table: str) -> set[str]:
    """Return the names that the database gives to a kind of thing in a table."""
    return {found["name"] for found in getattr(inspect(db.engine), f"get_{kind}")(table)}


def test_they_make_what_the_models_describe(bare_app):
    with bare_app.app_context():
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            assert compare_metadata(context, Base.metadata) == []


def test_they_name_every_constraint_and_index_as_the_models_do(bare_app):
    """Alembic does not compare check constraints, nor the conditions of indexes."""
    with bare_app.app_context():
        flask_migrate.upgrade()
        for table in Base.metadata.sorted_tables:
            checks = {c.name for c in table.constraints if isinstance(c, CheckConstraint) and c.name}
            assert named("check_constraints", table.name) == checks
            assert named("foreign_keys", table.name) == {key.name for key in table.foreign_key_constraints}
            assert inspect(db.engine).get_pk_constraint(table.name)["name"] == table.primary_key.name
            assert {index.name for index in table.indexes} <= named("indexes", table.name)


def test_the_conditions_of_indexes_are_those_of_the_models(bare_app, engine):
    with bare_app.app_context():
        flask_migrate.upgrade()
        option = {"sqlite": "sqlite_where", "postgres": "postgresql_where"}[engine]
        for table in Base.metadata.sorted_tables:
            found = {index["name"]: index for index in inspect(db.engine).get_indexes(table.name)}
            for index in table.indexes:
                expected = index.dialect_kwargs.get(option)
                condition = found[index.name]["dialect_options"].get(option)
                assert plain(condition) == plain(expected), index.name
                assert bool(found[index.name]["unique"]) == bool(index.unique), index.name


def plain(condition: object) -> str:
    """Return a condition without the brackets and casts that a database adds."""
    return "".join(str(condition).replace("(", "").replace(")", "").split()).lower()


def test_they_go_back_to_nothing(bare_app):
    with bare_app.app_context():
        flask_migrate.upgrade()
        assert tables() == {table.name for table in Base.metadata.sorted_tables}
        flask_migrate.downgrade(revision="base")
        assert tables() == set()
        flask_migrate.upgrade()
        assert tables() == {table.name for table in Base.metadata.sorted_tables}


def test_each_can_be_taken_back_alone(bare_app):
    with bare_app.app_context():
        for _ in VERSIONS:
            flask_migrate.upgrade(revision="+1")
            flask_migrate.downgrade(revision="-1")
            flask_migrate.upgrade(revision="+1")
        assert tables() == {table.name for table in Base.metadata.sorted_tables}


@pytest.mark.slow
def test_each_can_be_taken_back_and_made_again_in_a_filled_school(bare_app):
    """Down from the last to the first; each is also made again on what the ones before it hold."""
    with bare_app.app_context():
        flask_migrate.upgrade()
        cast.make()
        made = world.extended(contents())
        world.fill(made)
        start_writing()
        for table in reversed(Base.metadata.sorted_tables):
            db.session.execute(table.delete())
        fill(db.session.connection(), made.rows)
        db.session.commit()
        pupils = len(made.rows["pupils"])
        for _ in VERSIONS[1:]:
            flask_migrate.downgrade(revision="-1")
            flask_migrate.upgrade(revision="+1")
            flask_migrate.downgrade(revision="-1")
        flask_migrate.upgrade()
        assert db.session.scalar(text("SELECT count(*) FROM pupils")) == pupils


def test_a_database_is_brought_up_to_date_twice_without_harm(bare_app):
    with bare_app.app_context():
        flask_migrate.upgrade()
        flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert len(connection.execute(text("SELECT version_num FROM alembic_version")).all()) == 1


def test_who_was_invited_before_it_was_kept_for_each_child_is_not_invited_again(bare_app):
    with bare_app.app_context():
        flask_migrate.upgrade()
        school = cast.make()
    made = make_round(bare_app, school)
    with bare_app.app_context():
        start_writing()
        for person in (school.anna, school.gert):
            told = {"user_id": person.id, "round_id": made.round, "told_at": clock.now()}
            db.session.add(RoundTold(what="opened", **told))
        db.session.commit()
        for _ in range(2):
            flask_migrate.downgrade(revision="0030")
            flask_migrate.upgrade()
        told = db.session.execute(text("SELECT user_id, what FROM rounds_told WHERE what <> 'opened'"))
        assert sorted(map(tuple, told)) == sorted(
            (school.anna.id, f"opened:{child.id}") for child in (school.bram, school.noor)
        )


def test_they_stand_in_one_line():
    follows = {}
    for path in VERSIONS:
        values = {
            node.targets[0].id: ast.literal_eval(node.value)
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.Assign)
        }
        follows[values["revision"]] = values["down_revision"]
    assert list(follows.values()).count(None) == 1
    assert len(set(follows.values())) == len(follows), "two migrations follow the same one"
    assert set(follows.values()) - {None} <= set(follows)


@pytest.mark.parametrize("path", VERSIONS, ids=lambda path: path.stem)
def test_each_is_a_sentence_and_imports_nothing_of_the_portal(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    imported = {
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    assert not {name for name in imported if name.split(".")[0] in ("portal", "tests")}


def test_authority_that_a_list_took_is_no_decision_of_school(bare_app):
    said = {
        "Zo staat het in de lijst van de leerlingadministratie.": "listed_no_authority",
        "So it stands in the list of the pupil administration.": "listed_no_authority",
        "Beschikking van de rechter.": "no_authority",
    }
    with bare_app.app_context():
        flask_migrate.upgrade()
        school = cast.make()
        flask_migrate.downgrade(revision="0028")
        start_writing()
        for reason in said:
            note(school.bram.id, school.daan.id, "no_authority", reason, None, clock.now())
        db.session.commit()
        flask_migrate.upgrade()
        found = db.session.execute(text("SELECT reason, what FROM arrangement_entries")).all()
        assert dict(map(tuple, found)) == said
