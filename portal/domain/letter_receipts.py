"""What a reader does with the own copy of a letter: read it, have it as unread again, keep it on top."""

from datetime import datetime

from sqlalchemy import func, update

from portal import access
from portal.access import Viewer
from portal.extensions import db
from portal.models.letters import Letter, LetterRecipient


def mark_read(letter: Letter, reader: Viewer, now: datetime) -> None:
    """Note that the reader has the letter before them; school sees the first time that it was."""
    _change(
        letter, reader, opened_at=func.coalesce(LetterRecipient.opened_at, now), unread_at=None, held_at=None
    )


def mark_unread(letter: Letter, reader: Viewer, now: datetime) -> None:
    """Put a letter among the unread ones again, for the reader's own eyes."""
    _change(letter, reader, unread_at=now)


def keep(letter: Letter, reader: Viewer, now: datetime) -> None:
    """Keep a letter on top of the reader's list."""
    _change(letter, reader, kept_at=func.coalesce(LetterRecipient.kept_at, now))


def let_go(letter: Letter, reader: Viewer) -> None:
    """Put a letter that was kept on top back in its place."""
    _change(letter, reader, kept_at=None)


def _change(letter: Letter, reader: Viewer, **values: object) -> None:
    db.session.execute(
        update(LetterRecipient)
        .where(LetterRecipient.letter_id == letter.id, access.own_receipts(reader))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
