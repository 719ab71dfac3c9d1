"""The mail about a letter: to who may read it at the moment it leaves, and to nobody else.

It names no child (R44). 'hint' says only that there is a letter and from whom; 'text' has the letter in it.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import Date, Integer, Select, bindparam, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from portal import clock
from portal.access import anyone_with, attachments_visible_to, letters_received_by, slips_waiting_for
from portal.domain import letter_digests, mail_trouble, notice_choices
from portal.domain.letter_approval import mail_shows
from portal.domain.letter_text import as_html, as_plain
from portal.domain.mail_trouble import LETTER, LETTER_REMINDER, LETTER_URGENT, SLIP_REMINDER
from portal.domain.outbox import Later, Settled
from portal.extensions import UtcDateTime, fetch
from portal.models.accounts import User
from portal.models.letters import Attachment, Letter, LetterRecipient
from portal.models.outbox import OutgoingMessage
from portal.models.slips import ReplySlip
from portal.words import gettext

TEMPLATE = "letter"
TEXT = "text"
"""What a mail shows that has the whole letter in it."""


class Copy(NamedTuple):
    """A letter and what became of somebody's copy; `asks`: its slip waits for this reader."""

    id: int
    title: str
    text: str
    sender: str
    urgent: bool
    mail_shows: str
    corrected_at: datetime | None
    opened_at: datetime | None
    mailed_at: datetime | None
    deadline: date | None
    asks: bool | None


