"""A private conversation, from its first message until school closes it: each step a verb."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.exc import IntegrityError

from portal import access, clock
from portal.access import Viewer
from portal.domain import attachments, audit, conversation_notices
from portal.domain.conversation_people import participants, standing, who_may_come_in
from portal.domain.incoming_files import Incoming
from portal.domain.school_days import current_year, school_years
from portal.domain.settings import school_row
from portal.errors import Refused
from portal.extensions import db, insert_into
from portal.models.conversations import (
    Conversation,
    ConversationGuest,
    ConversationMessage,
    ConversationReader,
)
from portal.models.letters import Letter
from portal.models.roster import Group, Pupil
from portal.tokens import FORM_KEY_LENGTH, new_form_key
from portal.words import gettext

TEXT_LENGTH = 4000
_TICK = timedelta(microseconds=1)


def _known_by(form_key: str, text: str, files: Sequence[Incoming]) -> str:
    """Return what a message is known by: its form with its text and files, so that one which its writer went
    back to and changed is a message of its own.
    """
    if not form_key:
        return new_form_key()
    with_it = sorted({file.fingerprint for file in files})
    return sha256("\n".join([form_key, *with_it, text]).encode()).hexdigest()[:FORM_KEY_LENGTH]


def planned(pupil: Pupil, guardian_id: int, group: Group, letter: Letter | None = None) -> Conversation:
    """Return a conversation as it would be begun; nothing is kept of it yet."""
    return Conversation(
        pupil_id=pupil.id,
        guardian_id=guardian_id,
        group_id=group.id,
        school_year_id=group.school_year_id,
        letter_id=letter.id if letter else None,
        subject=letter.title if letter else "",
        with_office=office_reads_along(),
    )


def office_reads_along() -> bool:
    """Whether the office reads the conversations that are begun from now on, as school wants it."""
    return school_row().conversations_with_office


def may_answer(letter: Letter, now: datetime) -> bool:
    """Whether a letter can be answered: one of this school year."""
    year = current_year(school_years(), clock.to_local(now).date())
    return year is not None and letter.school_year_id == year.id


def open_one(plan: Conversation) -> Conversation | None:
    """Return the open conversation that a new message goes to, if there is one already."""
    return db.session.scalar(select(Conversation).where(*_same(plan)))


def open_for(plan: Conversation, author: Viewer) -> Conversation | None:
    """Return the open conversation that a new message of its author goes to, if there is one already.

    Raises Refused when there is one that its author, who works at school, does not read.
    """
    there = open_one(plan)
    if there is None or author.id == plan.guardian_id:
        return there
    theirs = Conversation.id == there.id, access.conversations_at_school(author)
    if db.session.scalar(select(Conversation.id).where(*theirs)) is None:
        raise Refused(gettext("The teachers write with this parent already. Ask them to let you in."))
    return there


def _same(plan: Conversation) -> list[ColumnElement[bool]]:
    about = (
        Conversation.letter_id == plan.letter_id
        if plan.letter_id
        else and_(Conversation.letter_id.is_(None), Conversation.group_id == plan.group_id)
    )
    return [
        Conversation.pupil_id == plan.pupil_id,
        Conversation.guardian_id == plan.guardian_id,
        Conversation.closed_at.is_(None),
        about,
    ]


def begin(
    plan: Conversation,
    author: Viewer,
    text: str,
    form_key: str,
    now: datetime,
    files: Sequence[Incoming] = (),
) -> Conversation:
    """Send the first message of a conversation, or a next one when the same is open already.

    Raises Refused when nobody at school would read it, or its author does not read what is open already.
    """
    sent = db.session.scalar(
        select(Conversation)
        .join(ConversationMessage, ConversationMessage.conversation_id == Conversation.id)
        .where(
            ConversationMessage.author_id == author.id,
            ConversationMessage.form_key == _known_by(form_key, text, files),
        )
    )
    if sent is not None:
        return sent
    if not participants(plan) and not plan.with_office:
        raise Refused(gettext("Nobody at school can read this now. Call the school."))
    columns = ("pupil_id", "guardian_id", "group_id", "school_year_id", "letter_id", "subject", "with_office")
    db.session.execute(
        insert_into(Conversation)
        .values({name: getattr(plan, name) for name in columns} | {"started_at": now, "last_at": now - _TICK})
        .on_conflict_do_nothing()
    )
    conversation = open_for(plan, author)
    if conversation is None:
        raise Refused(gettext("School has just closed this conversation. Send it once more."))
    write(conversation, author, text, form_key, now, files=files)
    return conversation


def write(
    conversation: Conversation,
    author: Viewer,
    text: str,
    form_key: str,
    now: datetime,
    *,
    seen: int = 0,
    files: Sequence[Incoming] = (),
) -> bool:
    """Add a message, there at once; False when this form was sent with this text and these files before.
    `seen`: the last message that its writer had on the page, which is read with it.

    `files` go with it. Raises Refused for a conversation that is closed, or over since the child left the
    group, for a guardian whom nobody at school reads any more, and for too many files.
    """
    db.session.refresh(conversation, with_for_update=True)
    _refuse_when_over(conversation)
    from_school = author.id != conversation.guardian_id
    if not (from_school or conversation.with_office or participants(conversation)):
        raise Refused(gettext("Nobody at school can read this any more. Call the school."))
    at = max(now, conversation.last_at + _TICK)
    added = db.session.scalar(
        insert_into(ConversationMessage)
        .values(
            conversation_id=conversation.id,
            author_id=author.id,
            form_key=_known_by(form_key, text, files),
            from_school=from_school,
            text=text,
            at=at,
        )
        .on_conflict_do_nothing(index_elements=["author_id", "form_key"])
        .returning(ConversationMessage.id)
    )
    if added is None:
        return False
    if files:
        attachments.add_to_message(db.session.get_one(ConversationMessage, added), files, author, now)
    conversation.last_at = at
    db.session.flush()
    _note_read(conversation, author, seen)
    conversation_notices.tell(conversation, from_school, now)
    return True


def why_over(conversation: Conversation, for_school: bool) -> str:
    """Return why nothing can be written in a conversation any more, '' when it can."""
    if conversation.closed_at is not None:
        return gettext("This conversation is closed.")
    now = standing(conversation)
    if not now.in_group:
        return gettext("This conversation is over: the child is in another group now.")
    if for_school and not now.received:
        return gettext("This guardian does not receive messages about the child any more.")
    return ""


def _refuse_when_over(conversation: Conversation) -> None:
    if sentence := why_over(conversation, for_school=True):
        raise Refused(sentence)


def mark_read(conversation: Conversation, reader: Viewer, until: int, now: datetime) -> None:
    """Note that somebody has read a conversation up to a message. What came since is told of by mail."""
    if _note_read(conversation, reader, until):
        conversation_notices.tell_of_rest(conversation, reader, now)


def _note_read(conversation: Conversation, reader: Viewer, until: int) -> bool:
    at = db.session.scalar(
        select(ConversationMessage.at).where(
            ConversationMessage.conversation_id == conversation.id, ConversationMessage.id == until
        )
        if access.possible_number(until)
        else select(ConversationMessage.at).where(ConversationMessage.id.is_(None))
    )
    if at is None:
        return False
    db.session.execute(
        insert_into(ConversationReader)
        .values(conversation_id=conversation.id, user_id=reader.id, read_at=at)
        .on_conflict_do_update(
            index_elements=["conversation_id", "user_id"],
            set_={"read_at": at},
            where=ConversationReader.read_at < at,
        )
    )
    return True


def close(conversation: Conversation, actor: Viewer, now: datetime) -> None:
    """Close a conversation: nobody writes in it any more; a guardian can begin another one."""
    db.session.refresh(conversation, with_for_update=True)
    if conversation.closed_at is None:
        conversation.closed_at, conversation.closed_by = now, actor.id
        audit.record(actor, "close_conversation", "conversation", conversation.id)
        db.session.flush()


def reopen(conversation: Conversation, actor: Viewer) -> None:
    """Open a conversation again. Raises Refused when another one was begun since, or its child left."""
    db.session.refresh(conversation, with_for_update=True)
    if conversation.closed_at is None:
        return
    conversation.closed_at = conversation.closed_by = None
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(gettext("A new conversation about this was begun since. Go on in that one.")) from None
    _refuse_when_over(conversation)
    audit.record(actor, "reopen_conversation", "conversation", conversation.id)


def let_in(conversation: Conversation, user_id: int, actor: Viewer, now: datetime) -> str:
    """Let a colleague read and answer a conversation, as a substitute; returns the name.

    Raises Refused for who cannot come in: who works here no more, is in already, or is family of the child.
    """
    name = dict(who_may_come_in(conversation)).get(user_id)
    if name is None:
        raise Refused(gettext("Choose a colleague."), "user")
    db.session.execute(
        insert_into(ConversationGuest)
        .values(conversation_id=conversation.id, user_id=user_id, added_by=actor.id, added_at=now)
        .on_conflict_do_nothing()
    )
    audit.record(actor, "let_into_conversation", "conversation", conversation.id)
    return name


def let_out(conversation: Conversation, user_id: int, actor: Viewer) -> None:
    """Let a colleague who was let in read the conversation no more, from now on."""
    if not access.possible_number(user_id):
        return
    gone = db.session.scalars(
        delete(ConversationGuest)
        .where(ConversationGuest.conversation_id == conversation.id, ConversationGuest.user_id == user_id)
        .returning(ConversationGuest.user_id)
    ).all()
    if gone:
        audit.record(actor, "let_out_of_conversation", "conversation", conversation.id)


def drop_from_all(user_id: int) -> None:
    """Let somebody who leaves the school out everywhere, so that coming back opens nothing."""
    db.session.execute(delete(ConversationGuest).where(ConversationGuest.user_id == user_id))
