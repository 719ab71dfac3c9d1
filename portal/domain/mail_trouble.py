"""Mail that does not arrive: which addresses are known not to work, and which letters got lost."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased

from portal.access import Viewer
from portal.domain import audit, outbox
from portal.domain.outbox import GAVE_UP
from portal.extensions import db, fetch, insert_into
from portal.models.accounts import User
from portal.models.letters import LetterRecipient
from portal.models.notices import MailTrouble
from portal.models.outbox import OutgoingMessage

LETTER, LETTER_URGENT, LETTER_REMINDER = "letter", "letter_urgent", "letter_reminder"
LETTER_DIGEST, SLIP_REMINDER = "letter_digest", "slip_reminder"
LETTER_KINDS = (LETTER, LETTER_URGENT, LETTER_REMINDER, LETTER_DIGEST, SLIP_REMINDER)
MESSAGE = "message"
"""The mail that says that there is a message in a private conversation."""

LEFT = ""
"""Stands as the address of a mail that came back from one that its reader does not have, or no longer."""

SOFT_LIMIT = 5
"""On so many days a mail came back that might have arrived: then the address does not work either."""

A_DAY = timedelta(hours=20)
FORGOTTEN_AFTER = timedelta(days=30)
_trouble = aliased(MailTrouble)
_HARD = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4", "550", "551", "553")


def is_hard(code: str) -> bool:
    """Whether a code says that the address does not exist or takes no mail any more (RFC 3463).

    A full mailbox, a mail that looks like advertising or a server that does not answer say nothing about it.
    """
    return code in _HARD


def note_failed(message_id: int, code: str, now: datetime, went_to: str = "") -> None:
    """Keep for whom a mail that we sent will not arrive, and why; the outbox has noted the mail itself.

    `went_to`: the address that was refused, which need not be the one that the person has now; '' when the
    mail got nowhere.
    """
    message = db.session.get(OutgoingMessage, message_id, populate_existing=True)
    if message is not None:
        address = _address_of(message.user_id)
        meant = message.kind != "new_email" and message.address in (None, address)
        _note(message, code, went_to.lower() == address if went_to else meant, now)
        _let_next_one_go(message)


def note_returned(message: OutgoingMessage, code: str, same_address: bool, now: datetime) -> None:
    """Keep that a mail came back; about a letter or message it goes again when it may arrive another day.

    `same_address`: it was sent to the address that the person has now. Of another one it says nothing.
    """
    _note(message, code, same_address, now)
    sent_at = message.sent_at
    again = message.kind in (*LETTER_KINDS, MESSAGE) and same_address and not is_hard(code)
    if not (again and outbox.send_back(message, now)):
        _let_next_one_go(message)
    elif message.kind == LETTER_DIGEST:
        db.session.execute(
            update(LetterRecipient)
            .where(
                LetterRecipient.user_id == message.user_id,
                LetterRecipient.mailed_at == sent_at,
                LetterRecipient.opened_at.is_(None),
            )
            .values(held_at=now)
            .execution_options(synchronize_session=False)
        )


def _let_next_one_go(message: OutgoingMessage) -> None:
    """Let a next message be told of after a mail that told nobody: with its key it would still be the one."""
    if message.kind == MESSAGE:
        message.dedupe_key = None
        db.session.flush()


def _note(message: OutgoingMessage, code: str, counts: bool, now: datetime) -> None:
    if message.user_id is None:
        return
    if message.kind == LETTER_DIGEST:
        _note_digest_lost(message, message.user_id, code, now)
    elif message.kind in LETTER_KINDS and message.subject_id is not None:
        note_lost(message.subject_id, message.user_id, code, now)
    address = _address_of(message.user_id)
    if address and counts:
        _count(message.user_id, address, code, now)
    elif not counts and message.address is None:
        message.address = LEFT
        db.session.flush()


def went_to_address_in_use() -> ColumnElement[bool]:
    """Whether a mail says something of the address that its reader has now, and not of one that was left."""
    return and_(
        OutgoingMessage.address.is_(None), OutgoingMessage.kind.not_in(("new_email", "email_changed"))
    )


def forget_failures(user_ids: Collection[int]) -> None:
    """Let what came back from the addresses that people are about to leave say nothing of the next ones."""
    db.session.execute(
        update(OutgoingMessage)
        .where(
            OutgoingMessage.user_id.in_(user_ids),
            OutgoingMessage.failed_at.is_not(None),
            OutgoingMessage.address.is_(None),
        )
        .values(address=LEFT)
        .execution_options(synchronize_session=False)
    )


def _address_of(user_id: int | None) -> str | None:
    return db.session.scalar(select(User.email).where(User.id == user_id))


def note_lost(letter_id: int, user_id: int, code: str, now: datetime) -> None:
    """Note that the mail about a letter does not reach somebody."""
    db.session.execute(
        update(LetterRecipient)
        .where(LetterRecipient.letter_id == letter_id, LetterRecipient.user_id == user_id)
        .values(failed_at=now, failure=code[:60])
        .execution_options(synchronize_session=False)
    )


def _note_digest_lost(message: OutgoingMessage, user_id: int, code: str, now: datetime) -> None:
    """Note it of each letter in the mail of a day: those that left with it, or wait for it still."""
    told = LetterRecipient.mailed_at == message.sent_at if message.sent_at else LetterRecipient.held_at <= now
    db.session.execute(
        update(LetterRecipient)
        .where(LetterRecipient.user_id == user_id, told)
        .values(failed_at=now, failure=code[:60], held_at=None)
        .execution_options(synchronize_session=False)
    )


def _count(user_id: int, address: str, code: str, now: datetime) -> None:
    """Count one more day on which mail to an address came back."""
    trouble = _trouble_of(user_id, address, now)
    code = "gave up" if code.startswith(GAVE_UP) else code[:20]
    if trouble.address != address or trouble.last_at < now - FORGOTTEN_AFTER:
        trouble.address, trouble.times, trouble.first_at = address, 0, now
        trouble.hard_at = trouble.done_at = None
    if trouble.times == 0 or trouble.last_at <= now - A_DAY:
        trouble.times, trouble.last_at = trouble.times + 1, now
    if trouble.hard_at is None:
        trouble.code = code
        if is_hard(code) or trouble.times >= SOFT_LIMIT:
            trouble.hard_at = now
    db.session.flush()


def _trouble_of(user_id: int, address: str, now: datetime) -> MailTrouble:
    """Return the row about somebody, held until the commit: two reports may come at once."""
    row = {"user_id": user_id, "address": address, "code": "", "times": 0, "first_at": now, "last_at": now}
    db.session.execute(insert_into(MailTrouble).values(row).on_conflict_do_nothing())
    return db.session.scalars(
        select(MailTrouble)
        .where(MailTrouble.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def known_trouble(user: User) -> str:
    """Return the code for which nothing is sent to the address that somebody has now; '' when mail goes."""
    codes = fetch(_known_trouble(), user_id=user.id, email=user.email)
    return codes[0][0] if codes else ""


@cache
def _known_trouble() -> Select[str]:
    return select(MailTrouble.code).where(
        MailTrouble.user_id == bindparam("user_id", type_=Integer),
        MailTrouble.address == bindparam("email", type_=String),
        MailTrouble.hard_at.is_not(None),
    )


def try_again(user: User, actor: Viewer) -> None:
    """Send mail to an address once more that was known not to work: somebody at school knows better."""
    db.session.execute(
        delete(MailTrouble).where(MailTrouble.user_id == user.id).execution_options(synchronize_session=False)
    )
    audit.record(actor, "try_address_again", "user", user.id)


def takes_no_mail() -> ColumnElement[bool]:
    """Whether a person has no address, or one that is known not to work; beside User in a query."""
    known = exists().where(
        and_(
            _trouble.user_id == User.id,
            _trouble.address == User.email,
            _trouble.hard_at.is_not(None),
        )
    )
    return or_(User.email.is_(None), known)
