"""The arrangement of a pupil as the office reads it: a fixed number of queries."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import aliased

from portal import access
from portal.access import Viewer
from portal.domain.arrangements import hidden_by_school
from portal.domain.roster_guardians import full_name
from portal.extensions import db
from portal.models.accounts import User
from portal.models.arrangements import Barring
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.names import full


@dataclass(frozen=True, slots=True)
class ArrangedGuardian:
    """A guardian as the arrangement has it.

    `hidden_at` is of this child; `hides` is whether the other guardian sees nothing of this one, because of
    this child or another one that they share; `away` is whether the other one may have no contact with
    another child of this one; `reads` is whether this one reads what the other one shows.
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
    away: bool
    reads: bool

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
        'hides': the other one hides; 'away': this one may have no contact with another child of the other;
        'no_group': they have no group in common.
        """
        if self.reads:
            return "chosen"
        if not self.has_authority:
            return "on_request"
        if other.hides:
            return "hides"
        if other.away:
            return "away"
        return "no_group" if other.has_authority else "other_on_request"


@dataclass(frozen=True, slots=True)
class FormerGuardian:
    """Somebody who was a guardian of the pupil."""

    user_id: int
    name: str


@dataclass(frozen=True, slots=True)
class StillHidden:
    """Somebody who was a guardian of the pupil and is hidden still from the other one (R22).

    `school_ends`: school began it, or locked it, and can end that.
    """

    guardianship_id: int
    name: str
    since: datetime
    locked_at: datetime | None
    school_ends: bool


@dataclass(frozen=True, slots=True)
class OtherChild:
    """Another child at school of somebody who is or was a guardian of the pupil."""

    user_id: int
    person: str
    pupil_id: int
    name: str
    group: str


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
            access.hides_itself_from(other.user_id, Guardianship.user_id).label("hides"),
            access.keeps_away(other.user_id, Guardianship.user_id).label("away"),
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
            full_name(user),
            one.relation,
            user.organisation or "",
            one.has_authority,
            one.hidden_at,
            one.hiding_locked_at,
            bool(by_school),
            bool(hides) or one.hidden_at is not None,
            bool(away),
            bool(reads),
        )
        for one, user, by_school, hides, away, reads in rows
    ]


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
    return [FormerGuardian(user.id, full_name(user)) for user in rows]


def still_hidden(viewer: Viewer, pupil: Pupil) -> list[StillHidden]:
    """Return who was a guardian of the pupil and hides still, for the office."""
    rows = db.session.execute(
        select(Guardianship, User, hidden_by_school().label("by_school"))
        .join(User, User.id == Guardianship.user_id)
        .where(
            access.guardianships_arranged_by(viewer),
            Guardianship.pupil_id == pupil.id,
            Guardianship.revoked_at.is_not(None),
            Guardianship.hidden_at.is_not(None),
        )
        .order_by(Guardianship.id)
    )
    return [
        StillHidden(
            one.id,
            full_name(user),
            one.hidden_at,
            one.hiding_locked_at,
            bool(by_school) or one.hiding_locked_at is not None,
        )
        for one, user, by_school in rows
        if one.hidden_at
    ]


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
            full_name(user),
            child.id,
            full(child.given_name, child.prefix, child.surname),
            group or "",
        )
        for user, child, group in rows
    ]
