"""What came in on a reply slip, for who handles the letter at school: per question, child, family."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select

from portal import names
from portal.access import Viewer, pupils_of_school, recipients_known_to, slip_answers_known_to
from portal.access.letters import receives_letters
from portal.access.pupils import is_family
from portal.domain.letter_audience import parts_of
from portal.domain.letter_families import homes
from portal.domain.letter_unreached import children_nobody_told
from portal.domain.roster_lists import HOME
from portal.domain.slip_answers import Value, said
from portal.domain.slips import BOTH, CHILD, NUMBER, Question, Slip
from portal.extensions import db
from portal.models.accounts import User
from portal.models.letters import Letter, LetterChild, LetterRecipient
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.models.slips import SlipAnswer, SlipValue


@dataclass(frozen=True, slots=True)
class Answer:
    """What one guardian answered, in words in the order of the questions."""

    guardian: str
    guardian_id: int
    words: tuple[str, ...]
    values: dict[int, Value]
    signed: str
    by_staff: bool
    at: datetime


@dataclass(slots=True)
class Unit:
    """A child, or a family with its children, with what its guardians answered, the newest first.

    `receivers`: the guardians who can still answer, and `waits` those of them whose answer is needed.
    """

    children: dict[int, str] = field(default_factory=dict)
    groups: list[str] = field(default_factory=list)
    guardians: dict[int, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    receivers: set[int] = field(default_factory=set)
    waits: list[tuple[int, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The children's names."""
        return ", ".join(self.children.values())

    @property
    def differs(self) -> bool:
        """Whether two guardians did not answer the same."""
        return len({answer.words for answer in self.answers}) > 1


