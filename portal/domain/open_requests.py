"""What a guardian asked and school has not answered yet closes when nobody is left to read the answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from portal.access import Viewer
from portal.domain.arrangement_history import note
from portal.extensions import db
from portal.models.arrangements import InformationRequest
from portal.models.pupils import ChangeRequest
from portal.models.roster import Guardianship
from portal.words import gettext as _


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
