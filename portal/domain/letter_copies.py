"""Who has a letter: each guardian an own copy (R19), also who comes to school after it was sent."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Integer, Row, exists, insert, literal, or_, select

from portal import clock
from portal.access.letters import letters_still_there
from portal.domain import outbox
from portal.domain.letter_audience import YEAR, parts_of, recipients
from portal.domain.mail_trouble import LETTER, LETTER_URGENT
from portal.domain.school_days import Year, current_year, school_years
from portal.extensions import db, insert_into
from portal.models.accounts import User
from portal.models.letters import Letter, LetterChild, LetterRecipient
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Group
from portal.models.school import SchoolYear

NEWS_FOR = timedelta(days=7)
"""Who comes later gets no mail about a letter that is older."""

LETTERS_AT_ONCE = 20


def hand_out(letter: Letter, now: datetime, but_for: str = "") -> None:
    """Give a letter to everybody whom it is for and who has none yet, with a mail unless it is old news.

    `but_for`: a kind of parts for which nobody else comes any more.
    """
    parts = [part for part in parts_of(letter.id) if part.excluded or part.kind != but_for]
    to = recipients(parts).subquery()
    has = exists().where(
        LetterChild.letter_id == letter.id,
        LetterChild.user_id == to.c.user_id,
        LetterChild.pupil_id == to.c.pupil_id,
    )
    new = select(literal(letter.id, Integer), to.c.user_id, to.c.pupil_id).where(~has)
    columns = ["letter_id", "user_id", "pupil_id"]
    given = db.session.execute(insert_into(LetterChild).from_select(columns, new).on_conflict_do_nothing())
    if not cast("CursorResult[Any]", given).rowcount:
        return
    people = _without_copy(letter.id)
    if not people:
        return
    db.session.execute(
        insert(LetterRecipient),
        [{"letter_id": letter.id, "user_id": person.id, "received_at": now} for person in people],
    )
    if not is_old_news(letter, now):
        tell(LETTER_URGENT if letter.urgent else LETTER, letter.id, people, now)


def is_old_news(letter: Letter, now: datetime) -> bool:
    """Whether who receives a letter at this moment gets no mail about it any more."""
    return letter.sent_at is None or letter.sent_at <= now - NEWS_FOR


def _without_copy(letter_id: int) -> list[Row[int, str, str | None]]:
    has_child = exists().where(LetterChild.letter_id == letter_id, LetterChild.user_id == User.id)
    has_copy = exists().where(LetterRecipient.letter_id == letter_id, LetterRecipient.user_id == User.id)
    return list(
        db.session.execute(
            select(User.id, User.language, User.email).where(has_child, ~has_copy).order_by(User.id)
        )
    )


def tell(kind: str, letter_id: int, people: list[Row[int, str, str | None]], now: datetime) -> None:
    """Queue the mail about a letter to who has an address; each gets it once."""
    outbox.queue_soon(
        kind,
        now,
        timedelta(0),
        [
            (outbox.Person(person.id, person.language), letter_id, f"letter:{letter_id}:{person.id}")
            for person in people
            if person.email is not None
        ],
    )


def tell_again(letter: Letter, now: datetime) -> None:
    """Queue another mail about a letter, which was changed, to everybody who has it; once per change.

    A mail about it that is still to go has the new words, so it is enough; it is held until the commit.
    """
    still_to_go = set(
        db.session.scalars(
            select(OutgoingMessage.user_id)
            .where(
                OutgoingMessage.subject_id == letter.id,
                OutgoingMessage.kind.in_((LETTER, LETTER_URGENT)),
                OutgoingMessage.sent_at.is_(None),
                OutgoingMessage.failed_at.is_(None),
                or_(OutgoingMessage.leased_until.is_(None), OutgoingMessage.leased_until <= now),
            )
            .with_for_update()
        )
    )
    people = db.session.execute(
        select(User.id, User.language)
        .join(LetterRecipient, LetterRecipient.user_id == User.id)
        .where(LetterRecipient.letter_id == letter.id, User.email.is_not(None))
        .order_by(User.id)
    )
    key = f"letter:{letter.id}:{letter.revision}"
    mails = [
        (outbox.Person(*person), letter.id, f"{key}:{person.id}")
        for person in people
        if person.id not in still_to_go
    ]
    outbox.queue_soon(LETTER_URGENT if letter.urgent else LETTER, now, timedelta(0), mails)


def _next_year_is_there(year: Year) -> bool:
    """Whether groups of a later school year are there already, in which pupils are a jaargroep further."""
    later = exists().where(Group.school_year_id == SchoolYear.id, SchoolYear.first_day > year.first_day)
    return bool(db.session.scalar(select(later)))


class LateComers:
    """The regular work that gives the letters of this year to who came after they were sent.

    Those to a jaargroep until the groups of the next year are there: then it is another one's children.
    Some letters a time, so that others can write between. It remembers how far it came; who is done begins
    anew, and a worker that starts anew loses nothing but time.
    """

    def __init__(self) -> None:
        self._done_until = 0

    def __call__(self, now: datetime) -> bool:
        """Look at the next letters; True when there are more."""
        today = clock.to_local(now).date()
        year = current_year(school_years(), today)
        there = letters_still_there(today)
        found = list(
            db.session.scalars(
                select(Letter)
                .where(
                    there,
                    Letter.school_year_id == (year.id if year else 0),
                    Letter.id > self._done_until,
                )
                .order_by(Letter.id)
                .limit(LETTERS_AT_ONCE)
                .with_for_update(key_share=True)
            )
        )
        but_for = YEAR if found and year and _next_year_is_there(year) else ""
        for letter in found:
            hand_out(letter, now, but_for)
        self._done_until = found[-1].id if len(found) == LETTERS_AT_ONCE else 0
        return self._done_until > 0
