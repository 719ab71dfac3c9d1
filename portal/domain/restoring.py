"""Putting a backup back: into an empty database, as it was made, then brought up to date."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import flask_migrate
from sqlalchemy import Connection, Table, bindparam, delete, exists, func, insert, select, update

from portal.domain.backup import BYTES_AT_ONCE, READ_AS, ROWS_AT_ONCE, Archive, Row, member_of, tables_in
from portal.domain.operations import current_heads, expected_heads
from portal.errors import Refused
from portal.extensions import db
from portal.words import gettext as _

TELLING_TABLES = ("school", "users", "pupils")
"""A database in which one of these has a row is somebody's."""


def fit_schema(archive: Archive) -> None:
    """Give the empty database the tables that the backup was made with.

    Raises Refused when there is somebody's data in it.
    """
    heads = current_heads()
    if heads:
        _refuse_used_database()
    db.session.rollback()
    if heads == {archive.revision}:
        return
    if heads:
        flask_migrate.downgrade(revision=archive.revision)
    else:
        flask_migrate.upgrade(revision=archive.revision)


def bring_schema_up_to_date(archive: Archive) -> None:
    """Take a backup of an older version the rest of the way; call it after the commit."""
    if {archive.revision} != expected_heads():
        flask_migrate.upgrade()


def _refuse_used_database() -> None:
    connection = db.session.connection()
    for table in tables_in(connection):
        if table.name in TELLING_TABLES and connection.scalar(select(exists(select(table)))):
            raise Refused(_("There is a school in this database already. Restore into an empty database."))


def restore(archive: Archive) -> None:
    """Put every row back, in one transaction of the caller's. Raises Refused when something does not fit."""
    _refuse_used_database()
    connection = db.session.connection()
    tables = tables_in(connection)
    if {table.name for table in tables} != set(archive.tables):
        raise Refused(_("The tables of this database are not those of the backup."))
    for table in reversed(tables):
        connection.execute(delete(table))
    with zipfile.ZipFile(archive.path) as packed:
        for table in tables:
            with packed.open(member_of(table.name)) as member:
                _load(connection, table, member)
            if connection.scalar(select(func.count()).select_from(table)) != archive.tables[table.name]:
                raise Refused(_("The backup does not hold what it says it holds."))
    if connection.dialect.name == "postgresql":
        _continue_numbers(connection, tables)


def _load(connection: Connection, table: Table, member: Iterable[bytes]) -> None:
    """Put the rows of one table back.

    Databases check each row as it comes in, and one may refer to a row of its own table that comes later:
    such columns are filled in when all rows are there.
    """
    lines = iter(member)
    heading = [(name, READ_AS[kind]) for name, kind in json.loads(next(lines))]
    numbers = [column.name for column in table.primary_key]
    later: dict[str, list[Row]] = {name: [] for name in _references_to_itself(table)}
    for some in _portions(lines):
        rows = [_read(heading, line) for line in some]
        for name, found in later.items():
            found += [
                {f"its_{key}": row[key] for key in numbers} | {name: row[name]}
                for row in rows
                if row[name] is not None
            ]
        connection.execute(insert(table), [row | dict.fromkeys(later) for row in rows])
    for name, found in later.items():
        if found:
            which = [table.c[key] == bindparam(f"its_{key}") for key in numbers]
            connection.execute(update(table).where(*which).values({name: bindparam(name)}), found)


def _references_to_itself(table: Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _read(heading: list[tuple[str, Callable[[Any], Any]]], line: bytes) -> Row:
    return {
        name: None if value is None else read(value)
        for (name, read), value in zip(heading, json.loads(line), strict=True)
    }


def _portions(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield lines together, as many as fit in little memory."""
    some: list[bytes] = []
    size = 0
    for line in lines:
        some.append(line)
        size += len(line)
        if size >= BYTES_AT_ONCE or len(some) == ROWS_AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some


def _continue_numbers(connection: Connection, tables: list[Table]) -> None:
    """Let the next row get a number above those that were put back."""
    for table in tables:
        keys = list(table.primary_key.columns)
        if len(keys) != 1 or keys[0].type.python_type is not int:
            continue
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, keys[0].name)))
        if sequence:
            highest = connection.scalar(select(func.max(keys[0]))) or 0
            connection.execute(select(func.setval(sequence, highest + 1, False)))
