"""The Flask extensions, bare, and how this project talks to its two databases.

SQLite has one writer at a time. A read transaction that starts to write after somebody else did fails at
once, whatever the busy timeout; so a writing view says `start_writing()` when everything slow is done, which
takes the write lock first and reads afresh under it.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time
from functools import cache
from select import POLLIN, poll
from sqlite3 import Connection as SQLiteConnection
from typing import Any, cast

from flask import g, has_request_context
from flask_babel import Babel
from flask_login import LoginManager
from flask_mail import Mail
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import (
    Connection,
    Date,
    DateTime,
    Dialect,
    Engine,
    Index,
    MetaData,
    String,
    Table,
    Time,
    TypeDecorator,
    bindparam,
    event,
    insert,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, registry
from sqlalchemy.pool import ConnectionPoolEntry, Pool
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from portal.statements import Query, Row, prepared
from portal.turns import Turn


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept as UTC on both databases. Refuses a moment without a zone with ValueError."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def ordered_text(length: int) -> String:
    """Return the type of a column to order by: its letters in the same order on both databases.

    A Postgres in a Dutch or English locale would skip the blanks that keep 'Berg' before 'Bergsma'.
    """
    return String(length).with_variant(String(length, collation="C"), "postgresql")


def unique_while(name: str, condition: str, *columns: str) -> Index:
    """Return an index that lets a combination be there once among the rows for which a condition holds."""
    return Index(name, *columns, unique=True, sqlite_where=text(condition), postgresql_where=text(condition))


class Base(DeclarativeBase):
    """Every table. Constraints are named, so that both databases can change them later."""

    registry = registry(
        metadata=MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime, date: Date, time: Time},
    )


class ReadingOn(FlaskSession):
    """A session that reads on in the transaction that `fetch()` began in this request."""

    def get_bind(self, *given: Any, **named: Any) -> Engine | Connection:
        """Return that transaction's connection, else what the session would take itself."""
        connection: Connection | None = g.get("connection")
        if connection is None or connection.closed:
            return super().get_bind(*given, **named)
        return connection


db = SQLAlchemy(model_class=Base, session_options={"class_": ReadingOn})
login_manager = LoginManager()
csrf = CSRFProtect()
mail = Mail()
migrate = Migrate()
babel = Babel()

WRITING = "portal_writing"
ONLY_READING = "portal_only_reading"
TURN = "portal_turn"
SQLITE_SETTINGS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    # What is deleted is written over, not only forgotten (decision 021).
    "secure_delete=ON",
)


class NotWriting(RuntimeError):
    """A change was about to reach the database without `start_writing()`: a mistake in the program."""


def start_writing() -> None:
    """Begin the transaction that changes something; what was read before is read again under its lock.

    Everything slow (hashing, parsing, mail) belongs before this call. `db.session.commit()` ends it.
    """
    read_afresh()
    session = db.session()
    session.info[WRITING] = session.begin()
    session.connection(execution_options={WRITING: True})


def is_writing() -> bool:
    """Whether `start_writing()` was called and what it began has not ended."""
    return db.session.registry.has() and _is_writing(db.session())


def _is_writing(session: Session) -> bool:
    """Ask nothing of the connection: there may be none, because the database is away."""
    return session.in_transaction() and session.info.get(WRITING) is session.get_transaction()


def has_one_writer() -> bool:
    """Whether only one transaction can write at a time, so that no row needs a lock: SQLite."""
    return db.engine.dialect.name == "sqlite"


def read_afresh() -> None:
    """End the transaction; what is read after this is read in a new one."""
    if db.session.registry.has():
        _commit_if_only_read()
        db.session.rollback()
    _give_back()


def stop_reading(_error: BaseException | None = None) -> None:
    """End what was read in a request, at its end."""
    if db.session.registry.has():
        db.session().expire_on_commit = False
        _commit_if_only_read()
    _give_back()


def _commit_if_only_read() -> None:
    """End a transaction with COMMIT that changed nothing.

    At ROLLBACK psycopg forgets what it prepared, and Postgres would plan the next page anew (decision 045).
    """
    session = db.session()
    has_changes = session.new or session.dirty or session.deleted
    if session.is_active and not _is_writing(session) and not has_changes:
        with suppress(SQLAlchemyError):
            session.commit()


def _give_back() -> None:
    connection: Connection | None = g.pop("connection", None)
    if connection is None:
        return
    with connection:
        if connection.get_execution_options().get(ONLY_READING) and connection.in_transaction():
            with suppress(SQLAlchemyError):
                connection.commit()


