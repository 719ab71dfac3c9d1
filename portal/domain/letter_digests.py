"""One mail a day about all letters since the last one, for who chose that, and the link that stops it.

A letter waits in its reader's copy (`held_at`); the mail itself says what waits when it leaves. So a letter
that was withdrawn or read meanwhile is not in it, and a worker that was away for hours tells everything once.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import cast
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy import ColumnElement, Row, case, null, or_, select, update

from portal import clock, names
from portal.access import (
    Viewer,
    admitted,
    children_of_letters,
    letters_received_by,
    own_receipts,
    slips_waiting_for,
)
from portal.domain import notice_choices, outbox
from portal.domain.letter_approval import mail_shows
from portal.domain.mail_trouble import LETTER_DIGEST, known_trouble, note_lost
from portal.domain.notice_choices import PORTAL, Choice, choice_of, first_moment, next_digest
from portal.domain.outbox import Later, Settled
from portal.domain.school import school_facts
from portal.extensions import db
from portal.models.accounts import User
from portal.models.letters import Letter, LetterChild, LetterRecipient
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Pupil
from portal.models.slips import ReplySlip
from portal.tokens import keyed_hash
from portal.words import ngettext

MAIL = LETTER_DIGEST

_NOT_LOST: dict[str, object] = {
    "mailed_at": case((LetterRecipient.failed_at.is_(None), LetterRecipient.mailed_at), else_=null()),
    "failed_at": None,
    "failure": "",
}
"""What is known of a copy whose mail came back, once its reader wants none of its own: it was not mailed."""


def host() -> str:
    """Return the name of the portal, for what identifies a mail."""
    return (urlsplit(str(current_app.config["BASE_URL"])).hostname or "portal")[-70:]


def hold(message: OutgoingMessage, user: User, choice: Choice, now: datetime) -> None:
    """Let a letter wait for the next mail of a day: the first after it was written, also when that is over.

    Where that one has left already it is the next.
    """
    due = next_digest(choice, message.created_at)
    if choice.digest_sent_at is not None and choice.digest_sent_at >= due:
        due = next_digest(choice, now)
    db.session.execute(
        update(LetterRecipient)
        .where(LetterRecipient.letter_id == message.subject_id, own_receipts(Viewer(id=user.id)))
        .values(held_at=now, **_NOT_LOST)
        .execution_options(synchronize_session=False)
    )
    person = outbox.Person(user.id, user.language)
    outbox.queue_soon(MAIL, now, max(due - now, timedelta(0)), [(person, None, f"{MAIL}:{user.id}")])


def settle(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    """Settle the mail of a day: what waits and may still be read, or nothing. Not in the quiet hours."""
    choice, waiting = choice_of(user.id), _waiting(user.id, now)
    if choice.letters == PORTAL:
        note_unwanted(user.id, LetterRecipient.held_at.is_not(None), now)
    if not waiting or choice.letters == PORTAL or not user.email:
        _let_go(user.id, now)
        return None
    if code := known_trouble(user):
        for row in waiting:
            note_lost(row.id, user.id, code, now)
        _let_go(user.id, now)
        return None
    good = first_moment(choice, now)
    if good > now:
        return Later(good)
    # What is held from now on needs another mail.
    message.dedupe_key = None
    db.session.flush()
    notice_choices.note_digest(user.id, now)
    base = str(current_app.config["BASE_URL"])
    return user.email, {
        "user_id": user.id,
        "as_of": now,
        "letters": [_said(row, user.id, base) for row in waiting],
        "link": f"{base}/letters",
        "choices": f"{base}/profile/notices",
        "stop": stop_link(user.id, user.email),
    }


def _waiting(user_id: int, now: datetime) -> list[Row[*tuple[object, ...]]]:
    """Return the letters that wait for somebody and were not read meanwhile, oldest first."""
    reader = Viewer(id=user_id)
    unseen = or_(LetterRecipient.opened_at.is_(None), LetterRecipient.opened_at < LetterRecipient.held_at)
    return list(
        db.session.execute(
            select(
                *(
                    Letter.id,
                    Letter.title,
                    Letter.sender,
                    mail_shows().label("mail_shows"),
                    Letter.corrected_at,
                ),
                *(LetterRecipient.received_at, ReplySlip.deadline),
                slips_waiting_for(reader, clock.to_local(now).date()).label("asks"),
            )
            .join(LetterRecipient, LetterRecipient.letter_id == Letter.id)
            .outerjoin(ReplySlip, ReplySlip.letter_id == Letter.id)
            .where(
                own_receipts(reader),
                LetterRecipient.held_at.is_not(None),
                unseen,
                letters_received_by(reader, clock.to_local(now).date()),
            )
            .order_by(LetterRecipient.received_at, Letter.id)
        )
    )


def _said(row: Row[*tuple[object, ...]], user_id: int, base: str) -> dict[str, object]:
    """Return what the mail says of one letter: its title where the author lets it, and no child's name."""
    shown = row.mail_shows == "text" and not names_a_child(row.title, row.id, user_id)
    return {
        "id": row.id,
        "title": row.title if shown else "",
        "sender": row.sender or school_facts().name,
        "day": clock.to_local(row.received_at).date(),
        "answer_before": row.deadline if row.asks else None,
        "corrected": row.corrected_at is not None,
        "link": f"{base}/letters/{row.id}",
    }