@dataclass(frozen=True, slots=True)
class Tally:
    """What was answered to one question: how many units chose each option; where there are places how many
    answers took one, and of how many; or of numbers their sum; or how many answered at all.

    Only of whom the viewer knows: that a place is taken would tell that somebody else answered (R22).
    """

    question: Question
    options: tuple[tuple[str, int, int | None], ...]
    answered: int
    total: int


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that came in. `unreached`: the children of whom nobody at home has the letter."""

    slip: Slip
    units: tuple[Unit, ...]
    tallies: tuple[Tally, ...]
    unreached: tuple[Unit, ...] = ()

    @property
    def answered(self) -> list[Unit]:
        """The units from which there is an answer, of both guardians where both are asked."""
        return [unit for unit in self.units if not unit.waits]

    @property
    def waiting(self) -> list[Unit]:
        """The units from which an answer is still to come."""
        return [unit for unit in self.units if unit.waits]


def results(viewer: Viewer, letter: Letter, slip: Slip, now: datetime) -> Results:
    """Return what came in on a slip, as far as the viewer knows those who received the letter."""
    given = _answers(viewer, letter.id, slip)
    units = _units(viewer, letter.id, slip)
    known = {pupil for unit in units for pupil in unit.children}
    lost = [
        one
        for one in children_nobody_told(viewer, letter, parts_of(letter.id), now)
        if one.pupil_id not in known
    ]
    unreached = [Unit({one.pupil_id: one.name}, [one.group] if one.group else []) for one in lost]
    for unit in units:
        about = [*unit.children] if slip.per == CHILD else [None]
        found = [given[key] for user in unit.guardians for pupil in about if (key := (user, pupil)) in given]
        unit.answers = sorted(found, key=lambda answer: answer.at, reverse=True)
        has = {answer.guardian_id for answer in unit.answers}
        if slip.answered_by == BOTH or not has:
            unit.waits = [one for one in unit.waits if one[0] not in has]
        else:
            unit.waits = []
    units = [unit for unit in units if unit.answers or unit.waits]
    tallies = tuple(_tally(question, units) for question in slip.questions)
    return Results(slip, tuple(units), tallies, tuple(unreached))


def _answers(viewer: Viewer, letter_id: int, slip: Slip) -> dict[tuple[int, int | None], Answer]:
    rows = db.session.execute(
        select(SlipAnswer, User, SlipValue)
        .join(User, User.id == SlipAnswer.user_id)
        .outerjoin(SlipValue, SlipValue.answer_id == SlipAnswer.id)
        .where(SlipAnswer.letter_id == letter_id, slip_answers_known_to(viewer))
        .order_by(SlipAnswer.id)
    ).all()
    values: dict[int, dict[int, Value]] = defaultdict(dict)
    for answer, _user, value in rows:
        if value is not None:
            kept = Value(value.option_id, value.number, value.day, value.text)
            values[answer.id][value.question_id] = kept
    return {
        (answer.user_id, answer.pupil_id): Answer(
            _name(user),
            user.id,
            tuple(said(question, values[answer.id].get(question.id)) for question in slip.questions),
            values[answer.id],
            answer.signed,
            answer.by_staff is not None,
            answer.changed_at or answer.answered_at,
        )
        for answer, user, _value in rows
    }


def _name(user: Any) -> str:
    return names.of_adult(user.given_name, user.prefix, user.surname, user.organisation, user.email)


def _units(viewer: Viewer, letter_id: int, slip: Slip) -> list[Unit]:
    """Return a unit for each child, or for children that have a guardian in common.

    Also with who is no guardian any more and whose answer stands (decision 038).
    """
    known = select(LetterRecipient.user_id).where(
        LetterRecipient.letter_id == letter_id, recipients_known_to(viewer)
    )
    answered = select(SlipAnswer.user_id).where(
        SlipAnswer.letter_id == letter_id, slip_answers_known_to(viewer)
    )
    rows = db.session.execute(
        select(
            *(LetterChild.user_id, Pupil.id, Pupil.given_name, Pupil.prefix, Pupil.surname),
            *(Group.name, User, receives_letters(LetterChild.user_id, LetterChild.pupil_id)),
        )
        .join(Pupil, Pupil.id == LetterChild.pupil_id)
        .join(User, User.id == LetterChild.user_id)
        .outerjoin(Membership, HOME)
        .outerjoin(Group, Group.id == Membership.group_id)
        .outerjoin(
            Guardianship,
            and_(Guardianship.pupil_id == Pupil.id, Guardianship.user_id == LetterChild.user_id,
                 Guardianship.revoked_at.is_(None)),
        )
        .where(
            LetterChild.letter_id == letter_id,
            or_(LetterChild.user_id.in_(known), LetterChild.user_id.in_(answered)),
            pupils_of_school(viewer),
            ~is_family(viewer.id, Pupil.id),
        )
        .order_by(Pupil.sort_key, Pupil.id, Guardianship.seat, User.sort_key, User.id)
    ).all()  # fmt: skip
    units: dict[int, Unit] = {}
    families = homes((row[0], row[1]) for row in rows) if slip.per != CHILD else {}
    for user_id, pupil_id, given, prefix, surname, group, user, still in rows:
        unit = units.setdefault(families.get(pupil_id, pupil_id), Unit())
        unit.children[pupil_id] = names.full(given, prefix, surname)
        if group and group not in unit.groups:
            unit.groups.append(group)
        unit.guardians[user_id] = _name(user)
        if still:
            unit.receivers.add(user_id)
        if still and (user_id, _name(user)) not in unit.waits:
            unit.waits.append((user_id, _name(user)))
    return list(units.values())


def _tally(question: Question, units: Sequence[Unit]) -> Tally:
    values = [
        [answer.values[question.id] for answer in unit.answers if question.id in answer.values]
        for unit in units
    ]
    chosen = [[value.option_id for value in of_unit] for of_unit in values]
    options = tuple(
        (
            option.words,
            sum(one.count(option.id) if option.places is not None else option.id in one for one in chosen),
            option.places,
        )
        for option in question.options
    )
    numbers = [of_unit[0].number or 0 for of_unit in values if of_unit] if question.kind == NUMBER else []
    return Tally(question, options, sum(bool(of_unit) for of_unit in values), sum(numbers))
