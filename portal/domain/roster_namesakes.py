"""A new guardian of the same name as one of the child's: a form sent twice, or the same person again."""

from datetime import datetime

from sqlalchemy import exists, select

from portal.access import Viewer
from portal.domain.roster import PersonName, take_roster
from portal.domain.roster_guardians import current_guardianships
from portal.domain.sent_twice import SENT_TWICE
from portal.extensions import db
from portal.models.accounts import User
from portal.models.arrangements import ArrangementEntry
from portal.models.roster import Guardianship, Pupil


def namesake_of(pupil: Pupil, name: PersonName) -> User | None:
    """Return the guardian of a child who has this name already, if there is one; nobody has an empty name."""
    for _one, person in current_guardianships(pupil):
        if person.sort_key and person.sort_key == name.sort_key:
            return person
    return None


def was_without_authority(pupil: Pupil, person: User) -> bool:
    """Whether somebody was a guardian of the child before, with information on request only (R21)."""
    last = (
        select(Guardianship.has_authority)
        .where(
            Guardianship.pupil_id == pupil.id,
            Guardianship.user_id == person.id,
            Guardianship.revoked_at.is_not(None),
        )
        .order_by(Guardianship.id.desc())
        .limit(1)
    )
    return db.session.scalar(last) is False


def added_just_now(
    pupil: Pupil,
    name: PersonName,
    email: str | None,
    phone: str,
    relation: str,
    has_authority: bool,
    actor: Viewer,
    now: datetime,
) -> User | None:
    """Return the guardian whom the actor added with the same words just now: the form was sent twice.

    Takes the turn on the roster, so that of two at the same moment the second finds the first.
    """
    take_roster()
    added = exists().where(
        ArrangementEntry.pupil_id == pupil.id,
        ArrangementEntry.about == User.id,
        ArrangementEntry.what == "added",
        ArrangementEntry.changed_by == actor.id,
        ArrangementEntry.changed_at > now - SENT_TWICE,
    )
    return db.session.scalars(
        select(User)
        .join(Guardianship, Guardianship.user_id == User.id)
        .where(
            Guardianship.pupil_id == pupil.id,
            Guardianship.revoked_at.is_(None),
            Guardianship.relation == relation,
            Guardianship.has_authority.is_(has_authority),
            User.sort_key == name.sort_key,
            User.email.is_(None) if email is None else User.email == email,
            User.phone == phone,
            added,
        )
    ).first()
