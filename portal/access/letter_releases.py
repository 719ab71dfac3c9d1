"""Which letters the office can give to a guardian without authority (R21)."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from portal.access.adults import of_office
from portal.access.letters import letters_of_school
from portal.access.viewers import Viewer
from portal.models.letters import Letter, LetterAudience, LetterChild, LetterListMember
from portal.models.roster import Membership, Pupil

_child = aliased(LetterChild)
_audience = aliased(LetterAudience)
_member = aliased(LetterListMember)
_other = aliased(LetterAudience)
_other_member = aliased(LetterListMember)
_membership = aliased(Membership)
_pupil = aliased(Pupil)


def letters_released_by(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    """The letters that the office can release to a guardian without authority over a pupil (R21).

    What was received about that child as one of many, or about the child: by school, group, year or list.
    Not what was written to one guardian only: that is nobody else's (R22).
    """
    received = exists().where(_child.letter_id == Letter.id, _child.pupil_id == pupil_id)
    part = exists().where(_audience.letter_id == Letter.id, ~_audience.excluded, _reaches(pupil_id))
    return and_(
        of_office(viewer),
        letters_of_school(viewer),
        Letter.withdrawn_at.is_(None),
        received.correlate_except(_child),
        part.correlate_except(_audience),
    )


def _reaches(pupil_id: Any) -> ColumnElement[bool]:
    """Whether a part of whom a letter is for has the pupil in it, with whoever its guardians are.

    Who received one to a jaargroep or a list may be in another one since: then it is enough that no part of
    it could be for one guardian of the pupil alone.
    """
    grouped = exists().where(_membership.group_id == _audience.group_id, _membership.pupil_id == pupil_id)
    of_year = exists().where(_pupil.id == pupil_id, _pupil.year_group == _audience.year_group)
    listed = exists().where(
        _member.list_id == _audience.list_id, _member.pupil_id == pupil_id, _member.user_id.is_(None)
    )
    return or_(
        _audience.kind == "school",
        and_(_audience.kind == "pupil", _audience.pupil_id == pupil_id),
        grouped.correlate_except(_membership),
        of_year.correlate_except(_pupil),
        listed.correlate_except(_member),
        and_(_audience.kind.in_(("year", "list")), ~_may_be_for_one_guardian(pupil_id)),
    )


def _may_be_for_one_guardian(pupil_id: Any) -> ColumnElement[bool]:
    """Whether a letter has a part for one guardian of the pupil, or for a list that has one guardian of some
    child on it or nobody any more.
    """
    members = exists().where(_other_member.list_id == _other.list_id, _other_member.user_id.is_(None))
    alone = exists().where(_other_member.list_id == _other.list_id, _other_member.user_id.is_not(None))
    alone, members = (one.correlate_except(_other_member) for one in (alone, members))
    found = exists().where(
        _other.letter_id == _audience.letter_id,
        ~_other.excluded,
        or_(
            and_(_other.kind == "guardian", _other.pupil_id == pupil_id),
            and_(_other.kind == "list", or_(alone, ~members)),
        ),
    )
    return found.correlate_except(_other)
