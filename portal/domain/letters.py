"""A letter from school, from the first draft until it is taken back: each step a verb."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update

from portal import clock
from portal.access import Viewer
from portal.domain import audit, letter_copies
from portal.domain.letter_audience import Part, parts_of, recipients, row_of
from portal.domain.school_days import current_year, school_years
from portal.errors import Refused
from portal.extensions import db
from portal.models.letters import Letter, LetterAudience
from portal.words import gettext

TITLE_LENGTH = 120
TEXT_LENGTH = 20_000
TIME_TO_TAKE_BACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Words:
    """What a writer fills in. `sender` as parents know the author; `mail_shows`: 'hint' or 'text'."""

    title: str
    text: str
    sender: str
    mail_shows: str = "hint"
    urgent: bool = False
    visible_until: date | None = None


def begin(actor: Viewer, now: datetime) -> Letter:
    """Make an empty draft, that nobody but its author knows of. Raises Refused without a school year."""
    year = current_year(school_years(), clock.to_local(now).date())
    if year is None:
        raise Refused(gettext("The school has no school year yet. The office adds one."))
    letter = Letter(
        school_year_id=year.id,
        author_id=actor.id,
        created_at=now,
        edited_at=now,
    )
    db.session.add(letter)
    db.session.flush()
    return letter


def save(
    letter: Letter, words: Words, parts: Sequence[Part], revision: int, actor: Viewer, now: datetime
) -> None:
    """Keep a draft as it is typed. Raises Refused when another page changed it since `revision`."""
    if letter.sent_at or letter.send_at:
        raise Refused(gettext("This letter is already on its way. Take it back to change it."))
    if letter.revision != revision:
        raise Refused(gettext("This letter was changed on another page meanwhile."))
    _put_words(letter, words, now)
    letter.approval_asked_at = letter.approved_at = letter.approved_by = None
    db.session.execute(delete(LetterAudience).where(LetterAudience.letter_id == letter.id))
    db.session.add_all([row_of(letter.id, part) for part in parts])
    db.session.flush()


def _put_words(letter: Letter, words: Words, now: datetime) -> None:
    letter.title, letter.text, letter.sender = words.title, words.text, words.sender
    letter.mail_shows, letter.urgent, letter.visible_until = (
        words.mail_shows,
        words.urgent,
        words.visible_until,
    )
    letter.edited_at, letter.revision = now, letter.revision + 1


def set_out(letter: Letter, send_at: datetime | None, actor: Viewer, now: datetime) -> None:
    """Let a letter go: at a time, or now, which leaves two minutes to take it back.

    Raises Refused when words or recipients are missing, or it is on its way already.
    """
    if letter.sent_at or letter.send_at:
        raise Refused(gettext("This letter is already on its way."))
    if not letter.title:
        raise Refused(gettext("Give the letter a subject."), "title")
    if not letter.text:
        raise Refused(gettext("Write the letter first."), "text")
    if db.session.execute(recipients(parts_of(letter.id)).limit(1)).first() is None:
        raise Refused(gettext("Choose for whom the letter is."), "audience")
    letter.send_at = max(send_at or now, now + TIME_TO_TAKE_BACK)
    db.session.flush()
    audit.record(actor, "send_letter", "letter", letter.id)


def take_back(letter: Letter, actor: Viewer) -> None:
    """Make a draft again of a letter that nobody has yet. Raises Refused when it has just left."""
    taken = db.session.execute(
        update(Letter)
        .where(Letter.id == letter.id, Letter.sent_at.is_(None), Letter.send_at.is_not(None))
        .values(send_at=None)
        .returning(Letter.id)
    ).first()
    if taken is None:
        raise Refused(gettext("This letter has just left. You can correct it or withdraw it."))
    db.session.expire(letter)
    audit.record(actor, "take_back_letter", "letter", letter.id)


def send_due(now: datetime) -> bool:
    """Send the letter whose time came first; True when there may be more. For the worker.

    Who receives it is settled here, once, together with the mail about it.
    """
    first = (
        select(Letter.id)
        .where(Letter.send_at <= now, Letter.sent_at.is_(None), Letter.withdrawn_at.is_(None))
        .order_by(Letter.send_at, Letter.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    letter_id = db.session.scalar(
        update(Letter)
        .where(Letter.id == first.scalar_subquery(), Letter.sent_at.is_(None))
        .values(sent_at=now)
        .returning(Letter.id)
    )
    if letter_id is None:
        return False
    letter_copies.hand_out(db.session.get_one(Letter, letter_id, populate_existing=True), now)
    return True


def correct(letter: Letter, words: Words, revision: int, actor: Viewer, now: datetime) -> None:
    """Change the words of a letter that parents have; it says so from then on.

    Raises Refused when another page changed it since `revision`.
    """
    if letter.revision != revision:
        raise Refused(gettext("This letter was changed on another page meanwhile."))
    _put_words(letter, words, now)
    letter.corrected_at = now
    db.session.flush()
    audit.record(actor, "correct_letter", "letter", letter.id)


def withdraw(letter: Letter, actor: Viewer, now: datetime) -> None:
    """Take a letter away from everybody who received it; mail about it that waits does not go."""
    if letter.withdrawn_at is None:
        letter.withdrawn_at = now
        db.session.flush()
        audit.record(actor, "withdraw_letter", "letter", letter.id)
