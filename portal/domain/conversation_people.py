"""Who is at a private conversation: who reads it at school, and who may be let in."""

from dataclasses import dataclass
from datetime import time
from typing import Any

from sqlalchemy import Select, and_, exists, select

from portal import names
from portal.access.conversations import goes_on, kept_from_staff, takes_part
from portal.access.letters import receives_letters
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.conversations import Conversation, ConversationGuest
from portal.models.notices import NoticeChoice


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody at school who reads a conversation. `called` as parents know them; `guest`: was let in."""

    id: int
    called: str
    language: str
    email: str | None
    quiet_from: time | None
    quiet_until: time | None
    guest: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a conversation can go on: `in_group`, the child still is; `received`, the guardian still has
    it.
    """

    in_group: bool
    received: bool


def who_works_here() -> Select[*tuple[Any, ...]]:
    """Return the query for who works here, by name; what it needs beside the number is added to it."""
    return (
        select(User.id, StaffMember.called, User.given_name, User.prefix, User.surname)
        .join(StaffMember, and_(StaffMember.user_id == User.id, StaffMember.left_at.is_(None)))
        .where(User.disabled_at.is_(None))
        .order_by(User.sort_key, User.id)
    )


def participants(conversation: Conversation) -> list[Participant]:
    """Return who at school reads a conversation now, or would read one that is not there yet.

    One rule for what the page says, who is mailed and who may open it. The office, which reads along, is
    named by the page and gets no mail.
    """
    number = conversation.id or 0
    guest = exists().where(ConversationGuest.conversation_id == number, ConversationGuest.user_id == User.id)
    rows = db.session.execute(
        who_works_here()
        .add_columns(
            User.language, User.email, NoticeChoice.quiet_from, NoticeChoice.quiet_until, guest.label("guest")
        )
        .outerjoin(NoticeChoice, NoticeChoice.user_id == User.id)
        .where(takes_part(User.id, conversation))
    )
    found = [
        Participant(
            row.id,
            row.called or names.full(row.given_name, row.prefix, row.surname),
            *(row.language, row.email, row.quiet_from, row.quiet_until, row.guest),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: one.guest)


def standing(conversation: Conversation) -> Standing:
    """Return whether the child is still in the group, and its guardian still reads what is written."""
    row = db.session.execute(
        select(
            goes_on(conversation.pupil_id, conversation.group_id),
            receives_letters(conversation.guardian_id, conversation.pupil_id),
        )
    ).one()
    return Standing(*map(bool, row))


def who_may_come_in(conversation: Conversation) -> list[tuple[int, str]]:
    """Return who works here and can be let in, by number and name: never family of the child (R22)."""
    rows = db.session.execute(
        who_works_here().where(
            ~takes_part(User.id, conversation),
            ~kept_from_staff(User.id, conversation.pupil_id, conversation.guardian_id),
        )
    )
    return [(row.id, names.full(row.given_name, row.prefix, row.surname)) for row in rows]
