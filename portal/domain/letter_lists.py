"""The letters that a guardian has: as lists, and one of them as its page shows it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
)

from portal import access, clock, names
from portal.access import Viewer
from portal.domain.letter_audience import SCHOOL
from portal.domain.school import school_facts
from portal.domain.weeks import monday_of
from portal.extensions import fetch
from portal.formatting import month_name
from portal.models.letters import Letter, LetterAudience, LetterChild, LetterRecipient
from portal.models.roster import Group, Membership, Pupil
from portal.models.school import SchoolYear
from portal.models.slips import ReplySlip, SlipAnswer
from portal.words import gettext

MOST = 1000
"""So many letters are shown and searched, the newest; a school sends a family a hundred a year at most."""
SUMMER = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the reader's own copy."""

    opened_at: datetime | None
    unread_at: datetime | None
    kept_at: datetime | None

    @property
    def is_unread(self) -> bool:
        """Whether it waits to be read, for the first time or again."""
        return self.opened_at is None or self.unread_at is not None


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter in a list. `children`: of the reader's whom it is about, none when it went to all of school.

    `year`: the school year of the letter when that one is over, else None. `answer_before`: the last day of
    its reply slip while the reader has still to answer; `is_answered`: the reader did.
    """

    id: int
    title: str
    sender: str
    sent_at: datetime
    receipt: Receipt
    year: str | None
    children: tuple[str, ...]
    answer_before: date | None = None
    is_answered: bool = False

    @property
    def day(self) -> date:
        """The day on which it was sent."""
        return clock.to_local(self.sent_at).date()


@dataclass(frozen=True, slots=True)
class Section:
    """Letters under one heading."""

    heading: str
    lines: list[LetterLine]


@dataclass(frozen=True, slots=True)
class Shelves:
    """The letters in the order of the page: what is kept, this year's, and the years before."""

    now: list[Section]
    before: list[Section]


@dataclass(frozen=True, slots=True)
class AboutChild:
    """A child of the reader whom a letter is about, and its group when the letter was sent ('' for none)."""

    name: str
    group: str
    id: int = 0


ALL, UNREAD, TO_ANSWER, TO_DO = "all", "unread", "answer", "to_do"
"""Which letters a list has; 'to_do': those to read or to answer."""


def letters_of(
    viewer: Viewer, today: date, most: int = MOST, which: str = ALL, about: int | None = None
) -> list[LetterLine]:
    """Return the newest letters that the viewer has as a guardian, read in one query.

    `about`: only those about this child of the viewer's.
    """
    query = _lines_query(access.anyone_with(viewer.role), which, about is not None)
    child = {} if about is None else {"about": about}
    rows = fetch(query, viewer_id=viewer.id, today=today, most=most, **child)
    children: dict[int, list[str]] = {}
    for row in rows:
        children.setdefault(row[0], []).append(row[10] or names.full(*row[10:13]))
    lines = {row[0]: row for row in reversed(rows)}
    return [_line(lines[number], called) for number, called in children.items()]


def _line(row: Any, children: list[str]) -> LetterLine:
    number, title, sender, sent_at, opened_at, unread_at, kept_at, for_all, year_ends, year_begins = row[:10]
    over = year_begins is not None and year_ends < year_begins
    return LetterLine(
        number,
        title,
        sender or school_facts().name,
        sent_at,
        Receipt(opened_at, unread_at, kept_at),
        _year_said(row[13], year_ends, year_begins) if over else None,
        () if for_all else tuple(children),
        row[14] if row[15] else None,
        bool(row[16]),
    )


def _year_said(name: str, last_day: date, this_year_begins: date) -> str:
    if last_day + SUMMER >= this_year_begins:
        return gettext("Last school year")
    return gettext("School year %(name)s", name=name)


