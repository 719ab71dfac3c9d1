"""How Alembic reaches the portal's database: the same way on SQLite and Postgres."""

from alembic import context
from flask import current_app

from portal.extensions import WRITING, Base, UtcDateTime, db


def render_item(kind, item, _autogen):
    """Write our own types as what they are in the database: a migration imports no code of the portal."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run the migrations, each in a transaction of its own where the database can do that."""
    options = current_app.extensions["migrate"].configure_args
    with db.engine.connect().execution_options(**{WRITING: True}) as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            transactional_ddl=True,
            **options,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
