"""Answers that are nobody's any more: of guardians and children who left, and of long ago."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.letters import receives_letters
from portal.domain.retention import delete_some, years_to_forget
from portal.domain.slip_answers import forget, hold_copy
from portal.extensions import db
from portal.models.letters import Letter, LetterChild
from portal.models.slips import ReplySlip, SlipAnswer

_child = aliased(LetterChild)


def let_go_of_who_left(now: datetime) -> bool:
    """Take away what somebody answered who has the letter no more, with its places; True when one did.

    A guardian who is no guardian any more, a child that left: until the last day somebody else can have the
    place. After it the answers stay, as what was agreed then.
    """
    found = db.session.execute(
        select(SlipAnswer.letter_id, SlipAnswer.user_id)
        .join(ReplySlip, ReplySlip.letter_id == SlipAnswer.letter_id)
        .where(ReplySlip.deadline >= clock.to_local(now).date(), _is_nobodys())
        .order_by(SlipAnswer.id)
        .limit(1)
    ).first()
    if found is None:
        return False
    hold_copy(found.letter_id, found.user_id)
    left = db.session.scalars(
        select(SlipAnswer)
        .where(SlipAnswer.letter_id == found.letter_id, SlipAnswer.user_id == found.user_id, _is_nobodys())
        .execution_options(populate_existing=True)
    )
    forget(left.all())
    return True


def _is_nobodys() -> ColumnElement[bool]:
    still_for = exists().where(
        _child.letter_id == SlipAnswer.letter_id,
        _child.user_id == SlipAnswer.user_id,
        receives_letters(SlipAnswer.user_id, _child.pupil_id),
    )
    about_child = and_(
        SlipAnswer.pupil_id.is_not(None), ~receives_letters(SlipAnswer.user_id, SlipAnswer.pupil_id)
    )
    return or_(about_child, and_(SlipAnswer.pupil_id.is_(None), ~still_for))


def delete_old_answers(now: datetime) -> bool:
    """Delete the answers on letters of a school year that ended more than a year ago (R18); True for more."""
    old = select(Letter.id).where(Letter.school_year_id.in_(years_to_forget(now)))
    return delete_some(SlipAnswer, SlipAnswer.id, SlipAnswer.letter_id.in_(old))
