"""Files with a letter or a message: taken in, put with it, put in order, taken away.

A file is taken in first, outside of any transaction, since that is slow (`incoming_files`): its kind is
decided by its content, a picture is made anew without place and time, and the virus scanner looks at it.
Then it is put with what it belongs to, in the transaction of the view. So no file is ever kept that belongs
to nothing.

For a message of a conversation, in the view that writes it:

    files = incoming_files.take_in_all(files_sent("files"))    # raises Refused at the field 'files'
    start_writing()
    message = ...                                            # added and flushed, so that it has its number
    attachments.add_to_message(message, files, viewer(), clock.now())
    db.session.commit()

`portal.blueprints.uploads` has `files_sent` and `allow_files`, which lets that view take more than a form may
otherwise have. `attachment_lists.files_of_messages()` reads what a page of messages shows, and
`access.attachments_visible_to` says who gets the file.
"""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, select, update

from portal.access import Viewer
from portal.domain import audit
from portal.domain.holding import hold
from portal.domain.incoming_files import (
    FIELD,
    MOST_BYTES_OF_MESSAGE,
    MOST_FILES_OF_MESSAGE,
    Incoming,
    refuse_too_much,
)
from portal.errors import Refused
from portal.extensions import db, insert_into
from portal.models.conversations import ConversationMessage
from portal.models.letters import Attachment, AttachmentFile, Letter
from portal.words import gettext

FILE, PREVIEW = "file", "preview"
MOST_FILES = 20
MOST_BYTES = 30_000_000
"""So many files a letter has, pictures in its text too, and so many bytes in all as they are kept."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file that was put with a letter: its place, and whether it was there already."""

    position: int
    is_new: bool


def add_to_message(
    message: ConversationMessage, files: Sequence[Incoming], actor: Viewer, now: datetime
) -> None:
    """Put files with a message that was just written, in this order; the same file twice is one.

    Raises Refused for too many or too large ones.
    """
    different = list({file.fingerprint: file for file in files}.values())
    size = sum(len(file.content) for file in different)
    refuse_too_much(len(different), size, MOST_FILES_OF_MESSAGE, MOST_BYTES_OF_MESSAGE)
    for position, file in enumerate(different, 1):
        _insert(file, actor, now, message_id=message.id, position=position)


def add_to_letter(letter: Letter, file: Incoming, inline: bool, actor: Viewer, now: datetime) -> Added:
    """Put a file with a letter, as its last one, or, `inline`, as a picture that its text can show.

    With a letter that parents have it waits for the correction to be saved (`letters.correct`). Raises
    Refused when the letter has its most or is on its way, and for a file in the text that is no picture.
    """
    if inline and not file.kind.is_picture:
        raise Refused(gettext("Only a photo can stand in the text. Add this file as an attachment."), FIELD)
    _hold_to_change(letter)
    of_kind = and_(_of(letter), Attachment.inline == inline)
    again = select(Attachment.position).where(of_kind, Attachment.fingerprint == file.fingerprint)
    if there := db.session.scalar(again):
        return Added(there, is_new=False)
    number, size = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Attachment.size), 0)).where(_of(letter))
    ).one()
    refuse_too_much(number + 1, size + len(file.content), MOST_FILES, MOST_BYTES)
    last = db.session.scalar(select(func.max(Attachment.position)).where(of_kind))
    position, pending = (last or 0) + 1, letter.sent_at is not None
    _insert(file, actor, now, letter_id=letter.id, position=position, inline=inline, pending=pending)
    return Added(position, is_new=True)


def _insert(file: Incoming, actor: Viewer, now: datetime, **place: object) -> None:
    number = db.session.scalar(
        insert_into(Attachment)
        .values(
            key=secrets.token_urlsafe(32),
            name=file.name,
            kind=file.kind.media_type,
            size=len(file.content),
            fingerprint=file.fingerprint,
            width=file.width,
            height=file.height,
            failure="",
            added_by=actor.id,
            added_at=now,
            checked_at=now if file.checked else None,
            **({"inline": False, "pending": False} | place),
        )
        .returning(Attachment.id)
    )
    parts = {FILE: file.content} | ({PREVIEW: file.preview} if file.preview else {})
    rows = [{"attachment_id": number, "part": part, "content": content} for part, content in parts.items()]
    db.session.execute(insert(AttachmentFile), rows)


def _of(letter: Letter) -> ColumnElement[bool]:
    return Attachment.letter_id == letter.id


def _hold_to_change(letter: Letter) -> None:
    """Hold a letter whose files change; one that waits to be sent is taken back first. Raises Refused."""
    hold(letter)
    if letter.withdrawn_at or (letter.send_at and not letter.sent_at):
        raise Refused(gettext("This letter is already on its way. Take it back to change it."), FIELD)


def remove(letter: Letter, attachment: Attachment, actor: Viewer) -> None:
    """Take a file away from a draft, or one that parents do not have yet. Raises Refused for another one."""
    _hold_to_change(letter)
    if letter.sent_at and not attachment.pending:
        raise Refused(gettext("Parents have this file. It goes when you save the correction."), FIELD)
    _delete(Attachment.id == attachment.id, _of(letter))
    audit.record(actor, "remove_attachment", "letter", letter.id)


def move_up(letter: Letter, attachment: Attachment) -> None:
    """Put a file of a draft before the one that stands before it. Raises Refused as `remove`."""
    _hold_to_change(letter)
    beside = and_(_of(letter), Attachment.inline == attachment.inline)
    db.session.refresh(attachment)
    before = db.session.scalars(
        select(Attachment)
        .where(beside, Attachment.position < attachment.position)
        .order_by(Attachment.position.desc())
        .limit(1)
    ).first()
    if before:
        before.position, attachment.position = attachment.position, before.position
        db.session.flush()


def settle_correction(letter: Letter, removed: Collection[int]) -> None:
    """Bring the files that were added for a correction to parents, and take those with these numbers away.

    For `letters.correct`, which holds the letter.
    """
    if removed:
        _delete(_of(letter), Attachment.id.in_(removed))
    db.session.execute(
        update(Attachment)
        .where(_of(letter), Attachment.pending)
        .values(pending=False)
        .execution_options(synchronize_session=False)
    )


def _delete(*conditions: ColumnElement[bool]) -> None:
    db.session.execute(delete(Attachment).where(*conditions).execution_options(synchronize_session=False))


def waits_for_check(letter_id: Any) -> ColumnElement[bool]:
    """Whether a letter has a file at which the virus scanner has not looked yet: it does not leave so."""
    return exists().where(
        Attachment.letter_id == letter_id, Attachment.checked_at.is_(None), Attachment.failure == ""
    )
