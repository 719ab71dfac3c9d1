"""A guardian hides from the other guardian of a child (R22)."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import aliased

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


def hides_still(viewer: Viewer) -> bool:
    """Whether the viewer still hides because of a child whom the viewer has no more, and can end that."""
    left = exists().where(access.own_places_left(viewer), Guardianship.hiding_locked_at.is_(None))
    return bool(db.session.scalar(select(left)))


def stop_hiding_still(viewer: Viewer, now: datetime) -> None:
    """End the hiding that went on after the viewer lost a child; what school has fixed stays."""
    pupils = meeting_upkeep.touched_by(viewer.id, ())
    meeting_upkeep.take_turns_of(pupils, now)
    left = select(Guardianship).where(access.own_places_left(viewer), Guardianship.hiding_locked_at.is_(None))
    for place in db.session.scalars(left.order_by(Guardianship.id).with_for_update()):
        place.hidden_at = None
        audit.record(viewer, "stopped_hiding", "guardianship", place.id)
    db.session.flush()
    meeting_upkeep.follow_roster(pupils, now)


def hide_as_before(numbers: Iterable[int]) -> None:
    """Let guardians who come back to a child hide as they did when they went, in these new places (R22)."""
    new, was = aliased(Guardianship), aliased(Guardianship)
    same = and_(was.pupil_id == new.pupil_id, was.user_id == new.user_id, was.id != new.id)
    pairs = (
        select(new, was)
        .join(was, same)
        .where(new.id.in_(numbers), was.hidden_at.is_not(None))
        .order_by(was.id)
    )
    for place, before in db.session.execute(pairs):
        place.hidden_at, place.hiding_locked_at = before.hidden_at, before.hiding_locked_at
        before.hidden_at = before.hiding_locked_at = None


def choose_hiding(owns: Iterable[Guardianship], hidden: bool, actor: Viewer, now: datetime) -> None:
    """Hide the guardian from the other one of these children, or no longer; nobody is told (R22).

    Raises Refused when school has fixed it for one of them in the meantime.
    """
    changing = [own for own in owns if (own.hidden_at is not None) != hidden]
    if not changing:
        return
    pupils = meeting_upkeep.touched_by(actor.id, [own.pupil_id for own in changing])
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
