"""Who has a letter: each guardian an own copy (R19), also who comes to school after it was sent."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import CursorResult, Integer, Row, Select, bindparam, exists, insert, literal, or_, select

from portal import clock
from portal.access.letters import letters_still_there
from portal.domain import outbox
from portal.domain.letter_audience import GROUP, LIST, YEAR, parts_of, recipients
from portal.domain.mail_trouble import LETTER, LETTER_URGENT
from portal.domain.school_days import Year, current_year, school_years
from portal.extensions import db, insert_into
from portal.models.accounts import User
from portal.models.letters import Letter, LetterChild, LetterRecipient
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Group, Pupil
from portal.models.school import SchoolYear

NEWS_FOR = timedelta(days=7)
"""Who comes later gets no mail about a letter that is older."""

LETTERS_AT_ONCE = 20


def hand_out(letter: Letter, now: datetime) -> None:
    """Give a letter to everybody whom it is for and who has none yet, with a mail unless it is old news."""
    _give(letter, recipients(parts_of(letter.id)), now)


def _hand_out_later(letter: Letter, now: datetime, next_year_is_there: bool) -> None:
    """Give a letter to who came after it was sent; who was excepted then stays excepted.

    One to a jaargroep is not for who comes into it with the next year. Who was in a group or jaargroep that
    was excepted may be in another one now: so it is only for a child of whom somebody has it already or that
    came to school after it, and for nobody once the next year is there. Who was on an excepted list is not
    known any more, so such a letter is for nobody else.
    """
    parts = parts_of(letter.id)
    excepted = {part.kind for part in parts if part.excluded}
    moves_on = bool(excepted & {GROUP, YEAR})
    if LIST in excepted or (moves_on and next_year_is_there):
        return
    to = recipients([part for part in parts if part.kind != YEAR] if next_year_is_there else parts)
    if moves_on:
        has_it = exists().where(LetterChild.letter_id == letter.id, LetterChild.pupil_id == Pupil.id)
        to = to.where(or_(has_it, Pupil.created_at > letter.sent_at))
    _give(letter, to, now)


def _give(letter: Letter, people: Select[int, int], now: datetime) -> None:
    to = people.subquery()
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
    without = _without_copy(letter.id)
    if not without:
        return
    db.session.execute(
        insert(LetterRecipient),
        [{"letter_id": letter.id, "user_id": person.id, "received_at": now} for person in without],
    )
    if not is_old_news(letter, now):
        tell(LETTER_URGENT if letter.urgent else LETTER, letter.id, without, now)


def is_old_news(letter: Letter, now: datetime) -> bool:
    """Whether who receives a letter at this moment gets no mail about it any more."""
    return letter.sent_at is None or letter.sent_at <= now - NEWS_FOR


def _without_copy(letter_id: int) -> list[Row[int, str, str | None]]:
    return list(db.session.execute(_without_copy_query(), {"number": letter_id}))


@cache
def _without_copy_query() -> Select[int, str, str | None]:
    number = bindparam("number", type_=Integer)
    has_child = exists().where(LetterChild.letter_id == number, LetterChild.user_id == User.id)
    has_copy = exists().where(LetterRecipient.letter_id == number, LetterRecipient.user_id == User.id)
    return select(User.id, User.language, User.email).where(has_child, ~has_copy).order_by(User.id)


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
        is_there = bool(found and year and _next_year_is_there(year))
        for letter in found:
            _hand_out_later(letter, now, is_there)
        self._done_until = found[-1].id if len(found) == LETTERS_AT_ONCE else 0
        return self._done_until > 0
