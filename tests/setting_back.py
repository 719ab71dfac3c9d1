"""Setting the tables of a test's database back to what it starts from.

By SQL, so that it also works under a live server; a start that is asked for again is kept in the database.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache, partial
from typing import Any

from sqlalchemy import Connection, Engine, Insert, Integer, Table, delete, insert, inspect, select

from portal.extensions import SQLITE_SETTINGS, WRITING, Base, db

STARTS_IN_SIGHT = 20

Rows = dict[str, list[dict[str, Any]]]


class Kept:
    """The starts that were asked for before: the database keeps them, and sets its tables back by itself."""

    def __init__(self) -> None:
        self.seen: dict[int, Rows] = {}
        self.known: dict[int, tuple[Callable[[], None], Rows]] = {}
        self.own: sqlite3.Connection | None = None

    def set_back(self, engine: Engine, start: Rows) -> None:
        """Make the tables hold these rows; from the third time on the database does it by itself."""
        number = id(start)
        if number in self.known:
            self.known[number][0]()
            return
        with (
            engine.connect() as connection,
            kept_beside(connection) if number in self.seen else nullcontext(),
        ):
            writing = connection.execution_options(**{WRITING: True})
            fill(writing, start)
            if number in self.seen:
                self.known[number] = self.keep(writing, start), start
            writing.commit()
        if len(self.seen) == STARTS_IN_SIGHT:
            self.seen.clear()
        self.seen[number] = start

    def keep(self, connection: Connection, start: Rows) -> Callable[[], None]:
        """Keep the rows that are in the tables now; return what sets them back to those."""
        engine = connection.engine
        if engine.dialect.name == "postgresql":
            schema = f"kept_{len(self.known)}"
            connection.exec_driver_sql(keeping(schema, start))
            return partial(call_on_postgres, engine, schema)
        copies = {name: f"kept.k{len(self.known)}_{name}" for name in filled_in(start)}
        for name, copy in copies.items():
            connection.exec_driver_sql(f"CREATE TABLE {copy} AS SELECT * FROM main.{name}")  # noqa: S608
        steps = [f"DELETE FROM main.{name}" for name in start]  # noqa: S608
        steps += [f"INSERT INTO main.{name} SELECT * FROM {copy}" for name, copy in copies.items()]  # noqa: S608
        return partial(self.run_on_sqlite, engine, steps)

    def run_on_sqlite(self, engine: Engine, statements: list[str]) -> None:
        """Run these in one transaction; the rows were there together, so none is asked for its others."""
        if self.own is None:
            path = str(engine.url.database)
            self.own = sqlite3.connect(path, isolation_level=None, cached_statements=1000)
            for setting in (*SQLITE_SETTINGS, "foreign_keys=OFF"):
                self.own.execute(f"PRAGMA {setting}")
            attach(self.own, path)
        self.own.execute("BEGIN IMMEDIATE")
        with self.own:
            for statement in statements:
                self.own.execute(statement)

    def close(self) -> None:
        if self.own is not None:
            self.own.close()


@contextmanager
def kept_beside(connection: Connection) -> Iterator[None]:
    """Let a connection that began nothing yet have the place of the kept starts, on SQLite for this once."""
    if connection.dialect.name != "sqlite":
        yield
        return
    attach(connection.connection.dbapi_connection, str(connection.engine.url.database))
    try:
        yield
    finally:
        connection.invalidate()


def attach(connection: Any, path: str) -> None:
    """Give a connection to SQLite the file beside its database in which starts are kept."""
    connection.execute("ATTACH ? AS kept", (f"{path}-kept",))


def call_on_postgres(engine: Engine, schema: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SELECT {schema}.set_back()")


def filled_in(start: Rows) -> list[str]:
    """Return the names of the tables that have rows."""
    return [name for name in start if start[name]]


def contents() -> Rows:
    """Return all rows of all tables that the migrations made, those first that others refer to."""
    with db.engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        return {
            table.name: [
                dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in Base.metadata.sorted_tables
            if table.name in there
        }


def fill(connection: Connection, start: Rows) -> None:
    """Make the tables hold these rows and no others."""
    tables = [Base.metadata.tables[name] for name in start]
    on_postgres = connection.dialect.name == "postgresql"
    deletions = [deletion_from(table) for table in reversed(tables)]
    if on_postgres:
        # These rows were there together before: whether each one's others exist need not be asked again.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql("; ".join(deletions))
    else:
        for deletion in deletions:
            connection.exec_driver_sql(deletion)
    for table in tables:
        if start[table.name]:
            connection.execute(insertion_into(table), start[table.name])
    if on_postgres:
        connection.exec_driver_sql("SELECT " + ", ".join(next_numbers(tables, start)))


def keeping(schema: str, start: Rows) -> str:
    """Return what keeps the rows that are in the tables now, with a function that sets them back to those."""
    tables = [Base.metadata.tables[name] for name in start]
    filled = filled_in(start)
    steps = [
        *map(deletion_from, reversed(tables)),
        *(f"INSERT INTO {name} TABLE {schema}.{name}" for name in filled),
        f"PERFORM {', '.join(next_numbers(tables, start))}",
    ]
    copies = "".join(f"CREATE TABLE {schema}.{name} AS TABLE {name}; " for name in filled)
    return (
        f"CREATE SCHEMA {schema}; {copies}CREATE FUNCTION {schema}.set_back() RETURNS void "
        "LANGUAGE plpgsql SET session_replication_role = replica "
        f"AS $$BEGIN {'; '.join(steps)}; END$$"
    )


@cache
def deletion_from(table: Table) -> str:
    return str(delete(table))


@cache
def insertion_into(table: Table) -> Insert:
    return insert(table)


def next_numbers(tables: list[Table], start: Rows) -> Iterator[str]:
    """Yield what makes a table's next number the same as on SQLite: one more than the highest."""
    for table in tables:
        column = table.autoincrement_column
        if column is not None and isinstance(column.type, Integer) and not column.foreign_keys:
            highest = max((row[column.name] for row in start[table.name]), default=0)
            # By the name that Postgres gave it: to look that up each time takes a tenth of setting back.
            yield f"setval('{table.name}_{column.name}_seq', {highest + 1}, false)"
