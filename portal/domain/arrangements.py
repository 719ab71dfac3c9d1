"""How school deals with the guardians of a pupil: together or apart, authority, hiding, no contact.

Every change is noted with a reason that is kept. Each is one conditional update: of two people of the office
who change the same thing at once, the second reads that it has changed; of one whose form is sent twice, the
second is done already. None of it is told to a guardian.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.exc import IntegrityError

from portal.access import Viewer
from portal.domain import meeting_upkeep
from portal.domain.arrangement_history import BY_SCHOOL, note, noted_just_now
from portal.domain.open_requests import close_without_authority
from portal.domain.roster import PersonName, take_roster
from portal.domain.roster_guardians import full_name, new_adult, revoke_guardianship
from portal.domain.sent_twice import SENT_TWICE
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import User
from portal.models.arrangements import ArrangementEntry, Barring
from portal.models.roster import Guardianship, Pupil
from portal.words import gettext as _

HIDE, SHOW, LOCK, UNLOCK = "hide", "show", "lock", "unlock"
"""What school does about hiding; who hides otherwise decides that alone (R22)."""

_NOTED = {HIDE: "hidden", SHOW: "shown", LOCK: "locked", UNLOCK: "unlocked"}


def overtaken() -> Refused:
    """Return what is said to the second of two who change the same thing."""
    return Refused(_("A colleague has just changed this. Look at what holds now, and change it if needed."))


def _update(model: type[Any], *conditions: ColumnElement[bool], **values: object) -> bool:
    changed = db.session.execute(
        update(model).where(*conditions).values(**values).execution_options(synchronize_session=False)
    )
    return changed.rowcount == 1  # type: ignore[attr-defined,no-any-return]


def _refuse_unless_sent_twice(
    pupil_id: int,
    about: int | None,
    what: str,
    among: tuple[str, ...],
    reason: str,
    actor: Viewer,
    now: datetime,
) -> None:
    if not noted_just_now(pupil_id, about, what, among, reason, actor, now):
        raise overtaken()


def deal_apart(pupil: Pupil, apart: bool, reason: str, actor: Viewer, now: datetime) -> None:
    """Deal with the two guardians apart, each their own talk, or together again (R20).

    Raises Refused when it is so already: a colleague was first.
    """
    meeting_upkeep.take_turns_of([pupil.id], now)
    was_so = Pupil.apart_at.is_(None) if apart else Pupil.apart_at.is_not(None)
    what = "apart" if apart else "together"
    if not _update(Pupil, Pupil.id == pupil.id, was_so, apart_at=now if apart else None):
        return _refuse_unless_sent_twice(pupil.id, None, what, ("apart", "together"), reason, actor, now)
    note(pupil.id, None, what, reason, actor, now)
    meeting_upkeep.follow_roster([pupil.id], now)


def change_authority(
    guardianship: Guardianship, has_authority: bool, reason: str, actor: Viewer, now: datetime
) -> None:
    """Give a guardian the authority over the child, or information on request only from now on (R21).

    Raises Refused when it is so already, or when the access was ended meanwhile.
    """
    take_roster()
    meeting_upkeep.take_turns_of([guardianship.pupil_id], now)
    changed = _update(
        Guardianship,
        Guardianship.id == guardianship.id,
        Guardianship.revoked_at.is_(None),
        Guardianship.has_authority.is_(not has_authority),
        has_authority=has_authority,
    )
    what, whose = (
        "authority" if has_authority else "no_authority",
        (guardianship.pupil_id, guardianship.user_id),
    )
    if not changed:
        return _refuse_unless_sent_twice(*whose, what, BY_SCHOOL, reason, actor, now)
    note(*whose, what, reason, actor, now)
    if not has_authority:
        close_without_authority(guardianship, actor, now)
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

    What a guardian hid is never shown by school; after unlocking, the guardian decides. Of who is
    a guardian no more school can only end what it began.
    """
    if guardianship.hiding_locked_at:
        return (UNLOCK,)
    if guardianship.hidden_at is None:
        return () if guardianship.revoked_at else (HIDE, LOCK)
    by_school = db.session.scalar(
        select(hidden_by_school()).select_from(Guardianship).where(Guardianship.id == guardianship.id)
    )
    if guardianship.revoked_at:
        return (SHOW,) if by_school else ()
    return (LOCK, SHOW) if by_school else (LOCK,)


