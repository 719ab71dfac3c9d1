"""A guardian hides from the other guardian of a child (R22)."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update

from portal import access
from portal.access import Viewer
from portal.domain import audit, meeting_upkeep
from portal.errors import Refused
from portal.extensions import db
from portal.models.roster import Guardianship, Pupil
from portal.words import gettext as _


def own_guardianships(viewer: Viewer) -> list[Guardianship]:
    """Return the viewer's places beside all own children."""
    own = select(Guardianship).where(access.own_guardianships(viewer)).order_by(Guardianship.id)
    return list(db.session.scalars(own))


def own_guardianship(viewer: Viewer, pupil: Pupil) -> Guardianship:
    """Return the viewer's place beside one of the own children."""
    return db.session.scalars(
        select(Guardianship).where(access.own_guardianships(viewer), Guardianship.pupil_id == pupil.id)
    ).one()


def choose_hiding(owns: Iterable[Guardianship], hidden: bool, actor: Viewer, now: datetime) -> None:
    """Hide the guardian from the other one of these children, or no longer; nobody is told (R22).

    Raises Refused when school has fixed it for one of them in the meantime.
    """
    changing = [own for own in owns if (own.hidden_at is not None) != hidden]
    pupils = [own.pupil_id for own in changing]
    meeting_upkeep.take_turns_of(pupils, now)
    for own in changing:
        _hide(own, hidden, actor, now)
    meeting_upkeep.follow_roster(pupils, now)


def _hide(own: Guardianship, hidden: bool, actor: Viewer, now: datetime) -> None:
    changed = db.session.execute(
        update(Guardianship)
        .where(Guardianship.id == own.id, Guardianship.hiding_locked_at.is_(None))
        .values(hidden_at=now if hidden else None)
        .returning(Guardianship.id)
        .execution_options(synchronize_session=False)
    ).first()
    if changed is None:
        raise Refused(_("School has fixed this. Ask school if something has to change."))
    audit.record(actor, "hid_from_other" if hidden else "stopped_hiding", "guardianship", own.id)
