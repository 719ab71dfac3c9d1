"""Reply slips: who is asked, whose answers are one's own, and which of them school knows."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, true
from sqlalchemy.orm import aliased

from portal.access.directory import unknown_as_staff
from portal.access.letter_writers import handles
from portal.access.letters import guards_own_pupil, receives_letters
from portal.access.meetings import talks_apart
from portal.access.pupils import has_pupil_as_school, is_family
from portal.access.viewers import Viewer
from portal.models.letters import Letter, LetterChild
from portal.models.slips import ReplySlip, SlipAnswer

_answer = aliased(SlipAnswer)
_others = aliased(SlipAnswer)
_child = aliased(LetterChild)
_other_child = aliased(LetterChild)
_letter = aliased(Letter)


def own_slip_answers(viewer: Viewer) -> ColumnElement[bool]:
    """What the viewer answered as a guardian; what another guardian answered nobody at home sees (R22)."""
    about = or_(SlipAnswer.pupil_id.is_(None), receives_letters(viewer.id, SlipAnswer.pupil_id))
    return and_(SlipAnswer.user_id == viewer.id, about)


def slip_answers_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """What guardians answered on the letters that the viewer handles at school, to a teacher of own pupils.

    Never of a guardian who is kept from the viewer, nor about the own child (R22).
    """
    handled = exists().where(_letter.id == SlipAnswer.letter_id, handles(viewer, _letter))
    of_family = and_(SlipAnswer.pupil_id.is_(None), guards_own_pupil(viewer, SlipAnswer.user_id))
    return and_(
        handled,
        true() if viewer.is_office else or_(of_family, has_pupil_as_school(viewer, SlipAnswer.pupil_id)),
        SlipAnswer.user_id != viewer.id,
        ~unknown_as_staff(viewer.id, SlipAnswer.user_id),
        or_(SlipAnswer.pupil_id.is_(None), ~is_family(viewer.id, SlipAnswer.pupil_id)),
    )


def has_answered(guardian_id: Any, letter_id: Any, pupil_id: Any) -> ColumnElement[bool]:
    """Whether a guardian answered about a child, or for the family as a whole."""
    found = exists().where(
        _answer.letter_id == letter_id,
        _answer.user_id == guardian_id,
        or_(_answer.pupil_id.is_(None), _answer.pupil_id == pupil_id),
    )
    return found.correlate_except(_answer)


def is_answered_for(
    slip: Any, guardian_id: Any, pupil_id: Any, viewer: Viewer | None = None
) -> ColumnElement[bool]:
    """Whether the answer of the other guardian does for this one too, as far as the viewer at school knows.

    Only where one answer is enough, and only of two who do things together: that there is an answer tells
    something of who gave it, which is not for a guardian from whom that one hides (R22).
    """
    known = ~unknown_as_staff(viewer.id, _others.user_id) if viewer else true()
    has_child = exists().where(
        _other_child.letter_id == slip.letter_id,
        _other_child.user_id == _others.user_id,
        _other_child.pupil_id == pupil_id,
    )
    has_child = has_child.correlate_except(_other_child)
    there = exists().where(
        _others.letter_id == slip.letter_id,
        _others.user_id != guardian_id,
        or_(_others.pupil_id == pupil_id, and_(_others.pupil_id.is_(None), has_child)),
        receives_letters(_others.user_id, pupil_id),
        known,
    )
    return and_(slip.answered_by == "one", ~talks_apart(pupil_id), there.correlate_except(_others))


def still_asked(slip: Any, guardian_id: Any, viewer: Viewer | None = None) -> ColumnElement[bool]:
    """Whether a slip waits for this guardian's answer about a child, as far as that one may know.

    With a viewer: as far as that one may know at school.
    """
    asked = exists().where(
        _child.letter_id == slip.letter_id,
        _child.user_id == guardian_id,
        receives_letters(guardian_id, _child.pupil_id),
        ~has_answered(guardian_id, slip.letter_id, _child.pupil_id),
        ~is_answered_for(slip, guardian_id, _child.pupil_id, viewer),
    )
    return asked.correlate_except(_child)


def slips_waiting_for(viewer: Viewer, today: Any) -> ColumnElement[bool]:
    """The slips that the viewer has still to fill in, until the end of their last day."""
    return and_(ReplySlip.deadline >= today, still_asked(ReplySlip, viewer.id))
