"""The files with letters and messages, as pages show them, and one of them as it is sent out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, Select, String, bindparam, select

from portal import access
from portal.access import Viewer
from portal.domain.attachment_words import kind_words, size_words
from portal.domain.attachments import FILE
from portal.domain.file_kinds import KINDS, PICTURE, title_of
from portal.domain.letter_text import picture_mark
from portal.extensions import fetch
from portal.models.letters import Attachment, AttachmentFile
from portal.statements import among


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file in a list. `place`: its number among the pictures in the text, or among the attachments.

    `is_waiting`: the virus scanner has still to look at it. `failure`: 'virus' when it found something.
    `is_pending`: parents have it when the correction is saved.
    """

    id: int
    key: str
    name: str
    media_type: str
    size: int
    inline: bool
    place: int
    width: int | None
    height: int | None
    is_waiting: bool
    failure: str
    is_pending: bool

    @property
    def title(self) -> str:
        """Its name as people read it, without the ending."""
        return title_of(self.name)

    @property
    def mark(self) -> str:
        """What stands in the text for it, when it is a picture there."""
        return picture_mark(self.place, self.title)

    @property
    def is_picture(self) -> bool:
        """Whether it is a photo."""
        return self.media_type == PICTURE.media_type

    @property
    def has_small(self) -> bool:
        """Whether there is a small picture of it: of a photo, or of the first page of a PDF."""
        return bool(self.width and self.height)

    @property
    def is_ready(self) -> bool:
        """Whether it can be opened."""
        return not self.is_waiting and not self.failure

    @property
    def meta(self) -> str:
        """What kind of file it is and how large: 'pdf, 240 kB'."""
        return f"{kind_words(self.media_type)}, {size_words(self.size)}"


@dataclass(frozen=True, slots=True)
class LetterFiles:
    """The files of one letter. `pictures`: those in its text, by the number that the text calls them by."""

    attachments: list[FileLine] = field(default_factory=list)
    pictures: dict[int, FileLine] = field(default_factory=dict)

    @property
    def is_waiting(self) -> bool:
        """Whether the virus scanner has still to look at one of them."""
        return any(line.is_waiting for line in self.all)

    @property
    def all(self) -> list[FileLine]:
        """The attachments and the pictures."""
        return [*self.attachments, *self.pictures.values()]

    @property
    def shown(self) -> "LetterFiles":
        """Those that parents have."""
        lines = [line for line in self.all if line.is_ready and not line.is_pending]
        return _sorted(lines)

    def without(self, numbers: Collection[int]) -> "LetterFiles":
        """Return those that stay when the files with these numbers are taken away."""
        return _sorted([line for line in self.all if line.id not in numbers])


def files_of_letter(viewer: Viewer, letter_id: int, today: date) -> LetterFiles:
    """Return the files of a letter that the viewer has, read in one query."""
    rows = fetch(
        _lines_query(access.anyone_with(viewer.role)), viewer_id=viewer.id, letter_id=letter_id, today=today
    )
    return _sorted([FileLine(*row) for row in rows])


def _sorted(lines: Sequence[FileLine]) -> LetterFiles:
    return LetterFiles(
        [line for line in lines if not line.inline], {line.place: line for line in lines if line.inline}
    )


_WAITS = (Attachment.checked_at.is_(None) & (Attachment.failure == "")).label("waits")
_LINE = (
    Attachment.id,
    Attachment.key,
    Attachment.name,
    Attachment.kind,
    Attachment.size,
    Attachment.inline,
    Attachment.position,
    Attachment.width,
    Attachment.height,
    _WAITS,
    Attachment.failure,
    Attachment.pending,
)


@cache
def _lines_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(*_LINE)
        .where(
            Attachment.letter_id == bindparam("letter_id", type_=Integer),
            access.attachments_visible_to(viewer, bindparam("today", type_=Date)),
        )
        .order_by(Attachment.position, Attachment.id)
    )


def files_of_messages(viewer: Viewer, message_ids: Collection[int], today: date) -> dict[int, list[FileLine]]:
    """Return the files of messages that the viewer reads, by the number of the message, in one query."""
    rows = fetch(
        _messages_query(access.anyone_with(viewer.role)),
        viewer_id=viewer.id,
        message_ids=list(message_ids),
        today=today,
    )
    found: dict[int, list[FileLine]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(FileLine(*row[1:]))
    return found


@cache
def _messages_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(Attachment.message_id, *_LINE)
        .where(
            among(Attachment.message_id, "message_ids"),
            access.attachments_visible_to(viewer, bindparam("today", type_=Date)),
        )
        .order_by(Attachment.message_id, Attachment.position, Attachment.id)
    )


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file on its way to a reader. `is_shown`: a browser shows it, kept apart from the portal."""

    name: str
    media_type: str
    is_shown: bool
    content: bytes


def file_to_send(viewer: Viewer, key: str, today: date, part: str = FILE) -> SentFile | None:
    """Return a file to who may have it now; None when there is none for the viewer."""
    query = _file_query(access.anyone_with(viewer.role))
    rows = fetch(query, viewer_id=viewer.id, key=key, part=part, today=today)
    if not rows:
        return None
    name, media_type, content = rows[0]
    known = KINDS.get(media_type)
    # What was kept by a later version is nothing that this one lets a browser show.
    shown = known is not None and known.is_shown
    return SentFile(name, media_type if known else "application/octet-stream", shown, bytes(content))


@cache
def _file_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(Attachment.name, Attachment.kind, AttachmentFile.content)
        .join(AttachmentFile, AttachmentFile.attachment_id == Attachment.id)
        .where(
            Attachment.key == bindparam("key", type_=String),
            Attachment.checked_at.is_not(None),
            AttachmentFile.part == bindparam("part", type_=String),
            access.attachments_visible_to(viewer, bindparam("today", type_=Date)),
        )
    )
