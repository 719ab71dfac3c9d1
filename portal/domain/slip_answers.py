"""What guardians answer on a reply slip: given, changed and withdrawn, with never one place too many.

An answer is one guardian's own (R19). A place is an answer's: who answers takes it, who changes or withdraws
the answer gives it back.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from portal import clock
from portal.access import Viewer
from portal.domain import audit
from portal.domain.slips import Question
from portal.errors import Refused
from portal.extensions import db
from portal.formatting import full_date
from portal.models.letters import LetterRecipient
from portal.models.slips import ReplySlip, SlipAnswer, SlipOption, SlipQuestion, SlipValue
from portal.words import gettext


@dataclass(frozen=True, slots=True)
class Value:
    """The answer to one question: an option, a number, a day or a text, as its kind says."""

    option_id: int | None = None
    number: int | None = None
    day: date | None = None
    text: str = ""


Values = Mapping[int, Value]
"""The answers to questions, by the number of the question."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a guardian answers about children (by number), or for the family (None), and the name typed."""

    blocks: Mapping[int | None, Values]
    signed: str = ""


class Full(Refused):
    """Options of which there are not so many places any more; `options`: their numbers."""

    def __init__(self, options: Sequence[int]) -> None:
        super().__init__(gettext("Somebody was just before you: what you chose is full now."))
        self.options = options


def give_answer(
    letter_id: int, guardian_id: int, reply: Reply, now: datetime, by_staff: Viewer | None = None
) -> None:
    """Keep what a guardian answers, in place of what this one answered about the same children before.

    What is the same as before stays as it is, with who signed it and when. `by_staff` fills it in for the
    guardian, who called; that can be done after the last day too. Raises Full when places are gone, Refused
    after the last day.
    """
    _hold(letter_id, guardian_id, now, by_staff)
    asked = set(db.session.scalars(select(SlipQuestion.id).where(SlipQuestion.letter_id == letter_id)))
    if any(values.keys() - asked for values in reply.blocks.values()):
        raise Refused(gettext("School has just changed the questions. Look at them and answer once more."))
    answers = _answers(letter_id, guardian_id, list(reply.blocks))
    _move_places(_chosen(answers), Counter(_options(reply)))
    kept = {answer.pupil_id: answer for answer in answers}
    before = _values(answers)
    for pupil_id, values in reply.blocks.items():
        answer = kept.get(pupil_id) or SlipAnswer(
            letter_id=letter_id, user_id=guardian_id, pupil_id=pupil_id, answered_at=now
        )
        same = answer.id and before.get(answer.id, {}) == dict(values)
        if same and _stays(answer, reply, by_staff):
            continue
        if answer.id:
            answer.changed_at = now
        answer.signed, answer.by_staff = reply.signed, by_staff.id if by_staff else None
        _put_values(answer, values)
    if by_staff:
        audit.record(by_staff, "answer_for_guardian", "user", guardian_id)


def withdraw_answer(
    letter_id: int,
    guardian_id: int,
    pupil_id: int | None,
    now: datetime,
    by_staff: Viewer | None = None,
) -> bool:
    """Take an answer away and give its places back; False when there was none. Raises as `give_answer`."""
    _hold(letter_id, guardian_id, now, by_staff)
    answers = _answers(letter_id, guardian_id, [pupil_id])
    forget(answers)
    if by_staff and answers:
        audit.record(by_staff, "withdraw_answer_for_guardian", "user", guardian_id)
    return bool(answers)


def _hold(letter_id: int, guardian_id: int, now: datetime, by_staff: Viewer | None) -> None:
    """Be the only one who answers for this guardian until the commit, on a slip that does not change.

    The slip comes first, as it does for who reminds: two who hold both in another order wait for each other.
    """
    deadline = db.session.scalar(
        select(ReplySlip.deadline).where(ReplySlip.letter_id == letter_id).with_for_update(read=True)
    )
    hold_copy(letter_id, guardian_id)
    if deadline is None:
        raise Refused(gettext("This letter does not ask for an answer any more."))
    if deadline < clock.to_local(now).date() and by_staff is None:
        raise Refused(gettext("The last day to answer is over. Call school if something changed."))


