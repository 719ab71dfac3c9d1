"""Who may have no contact with a pupil, as the office and who has the child at school read it."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from portal import access
from portal.access import Viewer
from portal.domain.roster_guardians import full_name
from portal.extensions import db, fetch
from portal.models.accounts import User
from portal.models.arrangements import Barring
from portal.models.roster import Guardianship, Pupil
from portal.names import full
from portal.statements import among
from portal.words import gettext


@dataclass(frozen=True, slots=True)
class BarredPerson:
    """Somebody who may have no contact with the pupil, by whom that was decided, and why. `id` is of that."""

    id: int
    user_id: int
    name: str
    reason: str
    since: datetime
    by: str


@dataclass(frozen=True, slots=True)
class BarredFromSibling:
    """Somebody who may have no contact with one child, while nothing is recorded at a brother or sister."""

    person_id: int
    person: str
    pupil: str
    sibling_id: int
    sibling: str


def barred_of(viewer: Viewer, pupil: Pupil) -> list[BarredPerson]:
    """Return who may have no contact with a pupil now, for the office."""
    by = aliased(User)
    rows = db.session.execute(
        select(Barring, User, by.given_name, by.prefix, by.surname)
        .join(User, User.id == Barring.user_id)
        .outerjoin(by, by.id == Barring.barred_by)
        .where(Barring.pupil_id == pupil.id, Barring.lifted_at.is_(None), access.barrings_kept_by(viewer))
        .order_by(Barring.barred_at, Barring.id)
    )
    return [
        BarredPerson(
            one.id,
            user.id,
            full_name(user),
            one.reason,
            one.barred_at,
            full(*(part or "" for part in by_name)),
        )
        for one, user, *by_name in rows
    ]


def no_contact_with(viewer: Viewer, pupil_ids: list[int]) -> dict[int, list[str]]:
    """Return by pupil the names of who may have no contact with it, for who has the child at school."""
    found: dict[int, list[str]] = defaultdict(list)
    query = _no_contact_query(access.anyone_with(viewer.role))
    for row in fetch(query, viewer_id=viewer.id, pupils=pupil_ids):
        found[row[0]].append(full(*row[1:4]) or gettext("somebody"))
    return found


@cache
def _no_contact_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(Barring.pupil_id, User.given_name, User.prefix, User.surname)
        .join(User, User.id == Barring.user_id)
        .where(
            among(Barring.pupil_id, "pupils"),
            access.barrings_told_to(viewer),
        )
        .order_by(Barring.pupil_id, Barring.barred_at, Barring.id)
    )


def barred_from_siblings(viewer: Viewer, pupil: Pupil) -> list[BarredFromSibling]:
    """Return who is barred from the pupil and not from a brother or sister, or the other way round.

    Brothers and sisters are who share a guardian now, and who have the barred person for one.
    """
    child, theirs, other, held = (
        aliased(Pupil),
        aliased(Guardianship),
        aliased(Guardianship),
        aliased(Barring),
    )
    shares = exists().where(
        theirs.pupil_id == Barring.pupil_id,
        theirs.revoked_at.is_(None),
        other.user_id == theirs.user_id,
        other.pupil_id == Pupil.id,
        other.revoked_at.is_(None),
    )
    guards = exists().where(
        theirs.user_id == Barring.user_id, theirs.pupil_id == Pupil.id, theirs.revoked_at.is_(None)
    )
    barred_too = exists().where(
        held.user_id == Barring.user_id, held.pupil_id == Pupil.id, held.lifted_at.is_(None)
    )
    rows = db.session.execute(
        select(User, child, Pupil)
        .select_from(Barring)
        .join(User, User.id == Barring.user_id)
        .join(child, child.id == Barring.pupil_id)
        .join(Pupil, and_(Pupil.id != Barring.pupil_id, Pupil.archived_at.is_(None)))
        .where(
            Barring.lifted_at.is_(None),
            access.barrings_kept_by(viewer),
            access.pupils_arranged_by(viewer),
            or_(Barring.pupil_id == pupil.id, Pupil.id == pupil.id),
            or_(shares, guards),
            ~barred_too,
        )
        .order_by(Barring.id, Pupil.sort_key, Pupil.id)
    )
    return [
        BarredFromSibling(user.id, full_name(user), _called(barred), sibling.id, _called(sibling))
        for user, barred, sibling in rows
    ]


def _called(pupil: Pupil) -> str:
    return pupil.given_name or full(pupil.given_name, pupil.prefix, pupil.surname)