@cache
def _lines_query(viewer: Viewer, which: str, of_child: bool) -> Select[*tuple[Any, ...]]:
    """The newest letters of the viewer, a row for each of the children whom a letter is about."""
    today = bindparam("today", type_=Date)
    about_child = select(LetterChild.letter_id).where(
        LetterChild.pupil_id == bindparam("about", type_=Integer), access.children_of_letters(viewer)
    )
    newest = (
        select(Letter.id)
        .join(LetterRecipient, and_(LetterRecipient.letter_id == Letter.id, access.own_receipts(viewer)))
        .outerjoin(ReplySlip, ReplySlip.letter_id == Letter.id)
        .where(
            access.letters_received_by(viewer, today),
            _which(viewer, which, today),
            Letter.id.in_(about_child) if of_child else true(),
        )
        .order_by(Letter.sent_at.desc(), Letter.id.desc())
        .limit(bindparam("most", type_=Integer))
        .subquery()
    )
    this_year_begins = (
        select(func.max(SchoolYear.first_day)).where(SchoolYear.first_day <= today).scalar_subquery()
    )
    for_all = exists().where(
        LetterAudience.letter_id == Letter.id, LetterAudience.kind == SCHOOL, ~LetterAudience.excluded
    )
    return (
        select(
            Letter.id,
            Letter.title,
            Letter.sender,
            Letter.sent_at,
            LetterRecipient.opened_at,
            LetterRecipient.unread_at,
            LetterRecipient.kept_at,
            for_all.label("for_all"),
            SchoolYear.last_day,
            this_year_begins.label("this_year_begins"),
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            SchoolYear.name,
            ReplySlip.deadline,
            access.slips_waiting_for(viewer, today).label("waits"),
            exists().where(SlipAnswer.letter_id == Letter.id, access.own_slip_answers(viewer)),
        )
        .outerjoin(ReplySlip, ReplySlip.letter_id == Letter.id)
        .join(newest, newest.c.id == Letter.id)
        .join(LetterRecipient, and_(LetterRecipient.letter_id == Letter.id, access.own_receipts(viewer)))
        .join(LetterChild, and_(LetterChild.letter_id == Letter.id, access.children_of_letters(viewer)))
        .join(Pupil, Pupil.id == LetterChild.pupil_id)
        .join(SchoolYear, SchoolYear.id == Letter.school_year_id)
        .order_by(Letter.sent_at.desc(), Letter.id.desc(), Pupil.sort_key, Pupil.id)
    )


def _which(viewer: Viewer, which: str, today: ColumnElement[date]) -> ColumnElement[bool]:
    unread, asked = access.own_unread_receipts(viewer), access.slips_waiting_for(viewer, today)
    # What narrows the search, said first in words that are quickly tried: most letters are of years before.
    still_asked = Letter.id.in_(select(ReplySlip.letter_id).where(ReplySlip.deadline >= today))
    to_do = and_(or_(unread, still_asked), or_(unread, asked))
    return {ALL: true(), UNREAD: unread, TO_ANSWER: asked, TO_DO: to_do}[which]


def on_shelves(lines: list[LetterLine], today: date) -> Shelves:
    """Put letters, the newest first, under the headings of their page."""
    kept = [line for line in lines if line.receipt.kept_at]
    now: dict[str, list[LetterLine]] = {gettext("Kept"): kept} if kept else {}
    before: dict[str, list[LetterLine]] = {}
    for line in lines:
        if line.receipt.kept_at:
            continue
        if line.year:
            before.setdefault(line.year, []).append(line)
        else:
            now.setdefault(_time_said(line.day, today), []).append(line)
    return Shelves(*([Section(*each) for each in shelf.items()] for shelf in (now, before)))


def _time_said(day: date, today: date) -> str:
    if day >= monday_of(today):
        return gettext("This week")
    if (day.year, day.month) == (today.year, today.month):
        return gettext("Earlier in %(month)s", month=month_name(day))
    return month_name(day).capitalize()


def receipt_of(viewer: Viewer, letter: Letter) -> Receipt:
    """Return what became of the viewer's own copy of a letter that the viewer has."""
    rows = fetch(_receipt_query(access.anyone_with(viewer.role)), viewer_id=viewer.id, letter_id=letter.id)
    return Receipt(*rows[0]) if rows else Receipt(None, None, None)


@cache
def _receipt_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return select(LetterRecipient.opened_at, LetterRecipient.unread_at, LetterRecipient.kept_at).where(
        LetterRecipient.letter_id == bindparam("letter_id", type_=Integer), access.own_receipts(viewer)
    )


def children_in(viewer: Viewer, letter: Letter) -> list[AboutChild]:
    """Return the viewer's children whom a letter is about, each with the group it was in then."""
    rows = fetch(_children_query(access.anyone_with(viewer.role)), viewer_id=viewer.id, letter_id=letter.id)
    sent_on = clock.to_local(letter.sent_at).date() if letter.sent_at else clock.today()
    found: dict[int, AboutChild] = {}
    for pupil_id, given_name, prefix, surname, group, began, ended in rows:
        name = given_name or names.full(given_name, prefix, surname)
        if began is not None and began <= sent_on and (ended is None or ended > sent_on):
            found[pupil_id] = AboutChild(name, group, pupil_id)
        else:
            found.setdefault(pupil_id, AboutChild(name, "", pupil_id))
    return list(found.values())


@cache
def _children_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Pupil.id,
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            Group.name,
            Membership.started_on,
            Membership.ended_on,
        )
        .join(LetterChild, LetterChild.pupil_id == Pupil.id)
        .outerjoin(Membership, and_(Membership.pupil_id == Pupil.id, Membership.home))
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(
            LetterChild.letter_id == bindparam("letter_id", type_=Integer), access.children_of_letters(viewer)
        )
        .order_by(Pupil.sort_key, Pupil.id, Membership.started_on)
    )
