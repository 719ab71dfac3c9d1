"""How school deals with the guardians of a pupil: together or apart, authority, hiding, no contact.

Every change is noted with a reason that is kept. Each is one conditional update: of two people of the office
who change the same thing at once, the second reads that it has changed. None of it is told to a guardian.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.exc import IntegrityError

from portal.access import Viewer
from portal.domain import meeting_upkeep
from portal.domain.arrangement_history import note
from portal.domain.roster import take_roster
from portal.domain.roster_guardians import full_name, revoke_guardianship
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import User
from portal.models.arrangements import ArrangementEntry, Barring
from portal.models.roster import Guardianship, Pupil
from portal.words import gettext as _

HIDE, SHOW, LOCK, UNLOCK = "hide", "show", "lock", "unlock"
"""What school does about hiding; who hides otherwise decides that alone (R22)."""


def overtaken() -> Refused:
    """Return what is said to the second of two who change the same thing."""
    return Refused(_("A colleague has just changed this. Look at what holds now, and change it if needed."))


def _update(model: type[Any], *conditions: ColumnElement[bool], **values: object) -> None:
    changed = db.session.execute(
        update(model).where(*conditions).values(**values).execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise overtaken()


def deal_apart(pupil: Pupil, apart: bool, reason: str, actor: Viewer, now: datetime) -> None:
    """Deal with the two guardians apart, each their own talk, or together again (R20).

    Raises Refused when it is so already: a colleague was first.
    """
    meeting_upkeep.take_turns_of([pupil.id], now)
    was_so = Pupil.apart_at.is_(None) if apart else Pupil.apart_at.is_not(None)
    _update(Pupil, Pupil.id == pupil.id, was_so, apart_at=now if apart else None)
    note(pupil.id, None, "apart" if apart else "together", reason, actor, now)
    meeting_upkeep.follow_roster([pupil.id], now)


def change_authority(
    guardianship: Guardianship, has_authority: bool, reason: str, actor: Viewer, now: datetime
) -> None:
    """Give a guardian the authority over the child, or information on request only from now on (R21).

    Raises Refused when it is so already, or when the access was ended meanwhile.
    """
    take_roster()
    meeting_upkeep.take_turns_of([guardianship.pupil_id], now)
    _update(
        Guardianship,
        Guardianship.id == guardianship.id,
        Guardianship.revoked_at.is_(None),
        Guardianship.has_authority.is_(not has_authority),
        has_authority=has_authority,
    )
    what = "authority" if has_authority else "no_authority"
    note(guardianship.pupil_id, guardianship.user_id, what, reason, actor, now)
    meeting_upkeep.follow_roster([guardianship.pupil_id], now)


def hidden_by_school(guardianship: Any = Guardianship) -> ColumnElement[bool]:
    """Whether it was school that made a guardian hidden: then its note is of that very moment."""
    return exists().where(
        ArrangementEntry.pupil_id == guardianship.pupil_id,
        ArrangementEntry.about == guardianship.user_id,
        ArrangementEntry.what.in_(("hidden", "locked")),
        ArrangementEntry.changed_at == guardianship.hidden_at,
    )


def steps_about_hiding(guardianship: Guardianship) -> tuple[str, ...]:
    """Return what school can do about the hiding of a guardian now.

    What a guardian hid is never shown by school; after unlocking, the guardian decides.
    """
    if guardianship.hiding_locked_at:
        return (UNLOCK,)
    if guardianship.hidden_at is None:
        return (HIDE, LOCK)
    by_school = db.session.scalar(
        select(hidden_by_school()).select_from(Guardianship).where(Guardianship.id == guardianship.id)
    )
    return (LOCK, SHOW) if by_school else (LOCK,)


def set_hiding(guardianship: Guardianship, step: str, reason: str, actor: Viewer, now: datetime) -> None:
    """Hide a guardian from the other one on school's behalf, lock that because of an order, or end it (R22).

    Raises Refused when this can no longer be done, because a colleague or the guardian was first.
    """
    if step not in steps_about_hiding(guardianship):
        raise overtaken()
    holding = (
        Guardianship.id == guardianship.id,
        Guardianship.revoked_at.is_(None),
        same(Guardianship.hidden_at, guardianship.hidden_at),
        same(Guardianship.hiding_locked_at, guardianship.hiding_locked_at),
    )
    hidden_at = guardianship.hidden_at or now
    values: dict[str, dict[str, object]] = {
        HIDE: {"hidden_at": now},
        SHOW: {"hidden_at": None},
        LOCK: {"hidden_at": hidden_at, "hiding_locked_at": now},
        UNLOCK: {"hiding_locked_at": None},
    }
    meeting_upkeep.take_turns_of([guardianship.pupil_id], now)
    _update(Guardianship, *holding, **values[step])
    what = {HIDE: "hidden", SHOW: "shown", LOCK: "locked", UNLOCK: "unlocked"}[step]
    db.session.refresh(guardianship)
    note(guardianship.pupil_id, guardianship.user_id, what, reason, actor, now)
    meeting_upkeep.follow_roster([guardianship.pupil_id], now)


def same(column: Any, value: object) -> ColumnElement[bool]:
    """Return whether a column still holds what was read."""
    condition: ColumnElement[bool] = column.is_(None) if value is None else column == value
    return condition


def bar(pupil: Pupil, person: User, reason: str, actor: Viewer, now: datetime) -> Barring:
    """Let somebody have no contact with a child: the access ends at once, and comes back by no list or form.

    Raises Refused when it holds already, and for oneself.
    """
    take_roster()
    if person.id == actor.id:
        raise Refused(_("You cannot decide this about yourself. Ask a colleague."))
    person_name, pupil_name = full_name(person), full_name(pupil)
    barring = Barring(pupil_id=pupil.id, user_id=person.id, reason=reason, barred_by=actor.id, barred_at=now)
    db.session.add(barring)
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(
            _(
                "%(person)s may have no contact with %(pupil)s already.",
                person=person_name,
                pupil=pupil_name,
            )
        ) from None
    note(pupil.id, person.id, "barred", reason, actor, now)
    current = db.session.scalars(
        select(Guardianship).where(
            Guardianship.pupil_id == pupil.id,
            Guardianship.user_id == person.id,
            Guardianship.revoked_at.is_(None),
        )
    ).one_or_none()
    if current:
        revoke_guardianship(current, reason, actor, now)
    return barring


def bar_from_all(pupils: list[Pupil], person: User, reason: str, actor: Viewer, now: datetime) -> None:
    """Let somebody have no contact with any of these children: of all of them, or of none.

    Raises Refused like `bar`.
    """
    for pupil in pupils:
        bar(pupil, person, reason, actor, now)


def lift_barring(barring: Barring, reason: str, actor: Viewer, now: datetime) -> None:
    """Forbid the contact no longer; that gives no access back. Raises Refused when it was lifted already."""
    take_roster()
    _update(
        Barring,
        Barring.id == barring.id,
        Barring.lifted_at.is_(None),
        lifted_at=now,
        lifted_by=actor.id,
    )
    note(barring.pupil_id, barring.user_id, "lifted", reason, actor, now)
