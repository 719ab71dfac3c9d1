"""Who may see and do what: the one policy, for parents, teachers and the office alike.

Three kinds of things live here. A *scope* (`pupils_visible_to(viewer)`) is a condition for a query; every
query for somebody's data has one. A *predicate* (`may_withdraw(viewer, absence)`) answers for one thing that
is already visible; view and template ask the same one. `one_or_404` is how a single object reaches a view.

What is out of scope does not exist for the viewer: 404, never 403.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from typing import Any, Protocol, TypeVar, cast

from flask import abort, g
from flask_login import UserMixin, current_user
from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from portal import clock
from portal.extensions import db, fetch
from portal.models.absence import Absence, AbsenceNote
from portal.models.accounts import LoginSession, StaffMember, User
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching

T = TypeVar("T")

OFFICE_ROLES = ("office", "head", "admin")
LEADING_ROLES = ("head", "admin")
LARGEST_NUMBER = 2**31 - 1
"""No row has a larger one, and Postgres refuses to compare with it."""


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
    decides: bool = False
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
    return cast(Viewer, _person())


def viewer_or_none() -> Viewer | None:
    """Return the signed-in person, or None on an open page."""
    person = _person()
    return person if isinstance(person, Viewer) else None


def _person() -> object:
    """Return whom Flask-Login loaded for this request; asked a dozen times a page, so by the shortest way."""
    return g.get("_login_user") or current_user._get_current_object()


def hash_of(token: str) -> str:
    """Return how a random token is kept in the database."""
    return sha256(token.encode()).hexdigest()


@cache
def anyone_with(role: str | None) -> Viewer:
    """Return the stand-in for all viewers in a role, whose number is the parameter `viewer_id` of a query.

    A query built with its scopes once serves everybody in that role.
    """
    return Viewer(id=cast(int, bindparam("viewer_id", type_=Integer)), role=role)


@cache
def _session_query() -> Select[*tuple[Any, ...]]:
    return (
        select(
            User.id,
            User.given_name,
            User.prefix,
            User.surname,
            User.email,
            User.language,
            StaffMember.role,
            exists()
            .where(_guardianship.user_id == User.id, _guardianship.revoked_at.is_(None))
            .label("is_guardian"),
            exists()
            .where(
                _guardianship.user_id == User.id,
                _guardianship.revoked_at.is_(None),
                _guardianship.has_authority,
            )
            .label("decides"),
            LoginSession.id,
        )
        .join(LoginSession, LoginSession.user_id == User.id)
        .outerjoin(StaffMember, and_(StaffMember.user_id == User.id, StaffMember.left_at.is_(None)))
        .where(
            LoginSession.token_hash == bindparam("token_hash"),
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > bindparam("now"),
            User.disabled_at.is_(None),
        )
    )


def viewer_of_session(token: str) -> Viewer | None:
    """Return who is signed in with this cookie's token, or None when it ended, expired or was never given."""
    row = fetch(_session_query(), token_hash=hash_of(token), now=clock.now()).one_or_none()
    return Viewer(*row, token=token) if row else None


def one_or_404(model: type[T], ident: int, scope: ColumnElement[bool]) -> T:
    """Return the one object with this number inside the scope, or answer 404."""
    if ident > LARGEST_NUMBER:
        abort(404)
    found = db.session.scalars(select(model).where(cast(Any, model).id == ident, scope)).one_or_none()
    if found is None:
        abort(404)
    return found


def all_or_404(model: type[T], idents: Iterable[int], scope: ColumnElement[bool]) -> list[T]:
    """Return the objects with these numbers in order, each once, or answer 404 when one is not in scope."""
    wanted = list(dict.fromkeys(idents))
    if max(wanted, default=0) > LARGEST_NUMBER:
        abort(404)
    key = cast(Any, model).id
    rows = db.session.scalars(select(model).where(key.in_(wanted), scope))
    found = {cast(Any, item).id: item for item in rows}
    if len(found) < len(wanted):
        abort(404)
    return [found[ident] for ident in wanted]


# Aliases of their own, so that a scope means the same inside a query that joins these tables itself.
_guardianship = aliased(Guardianship)
_teaching = aliased(Teaching)
_membership = aliased(Membership)
_pupil = aliased(Pupil)
_staff = aliased(StaffMember)


# --- adults ---------------------------------------------------------------------------------------------


def admitted() -> ColumnElement[bool]:
    """The adults who belong to the school now, as guardian or as staff. Nobody else is invited or mailed."""
    guards = exists().where(
        _guardianship.user_id == User.id,
        _guardianship.revoked_at.is_(None),
        _pupil.id == _guardianship.pupil_id,
        _pupil.archived_at.is_(None),
    )
    works = exists().where(_staff.user_id == User.id, _staff.left_at.is_(None))
    return and_(User.disabled_at.is_(None), or_(guards, works))


def own_account(viewer: Viewer) -> ColumnElement[bool]:
    """The viewer's own details."""
    return User.id == viewer.id


