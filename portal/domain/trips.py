"""The list that a teacher takes along: names, numbers to call, and the care information one may read."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select

from portal import access, names
from portal.access import Viewer
from portal.domain import care
from portal.domain.barring_lists import no_contact_with
from portal.domain.calling_order import Contact, Guardian, contacts_to_call, guardians_to_call
from portal.domain.care import Note
from portal.extensions import fetch
from portal.models.roster import Group, Membership, Pupil


@dataclass(slots=True)
class TripPupil:
    """One pupil on the list. `reads_care`: the reader may know of this pupil's care information."""

    id: int
    full_name: str
    birth_date: date | None
    reads_care: bool
    guardians: list[Guardian] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    no_contact: list[str] = field(default_factory=list)
    care: list[Note] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Trip:
    """The list. `shows_care`: its care information was opened by the reader a moment ago, all of it.

    Care information stands on the whole list or on none of it, so that nobody takes an empty place for a
    child without an allergy.
    """

    pupils: list[TripPupil]
    shows_care: bool


def pupils_of_group(viewer: Viewer, group: Group) -> list[TripPupil]:
    """Return the pupils of a group that the reader may take along, also those who are there sometimes."""
    query = _pupils_query(access.anyone_with(viewer.role))
    rows = fetch(query, viewer_id=viewer.id, group=group.id)
    return [TripPupil(row[0], names.full(*row[1:4]), row[4], bool(row[5])) for row in rows]


@cache
def _pupils_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Pupil.id,
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            Pupil.birth_date,
            access.reads_care(viewer, Pupil.id).label("reads_care"),
        )
        .join(Membership, Membership.pupil_id == Pupil.id)
        .where(
            Membership.group_id == bindparam("group"),
            Membership.ended_on.is_(None),
            Pupil.archived_at.is_(None),
            access.pupils_of_school(viewer),
        )
        .order_by(Pupil.sort_key, Pupil.id)
    )


def trip(viewer: Viewer, pupils: list[TripPupil], with_care: bool, now: datetime) -> Trip:
    """Return the list of these pupils, filled in; a fixed number of queries however many there are."""
    numbers = [pupil.id for pupil in pupils]
    guardians, contacts = guardians_to_call(viewer, numbers), contacts_to_call(viewer, numbers)
    kept_away = no_contact_with(viewer, numbers)
    for pupil in pupils:
        pupil.no_contact = kept_away[pupil.id]
        pupil.guardians, pupil.contacts = guardians[pupil.id], contacts[pupil.id]
    if not with_care:
        return Trip(pupils, shows_care=False)
    notes = care.notes_of(viewer, numbers)
    closed = set(care.pupils_with_care(viewer, numbers)) - care.opened_by(viewer, numbers, now)
    if closed:
        return Trip(pupils, shows_care=False)
    for pupil in pupils:
        pupil.care = notes.get(pupil.id, [])
    return Trip(pupils, shows_care=True)
