"""Mail about a letter once more: to who has not opened it, and to whom it did not reach."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, false, func, or_, select, true, update

from portal import clock
from portal.access import Viewer, admitted, recipients_known_to
from portal.access.letters import receives_letters
from portal.domain import audit, outbox
from portal.domain.letter_copies import NEWS_FOR
from portal.domain.mail_trouble import LETTER, LETTER_REMINDER, LETTER_URGENT, SLIP_REMINDER, takes_no_mail
from portal.domain.notice_choices import reads_in_portal
from portal.domain.slot_times import at
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import User
from portal.models.letters import Letter, LetterChild, LetterRecipient
from portal.models.outbox import OutgoingMessage
from portal.words import gettext

_OF_ONE_LETTER = (LETTER, LETTER_URGENT, LETTER_REMINDER, SLIP_REMINDER)
"""The kinds of mail that are about one letter."""


Conditions = tuple[ColumnElement[bool], ...]


def is_reminded(letter: Letter, now: datetime) -> Conditions:
    """Whose copy 'remind' is about: who was told of the letter, by mail or in that of the day to come, or
    came when it was old news.

    Who should have had a mail and had none needs the one about the letter itself (`is_sent_again`).
    """
    told = or_(
        LetterRecipient.mailed_at.is_not(None),
        LetterRecipient.held_at.is_not(None),
        and_(LetterRecipient.unwanted_at.is_(None), came_when_old(letter)),
    )
    unread = LetterRecipient.opened_at.is_(None)
    return unread, LetterRecipient.failed_at.is_(None), told, ~mail_waits(), *may_be_mailed(now)


def is_sent_again(letter: Letter, now: datetime) -> Conditions:
    """Whose copy `send_again` may be about: whom the mail did not reach, or who had no address when it went.

    An urgent letter goes to who wants no mail too.
    """
    never = [LetterRecipient.mailed_at, LetterRecipient.held_at, LetterRecipient.unwanted_at]
    untold = and_(*(moment.is_(None) for moment in never), ~came_when_old(letter), ~mail_waits())
    lost = or_(LetterRecipient.failed_at.is_not(None), untold)
    return LetterRecipient.opened_at.is_(None), lost, *may_be_mailed(now, letter.urgent)


def came_when_old(letter: Letter) -> ColumnElement[bool]:
    """Whether who has this copy came so long after the letter that no mail went about it."""
    if letter.sent_at is None:
        return false()
    return LetterRecipient.received_at >= letter.sent_at + NEWS_FOR


def mail_waits() -> ColumnElement[bool]:
    """Whether a mail about the letter itself is still to go to who has this copy."""
    return exists().where(*_waits((LETTER, LETTER_URGENT)))


def tried_again_at() -> ScalarSelect[datetime]:
    """When the next mail about a letter goes to who has this copy; None without one."""
    return select(func.min(OutgoingMessage.due_at)).where(*_waits(_OF_ONE_LETTER)).scalar_subquery()


def _waits(kinds: Sequence[str]) -> Conditions:
    return OutgoingMessage.user_id == LetterRecipient.user_id, *_waits_about(LetterRecipient.letter_id, kinds)


def _waits_about(letter_id: Any, kinds: Sequence[str] = _OF_ONE_LETTER) -> Conditions:
    return (
        OutgoingMessage.subject_id == letter_id,
        OutgoingMessage.kind.in_(kinds),
        OutgoingMessage.sent_at.is_(None),
        OutgoingMessage.failed_at.is_(None),
    )


def is_still_for() -> ColumnElement[bool]:
    """Whether a letter is still for who has this copy: about a child that is here, for who decides for it."""
    return exists().where(
        LetterChild.letter_id == LetterRecipient.letter_id,
        LetterChild.user_id == LetterRecipient.user_id,
        receives_letters(LetterRecipient.user_id, LetterChild.pupil_id),
    )


def may_be_mailed(now: datetime, urgent: bool = False) -> Conditions:
    """To whom another mail about a letter may go: still for them, not today already, and mail goes there.

    `urgent`: also to who wants no mail about letters.
    """
    today = at(clock.to_local(now).date(), time())
    return (
        or_(LetterRecipient.reminded_at.is_(None), LetterRecipient.reminded_at < today),
        ~takes_no_mail(),
        true() if urgent else ~reads_in_portal(),
        admitted(),
        is_still_for(),
    )


def remind(viewer: Viewer, letter: Letter, now: datetime) -> int:
    """Remind by mail who has not opened the letter; returns how many, at most once a day each.

    To whom the first mail is still to go that one is enough.
    Raises Refused when parents do not find the letter any more.
    """
    refuse_gone(letter, now)
    return mail_again(viewer, letter, LETTER_REMINDER, is_reminded(letter, now), now)


def send_again(viewer: Viewer, letter: Letter, user_id: int, now: datetime) -> int:
    """Mail once more to one guardian whom the mail did not reach; returns 0 when that cannot be.

    Also to who had no address when the letter went, so that no mail about it ever did.
    Raises Refused when parents do not find the letter any more.
    """
    refuse_gone(letter, now)
    which = (LetterRecipient.user_id == user_id, *is_sent_again(letter, now))
    return mail_again(viewer, letter, LETTER_URGENT if letter.urgent else LETTER, which, now)


def is_gone(letter: Letter, now: datetime) -> bool:
    """Whether parents do not find a letter any more."""
    today = clock.to_local(now).date()
    return bool(letter.sent_at is None or letter.withdrawn_at or (letter.visible_until or today) < today)


def refuse_gone(letter: Letter, now: datetime) -> None:
    """Raise Refused when parents do not find a letter any more."""
    if is_gone(letter, now):
        raise Refused(gettext("Parents do not see this letter any more."))


def mail_again(viewer: Viewer, letter: Letter, kind: str, which: Conditions, now: datetime) -> int:
    """Queue another mail about a letter to those whom the viewer knows and `which` is true of.

    Where one waits already, as one that came back does until the next day, that one goes now. Those are held
    first, and the copies after them: so the worker does it too, who settles a mail.
    """
    waiting = select(OutgoingMessage.id).where(*_waits_about(letter.id)).order_by(OutgoingMessage.id)
    db.session.execute(waiting.with_for_update()).all()
    people = db.session.execute(
        select(User.id, User.language)
        .join(LetterRecipient, LetterRecipient.user_id == User.id)
        .where(
            LetterRecipient.letter_id == letter.id,
            recipients_known_to(viewer),
            *which,
        )
        .order_by(User.id)
        .with_for_update(of=LetterRecipient)
    ).all()
    if not people:
        return 0
    db.session.execute(
        update(LetterRecipient)
        .where(
            LetterRecipient.letter_id == letter.id,
            LetterRecipient.user_id.in_([person.id for person in people]),
        )
        .values(reminded_at=now)
        .execution_options(synchronize_session=False)
    )
    day = clock.to_local(now).date()
    hurried = _hurry(letter.id, kind, [person.id for person in people], now)
    keys = [
        (outbox.Person(*person), letter.id, f"{kind}:{letter.id}:{person.id}:{day}")
        for person in people
        if person.id not in hurried
    ]
    outbox.queue_soon(kind, now, timedelta(0), keys)
    audit.record(viewer, "remind_of_letter", "letter", letter.id)
    return len(people)


def _hurry(letter_id: int, kind: str, people: Sequence[int], now: datetime) -> set[int | None]:
    """Let mail that waits go now, and return whose that is. Any about the letter says that it is there."""
    waiting = db.session.scalars(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.user_id.in_(people),
            *_waits_about(letter_id, _OF_ONE_LETTER if kind == LETTER else (kind,)),
        )
        .values(due_at=now)
        .returning(OutgoingMessage.user_id)
        .execution_options(synchronize_session=False)
    )
    return set(waiting)
