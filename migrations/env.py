"""How Alembic reaches the portal's database: the same way on SQLite and Postgres."""

from contextlib import contextmanager

from alembic import context
from flask import current_app

from portal.extensions import WRITING, Base, UtcDateTime, db


def render_item(kind, item, _autogen):
    """Write our own types as what they are in the database: a migration imports no code of the portal."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


@contextmanager
def tables_made_anew(connection):
    """Let SQLite make a table anew, which it cannot while foreign keys point at its rows.

    What no row may point at in the end is looked for before the migrations are committed.
    """
    if connection.dialect.name != "sqlite":
        yield lambda: None
        return
    database = connection.connection.dbapi_connection

    def check() -> None:
        astray = database.execute("PRAGMA foreign_key_check").fetchall()
        if astray:
            raise RuntimeError(f"after the migrations rows point at nothing: {astray[:5]}")

    database.execute("PRAGMA foreign_keys=OFF").close()
    try:
        yield check
    finally:
        database.execute("PRAGMA foreign_keys=ON").close()


def run() -> None:
    """Run the migrations, each in a transaction of its own where the database can do that."""
    options = current_app.extensions["migrate"].configure_args
    with (
        db.engine.connect().execution_options(**{WRITING: True}) as connection,
        tables_made_anew(connection) as check,
    ):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            transactional_ddl=True,
            **options,
        )
        with context.begin_transaction():
            context.run_migrations()
            check()


run()