def _settle(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    found = _copy(message.subject_id, user.id, now)
    if found is None or not user.email or (message.kind == LETTER_REMINDER and found.opened_at):
        return None
    answer_before: date | None = found.deadline if found.asks else None
    if message.kind == SLIP_REMINDER and answer_before is None:
        return None
    if code := mail_trouble.known_trouble(user):
        mail_trouble.note_lost(found.id, user.id, code, now)
        return None
    if message.kind != LETTER_URGENT and (wait := _as_chosen(message, user, now)):
        return wait if isinstance(wait, Later) else None
    told = facts_of(
        found, _file_names(found.id, user.id, now) if found.mail_shows == TEXT else [], answer_before
    )
    return user.email, told | {
        "user_id": user.id,
        "title_in_subject": bool(told["title"])
        and not letter_digests.names_a_child(found.title, found.id, user.id),
        "changed_at": found.corrected_at if _knew_it_before(found) else None,
        "reminder": message.kind == LETTER_REMINDER,
        "slip_reminder": message.kind == SLIP_REMINDER,
    }


def _knew_it_before(found: Copy) -> bool:
    """Whether somebody had mail of a letter, or opened it, before its words were changed."""
    heard = [moment for moment in (found.mailed_at, found.opened_at) if moment]
    return found.corrected_at is not None and any(moment < found.corrected_at for moment in heard)


def facts_of(letter: Any, files: Sequence[str], answer_before: date | None) -> dict[str, object]:
    """Return what the mail about a letter says to everybody: only that it is there, or its text too.

    `files`: the names of what goes with it.
    """
    with_text = letter.mail_shows == TEXT
    return {
        "link": f"{current_app.config['BASE_URL']}/letters/{letter.id or ''}",
        "letter_id": letter.id,
        "sender": letter.sender,
        "urgent": letter.urgent,
        "title": letter.title if with_text else "",
        "title_in_subject": with_text,
        "plain": as_plain(letter.text) if with_text else "",
        "html": as_html(letter.text) if with_text else "",
        "files": files if with_text else [],
        "answer_before": answer_before,
        "changed_at": None,
    }


def _as_chosen(message: OutgoingMessage, user: User, now: datetime) -> Later | bool:
    """Keep to how the reader wants to be told: True when this mail does not go, False when it goes now."""
    choice = notice_choices.choice_of(user.id)
    if choice.letters == notice_choices.DIGEST:
        letter_digests.hold(message, user, choice, now)
    if choice.letters == notice_choices.PORTAL:
        letter_digests.note_unwanted(user.id, LetterRecipient.letter_id == message.subject_id, now)
    if choice.letters != notice_choices.AT_ONCE:
        return True
    good = notice_choices.first_moment(choice, now)
    return Later(good) if good > now else False


def _copy(letter_id: int | None, user_id: int, now: datetime) -> Copy | None:
    """Return the letter and what became of somebody's copy, as long as they may read it."""
    rows = fetch(_copy_query(), letter_id=letter_id, viewer_id=user_id, today=clock.to_local(now).date())
    return Copy(*rows[0]) if rows else None


@cache
def _copy_query() -> Select[*tuple[Any, ...]]:
    reader, today = anyone_with(None), bindparam("today", type_=Date)
    return (
        select(
            *(Letter.id, Letter.title, Letter.text, Letter.sender, Letter.urgent, mail_shows()),
            *(Letter.corrected_at, LetterRecipient.opened_at, LetterRecipient.mailed_at, ReplySlip.deadline),
            slips_waiting_for(reader, today),
        )
        .join(LetterRecipient, LetterRecipient.letter_id == Letter.id)
        .outerjoin(ReplySlip, ReplySlip.letter_id == Letter.id)
        .where(
            Letter.id == bindparam("letter_id", type_=Integer),
            LetterRecipient.user_id == reader.id,
            letters_received_by(reader, today),
        )
    )


def _file_names(letter_id: int, user_id: int, now: datetime) -> list[str]:
    """Return how the attachments are called that somebody finds with the letter in the portal."""
    today = clock.to_local(now).date()
    return [name for (name,) in fetch(_names_query(), letter_id=letter_id, viewer_id=user_id, today=today)]


@cache
def _names_query() -> Select[str]:
    return (
        select(Attachment.name)
        .where(
            Attachment.letter_id == bindparam("letter_id", type_=Integer),
            ~Attachment.inline,
            attachments_visible_to(anyone_with(None), bindparam("today", type_=Date)),
        )
        .order_by(Attachment.position, Attachment.id)
    )


SETTLE: dict[str, Callable[[OutgoingMessage, User, datetime], Settled]] = {
    LETTER: _settle,
    LETTER_URGENT: _settle,
    LETTER_REMINDER: _settle,
    SLIP_REMINDER: _settle,
}
"""Each kind of mail about a letter, and what settles it."""


def subject(kind: str, facts: dict[str, object], school: str) -> str:
    """Return the subject: the letter's own where the mail may show it, else only from whom it is."""
    sender = str(facts["sender"]) or school
    if facts["title_in_subject"]:
        said = str(facts["title"])
    else:
        said = gettext("A letter from %(sender)s", sender=sender)
    if kind in (LETTER_REMINDER, SLIP_REMINDER):
        return gettext("Reminder: %(subject)s", subject=said)
    if facts["changed_at"]:
        said = gettext("Changed: %(subject)s", subject=said)
    if kind == LETTER_URGENT:
        return gettext("Urgent: %(subject)s", subject=said)
    return said


def headers(facts: dict[str, object]) -> dict[str, str]:
    """Return what lets a mail program keep the mails about one letter together, and all letters apart."""
    host = letter_digests.host()
    found = {"References": f"<letter-{facts['letter_id']}@{host}>", "List-Id": f"<letters.{host}>"}
    return found | ({"Importance": "high"} if facts["urgent"] else {})


def note_delivered(facts: dict[str, object], now: datetime) -> None:
    """Note that the mail server took the mail about a letter for somebody."""
    fetch(_delivered(), letter=facts["letter_id"], reader=facts["user_id"], now=now)


@cache
def _delivered() -> ReturningUpdate[tuple[int]]:
    return (
        update(LetterRecipient)
        .where(
            LetterRecipient.letter_id == bindparam("letter", type_=Integer),
            LetterRecipient.user_id == bindparam("reader", type_=Integer),
        )
        .values(
            mailed_at=bindparam("now", type_=UtcDateTime),
            failed_at=None,
            failure="",
            held_at=None,
            unwanted_at=None,
        )
        .returning(LetterRecipient.user_id)
    )
