"""Letters that wait to go and become drafts again, since who wrote them leaves school or the group."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, update

from portal.access import OFFICE_ROLES, Viewer, within_reach
from portal.extensions import db
from portal.models.accounts import StaffMember
from portal.models.letters import Letter, LetterAudience
from portal.models.roster import Membership, Teaching

AS_DRAFT: dict[str, Any] = {
    "send_at": None,
    "approval_asked_at": None,
    "approved_at": None,
    "approved_by": None,
}
"""What of a letter that waits is empty in a draft."""


def stop_all_of(user_id: int) -> None:
    """Let no letter go any more in the name of somebody who leaves school."""
    _stop(Letter.author_id == user_id)


def stop_beyond_role(user_id: int, role: str) -> None:
    """Let no letter go any more to whom its author does not write in this role."""
    _stop(and_(Letter.author_id == user_id, ~within_reach(Viewer(user_id, role=role), Letter.id)))


def stop_for_groups(ends: ColumnElement[bool]) -> None:
    """Let no letter go any more to a group, or about a child of it, whose author stops teaching it.

    `ends`: which `Teaching` ends, before that is kept. The office writes to every group.
    """
    in_group = exists().where(
        Membership.pupil_id == LetterAudience.pupil_id, Membership.group_id == Teaching.group_id
    )
    about = or_(LetterAudience.group_id == Teaching.group_id, in_group)
    taught = exists().where(
        Teaching.user_id == Letter.author_id,
        Teaching.ended_on.is_(None),
        ends,
        LetterAudience.letter_id == Letter.id,
        ~LetterAudience.excluded,
        about,
    )
    of_office = exists().where(StaffMember.user_id == Letter.author_id, StaffMember.role.in_(OFFICE_ROLES))
    _stop(and_(taught, ~of_office))


def _stop(which: ColumnElement[bool]) -> None:
    db.session.flush()
    db.session.execute(
        update(Letter)
        .where(Letter.sent_at.is_(None), Letter.send_at.is_not(None), which)
        .values(AS_DRAFT)
        .execution_options(synchronize_session=False)
    )
