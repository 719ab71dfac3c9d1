"""Who may see and do what: the one policy, for parents, teachers and the office alike.

Three kinds of things live here. A *scope* (`pupils_visible_to(viewer)`) is a condition for a query; every
query for somebody's data has one. A *predicate* (`may_withdraw(viewer, absence)`) answers for one thing that
is already visible; view and template ask the same one. `one_or_404` is how a single object reaches a view.

What is out of scope does not exist for the viewer: 404, never 403.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Protocol, TypeVar, cast

from flask import abort
from flask_login import UserMixin, current_user
from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from portal import clock
from portal.extensions import db
from portal.models.absence import Absence, AbsenceNote
from portal.models.accounts import LoginSession, StaffMember, User
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching

T = TypeVar("T")

OFFICE_ROLES = ("office", "head", "admin")
LEADING_ROLES = ("head", "admin")


@dataclass(frozen=True, slots=True)
class Viewer(UserMixin):
    """The person who is signed in, as far as the policy needs to know. `role` is None for who is no staff."""

    id: int
    given_name: str = ""
    prefix: str = ""
    surname: str = ""
    email: str | None = None
    language: str = "nl"
    role: str | None = None
    is_guardian: bool = False
    session_id: int = 0
    token: str = ""

    def get_id(self) -> str:
        """Return what the cookie holds: the session's random token, never the person's number."""
        return self.token

    @property
    def is_staff(self) -> bool:
        """Whether the person works at school."""
        return self.role is not None

    @property
    def is_office(self) -> bool:
        """Whether the person runs the roster: office, head or administrator."""
        return self.role in OFFICE_ROLES

    @property
    def is_leading(self) -> bool:
        """Whether the person decides who works in the portal: head or administrator."""
        return self.role in LEADING_ROLES


def viewer() -> Viewer:
    """Return the signed-in person; only behind the login gate."""
    return cast(Viewer, current_user._get_current_object())


def viewer_or_none() -> Viewer | None:
    """Return the signed-in person, or None on an open page."""
    return viewer() if current_user.is_authenticated else None


def hash_of(token: str) -> str:
    """Return how a random token is kept in the database."""
    return sha256(token.encode()).hexdigest()


def viewer_of_session(token: str) -> Viewer | None:
    """Return who is signed in with this cookie's token, or None when it ended, expired or was never given."""
    row = db.session.execute(
        select(
            User.id,
            User.given_name,
            User.prefix,
            User.surname,
            User.email,
            User.language,
            StaffMember.role,
            exists().where(_guards(User.id)).label("is_guardian"),
            LoginSession.id,
        )
        .join(LoginSession, LoginSession.user_id == User.id)
        .outerjoin(StaffMember, and_(StaffMember.user_id == User.id, StaffMember.left_at.is_(None)))
        .where(
            LoginSession.token_hash == hash_of(token),
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > clock.now(),
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    return Viewer(*row, token=token) if row else None


def one_or_404(model: type[T], ident: int, scope: ColumnElement[bool]) -> T:
    """Return the one object with this number inside the scope, or answer 404."""
    found = db.session.scalars(select(model).where(cast(Any, model).id == ident, scope)).one_or_none()
    if found is None:
        abort(404)
    return found


# --- adults ---------------------------------------------------------------------------------------------


def admitted() -> ColumnElement[bool]:
    """The adults who belong to the school now, as guardian or as staff. Nobody else is invited or mailed."""
    guards = exists().where(_guards(User.id), Pupil.id == Guardianship.pupil_id, Pupil.archived_at.is_(None))
    works = exists().where(StaffMember.user_id == User.id, StaffMember.left_at.is_(None))
    return and_(User.disabled_at.is_(None), or_(guards, works))


def own_sessions(viewer: Viewer) -> ColumnElement[bool]:
    """The devices on which the viewer is signed in."""
    return and_(LoginSession.user_id == viewer.id, LoginSession.ended_at.is_(None))


def all_or_404(model: type[T], idents: Iterable[int], scope: ColumnElement[bool]) -> list[T]:
    """Return the objects with these numbers in order, each once, or answer 404 when one is not in scope."""
    wanted = list(dict.fromkeys(idents))
    key = cast(Any, model).id
    rows = db.session.scalars(select(model).where(key.in_(wanted), scope))
    found = {cast(Any, item).id: item for item in rows}
    if len(found) < len(wanted):
        abort(404)
    return [found[ident] for ident in wanted]


# --- pupils ---------------------------------------------------------------------------------------------


def _guards(user_id: Any) -> ColumnElement[bool]:
    return and_(Guardianship.user_id == user_id, Guardianship.revoked_at.is_(None))


def pupils_guarded_by(viewer: Viewer) -> ColumnElement[bool]:
    """The viewer's own children, with or without authority over them."""
    guards = exists().where(_guards(viewer.id), Guardianship.pupil_id == Pupil.id)
    return and_(Pupil.archived_at.is_(None), guards)


def pupils_in_authority_of(viewer: Viewer) -> ColumnElement[bool]:
    """The children for whom the viewer decides: reports sick, asks leave, books (R21)."""
    guards = exists().where(_guards(viewer.id), Guardianship.pupil_id == Pupil.id, Guardianship.has_authority)
    return and_(Pupil.archived_at.is_(None), guards)


def _taught(viewer: Viewer) -> ColumnElement[bool]:
    return exists().where(
        Teaching.user_id == viewer.id,
        Teaching.ended_on.is_(None),
        Teaching.group_id == Membership.group_id,
        Membership.pupil_id == Pupil.id,
        Membership.ended_on.is_(None),
    )


def pupils_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The pupils whom the viewer has as a member of staff: a teacher the own groups', the office all."""
    if viewer.is_office:
        return true()
    if viewer.is_staff:
        return and_(Pupil.archived_at.is_(None), _taught(viewer))
    return false()


def pupils_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The pupils whose facts (absence among them) the viewer may read, as guardian or as staff."""
    return or_(pupils_in_authority_of(viewer), pupils_of_school(viewer))


# --- groups ---------------------------------------------------------------------------------------------


def groups_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The groups whose board the viewer keeps: a teacher the own ones, the office all."""
    if viewer.is_office:
        return Group.closed_at.is_(None)
    if viewer.is_staff:
        teaches = exists().where(
            Teaching.user_id == viewer.id, Teaching.ended_on.is_(None), Teaching.group_id == Group.id
        )
        return and_(Group.closed_at.is_(None), teaches)
    return false()


# --- what only the office has -----------------------------------------------------------------------------


def of_office(viewer: Viewer) -> ColumnElement[bool]:
    """Adults, guardianships, closed groups, settings: all of them for the office, none for anybody else."""
    return true() if viewer.is_office else false()


def of_leaders(viewer: Viewer) -> ColumnElement[bool]:
    """Who works at school and in which role: for the head and the administrator."""
    return true() if viewer.is_leading else false()


# --- absence --------------------------------------------------------------------------------------------


def absences_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Absences of the pupils whom the viewer may read about; both guardians see the same facts (R22)."""
    return exists().where(Pupil.id == Absence.pupil_id, pupils_visible_to(viewer))


def absences_of_children(viewer: Viewer) -> ColumnElement[bool]:
    """Absences that the viewer may change as a guardian."""
    return exists().where(Pupil.id == Absence.pupil_id, pupils_in_authority_of(viewer))


def absences_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """Absences that the viewer keeps as a member of staff."""
    return exists().where(Pupil.id == Absence.pupil_id, pupils_of_school(viewer))


def notes_readable_by(viewer: Viewer) -> ColumnElement[bool]:
    """Notes on an absence: for the group's teachers, the office, and who wrote it; no other parent (R15).

    A teacher who is the other guardian of the child stays a guardian here: nobody reads the other
    parent's note about the own child.
    """
    other = aliased(Guardianship)
    own_child = exists().where(
        other.user_id == viewer.id, other.pupil_id == Absence.pupil_id, other.revoked_at.is_(None)
    )
    return or_(
        AbsenceNote.author_id == viewer.id,
        and_(absences_of_school(viewer), ~own_child),
    )


class ReportedAbsence(Protocol):
    """What the rules below need to know of an absence, as a row or as an object."""

    @property
    def first_day(self) -> date: ...
    @property
    def last_day(self) -> date | None: ...
    @property
    def reported_by(self) -> int: ...
    @property
    def seen_at(self) -> datetime | None: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...


def may_withdraw(viewer: Viewer, absence: ReportedAbsence, today: date) -> bool:
    """Whether the report can still be taken back: by who made it, before it began or school acted on it."""
    return (
        absence.withdrawn_at is None
        and absence.reported_by == viewer.id
        and (absence.first_day > today or (absence.seen_at is None and may_end(absence, today)))
    )


def may_correct(viewer: Viewer, absence: ReportedAbsence, today: date) -> bool:
    """Whether kind, days and note can still be changed: by who reported, before school acted on it."""
    return may_withdraw(viewer, absence, today)


def may_end(absence: ReportedAbsence, today: date) -> bool:
    """Whether it can still be said when the child is back: while the absence runs."""
    return absence.withdrawn_at is None and (absence.last_day is None or absence.last_day >= today)
