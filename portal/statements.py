"""Statements that are built once and sent again and again, with little around each sending.

SQLAlchemy makes the SQL and knows how a value is written and read; it does so once for each statement and
database. Each sending is then the driver's own, which takes a third of the time (decision 013).
"""

import json
from collections.abc import Callable, Collection
from functools import lru_cache
from typing import Any, Self

from sqlalchemy import (
    Boolean,
    Connection,
    Dialect,
    Integer,
    Select,
    Text,
    TypeDecorator,
    bindparam,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert, ReturningUpdate
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

Row = tuple[Any, ...]
Query = Select[*Row] | ReturningInsert[*Row] | ReturningUpdate[Row] | ReturningDelete[Row]
Convert = Callable[[Any], Any]


class Prepared:
    """A statement in the words of one database. `columns`: which of them are read by which conversion."""

    def __init__(self, query: Query, dialect: Dialect) -> None:
        compiled = query.compile(dialect=dialect)
        self.query = query
        self.sql = str(compiled)
        self.expands = bool(compiled.post_compile_params or compiled.literal_execute_params)
        self.order = compiled.positiontup
        self.given: dict[str, Convert | None] = {}
        self.fixed: dict[str, object] = {}
        for name, bind in compiled.binds.items():
            convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
            if bind.required:
                self.given[name] = convert
            elif not self.expands:
                self.fixed[name] = convert(bind.effective_value) if convert else bind.effective_value
        readers = (
            column.type.dialect_impl(dialect).result_processor(dialect, None)
            for column in query.exported_columns
        )
        self.columns = [(index, reader) for index, reader in enumerate(readers) if reader]

    def rows(self, connection: Connection, parameters: dict[str, object]) -> list[Row]:
        """Send the statement and return all of its rows."""
        if self.expands:
            return [tuple(row) for row in connection.execute(self.query, parameters)]
        values = self.fixed | {
            name: convert(parameters[name]) if convert else parameters[name]
            for name, convert in self.given.items()
        }
        in_order = values if self.order is None else [values[name] for name in self.order]
        found = self._sent(connection, in_order)
        return [self._read(row) for row in found] if self.columns else found

    def _sent(self, connection: Connection, values: Any) -> list[Row]:
        driver: Any = connection.connection.dbapi_connection
        try:
            cursor = driver.cursor()
            for tell in connection.engine.dispatch.before_cursor_execute:
                tell(connection, cursor, self.sql, values, None, False)
            cursor.execute(self.sql, values)
            found: list[Row] = cursor.fetchall()
            cursor.close()
        except connection.dialect.loaded_dbapi.Error as error:
            raise self._as_sqlalchemy_says(error, connection) from error
        return found

    def _as_sqlalchemy_says(self, error: Any, connection: Connection) -> Exception:
        """Return the driver's error as the rest of the portal knows it; a dead connection leaves the pool."""
        dialect = connection.dialect
        lost = dialect.is_disconnect(error, connection.connection, None)
        if lost:
            connection.invalidate(error)
            # The others were connected to the same server.
            connection.engine.dispose()
        said: Exception = DBAPIError.instance(
            self.sql,
            None,
            error,
            dialect.loaded_dbapi.Error,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        )
        return said

    def _read(self, row: Row) -> Row:
        values = list(row)
        for index, reader in self.columns:
            values[index] = reader(values[index])
        return tuple(values)


@lru_cache(maxsize=500)
def prepared(query: Query, dialect: Dialect) -> Prepared:
    """Return the statement in the words of this database, made at its first use."""
    return Prepared(query, dialect)


class Numbers(TypeDecorator[Collection[int]]):
    """Many numbers as one value, so that a statement is the same however many there are."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.ARRAY(Integer()) if _is_postgres(dialect) else Text())

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        numbers = list(value or ())
        return numbers if _is_postgres(dialect) else json.dumps(numbers)


def _is_postgres(dialect: Dialect) -> bool:
    return dialect.name == "postgresql"


class among(FunctionElement[bool]):  # noqa: N801
    """The condition that a number is one of those of a parameter: `among(Slot.id, "slot_ids")`.

    SQLAlchemy's `in_` spells a list out each time that it is asked; this is built once (decision 013).
    """

    inherit_cache = True
    type = Boolean()

    def __init__(self, number: Any, parameter: str) -> None:
        super().__init__(number, bindparam(parameter, type_=Numbers))

    def self_group(self, against: object = None) -> Self:
        """Stand in a condition as a comparison does: SQLite uses no index for `(x IN ...) = 1`."""
        return self


@compiles(among, "postgresql")
def _among_array(element: among, compiler: SQLCompiler, **given: Any) -> str:
    number, numbers = (compiler.process(part, **given) for part in element.clauses)
    return f"{number} = ANY ({numbers})"


@compiles(among, "sqlite")
def _among_json(element: among, compiler: SQLCompiler, **given: Any) -> str:
    number, numbers = (compiler.process(part, **given) for part in element.clauses)
    return f"{number} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608 - what SQLAlchemy wrote