def hold_copy(letter_id: int, guardian_id: int) -> None:
    """Hold a guardian's copy of a letter until the commit: who changes its answers takes turns at it."""
    db.session.execute(
        select(LetterRecipient.user_id)
        .where(LetterRecipient.letter_id == letter_id, LetterRecipient.user_id == guardian_id)
        .with_for_update()
    )


def _answers(letter_id: int, guardian_id: int, about: Sequence[int | None]) -> list[SlipAnswer]:
    numbers = [one for one in about if one is not None]
    which: list[Any] = [SlipAnswer.pupil_id.in_(numbers)]
    if None in about:
        which.append(SlipAnswer.pupil_id.is_(None))
    return list(
        db.session.scalars(
            select(SlipAnswer)
            .where(SlipAnswer.letter_id == letter_id, SlipAnswer.user_id == guardian_id, or_(*which))
            .execution_options(populate_existing=True)
        )
    )


def _stays(answer: SlipAnswer, reply: Reply, by_staff: Viewer | None) -> bool:
    """Whether an answer that says the same stays whose it is: a guardian's, also if school sends it again."""
    was_own = answer.by_staff is None
    if by_staff and was_own:
        return True
    return was_own == (by_staff is None) and answer.signed == reply.signed


def _values(answers: Sequence[SlipAnswer]) -> dict[int, dict[int, Value]]:
    """Return what stands in each of these answers, by its number and that of the question."""
    found: dict[int, dict[int, Value]] = {}
    for row in db.session.scalars(
        select(SlipValue).where(SlipValue.answer_id.in_([answer.id for answer in answers]))
    ):
        value = Value(row.option_id, row.number, row.day, row.text)
        found.setdefault(row.answer_id, {})[row.question_id] = value
    return found


def _options(reply: Reply) -> list[int]:
    return [
        value.option_id
        for values in reply.blocks.values()
        for value in values.values()
        if value.option_id is not None
    ]


def _chosen(answers: Sequence[SlipAnswer]) -> Counter[int]:
    """Return how often these answers have each option."""
    rows = db.session.scalars(
        select(SlipValue.option_id).where(
            SlipValue.answer_id.in_([answer.id for answer in answers]), SlipValue.option_id.is_not(None)
        )
    )
    return Counter(option for option in rows if option is not None)


def _move_places(before: Counter[int], after: Counter[int]) -> None:
    """Give back and take places: each option in one conditional UPDATE, in the order of their numbers.

    In one order for everybody, so that no two wait for each other. Raises Full with all that there are not.
    """
    full = []
    for option_id in sorted(before | after):
        more = after[option_id] - before[option_id]
        if more and not _take(option_id, more):
            full.append(option_id)
    if full:
        raise Full(full)


def _take(option_id: int, more: int) -> bool:
    """Take places of an option, or give them back (`more` below 0); False when there are not so many."""
    taken = update(SlipOption).where(SlipOption.id == option_id)
    if more > 0:
        taken = taken.where(or_(SlipOption.places.is_(None), SlipOption.taken + more <= SlipOption.places))
    changed = db.session.execute(
        taken.values(taken=SlipOption.taken + more)
        .returning(SlipOption.id)
        .execution_options(synchronize_session=False)
    ).first()
    return changed is not None


def _put_values(answer: SlipAnswer, values: Values) -> None:
    db.session.add(answer)
    db.session.flush()
    db.session.execute(
        delete(SlipValue).where(SlipValue.answer_id == answer.id).execution_options(synchronize_session=False)
    )
    rows = [
        {
            "answer_id": answer.id,
            "question_id": question_id,
            "option_id": value.option_id,
            "number": value.number,
            "day": value.day,
            "text": value.text,
        }
        for question_id, value in values.items()
    ]
    if rows:
        db.session.execute(insert(SlipValue), rows)


def forget(answers: Sequence[SlipAnswer]) -> None:
    """Take answers away and give back their places; the copies that they belong to are held."""
    _move_places(_chosen(answers), Counter())
    for answer in answers:
        db.session.delete(answer)
    db.session.flush()


def said(question: Question, value: Value | None) -> str:
    """Return an answer in words, '' for none."""
    if value is None:
        return ""
    if value.option_id is not None:
        return next((one.words for one in question.options if one.id == value.option_id), "")
    if value.day is not None:
        return full_date(value.day)
    return value.text if value.number is None else str(value.number)
