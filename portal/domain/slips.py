"""The reply slip of a letter: what it asks, and what can still be chosen."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, select

from portal import access, clock
from portal.access import Viewer
from portal.domain.letter_families import goes_to_one_family
from portal.errors import Refused
from portal.extensions import db, fetch
from portal.formatting import long_date
from portal.models.letters import Letter
from portal.models.slips import ReplySlip, SlipOption, SlipQuestion
from portal.words import gettext

YES_NO, CHOICE, NUMBER, TEXT, DAY, CONSENT = "yes_no", "choice", "number", "text", "date", "consent"
KINDS = (YES_NO, CHOICE, NUMBER, TEXT, DAY, CONSENT)
CHOSEN = (YES_NO, CHOICE, CONSENT)
"""The kinds that are answered by choosing an option."""

CHILD, FAMILY = "child", "family"
ONE, BOTH = "one", "both"
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Option:
    """An answer to choose from. `places`: how many answers can choose it, None for any number.

    `counted`: whether the reader may know how many places are left, or only whether there is one.
    """

    words: str
    means: str = ""
    places: int | None = None
    taken: int = 0
    id: int = 0
    counted: bool = True

    @property
    def free(self) -> int | None:
        """How many places are left, None where any number is."""
        return None if self.places is None else max(self.places - self.taken, 0)

    @property
    def is_full(self) -> bool:
        """Whether nobody else can choose it."""
        return self.free == 0


@dataclass(frozen=True, slots=True)
class Question:
    """A question, with the options of the kinds that have them."""

    kind: str
    words: str
    required: bool = True
    options: tuple[Option, ...] = ()
    id: int = 0


@dataclass(frozen=True, slots=True)
class Slip:
    """A reply slip: one answer `per` child or family, `answered_by` one guardian or both."""

    per: str
    answered_by: str
    deadline: date
    questions: tuple[Question, ...]

    @property
    def is_signed(self) -> bool:
        """Whether who answers types their name under it."""
        return any(question.kind == CONSENT for question in self.questions)

    @property
    def options(self) -> dict[int, Option]:
        """All options by their number."""
        return {option.id: option for question in self.questions for option in question.options}

    def is_open(self, today: date) -> bool:
        """Whether guardians can still answer and change their answers: until the end of the last day."""
        return today <= self.deadline


def slip_of(letter_id: int) -> Slip | None:
    """Return the reply slip of a letter, None for a letter that asks nothing; one query."""
    rows = fetch(_slip_query(), letter_id=letter_id)
    if not rows:
        return None
    questions: dict[int, tuple[str, str, bool]] = {}
    options: dict[int, list[Option]] = {}
    for _per, _by, _deadline, number, kind, words, required, *option in rows:
        if number is not None:
            questions[number] = kind, words, required
        if option[0] is not None:
            options.setdefault(number, []).append(_option(*option))
    asked = (
        Question(kind, words, required, tuple(options.get(number, ())), number)
        for number, (kind, words, required) in questions.items()
    )
    return Slip(rows[0][0], rows[0][1], rows[0][2], tuple(asked))


def _option(number: int, words: str, means: str, places: int | None, taken: int) -> Option:
    return Option(words, means, places, taken, number)


@cache
def _slip_query() -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(ReplySlip.per, ReplySlip.answered_by, ReplySlip.deadline),
            *(SlipQuestion.id, SlipQuestion.kind, SlipQuestion.words, SlipQuestion.required),
            *(SlipOption.id, SlipOption.words, SlipOption.means, SlipOption.places, SlipOption.taken),
        )
        .outerjoin(SlipQuestion, SlipQuestion.letter_id == ReplySlip.letter_id)
        .outerjoin(SlipOption, SlipOption.question_id == SlipQuestion.id)
        .where(ReplySlip.letter_id == bindparam("letter_id", type_=Integer))
        .order_by(SlipQuestion.position, SlipQuestion.id, SlipOption.position, SlipOption.id)
    )


def fingerprint(slip: Slip | None) -> str:
    """Return a short text that changes when somebody changes the slip; '' for none.

    Two pages on which the same slip is changed notice each other by it. Answers do not change it.
    """
    if slip is None:
        return ""
    asked = [
        (one.kind, one.words, one.required, [(option.words, option.places) for option in one.options])
        for one in slip.questions
    ]
    told = repr((slip.per, slip.answered_by, slip.deadline.isoformat(), asked))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def check_last_day(letter: Letter, visible_until: date | None, now: datetime) -> None:
    """Raise Refused when parents would find a letter until a day that is over or before that of its slip."""
    if visible_until is None:
        return
    if visible_until < clock.to_local(now).date():
        raise Refused(gettext("This day is over. Choose a later one, or leave it empty."), "visible_until")
    deadline = db.session.scalar(select(ReplySlip.deadline).where(ReplySlip.letter_id == letter.id))
    if deadline and visible_until < deadline:
        raise Refused(_too_soon(deadline), "visible_until")


def as_shown_to(viewer: Viewer, slip: Slip) -> Slip:
    """Return a slip as somebody may read it, to answer it for themselves or for somebody else.

    Who has a child here and follows answers at school knows who took a place, but for who is kept from them:
    the number of places that are left would tell of those (R22), so only whether there is one is said.
    """
    has_places = any(option.places is not None for option in slip.options.values())
    if not (has_places and viewer.is_staff):
        return slip
    if not db.session.scalar(select(access.has_child_here(viewer))):
        return slip
    return replace(slip, questions=tuple(_uncounted(question) for question in slip.questions))


def _uncounted(question: Question) -> Question:
    return replace(question, options=tuple(replace(option, counted=False) for option in question.options))


def check_deadline(letter: Letter, deadline: date) -> None:
    """Raise Refused for a last day of a slip on which parents do not find its letter any more."""
    if letter.visible_until and letter.visible_until < deadline:
        raise Refused(
            gettext(
                "Parents find the letter until %(day)s. Choose that day or an earlier one.",
                day=long_date(letter.visible_until),
            ),
            "deadline",
        )


def check_places(letter: Letter, slip: Slip) -> None:
    """Raise Refused for places on a letter to one family: what is full would tell who chose it (R22)."""
    options = (option for question in slip.questions for option in question.options)
    has_places = any(option.places is not None for option in options)
    if has_places and goes_to_one_family(letter):
        raise Refused(
            gettext(
                "This letter is for one child or one family. Leave the number of places empty: from what is "
                "full one parent would see what the other one answered."
            )
        )


def _too_soon(deadline: date) -> str:
    return gettext(
        "The reply slip asks for an answer until %(day)s. Choose that day or a later one, or leave it empty.",
        day=long_date(deadline),
    )


def check_before_sending(letter: Letter, leaves_at: datetime) -> None:
    """Raise Refused for a letter that nobody would find when it goes, or whose slip could not be answered."""
    if letter.visible_until and letter.visible_until < clock.to_local(leaves_at).date():
        raise Refused(
            gettext("Parents would not find the letter when it goes. Choose a later last day."),
            "visible_until",
        )
    slip = slip_of(letter.id)
    if slip is None:
        return
    if slip.deadline < clock.to_local(leaves_at).date():
        raise Refused(gettext("The letter asks for an answer before it goes. Change the reply slip."), "slip")
    if letter.visible_until and letter.visible_until < slip.deadline:
        raise Refused(_too_soon(slip.deadline), "visible_until")
    check_places(letter, slip)