def note_unwanted(user_id: int, which: ColumnElement[bool], now: datetime) -> None:
    """Note of copies of somebody that no mail goes about them, as their reader wants none."""
    db.session.execute(
        update(LetterRecipient)
        .where(own_receipts(Viewer(id=user_id)), which)
        .values(unwanted_at=now, **_NOT_LOST)
        .execution_options(synchronize_session=False)
    )


def _let_go(user_id: int, until: datetime) -> None:
    """Let nothing of somebody wait any more that waited at a moment."""
    db.session.execute(
        update(LetterRecipient)
        .where(own_receipts(Viewer(id=user_id)), LetterRecipient.held_at <= until)
        .values(held_at=None)
        .execution_options(synchronize_session=False)
    )


def note_delivered(facts: dict[str, object], now: datetime) -> None:
    """Note of each letter in the mail that the mail server took it."""
    user_id = cast("int", facts["user_id"])
    told = [one["id"] for one in cast("list[dict[str, object]]", facts["letters"])]
    db.session.execute(
        update(LetterRecipient)
        .where(own_receipts(Viewer(id=user_id)), LetterRecipient.letter_id.in_(told))
        .values(mailed_at=now, failed_at=None, failure="")
        .execution_options(synchronize_session=False)
    )
    _let_go(user_id, cast("datetime", facts["as_of"]))


def subject(facts: dict[str, object], school: str) -> str:
    """Return the subject: how many letters there are, and nothing of what is in them."""
    count = len(cast("list[object]", facts["letters"]))
    return ngettext("A letter from %(school)s", "%(num)s letters from %(school)s", count, school=school)


def headers(facts: dict[str, object]) -> dict[str, str]:
    """Return what lets a mail program offer to stop this mail with one touch (RFC 8058)."""
    return {
        "List-Id": f"<letters.{host()}>",
        "List-Unsubscribe": f"<{facts['stop']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


# --- the link that stops it -------------------------------------------------------------------------------


def stop_link(user_id: int, address: str) -> str:
    """Return the link that stops the mail of a day; it works as long as the address is that person's."""
    return f"{current_app.config['BASE_URL']}/letters/digest/{user_id}-{_signature(user_id, address)}"


def _signature(user_id: int, address: str) -> str:
    return keyed_hash("stop digest", f"{user_id} {address.lower()}")[:40]


def reader_of(token: str) -> int | None:
    """Return whose mail a link stops; None when it is not ours, or of an address of before."""
    number, _, signature = token.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    user = db.session.execute(
        select(User.id, User.email).where(User.id == int(number), admitted())
    ).one_or_none()
    if user is None or not user.email:
        return None
    return user.id if compare_digest(signature.encode(), _signature(user.id, user.email).encode()) else None


def language_of(user_id: int) -> str:
    """Return the language in which somebody reads."""
    return db.session.scalars(select(User.language).where(User.id == user_id)).one()


def names_a_child(title: str, letter_id: int, user_id: int) -> bool:
    """Whether the subject that the author chose has the name of a child that the letter is about."""
    given = db.session.scalars(
        select(Pupil.given_name)
        .join(LetterChild, LetterChild.pupil_id == Pupil.id)
        .where(LetterChild.letter_id == letter_id, children_of_letters(Viewer(id=user_id)))
    )
    return bool(names_in(title, given))


def names_in(title: str, given_names: Iterable[str]) -> list[str]:
    """Return which of the children's names stand in a subject."""
    folded = names.fold(title)
    return [name for name in given_names if name and names.fold(name) in folded]
