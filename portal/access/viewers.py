"""Who is looking, and how one object reaches a view."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar, cast

from flask import abort, g
from flask_login import UserMixin, current_user
from sqlalchemy import ColumnElement, Integer, bindparam, select

from portal import names
from portal.extensions import db

T = TypeVar("T")

OFFICE_ROLES = ("office", "head", "admin")
LEADING_ROLES = ("head", "admin")
LARGEST_NUMBER = 2**31 - 1
"""No row has a larger one."""
LONGEST_NUMBER = len(str(LARGEST_NUMBER))


@dataclass(frozen=True, slots=True)
class Viewer(UserMixin):
    """The person who is signed in, as far as the policy needs to know.

    `role` is None for who is no staff; `unread` counts the own letters that were not read, `unread_messages`
    the own conversations, as a guardian, with something to read.
    """

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
    unread: int = 0
    unread_messages: int = 0
    token: str = ""

    def get_id(self) -> str:
        """Return what the cookie holds: the session's random token, never the person's number."""
        return self.token

    @property
    def full_name(self) -> str:
        """The whole name, 'Sanne van der Berg'."""
        return names.full(self.given_name, self.prefix, self.surname)

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
    return g._get_current_object().get("_login_user") or current_user._get_current_object()


def hash_of(token: str) -> str:
    """Return how a random token is kept in the database."""
    return sha256(token.encode()).hexdigest()


@cache
def anyone_with(role: str | None) -> Viewer:
    """Return the stand-in for all viewers in a role, whose number is the parameter `viewer_id` of a query.

    A query built with its scopes once serves everybody in that role.
    """
    return Viewer(id=cast(int, bindparam("viewer_id", type_=Integer)), role=role)


def possible_number(ident: int) -> bool:
    """Whether a row can have this number; Postgres refuses to compare with one that is too large."""
    return 0 < ident <= LARGEST_NUMBER


def one_or_404(model: type[T], ident: int, scope: ColumnElement[bool]) -> T:
    """Return the one object with this number inside the scope, or answer 404."""
    if not possible_number(ident):
        abort(404)
    found = db.session.scalars(select(model).where(cast(Any, model).id == ident, scope)).one_or_none()
    if found is None:
        abort(404)
    return found


def one_and_whether(
    model: type[T], ident: int, scope: ColumnElement[bool], further: ColumnElement[bool]
) -> tuple[T, bool]:
    """Return the one object with this number inside a scope, or 404, and whether it is in a further one."""
    if not possible_number(ident):
        abort(404)
    query = select(model, further.label("further")).where(cast(Any, model).id == ident, scope)
    found = db.session.execute(query).one_or_none()
    if found is None:
        abort(404)
    return found[0], bool(found[1])


def one_to_change(
    model: type[T], ident: int, visible: ColumnElement[bool], changeable: ColumnElement[bool]
) -> T:
    """Return the one object with this number; 404 for who may not see it, 403 for who may only see it."""
    found, may_change = one_and_whether(model, ident, visible, changeable)
    if not may_change:
        abort(403)
    return found


def all_or_404(model: type[T], idents: Iterable[int], scope: ColumnElement[bool]) -> list[T]:
    """Return the objects with these numbers in order, each once, or answer 404 when one is not in scope."""
    wanted = list(dict.fromkeys(idents))
    if not all(map(possible_number, wanted)):
        abort(404)
    key = cast(Any, model).id
    rows = db.session.scalars(select(model).where(key.in_(wanted), scope))
    found = {cast(Any, item).id: item for item in rows}
    if len(found) < len(wanted):
        abort(404)
    return [found[ident] for ident in wanted]
