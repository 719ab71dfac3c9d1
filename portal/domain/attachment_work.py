"""What the worker does with files: has those scanned that were not yet, and deletes what was left.

A file is never kept without a letter or message. What can be left is a draft that nobody went on with, a
photo that its text does not call any more, and a file for a correction that was never saved.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update

from portal.domain.attachments import FILE
from portal.domain.letter_text import pictures_in
from portal.domain.retention import delete_some
from portal.extensions import db
from portal.models.letters import Attachment, AttachmentFile, Letter

VIRUS = "virus"
DAY = timedelta(days=1)
LOOKED_AT = timedelta(days=8)
"""A text that was not changed for so long has been looked at since."""

EMPTY_DRAFTS_KEPT = timedelta(days=30)
AT_ONCE = 20
"""What is deleted is written over, and meanwhile nobody else can write on SQLite."""


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A file at which the scanner has to look. `key` tells it from one that got its number later."""

    id: int
    key: str
    content: bytes


_WAITS = (Attachment.checked_at.is_(None), Attachment.failure == "")


def next_unchecked(after: int = 0) -> Unchecked | None:
    """Return the first file behind number `after` that waits for the scanner; takes no lock."""
    row = db.session.execute(
        select(Attachment.id, Attachment.key, AttachmentFile.content)
        .join(AttachmentFile, AttachmentFile.attachment_id == Attachment.id)
        .where(*_WAITS, AttachmentFile.part == FILE, Attachment.id > after)
        .order_by(Attachment.id)
        .limit(1)
    ).first()
    return Unchecked(row.id, row.key, bytes(row.content)) if row else None


def note_harmless(file: Unchecked, now: datetime) -> None:
    """Note that nothing was found in a file: from now on its readers get it."""
    _note(file, checked_at=now)


def note_virus(file: Unchecked) -> None:
    """Note that a file is harmful, and delete its content; its writer reads why it is not there."""
    if _note(file, failure=VIRUS):
        db.session.execute(delete(AttachmentFile).where(AttachmentFile.attachment_id == file.id))


def _note(file: Unchecked, **values: object) -> bool:
    noted = db.session.scalar(
        update(Attachment)
        .where(Attachment.id == file.id, Attachment.key == file.key, *_WAITS)
        .values(**values)
        .returning(Attachment.id)
        .execution_options(synchronize_session=False)
    )
    return noted is not None


def delete_what_was_left(now: datetime) -> bool:
    """Delete files that nobody will have any more. Deletes some; True when there may be more."""
    stale = Attachment.added_at < now - DAY
    return (
        delete_some(Attachment, Attachment.id, Attachment.pending.is_(True), stale, at_once=AT_ONCE)
        or delete_some(Attachment, Attachment.id, Attachment.id.in_(_not_called(now)), stale, at_once=AT_ONCE)
        or _delete_empty_drafts(now)
    )


def _not_called(now: datetime) -> list[int]:
    """Return the photos for a text that does not call them; while somebody may still write it, none."""
    found = db.session.execute(
        select(Attachment.id, Attachment.position, Letter.text)
        .join(Letter, Letter.id == Attachment.letter_id)
        .where(Attachment.inline, Letter.edited_at.between(now - LOOKED_AT, now - DAY))
        .order_by(Attachment.id)
    )
    return [number for number, position, text in found if position not in pictures_in(text)]


def _delete_empty_drafts(now: datetime) -> bool:
    """Delete drafts with files in which nobody wrote a word for a month."""
    abandoned = select(Letter.id).where(
        Letter.title == "",
        Letter.text == "",
        Letter.sent_at.is_(None),
        Letter.send_at.is_(None),
        Letter.edited_at < now - EMPTY_DRAFTS_KEPT,
        exists().where(Attachment.letter_id == Letter.id),
    )
    some = abandoned.order_by(Letter.id).limit(AT_ONCE)
    gone = db.session.scalars(
        delete(Letter)
        .where(Letter.id.in_(some))
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    ).all()
    return len(gone) == AT_ONCE
