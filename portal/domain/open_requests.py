"""What a guardian asked and school has not answered yet closes when nobody is left to read the answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import aliased

from portal.access import Viewer
from portal.domain.arrangement_history import note
from portal.extensions import db
from portal.models.arrangements import InformationRequest
from portal.models.pupils import ChangeRequest
from portal.models.roster import Guardianship
from portal.words import gettext as _

_now = aliased(Guardianship)


def close_without_access(guardianship: Guardianship, actor: Viewer | None, now: datetime) -> None:
    """Close the questions and requests of somebody who is no guardian of the child any more; without mail."""
    said = _("Closed because the access to this child was ended.")
    closed = _close(
        InformationRequest,
        InformationRequest.asked_by,
        InformationRequest.answered_at,
        guardianship,
        {"answered_at": now, "answered_by": actor.id if actor else None, "refused": True, "answer": said},
    )
    for _one in range(closed):
        note(guardianship.pupil_id, guardianship.user_id, "refused", said, actor, now)
    _close_change_requests(guardianship, said, actor, now)


def close_without_authority(guardianship: Guardianship, actor: Viewer | None, now: datetime) -> None:
    """Close the requests to change something of somebody who does not decide for the child any more (R21)."""
    said = _("Closed because this guardian does not have parental authority any more.")
    _close_change_requests(guardianship, said, actor, now)


def close_of_who_left(now: datetime) -> None:
    """Close what is still open of who has no access, or no authority, any more. The worker's job.

    What ends somebody's place closes it at once; this is for what was open from before that, and for what
    was asked in the same moment.
    """
    asks = _open(InformationRequest, InformationRequest.answered_at)
    wants = _open(ChangeRequest, ChangeRequest.decided_at)
    same = (_now.pupil_id == Guardianship.pupil_id, _now.user_id == Guardianship.user_id)
    is_guardian = exists().where(*same, _now.revoked_at.is_(None))
    for place in db.session.scalars(
        select(Guardianship).where(or_(asks, wants), ~is_guardian).order_by(Guardianship.id)
    ).all():
        close_without_access(place, None, now)
    for place in db.session.scalars(
        select(Guardianship)
        .where(wants, Guardianship.revoked_at.is_(None), ~Guardianship.has_authority)
        .order_by(Guardianship.id)
    ).all():
        close_without_authority(place, None, now)


def _open(model: type[Any], closed_at: Any) -> ColumnElement[bool]:
    return exists().where(
        model.pupil_id == Guardianship.pupil_id, model.asked_by == Guardianship.user_id, closed_at.is_(None)
    )


def _close_change_requests(
    guardianship: Guardianship, said: str, actor: Viewer | None, now: datetime
) -> None:
    decided: dict[str, object] = {
        "decided_at": now,
        "decided_by": actor.id if actor else None,
        "accepted": False,
        "reason": said,
    }
    _close(ChangeRequest, ChangeRequest.asked_by, ChangeRequest.decided_at, guardianship, decided)


def _close(
    model: type[Any], asked_by: Any, closed_at: Any, guardianship: Guardianship, values: dict[str, object]
) -> int:
    """Return how many of the guardian's open ones about the child were closed."""
    closed = db.session.execute(
        update(model)
        .where(
            model.pupil_id == guardianship.pupil_id,
            asked_by == guardianship.user_id,
            closed_at.is_(None),
        )
        .values(values)
        .execution_options(synchronize_session=False)
    )
    return int(closed.rowcount)  # type: ignore[attr-defined]
