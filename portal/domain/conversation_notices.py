"""The mail that says that there is a message: without its text and without a name of a child (R44).

One mail per batch: who has something unread about which mail went gets no other one until it is read, unless
that mail never arrived. It keeps out of the hours in which its reader, or else school, wants to be left
alone; what is written is there at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import cast
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from portal.access import Viewer, conversations_of
from portal.access.conversations import takes_part
from portal.domain import mail_trouble, outbox
from portal.domain.conversation_people import Participant, participants
from portal.domain.letter_times import first_good
from portal.domain.mail_trouble import MESSAGE
from portal.domain.outbox import Later, Person, Settled
from portal.domain.school import school_facts
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.conversations import (
    Conversation,
    ConversationMessage,
    ConversationReader,
)
from portal.models.notices import NoticeChoice
from portal.models.outbox import OutgoingMessage
from portal.words import gettext

TOGETHER = timedelta(minutes=2)
"""So long a notice waits, so that who is reading along gets none."""

_message = aliased(ConversationMessage)


@dataclass(frozen=True, slots=True)
class Notice:
    """When somebody is told of what is written now; None for who gets no mail."""

    name: str
    at: datetime | None
    waits: bool


def told_at(quiet_from: time | None, quiet_until: time | None, now: datetime) -> datetime:
    """Return when a mail may go to somebody with these quiet hours; without any those of school hold."""
    return first_good(now + TOGETHER, *_quiet_hours(quiet_from, quiet_until))


def _quiet_hours(quiet_from: time | None, quiet_until: time | None) -> tuple[time, time]:
    school = school_facts()
    return (
        school.quiet_from if quiet_from is None else quiet_from,
        school.quiet_until if quiet_until is None else quiet_until,
    )


def notices_at_school(conversation: Conversation, now: datetime) -> list[Notice]:
    """Return when each of those who read a conversation at school is told of what a guardian writes now."""
    return [_notice(one, now) for one in participants(conversation)]


def _notice(one: Participant, now: datetime) -> Notice:
    at = told_at(one.quiet_from, one.quiet_until, now)
    return Notice(one.called, at if one.email else None, at - now > TOGETHER)


def notice_to_guardian(guardian_id: int, now: datetime) -> Notice:
    """Return when a guardian is told of what school writes now."""
    row = db.session.execute(
        select(
            User.given_name, NoticeChoice.quiet_from, NoticeChoice.quiet_until, mail_trouble.takes_no_mail()
        )
        .outerjoin(NoticeChoice, NoticeChoice.user_id == User.id)
        .where(User.id == guardian_id)
    ).one()
    at = told_at(row[1], row[2], now)
    return Notice(row[0], None if row[3] else at, at - now > TOGETHER)


def tell(conversation: Conversation, from_school: bool, now: datetime) -> None:
    """Queue the mails about what was just written: to its guardian, or to who reads it at school."""
    if not from_school:
        people = [
            (Person(one.id, one.language), told_at(one.quiet_from, one.quiet_until, now))
            for one in participants(conversation)
            if one.email
        ]
    else:
        people = _guardian(conversation.guardian_id, now)
    _queue(conversation.id, people, now)


def _guardian(user_id: int, now: datetime) -> list[tuple[Person, datetime]]:
    row = db.session.execute(
        select(User.id, User.language, NoticeChoice.quiet_from, NoticeChoice.quiet_until)
        .outerjoin(NoticeChoice, NoticeChoice.user_id == User.id)
        .where(User.id == user_id, User.email.is_not(None))
    ).one_or_none()
    return [(Person(row[0], row[1]), told_at(row[2], row[3], now))] if row else []


def tell_of_rest(conversation: Conversation, reader: Viewer, now: datetime) -> None:
    """Queue a mail about what came while somebody was reading, for that one; none when all is read."""
    row = db.session.execute(
        select(User.email, NoticeChoice.quiet_from, NoticeChoice.quiet_until)
        .outerjoin(NoticeChoice, NoticeChoice.user_id == User.id)
        .where(User.id == reader.id)
    ).one()
    if row.email:
        person = Person(reader.id, reader.language)
        _queue(conversation.id, [(person, told_at(row[1], row[2], now))], now)


def _queue(conversation_id: int, people: list[tuple[Person, datetime]], now: datetime) -> None:
    first = _first_unread(conversation_id, [person.id for person, _ in people])
    for person, due in people:
        if person.id in first:
            key = f"{MESSAGE}:{first[person.id]}:{person.id}"
            outbox.queue_soon(MESSAGE, now, due - now, [(person, first[person.id], key)])


def _first_unread(conversation_id: int, people: list[int]) -> dict[int, int]:
    """Return the first message that each of these people has not read, by their number."""
    rows = db.session.execute(
        select(User.id, func.min(_message.id))
        .join(_message, _message.conversation_id == conversation_id)
        .outerjoin(
            ConversationReader,
            and_(
                ConversationReader.conversation_id == conversation_id, ConversationReader.user_id == User.id
            ),
        )
        .where(
            User.id.in_(people),
            _message.author_id != User.id,
            or_(ConversationReader.read_at.is_(None), ConversationReader.read_at < _message.at),
        )
        .group_by(User.id)
    )
    return {row[0]: row[1] for row in rows}


def _settle(message: OutgoingMessage, user: User, now: datetime) -> Settled | Later:
    """Send the mail to who may read the message at this moment and has not; else to nobody.

    Not in the quiet hours, into which it may have come since it was queued.
    """
    conversation = db.session.scalar(
        select(Conversation)
        .join(_message, _message.conversation_id == Conversation.id)
        .where(_message.id == message.subject_id)
    )
    if conversation is None or not user.email or mail_trouble.known_trouble(user):
        return None
    if message.subject_id not in _first_unread(conversation.id, [user.id]).values():
        return None
    path = _path_for(conversation, user)
    if path is None:
        return None
    good = _first_good_for(user.id, now)
    if good > now:
        return Later(good)
    link = f"{current_app.config['BASE_URL']}{path}/{conversation.id}"
    return user.email, {"link": link, "conversation_id": conversation.id, "nameless": True}


def _first_good_for(user_id: int, now: datetime) -> datetime:
    chosen = db.session.get(NoticeChoice, user_id)
    hours = _quiet_hours(chosen.quiet_from, chosen.quiet_until) if chosen else _quiet_hours(None, None)
    return first_good(now, *hours)


def _path_for(conversation: Conversation, user: User) -> str | None:
    """Return where somebody reads a conversation: as its guardian, at school, or nowhere any more."""
    this = Conversation.id == conversation.id
    own = select(Conversation.id).where(this, conversations_of(Viewer(id=user.id)))
    if db.session.scalar(own):
        return "/messages"
    works = select(StaffMember.user_id).where(
        StaffMember.user_id == user.id, StaffMember.left_at.is_(None), takes_part(user.id, conversation)
    )
    return "/staff/messages" if db.session.scalar(works) else None


SETTLE: dict[str, Callable[[OutgoingMessage, User, datetime], Settled | Later]] = {MESSAGE: _settle}
"""Each kind of mail about messages, and what settles it."""


def subject() -> str:
    """Return the subject, which says nothing but that there is something to read."""
    return gettext("There is a message for you")


def headers(facts: dict[str, object]) -> dict[str, str]:
    """Return what lets a mail program keep the mails about one conversation together."""
    host = (urlsplit(str(current_app.config["BASE_URL"])).hostname or "portal")[-70:]
    return {"References": f"<conversation-{cast(int, facts['conversation_id'])}@{host}>"}
