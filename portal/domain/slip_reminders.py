"""Reminding by mail those, and only those, whose answer on a reply slip is still to come.

Of two who do things together one answer can be enough; who lives apart from the other guardian is reminded
until they answered themselves, so that a mail or its absence tells nothing of the other one (R22).
"""

from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, exists, func, select, update

from portal import clock
from portal.access import Viewer, recipients_known_to
from portal.access.letters import letters_still_there
from portal.access.slips import still_asked
from portal.domain import outbox
from portal.domain.letter_reminders import mail_again, mail_waits, may_be_mailed, refuse_gone
from portal.domain.letter_times import is_quiet
from portal.domain.mail_trouble import SLIP_REMINDER
from portal.domain.school import school_facts
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import User
from portal.models.letters import Letter, LetterRecipient
from portal.models.slips import ReplySlip
from portal.words import gettext

DAYS_BEFORE = timedelta(days=2)
AFTER_SCHOOL = time(16)
"""On the day itself it goes at the end of the afternoon, later at any hour that is not quiet."""

NOT_BEFORE = timedelta(days=1)
"""Who has only just got the letter is not reminded of it."""


def to_remind(viewer: Viewer, letter: Letter, now: datetime) -> int:
    """Return how many guardians the viewer could remind now."""
    found = (
        select(func.count())
        .select_from(LetterRecipient)
        .join(User, User.id == LetterRecipient.user_id)
        .where(LetterRecipient.letter_id == letter.id, recipients_known_to(viewer), *_to_remind(now, viewer))
    )
    return db.session.scalar(found) or 0


def remind(viewer: Viewer, letter: Letter, now: datetime) -> int:
    """Remind those whose answer is still to come; returns how many, at most once a day each.

    The letter's own mail asks for the answer too: to whom it is still to go that one is enough.
    Raises Refused when it cannot be answered any more.
    """
    refuse_gone(letter, now)
    deadline = db.session.scalar(select(ReplySlip.deadline).where(ReplySlip.letter_id == letter.id))
    if deadline is None or deadline < clock.to_local(now).date():
        raise Refused(gettext("The last day to answer is over."))
    return mail_again(viewer, letter, SLIP_REMINDER, _to_remind(now, viewer), now)


def _to_remind(now: datetime, viewer: Viewer | None = None) -> tuple[ColumnElement[bool], ...]:
    """Whose answer is still to come, of those to whom a mail can go today and none that asks for it waits.

    To a viewer also that of a guardian for whom somebody answered who is kept from them (R22): the mail,
    which looks again when it goes, does not go then.
    """
    asked = exists().where(
        ReplySlip.letter_id == LetterRecipient.letter_id,
        ReplySlip.deadline >= clock.to_local(now).date(),
        still_asked(ReplySlip, LetterRecipient.user_id, viewer),
    )
    return ~mail_waits(), asked.correlate_except(ReplySlip), *may_be_mailed(now)


def send_due(now: datetime) -> bool:
    """Remind, two days before the last day of a slip, who has not answered; True when there may be more.

    For the worker: one slip at a time, each once for a last day.
    """
    local = clock.to_local(now)
    school = school_facts()
    if is_quiet(now, school.quiet_from, school.quiet_until):
        return False
    today = local.date()
    ahead = today + DAYS_BEFORE if local.time() >= AFTER_SCHOOL else today + DAYS_BEFORE - timedelta(days=1)
    letter = db.session.scalars(
        select(Letter)
        .join(ReplySlip, ReplySlip.letter_id == Letter.id)
        .where(
            ReplySlip.reminded_at.is_(None),
            ReplySlip.deadline >= today,
            ReplySlip.deadline <= ahead,
            letters_still_there(today),
            Letter.sent_at <= now - NOT_BEFORE,
        )
        .order_by(Letter.id)
        .limit(1)
    ).first()
    if letter is None:
        return False
    first = update(ReplySlip).where(ReplySlip.letter_id == letter.id, ReplySlip.reminded_at.is_(None))
    deadline = db.session.scalar(
        first.values(reminded_at=now)
        .returning(ReplySlip.deadline)
        .execution_options(synchronize_session=False)
    )
    if deadline is not None:
        _mail_all(letter.id, f"{SLIP_REMINDER}:{letter.id}:{deadline}", now)
    return True


def _mail_all(letter_id: int, key: str, now: datetime) -> None:
    people = db.session.execute(
        select(User.id, User.language)
        .join(LetterRecipient, LetterRecipient.user_id == User.id)
        .where(LetterRecipient.letter_id == letter_id, *_to_remind(now))
        .order_by(User.id)
    ).all()
    db.session.execute(
        update(LetterRecipient)
        .where(
            LetterRecipient.letter_id == letter_id,
            LetterRecipient.user_id.in_([person.id for person in people]),
        )
        .values(reminded_at=now)
        .execution_options(synchronize_session=False)
    )
    mails = [(outbox.Person(*person), letter_id, f"{key}:{person.id}") for person in people]
    outbox.queue_soon(SLIP_REMINDER, now, timedelta(0), mails)
