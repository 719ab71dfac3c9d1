"""The arrangement of a pupil as the office reads it: a fixed number of queries."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from portal import access
from portal.access import Viewer
from portal.domain.arrangements import hidden_by_school
from portal.extensions import db, fetch
from portal.models.accounts import User
from portal.models.arrangements import Barring
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.names import full, of_institution
from portal.words import gettext


@dataclass(frozen=True, slots=True)
class ArrangedGuardian:
    """A guardian as the arrangement has it.

    `hidden_at` is of this child; `hides` is whether the other guardian sees nothing of this one, because of
    this child or another one that they share; `reads` is whether this one reads what the other one shows.
    """

    guardianship_id: int
    user_id: int
    name: str
    relation: str
    organisation: str
    has_authority: bool
    hidden_at: datetime | None
    locked_at: datetime | None
    by_school: bool
    hides: bool
    reads: bool
    has_login: bool

    @property
    def hiding(self) -> str:
        """How this guardian is hidden: '' (not), self, school, locked, or elsewhere: for another child."""
        if self.locked_at:
            return "locked"
        if self.hidden_at:
            return "school" if self.by_school else "self"
        return "elsewhere" if self.hides else ""

    def sees_of(self, other: "ArrangedGuardian") -> str:
        """What this guardian sees of the other one: 'chosen', what that one shows, or why it is nothing.

        'on_request': this one, or 'other_on_request': the other, gets information on request only;
        'hides': the other one hides; 'no_group': they have no group in common.
        """
        if self.reads:
            return "chosen"
        if not self.has_authority:
            return "on_request"
        if other.hides:
            return "hides"
        return "no_group" if other.has_authority else "other_on_request"


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
class FormerGuardian:
    """Somebody who was a guardian of the pupil."""

    user_id: int
    name: str


@dataclass(frozen=True, slots=True)
class OtherChild:
    """Another child at school of somebody who is or was a guardian of the pupil."""

    user_id: int
    person: str
    pupil_id: int
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class BarredFromSibling:
    """Somebody who may have no contact with one child, while nothing is recorded at a brother or sister."""

    person_id: int
    person: str
    pupil: str
    sibling_id: int
    sibling: str


def keeps_arrangement(viewer: Viewer, pupil: Pupil) -> bool:
    """Whether the viewer keeps the guardians of this pupil: not of the own child."""
    scope = access.pupils_arranged_by(viewer)
    return bool(db.session.scalar(select(exists().where(Pupil.id == pupil.id, scope))))


def talks_are_apart(pupil: Pupil) -> bool:
    """Whether each guardian has a talk of their own: because school wants that, or one hides (R20, R22)."""
    return bool(db.session.scalar(select(access.talks_apart(pupil.id))))


def arranged_guardians(viewer: Viewer, pupil: Pupil) -> list[ArrangedGuardian]:
    """Return the guardians of a pupil whose arrangement the viewer keeps, in the order of their seats."""
    other = aliased(Guardianship)
    rows = db.session.execute(
        select(
            Guardianship,
            User,
            hidden_by_school().label("by_school"),
            access.hides_from(other.user_id, Guardianship.user_id).label("hides"),
            access.reads_of(Guardianship.user_id, other.user_id).label("reads"),
        )
        .join(User, User.id == Guardianship.user_id)
        .outerjoin(
            other,
            and_(
                other.pupil_id == Guardianship.pupil_id,
                other.user_id != Guardianship.user_id,
                other.revoked_at.is_(None),
            ),
        )
        .where(access.current_guardianships(viewer), Guardianship.pupil_id == pupil.id)
        .order_by(Guardianship.seat)
    )
    return [
        ArrangedGuardian(
            one.id,
            user.id,
            _name(user),
            one.relation,
            user.organisation or "",
            one.has_authority,
            one.hidden_at,
            one.hiding_locked_at,
            bool(by_school),
            bool(hides) or one.hidden_at is not None,
            bool(reads),
            user.activated_at is not None,
        )
        for one, user, by_school, hides, reads in rows
    ]


def _name(user: User) -> str:
    name = full(user.given_name, user.prefix, user.surname)
    return of_institution(name, user.organisation) or user.email or ""


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
            _name(user),
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
            Barring.pupil_id.in_(bindparam("pupils", expanding=True)),
            access.barrings_told_to(viewer),
        )
        .order_by(Barring.pupil_id, Barring.barred_at, Barring.id)
    )


def former_guardians(viewer: Viewer, pupil: Pupil) -> list[FormerGuardian]:
    """Return who was a guardian of the pupil and is no more, and may be barred still."""
    again = aliased(Guardianship)
    rows = db.session.scalars(
        select(User)
        .where(
            User.id.in_(
                select(Guardianship.user_id).where(
                    access.guardianships_arranged_by(viewer),
                    Guardianship.pupil_id == pupil.id,
                    Guardianship.revoked_at.is_not(None),
                )
            ),
            User.id.not_in(
                select(again.user_id).where(again.pupil_id == pupil.id, again.revoked_at.is_(None))
            ),
            User.id.not_in(
                select(Barring.user_id).where(Barring.pupil_id == pupil.id, Barring.lifted_at.is_(None))
            ),
        )
        .order_by(User.sort_key, User.id)
    )
    return [FormerGuardian(user.id, _name(user)) for user in rows]


def other_children(viewer: Viewer, pupil: Pupil, user_ids: list[int]) -> list[OtherChild]:
    """Return the other children at school of these adults, as far as the viewer keeps their guardians."""
    rows = db.session.execute(
        select(User, Pupil, Group.name)
        .select_from(Guardianship)
        .join(User, User.id == Guardianship.user_id)
        .join(Pupil, Pupil.id == Guardianship.pupil_id)
        .outerjoin(
            Membership, and_(Membership.pupil_id == Pupil.id, Membership.home, Membership.ended_on.is_(None))
        )
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(
            access.current_guardianships(viewer),
            Guardianship.user_id.in_(user_ids),
            Pupil.id != pupil.id,
            Pupil.archived_at.is_(None),
        )
        .order_by(User.sort_key, User.id, Pupil.sort_key, Pupil.id)
    )
    return [
        OtherChild(
            user.id,
            _name(user),
            child.id,
            full(child.given_name, child.prefix, child.surname),
            group or "",
        )
        for user, child, group in rows
    ]


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
        BarredFromSibling(user.id, _name(user), _called(barred), sibling.id, _called(sibling))
        for user, barred, sibling in rows
    ]


def _called(pupil: Pupil) -> str:
    return pupil.given_name or full(pupil.given_name, pupil.prefix, pupil.surname)
