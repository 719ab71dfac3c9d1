"""Who reads and writes a private conversation of a guardian with the teachers of a child's group."""

from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from portal.access.directory import unknown_as_staff
from portal.access.letters import receives_letters
from portal.access.pupils import at_school, is_family
from portal.access.tables import membership, teaching
from portal.access.viewers import Viewer
from portal.models.conversations import (
    Conversation,
    ConversationGuest,
    ConversationMessage,
    ConversationReader,
)
from portal.models.letters import Letter
from portal.models.roster import Group, Pupil

_group = aliased(Group)
_guest = aliased(ConversationGuest)
_letter = aliased(Letter)
_message = aliased(ConversationMessage)
_reading = aliased(ConversationReader)


def conversations_of(viewer: Viewer) -> ColumnElement[bool]:
    """The conversations that the viewer has as a guardian: the own ones, never those of another (R22).

    Like letters, they are for who decides for a child that is at school (R19, R21).
    """
    return and_(
        Conversation.guardian_id == viewer.id,
        receives_letters(Conversation.guardian_id, Conversation.pupil_id),
    )


def goes_on(pupil_id: Any, group_id: Any) -> ColumnElement[bool]:
    """Whether a pupil is in the group now whose teachers a conversation is with."""
    return (
        exists()
        .where(
            membership.pupil_id == pupil_id,
            membership.group_id == group_id,
            membership.ended_on.is_(None),
            _group.id == membership.group_id,
            _group.closed_at.is_(None),
        )
        .correlate_except(membership, _group)
    )


def kept_from_staff(user_id: Any, pupil_id: Any, guardian_id: Any) -> ColumnElement[bool]:
    """Whether somebody who works here keeps out of what a guardian writes about a pupil.

    Of the own child one stays a guardian, and of who is beside one as such one learns nothing (R22).
    """
    return or_(is_family(user_id, pupil_id), unknown_as_staff(user_id, guardian_id))


def teaches_group(user_id: Any, group_id: Any) -> ColumnElement[bool]:
    """Whether somebody is a teacher of a group now."""
    return (
        exists()
        .where(teaching.user_id == user_id, teaching.group_id == group_id, teaching.ended_on.is_(None))
        .correlate_except(teaching)
    )


def takes_part(user_id: Any, conversation: Any = Conversation) -> ColumnElement[bool]:
    """Whether somebody who works here reads a conversation and is told of it, as long as it goes on.

    Those are the teachers of the group, who wrote the letter that is answered, and who was let in.
    `conversation` may be one row, also one that is not kept yet.
    """
    wrote = exists().where(_letter.id == conversation.letter_id, _letter.author_id == user_id)
    let_in = exists().where(_guest.conversation_id == conversation.id, _guest.user_id == user_id)
    return and_(
        at_school(conversation.pupil_id),
        goes_on(conversation.pupil_id, conversation.group_id),
        or_(
            teaches_group(user_id, conversation.group_id),
            wrote.correlate_except(_letter),
            let_in.correlate_except(_guest),
        ),
        ~kept_from_staff(user_id, conversation.pupil_id, conversation.guardian_id),
    )


def conversations_at_school(viewer: Viewer) -> ColumnElement[bool]:
    """The conversations that the viewer reads and answers as a member of staff.

    The office those that it reads along in, also when the pupil has gone to another group; a conversation
    itself says whether it does, so that nobody starts to read along in what was written before.
    """
    if not viewer.is_staff:
        return false()
    own = takes_part(viewer.id)
    if not viewer.is_office:
        return own
    along = and_(
        Conversation.with_office,
        at_school(Conversation.pupil_id),
        ~kept_from_staff(viewer.id, Conversation.pupil_id, Conversation.guardian_id),
    )
    return or_(own, along)


def children_written_about(viewer: Viewer) -> ColumnElement[bool]:
    """The own children about whom the viewer may write to their teachers: for whom the viewer decides."""
    return receives_letters(viewer.id, Pupil.id)


def has_unread(user_id: Any) -> ColumnElement[bool]:
    """Whether a conversation has something that somebody else wrote and this person has not read."""
    seen = exists().where(
        _reading.conversation_id == _message.conversation_id,
        _reading.user_id == user_id,
        _reading.read_at >= _message.at,
    )
    unread = exists().where(
        _message.conversation_id == Conversation.id,
        _message.author_id != user_id,
        ~seen.correlate_except(_reading),
    )
    return unread.correlate_except(_message)


def unread_conversations(guardian_id: Any) -> ScalarSelect[int]:
    """Return in how many conversations a guardian has something to read, for a query about that guardian."""
    reader = Viewer(id=cast(int, Conversation.guardian_id))
    return (
        select(func.count())
        .select_from(Conversation)
        .where(
            Conversation.guardian_id == guardian_id,
            conversations_of(reader),
            has_unread(Conversation.guardian_id),
        )
        .scalar_subquery()
    )