def own_sessions(viewer: Viewer) -> ColumnElement[bool]:
    """The devices on which the viewer is signed in."""
    return and_(LoginSession.user_id == viewer.id, LoginSession.ended_at.is_(None))


# --- pupils ---------------------------------------------------------------------------------------------


def _guards(viewer_id: Any, pupil_id: Any) -> ColumnElement[bool]:
    return exists().where(
        _guardianship.user_id == viewer_id,
        _guardianship.pupil_id == pupil_id,
        _guardianship.revoked_at.is_(None),
    )


def _decides(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    return exists().where(
        _guardianship.user_id == viewer.id,
        _guardianship.pupil_id == pupil_id,
        _guardianship.revoked_at.is_(None),
        _guardianship.has_authority,
    )


def _taught(viewer: Viewer, pupil_id: Any) -> ColumnElement[bool]:
    return exists().where(
        _teaching.user_id == viewer.id,
        _teaching.ended_on.is_(None),
        _teaching.group_id == _membership.group_id,
        _membership.pupil_id == pupil_id,
        _membership.ended_on.is_(None),
    )


def _at_school(pupil_id: Any) -> ColumnElement[bool]:
    return exists().where(_pupil.id == pupil_id, _pupil.archived_at.is_(None))


def pupils_guarded_by(viewer: Viewer) -> ColumnElement[bool]:
    """The viewer's own children, with or without authority over them."""
    return and_(Pupil.archived_at.is_(None), _guards(viewer.id, Pupil.id))


def pupils_in_authority_of(viewer: Viewer) -> ColumnElement[bool]:
    """The children for whom the viewer decides: reports sick, asks leave, books (R21)."""
    return and_(Pupil.archived_at.is_(None), _decides(viewer, Pupil.id))


def pupils_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The pupils whom the viewer has as a member of staff: a teacher the own groups', the office all."""
    if viewer.is_office:
        return true()
    if viewer.is_staff:
        return and_(Pupil.archived_at.is_(None), _taught(viewer, Pupil.id))
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
            _teaching.user_id == viewer.id, _teaching.ended_on.is_(None), _teaching.group_id == Group.id
        )
        return and_(Group.closed_at.is_(None), teaches)
    return false()


# --- what only the office has -----------------------------------------------------------------------------


def of_office(viewer: Viewer) -> ColumnElement[bool]:
    """Adults, guardianships, closed groups, settings: all of them for the office, none for anybody else."""
    return true() if viewer.is_office else false()


def current_guardianships(viewer: Viewer) -> ColumnElement[bool]:
    """Who is whose guardian now, for the office; one that ended is history and not to be changed."""
    return and_(of_office(viewer), Guardianship.revoked_at.is_(None))


def of_leaders(viewer: Viewer) -> ColumnElement[bool]:
    """Who works at school and in which role: for the head and the administrator."""
    return true() if viewer.is_leading else false()


def adults_managed_by(viewer: Viewer) -> ColumnElement[bool]:
    """The adults whose address and way in the viewer handles.

    Who works here is left to the head and the administrator: with somebody's address or letter in hand one
    could come in as that person.
    """
    works = exists().where(_staff.user_id == User.id, _staff.left_at.is_(None))
    return of_office(viewer) if viewer.is_leading else and_(of_office(viewer), ~works)


def staff_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The adults who work here or did, for who decides about them."""
    return and_(of_leaders(viewer), exists().where(_staff.user_id == User.id))


# --- absence --------------------------------------------------------------------------------------------


def absences_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Absences of the pupils whom the viewer may read about; both guardians see the same facts (R22)."""
    return or_(absences_of_children(viewer), absences_of_school(viewer))


def absences_of_children(viewer: Viewer) -> ColumnElement[bool]:
    """Absences that the viewer may change as a guardian."""
    return and_(_at_school(Absence.pupil_id), _decides(viewer, Absence.pupil_id))


def absences_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """Absences that the viewer keeps as a member of staff."""
    if viewer.is_office:
        return true()
    if viewer.is_staff:
        return and_(_at_school(Absence.pupil_id), _taught(viewer, Absence.pupil_id))
    return false()


def guardians_called_by(viewer: Viewer) -> ColumnElement[bool]:
    """Guardianships whose phone number the viewer has as a member of staff.

    The other guardian of the child stays a guardian: school's list shows nobody the other parent (R22).
    """
    return and_(
        true() if viewer.is_office else _taught(viewer, Guardianship.pupil_id),
        or_(Guardianship.user_id == viewer.id, ~_guards(viewer.id, Guardianship.pupil_id)),
    )


def notes_readable_by(viewer: Viewer) -> ColumnElement[bool]:
    """Notes on an absence: for the group's teachers, the office, and who wrote it; no other parent (R15).

    A teacher who is the other guardian of the child stays a guardian here: nobody reads the other
    parent's note about the own child.
    """
    return or_(
        AbsenceNote.author_id == viewer.id,
        and_(absences_of_school(viewer), ~_guards(viewer.id, Absence.pupil_id)),
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
