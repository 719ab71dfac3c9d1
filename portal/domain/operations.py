"""Whether this installation is in order."""

from pathlib import Path

from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.extensions import db


def is_ready() -> bool:
    """Whether the database answers and its migrations are those of this program."""
    try:
        at = set(db.session.scalars(text("SELECT version_num FROM alembic_version")))
    except SQLAlchemyError:
        db.session.rollback()
        return False
    return at == expected_heads()


def expected_heads() -> set[str]:
    """Return the newest migrations of this program."""
    return set(ScriptDirectory(Path(current_app.extensions["migrate"].directory)).get_heads())