def set_hiding(guardianship: Guardianship, step: str, reason: str, actor: Viewer, now: datetime) -> None:
    """Hide a guardian from the other one on school's behalf, lock that because of an order, or end it (R22).

    Raises Refused when this can no longer be done, because a colleague or the guardian was first.
    """
    pupils = meeting_upkeep.touched_by(guardianship.user_id, [guardianship.pupil_id])
    meeting_upkeep.take_turns_of(pupils, now)
    db.session.refresh(guardianship, with_for_update=True)
    whose, what = (guardianship.pupil_id, guardianship.user_id), _NOTED[step]
    if step not in steps_about_hiding(guardianship):
        if not _holds(guardianship, step):
            raise overtaken()
        return _refuse_unless_sent_twice(*whose, what, tuple(_NOTED.values()), reason, actor, now)
    if step in (HIDE, LOCK):
        guardianship.hidden_at = guardianship.hidden_at or now
    if step == SHOW:
        guardianship.hidden_at = None
    if step in (LOCK, UNLOCK):
        guardianship.hiding_locked_at = now if step == LOCK else None
    db.session.flush()
    note(*whose, what, reason, actor, now)
    meeting_upkeep.follow_roster(pupils, now)


def _holds(guardianship: Guardianship, step: str) -> bool:
    hidden, locked = guardianship.hidden_at is not None, guardianship.hiding_locked_at is not None
    return {HIDE: hidden and not locked, SHOW: not hidden, LOCK: locked, UNLOCK: not locked}[step]


def bar(pupil: Pupil, person: User, reason: str, actor: Viewer, now: datetime) -> Barring:
    """Let somebody have no contact with a child: the access ends at once, and comes back by no list or form.

    Once when it was sent twice. Raises Refused when it holds already, and for oneself.
    """
    take_roster()
    if person.id == actor.id:
        raise Refused(_("You cannot decide this about yourself. Ask a colleague."))
    if twin := _barred_just_now(pupil, User.id == person.id, reason, actor, now):
        return twin
    touched = meeting_upkeep.touched_by(person.id, [pupil.id])
    meeting_upkeep.take_turns_of(touched, now)
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
    meeting_upkeep.follow_roster(touched, now)
    return barring


def _barred_just_now(
    pupil: Pupil, who: ColumnElement[bool], reason: str, actor: Viewer, now: datetime
) -> Barring | None:
    return db.session.scalars(
        select(Barring)
        .join(User, User.id == Barring.user_id)
        .where(
            who,
            Barring.pupil_id == pupil.id,
            Barring.barred_by == actor.id,
            Barring.barred_at > now - SENT_TWICE,
            Barring.lifted_at.is_(None),
            Barring.reason == reason,
        )
    ).one_or_none()


def bar_somebody_new(
    pupil: Pupil, name: PersonName, email: str | None, reason: str, actor: Viewer, now: datetime
) -> Barring:
    """Let somebody whom school did not know have no contact with a child; once when it was sent twice."""
    take_roster()
    same = and_(
        User.sort_key == name.sort_key, User.email.is_(None) if email is None else User.email == email
    )
    if twin := _barred_just_now(pupil, same, reason, actor, now):
        return twin
    return bar(pupil, new_adult(name, email, ("", ""), "nl", now), reason, actor, now)


def bar_from_all(pupils: list[Pupil], person: User, reason: str, actor: Viewer, now: datetime) -> None:
    """Let somebody have no contact with any of these children: of all of them, or of none.

    Raises Refused like `bar`.
    """
    take_roster()
    meeting_upkeep.take_turns_of(meeting_upkeep.touched_by(person.id, [one.id for one in pupils]), now)
    for pupil in pupils:
        bar(pupil, person, reason, actor, now)


def lift_barring(barring: Barring, reason: str, actor: Viewer, now: datetime) -> None:
    """Forbid the contact no longer; that gives no access back. Raises Refused when it was lifted already."""
    take_roster()
    touched = meeting_upkeep.touched_by(barring.user_id, [barring.pupil_id])
    meeting_upkeep.take_turns_of(touched, now)
    held = (Barring.id == barring.id, Barring.lifted_at.is_(None))
    whose = (barring.pupil_id, barring.user_id)
    if not _update(Barring, *held, lifted_at=now, lifted_by=actor.id):
        return _refuse_unless_sent_twice(*whose, "lifted", ("barred", "lifted"), reason, actor, now)
    note(*whose, "lifted", reason, actor, now)
    meeting_upkeep.follow_roster(touched, now)
