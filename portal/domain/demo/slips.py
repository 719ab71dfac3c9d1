"""The reply slip of the demo school: who comes along to the museum and who drives; most have answered."""

from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from portal import clock
from portal.access import Viewer
from portal.domain.demo.plan import Plan
from portal.domain.slip_answers import Full, Reply, Value, Values, give_answer
from portal.domain.slip_writing import save_slip
from portal.domain.slips import NO, TEXT, YES, YES_NO, Option, Question, Slip, slip_of
from portal.extensions import db
from portal.models.letters import Letter, LetterChild, LetterRecipient
from portal.models.slips import ReplySlip

TIME_TO_ANSWER = timedelta(days=6)
ANSWERED = 0.6
DRIVERS = 4
QUESTIONS = (
    Question(YES_NO, "Mag uw kind mee naar het museum?", True, (Option("Ja", YES), Option("Nee", NO))),
    Question(YES_NO, "Kunt u rijden?", True, (Option("Ja, ik rijd", YES, DRIVERS), Option("Nee", NO))),
    Question(TEXT, "Wat moeten wij weten?", required=False),
)


def ask(letter: Letter, actor: Viewer, moment: datetime) -> None:
    """Put the slip with a letter that goes at a moment."""
    deadline = clock.to_local(moment + TIME_TO_ANSWER).date()
    save_slip(letter, Slip("child", "one", deadline, QUESTIONS), "", actor)


def let_be_answered(plan: Plan, random: Random) -> None:
    """Let some of those who read it have answered; the first parent has it still to do."""
    there = {one.id for one in plan.adults if one.way_in == "active"} - {plan.guardians[0].id}
    rows = db.session.execute(
        select(LetterChild.letter_id, LetterChild.user_id, LetterChild.pupil_id, LetterRecipient.opened_at)
        .join(ReplySlip, ReplySlip.letter_id == LetterChild.letter_id)
        .join(
            LetterRecipient,
            (LetterRecipient.letter_id == LetterChild.letter_id)
            & (LetterRecipient.user_id == LetterChild.user_id),
        )
        .where(LetterRecipient.opened_at.is_not(None))
        .order_by(LetterChild.letter_id, LetterChild.user_id, LetterChild.pupil_id)
    ).all()
    for letter_id, user_id, pupil_id, opened_at in rows:
        slip = slip_of(letter_id)
        if user_id not in there or opened_at is None or slip is None or random.random() > ANSWERED:
            continue
        try:
            reply = Reply({pupil_id: _values(slip, drives=random.random() < 0.2)})
            give_answer(letter_id, user_id, reply, opened_at)
        except Full:
            give_answer(letter_id, user_id, Reply({pupil_id: _values(slip, drives=False)}), opened_at)


def _values(slip: Slip, drives: bool) -> Values:
    comes, driver = slip.questions[:2]
    return {
        comes.id: Value(option_id=comes.options[0].id),
        driver.id: Value(option_id=driver.options[0 if drives else 1].id),
    }