def fetch(query: Query, **parameters: object) -> list[Row]:
    """Run a query that was built once (`@cache`) with the values that its `bindparam`s name, for a page.

    Also an INSERT, UPDATE or DELETE that answers rows; NotWriting for one before `start_writing()`.

    To build a statement takes SQLAlchemy longer than to run it, and the session would treat its rows as
    objects; so what every page asks goes this way. It does not see what was not flushed.
    """
    if query.is_dml and not is_writing():
        raise NotWriting("call start_writing() before changing anything")
    connection: Connection | None = g._get_current_object().get("connection")
    if connection is None or not connection.in_transaction():
        _give_back()
        connection = g.connection = _connection_to_read_by()
    return prepared(query, connection.dialect).rows(connection, parameters)


def add_row(table: type[Base], **values: object) -> int:
    """Add a row that the session need not know, as `fetch` sends it, and return its number.

    What is not given has the column's default.
    """
    ((number,),) = fetch(_row_insert(table, tuple(values)), **given(values))
    return cast(int, number)


@cache
def _row_insert(table: type[Base], names: tuple[str, ...]) -> ReturningInsert[tuple[int]]:
    return insert(table).values(row_of(table, names)).returning(table.__table__.c.id)


def row_of(table: type[Base], names: Iterable[str]) -> dict[str, object]:
    """Return what an INSERT that is built once says: a parameter for each of `names`, and the defaults.

    SQLAlchemy itself would fill those in at each sending.
    """
    columns = cast(Table, table.__table__).c
    defaults = ((name, column.default) for name, column in columns.items())
    usual = {
        name: default.arg for name, default in defaults if isinstance(default, ScalarElementColumnDefault)
    }
    return usual | {name: bindparam(_given(name), type_=columns[name].type) for name in names}


def given(values: Mapping[str, object]) -> dict[str, object]:
    """Return the values of a row under the names of their parameters: a column's own name may be none."""
    return {_given(name): value for name, value in values.items()}


def _given(column: str) -> str:
    return f"given_{column}"


def _connection_to_read_by() -> Connection:
    """Return the session's connection when it has begun, else one of its own: many pages need no session.

    Outside a request nothing would give that one back in time.
    """
    if not has_request_context() or (db.session.registry.has() and db.session().in_transaction()):
        return db.session.connection()
    connection = db.engine.connect().execution_options(**_to_read(db.engine.dialect.name))
    connection.begin()
    return connection


@cache
def _to_read(dialect: str) -> dict[str, object]:
    """Postgres shows each statement what is there then, also within a transaction: it needs none to read."""
    options: dict[str, object] = {ONLY_READING: True}
    if dialect == "postgresql":
        options["isolation_level"] = "AUTOCOMMIT"
    return options


def empty_log() -> None:
    """Move what SQLite still has in its log to the database, so that what was deleted stays nowhere.

    Best effort: while others read, a part waits for the next time.
    """
    if has_one_writer():
        with db.engine.connect() as connection:
            connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def insert_into(table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that may say ON CONFLICT, in the words of the database at hand."""
    if db.engine.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: object) -> None:
    if not isinstance(connection, SQLiteConnection):
        return
    connection.isolation_level = None
    for pragma in SQLITE_SETTINGS:
        connection.execute(f"PRAGMA {pragma}").close()


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        if connection.get_execution_options().get(WRITING):
            turn = _turn_of(connection.engine)
            if turn.take():
                connection.info[TURN] = turn
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # Takes no lock yet, so there is no error to put in SQLAlchemy's words.
            cast(Any, connection.connection.dbapi_connection).execute("BEGIN").close()


@cache
def _turn_of(engine: Engine) -> Turn:
    return Turn(engine.url.database)


@event.listens_for(Pool, "checkout")
def _refuse_lost(connection: Any, _record: object, _proxy: object) -> None:
    """Replace a connection that Postgres has ended: to nobody's question it says nothing but that.

    Asking it whether it is still there would take a page longer than to look something up.
    """
    if isinstance(connection, SQLiteConnection):
        return
    heard = poll()
    if not connection.closed:
        heard.register(connection.fileno(), POLLIN)
    if connection.closed or heard.poll(0):
        raise DisconnectionError


@event.listens_for(Pool, "checkin")
@event.listens_for(Pool, "invalidate")
def _give_turn_back(_connection: object, record: ConnectionPoolEntry, *_error: object) -> None:
    turn: Turn | None = record.info.pop(TURN, None)
    if turn:
        turn.give_back()


def _require_writing(session: Session) -> None:
    if not _is_writing(session):
        raise NotWriting("call start_writing() before changing anything")


@event.listens_for(Session, "before_flush")
def _guard_flush(session: Session, _context: object, _instances: object) -> None:
    if session.new or session.dirty or session.deleted:
        _require_writing(session)


@event.listens_for(Session, "do_orm_execute")
def _guard_statement(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        _require_writing(state.session)
