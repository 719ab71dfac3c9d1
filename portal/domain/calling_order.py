"""Whom school calls about a pupil: guardians with authority first (R21), then the contacts given (R23)."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from portal import access, names
from portal.access import Viewer
from portal.extensions import fetch
from portal.models.accounts import User
from portal.models.pupils import EmergencyContact
from portal.models.roster import Guardianship
from portal.statements import among


@dataclass(frozen=True, slots=True)
class Guardian:
    """A guardian as school calls them. `organisation`: the institution for which a voogd acts (R23)."""

    user_id: int
    name: str
    relation: str
    phone: str
    has_authority: bool
    organisation: str


@dataclass(frozen=True, slots=True)
class Contact:
    """An emergency contact. `given_by` is the guardian's name, '' when school noted it itself."""

    id: int
    name: str
    relation: str
    phone: str
    given_by: str
    giver_id: int | None


def guardians_to_call(viewer: Viewer, pupil_ids: list[int]) -> dict[int, list[Guardian]]:
    """Return the guardians of these pupils that the reader may call, and the reader as one of them."""
    found: dict[int, list[Guardian]] = defaultdict(list)
    query = _guardians_query(access.anyone_with(viewer.role))
    for row in fetch(query, viewer_id=viewer.id, pupils=pupil_ids):
        name = names.full(*row[2:5]) or row[5] or row[9] or ""
        found[row[0]].append(Guardian(row[1], name, row[6], row[7], row[8], row[9] or ""))
    return found


@cache
def _guardians_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Guardianship.pupil_id,
            User.id,
            User.given_name,
            User.prefix,
            User.surname,
            User.email,
            Guardianship.relation,
            User.phone,
            Guardianship.has_authority,
            User.organisation,
        )
        .join(User, User.id == Guardianship.user_id)
        .where(
            among(Guardianship.pupil_id, "pupils"),
            Guardianship.revoked_at.is_(None),
            or_(access.own_guardianships(viewer), access.guardians_called_by(viewer)),
        )
        .order_by(Guardianship.pupil_id, Guardianship.has_authority.desc(), Guardianship.seat)
    )


def contacts_to_call(viewer: Viewer, pupil_ids: list[int]) -> dict[int, list[Contact]]:
    """Return the emergency contacts of these pupils that the reader may see, in calling order.

    Everybody's first contact goes before anybody's second one.
    """
    found: dict[int, list[Contact]] = defaultdict(list)
    query = _contacts_query(access.anyone_with(viewer.role))
    for row in fetch(query, viewer_id=viewer.id, pupils=pupil_ids):
        fields = (*row[1:5], names.full(row[5] or "", row[6] or "", row[7] or ""), row[8])
        found[row[0]].append(Contact(*fields))
    return found


@cache
def _contacts_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            EmergencyContact.pupil_id,
            EmergencyContact.id,
            EmergencyContact.name,
            EmergencyContact.relation,
            EmergencyContact.phone,
            User.given_name,
            User.prefix,
            User.surname,
            EmergencyContact.given_by,
        )
        .outerjoin(User, User.id == EmergencyContact.given_by)
        .outerjoin(
            Guardianship,
            and_(
                Guardianship.pupil_id == EmergencyContact.pupil_id,
                Guardianship.user_id == EmergencyContact.given_by,
                Guardianship.revoked_at.is_(None),
            ),
        )
        .where(
            among(EmergencyContact.pupil_id, "pupils"),
            access.contacts_visible_to(viewer),
        )
        .order_by(
            EmergencyContact.pupil_id,
            EmergencyContact.position,
            func.coalesce(Guardianship.seat, 9),
            EmergencyContact.id,
        )
    )
