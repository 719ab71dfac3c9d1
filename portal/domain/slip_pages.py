"""A reply slip as a guardian has it: what is asked about whom, and what this guardian answered."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, literal, select

from portal import names
from portal.access import (
    Viewer,
    children_of_letters,
    own_slip_answers,
    pupils_of_school,
    recipients_known_to,
)
from portal.access.pupils import is_family
from portal.access.slips import is_answered_for
from portal.domain.letter_lists import AboutChild
from portal.domain.slip_answers import Value
from portal.domain.slips import CHILD, Slip
from portal.extensions import db
from portal.models.accounts import User
from portal.models.letters import Letter, LetterChild, LetterRecipient
from portal.models.roster import Pupil
from portal.models.slips import ReplySlip, SlipAnswer, SlipValue


@dataclass(frozen=True, slots=True)
class Given:
    """What a guardian answered, by the number of the question. `by_staff`: school filled it in."""

    values: dict[int, Value]
    signed: str
    by_staff: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Block:
    """The questions about one child, or about the family (`pupil_id` None), with what was answered.

    `is_answered_for`: the other guardian's answer does for this one too, what it is stays with that one.
    """

    pupil_id: int | None
    name: str
    given: Given | None = None
    is_answered_for: bool = False

    @property
    def key(self) -> str:
        """How the fields of the form begin."""
        return f"p{self.pupil_id}" if self.pupil_id else "all"


@dataclass(frozen=True, slots=True)
class SlipPage:
    """The slip of a letter for one guardian; `is_open`: it can be answered and changed."""

    slip: Slip
    blocks: tuple[Block, ...]
    is_open: bool
    children: tuple[AboutChild, ...] = field(default=())

    @property
    def is_answered(self) -> bool:
        """Whether the guardian answered at all."""
        return any(block.given for block in self.blocks)

    @property
    def to_fill_in(self) -> list[str]:
        """The children, '' for the family, about whom an answer on paper still counts."""
        asked = [block.name for block in self.blocks if not (block.given or block.is_answered_for)]
        return asked if self.is_open else []

    @property
    def signed(self) -> str:
        """The name that the guardian typed under it."""
        return next((block.given.signed for block in self.blocks if block.given), "")


def slip_page(
    viewer: Viewer, letter: Letter, slip: Slip, children: list[AboutChild], today: date
) -> SlipPage:
    """Return the slip as the viewer has it as a guardian, about the children that the letter is about."""
    given = _given(viewer, letter.id)
    covered = _answered_for(viewer, letter.id, slip)
    if slip.per == CHILD:
        blocks = [Block(child.id, child.name, given.get(child.id), child.id in covered) for child in children]
    else:
        everybody = bool(children) and all(child.id in covered for child in children)
        blocks = [Block(None, "", given.get(None), everybody)]
    return SlipPage(slip, tuple(blocks), slip.is_open(today), tuple(children))


def _given(viewer: Viewer, letter_id: int) -> dict[int | None, Given]:
    rows = db.session.execute(
        select(SlipAnswer, SlipValue)
        .outerjoin(SlipValue, SlipValue.answer_id == SlipAnswer.id)
        .where(SlipAnswer.letter_id == letter_id, own_slip_answers(viewer))
    )
    found: dict[int | None, Given] = {}
    for answer, value in rows:
        given = found.get(answer.pupil_id) or Given(
            {}, answer.signed, answer.by_staff is not None, answer.changed_at or answer.answered_at
        )
        found[answer.pupil_id] = given
        if value is not None:
            given.values[value.question_id] = Value(value.option_id, value.number, value.day, value.text)
    return found


def _answered_for(viewer: Viewer, letter_id: int, slip: Slip) -> set[int]:
    """Return the children for whom the other guardian's answer is enough, as far as the viewer may know."""
    if slip.answered_by != "one":
        return set()
    covers: ColumnElement[bool] = is_answered_for(ReplySlip, literal(viewer.id), LetterChild.pupil_id)
    rows = db.session.scalars(
        select(LetterChild.pupil_id)
        .join(ReplySlip, ReplySlip.letter_id == LetterChild.letter_id)
        .where(LetterChild.letter_id == letter_id, children_of_letters(viewer), covers)
    )
    return set(rows)


@dataclass(frozen=True, slots=True)
class NamedForSchool:
    """A guardian and the children of a letter about whom school can answer for this guardian."""

    name: str
    children: frozenset[int]

    def __contains__(self, pupil_id: int) -> bool:
        return pupil_id in self.children


def named_for_school(viewer: Viewer, letter_id: int, guardian_id: int) -> NamedForSchool:
    """Return the guardian's name and the children whom the viewer has at school; none for who is unknown.

    Of the own children the viewer stays a guardian, here too (R22).
    """
    rows = db.session.execute(
        select(LetterChild.pupil_id, User)
        .join(Pupil, Pupil.id == LetterChild.pupil_id)
        .join(
            LetterRecipient,
            and_(
                LetterRecipient.letter_id == LetterChild.letter_id,
                LetterRecipient.user_id == LetterChild.user_id,
            ),
        )
        .join(User, User.id == LetterChild.user_id)
        .where(
            LetterChild.letter_id == letter_id,
            LetterChild.user_id == guardian_id,
            recipients_known_to(viewer),
            pupils_of_school(viewer),
            ~is_family(viewer.id, Pupil.id),
        )
    ).all()
    if not rows:
        return NamedForSchool("", frozenset())
    user = rows[0][1]
    name = names.of_adult(user.given_name, user.prefix, user.surname, user.organisation, user.email)
    return NamedForSchool(name, frozenset(row[0] for row in rows))
