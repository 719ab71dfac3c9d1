"""Private conversations in a list, and one of them as its page shows it: to a guardian, and at school."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import aliased

from portal import access, clock, names
from portal.access import Viewer
from portal.access.conversations import has_unread
from portal.domain.attachment_lists import FileLine, files_of_messages
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.conversations import Conversation, ConversationMessage, ConversationReader
from portal.models.roster import Group, Pupil
from portal.paging import page_of
from portal.words import gettext

PER_PAGE = 30
MOST = 200
"""So many conversations of a guardian are listed, the newest; they go when their year is long over."""
FIRST_WORDS = 90

_last = aliased(ConversationMessage)
_guardian = aliased(User)


@dataclass(frozen=True, slots=True)
class Line:
    """A conversation in a list. `guardian` is named at school only; `own`: the reader wrote last."""

    id: int
    child: str
    guardian: str
    group: str
    subject: str
    words: str
    own: bool
    at: datetime
    unread: bool
    closed: bool

    @property
    def day(self) -> date:
        """The day of its last message."""
        return clock.to_local(self.at).date()


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the conversations of school, of so many."""

    lines: list[Line]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Message:
    """A message on the page of its conversation. `own`: the reader wrote it; `new`: did not read it yet.

    `files` are those that go with it.
    """

    id: int
    author: str
    text: str
    at: datetime
    own: bool
    from_school: bool
    new: bool
    files: Sequence[FileLine]

    @property
    def paragraphs(self) -> list[str]:
        """The text, paragraph by paragraph."""
        return self.text.split("\n\n")


@dataclass(frozen=True, slots=True)
class Thread:
    """The messages of a conversation and what their reader has of them."""

    messages: list[Message]

    @property
    def last(self) -> int:
        """The number of the last message."""
        return self.messages[-1].id if self.messages else 0

    @property
    def has_new(self) -> bool:
        """Whether there is something that the reader has not read."""
        return any(message.new for message in self.messages)


def of_guardian(viewer: Viewer) -> list[Line]:
    """Return the conversations of a guardian: the open ones before the closed, those with news on top."""
    query = _lines_query(viewer).where(access.conversations_of(viewer)).limit(MOST)
    return [_line(row, viewer, in_full=False) for row in db.session.execute(_in_order(query))]


def at_school(viewer: Viewer, closed: bool, page: int) -> Page:
    """Return a page of the conversations that somebody has at school, those with something new on top."""
    which = (
        access.conversations_at_school(viewer),
        Conversation.closed_at.is_not(None) if closed else Conversation.closed_at.is_(None),
    )
    total = db.session.scalar(select(func.count()).select_from(Conversation).where(*which)) or 0
    page, pages = page_of(page, total, PER_PAGE)
    query = _in_order(_lines_query(viewer).where(*which)).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return Page([_line(row, viewer, in_full=True) for row in db.session.execute(query)], page, pages)


def unread_at_school(viewer: Viewer) -> int:
    """Return in how many open conversations of school somebody has something to read."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Conversation)
            .where(
                access.conversations_at_school(viewer),
                Conversation.closed_at.is_(None),
                has_unread(viewer.id),
            )
        )
        or 0
    )


def _lines_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    newest = (
        select(func.max(ConversationMessage.id))
        .where(ConversationMessage.conversation_id == Conversation.id)
        .scalar_subquery()
    )
    return (
        select(
            Conversation.id,
            *(Pupil.given_name, Pupil.prefix, Pupil.surname),
            *(_guardian.given_name, _guardian.prefix, _guardian.surname),
            Group.name,
            *(Conversation.subject, _last.text, _last.author_id, _last.at),
            has_unread(viewer.id).label("unread"),
            Conversation.closed_at,
        )
        .join(Pupil, Pupil.id == Conversation.pupil_id)
        .join(_guardian, _guardian.id == Conversation.guardian_id)
        .join(Group, Group.id == Conversation.group_id)
        .join(_last, _last.id == newest)
    )


def _in_order(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Put the open ones before the closed, those with something new on top, and then the newest."""
    unread = query.selected_columns.unread
    return query.order_by(
        Conversation.closed_at.is_not(None),
        unread.desc(),
        Conversation.last_at.desc(),
        Conversation.id.desc(),
    )


def _line(row: Any, viewer: Viewer, in_full: bool) -> Line:
    return Line(
        id=row[0],
        child=names.full(*row[1:4]) if in_full else row[1] or row[3],
        guardian=names.full(*row[4:7]),
        group=row[7],
        subject=row[8],
        words=_first_words(row[9]),
        own=row[10] == viewer.id,
        at=row[11],
        unread=bool(row[12]),
        closed=row[13] is not None,
    )


def _first_words(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= FIRST_WORDS:
        return line
    return line[:FIRST_WORDS].rsplit(" ", 1)[0] + "…"


def thread_of(viewer: Viewer, conversation: Conversation, scope: ColumnElement[bool]) -> Thread:
    """Return the messages of a conversation that is in the viewer's `scope`, the oldest first."""
    rows = db.session.execute(
        select(
            *(ConversationMessage.id, ConversationMessage.text, ConversationMessage.at),
            *(ConversationMessage.author_id, ConversationMessage.from_school),
            *(StaffMember.called, User.given_name, User.prefix, User.surname),
            ConversationReader.read_at,
        )
        .join(Conversation, Conversation.id == ConversationMessage.conversation_id)
        .join(User, User.id == ConversationMessage.author_id)
        .outerjoin(StaffMember, StaffMember.user_id == User.id)
        .outerjoin(
            ConversationReader,
            and_(
                ConversationReader.conversation_id == Conversation.id,
                ConversationReader.user_id == viewer.id,
            ),
        )
        .where(Conversation.id == conversation.id, scope)
        .order_by(ConversationMessage.at, ConversationMessage.id)
    )
    found = rows.all()
    files = files_of_messages(viewer, [row.id for row in found], clock.today())
    return Thread([_message(row, viewer, files.get(row.id, ())) for row in found])


def _message(row: Any, viewer: Viewer, files: Sequence[FileLine]) -> Message:
    called = row.called if row.from_school else ""
    own = row.author_id == viewer.id
    return Message(
        id=row.id,
        author=called or names.full(row.given_name, row.prefix, row.surname),
        text=row.text,
        at=row.at,
        own=own,
        from_school=row.from_school,
        new=not own and (row.read_at is None or row.read_at < row.at),
        files=files,
    )


@dataclass(frozen=True, slots=True)
class About:
    """Whom and what a conversation is about, by name."""

    child: str
    child_in_full: str
    guardian: str
    group: str


def about(conversation: Conversation) -> About:
    """Return the names of the child, the guardian and the group of a conversation that its reader has."""
    row = db.session.execute(
        select(
            *(Pupil.given_name, Pupil.prefix, Pupil.surname),
            *(User.given_name, User.prefix, User.surname),
            Group.name,
        )
        .select_from(Conversation)
        .join(Pupil, Pupil.id == Conversation.pupil_id)
        .join(User, User.id == Conversation.guardian_id)
        .join(Group, Group.id == Conversation.group_id)
        .where(Conversation.id == conversation.id)
    ).one()
    return About(row[0] or row[2], names.full(*row[0:3]), names.full(*row[3:6]), row[6])


def spoken(called: Sequence[str], with_office: bool) -> list[str]:
    """Return who reads a conversation at school, to be said in one sentence."""
    return [*called, *([gettext("the office")] if with_office else [])]
