"""The class list: the children of a group, and of each parent what that parent chose to show (R22, R27).

What one parent sees of another, and what the own page shows in advance, is read by one query and put together
by one function, so that the one cannot differ from the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, select

from portal import access, names
from portal.access import Viewer
from portal.extensions import fetch
from portal.models.accounts import User
from portal.models.directory import ContactDetails, SharedField
from portal.models.roster import Group, Guardianship, Membership, Pupil

FIELDS = ("email", "phone", "address", "spoken", "line")
"""What a guardian can show, in the order in which it stands everywhere."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One field that somebody shows, as it is written."""

    field: str
    text: str


@dataclass(frozen=True, slots=True)
class ShownAdult:
    """A parent who shows something; whoever shows nothing is not here at all."""

    name: str
    first_name: str
    facts: tuple[Fact, ...]

    @property
    def unshown(self) -> tuple[str, ...]:
        """The fields of which nothing is shown."""
        return tuple(field for field in FIELDS if not self.text(field))

    def text(self, field: str) -> str:
        """Return what is shown of one field, '' for nothing."""
        return next((fact.text for fact in self.facts if fact.field == field), "")


@dataclass(frozen=True, slots=True)
class ListedChild:
    """A child with the parents who show something.

    `own`: the reader's own child. `has_page`: the reader may open the page of the child.
    """

    id: int
    called: str
    own: bool
    has_page: bool
    adults: tuple[ShownAdult, ...]


def _shown_query(scope: ColumnElement[bool]) -> Select[*Row]:
    """Build what reads shown fields: nothing of a person comes out of the database but what is shown."""
    address = ContactDetails.street + "\n" + ContactDetails.postcode + "\n" + ContactDetails.place
    shown = case(
        (SharedField.field == "email", User.email),
        (SharedField.field == "phone", User.phone),
        (SharedField.field == "address", address),
        (SharedField.field == "spoken", ContactDetails.spoken),
        (SharedField.field == "line", ContactDetails.line),
    )
    return (
        select(
            SharedField.group_id,
            Guardianship.pupil_id,
            SharedField.user_id,
            User.given_name,
            User.prefix,
            User.surname,
            SharedField.field,
            shown,
        )
        .join(User, User.id == SharedField.user_id)
        .outerjoin(ContactDetails, ContactDetails.user_id == SharedField.user_id)
        .join(Guardianship, Guardianship.user_id == SharedField.user_id)
        .join(
            Membership,
            and_(
                Membership.group_id == SharedField.group_id,
                access.brings_into_group(Guardianship, Membership),
            ),
        )
        .where(scope)
    )


def written(field: str, text: str | None) -> str:
    """Return a field on one line; an address comes as its three parts."""
    if field != "address" or not text:
        return text or ""
    street, postcode, place = text.split("\n")
    return ", ".join(part for part in (street, f"{postcode} {place}".strip()) if part)


def _adults(rows: Iterable[Row]) -> dict[tuple[int, int], tuple[ShownAdult, ...]]:
    """Return who shows something, by group and child, in the order of their first names."""
    shown: dict[tuple[int, int], dict[int, tuple[tuple[str, str, str], dict[str, str]]]] = {}
    for group_id, pupil_id, user_id, given_name, prefix, surname, field, value in rows:
        text = written(field, value)
        if text:
            beside = shown.setdefault((group_id, pupil_id), {})
            beside.setdefault(user_id, ((given_name, prefix, surname), {}))[1][field] = text
    return {place: _in_order(people.values()) for place, people in shown.items()}


def _in_order(people: Iterable[tuple[tuple[str, str, str], dict[str, str]]]) -> tuple[ShownAdult, ...]:
    adults = [
        ShownAdult(
            names.full(*name),
            name[0] or names.full(*name),
            tuple(Fact(field, texts[field]) for field in FIELDS if field in texts),
        )
        for name, texts in people
    ]
    return tuple(sorted(adults, key=lambda adult: (names.sort_key(adult.name, "", ""), adult.facts[0].text)))


@cache
def _list_query(viewer: Viewer) -> Select[*Row]:
    of_group = SharedField.group_id == bindparam("group_id")
    return _shown_query(and_(of_group, access.shared_fields_listed_for(viewer)))


@cache
def _pupils_query(viewer: Viewer) -> Select[*Row]:
    return (
        select(
            Pupil.id,
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            access.pupils_guarded_by(viewer),
            access.pupils_visible_to(viewer),
        )
        .join(Membership, and_(Membership.pupil_id == Pupil.id, Membership.ended_on.is_(None)))
        .join(Group, Group.id == Membership.group_id)
        .where(
            Group.id == bindparam("group_id"),
            access.pupils_listed_for(viewer),
            access.groups_visible_to(viewer),
        )
        .order_by(Pupil.sort_key, Pupil.id)
    )


def class_list(viewer: Viewer, group_id: int) -> list[ListedChild]:
    """Return the children of a group by first name, each with what their parents show this reader.

    Two queries, however many they are. Nobody is there for a reader who does not have the group.
    """
    reader = access.anyone_with(viewer.role)
    pupils = fetch(_pupils_query(reader), viewer_id=viewer.id, group_id=group_id)
    adults = _adults(fetch(_list_query(reader), viewer_id=viewer.id, group_id=group_id))
    called = names.told_apart(row[:4] for row in pupils)
    listed = [
        ListedChild(row[0], called[row[0]], bool(row[4]), bool(row[5]), adults.get((group_id, row[0]), ()))
        for row in pupils
    ]
    return sorted(listed, key=lambda child: names.sort_key(child.called, "", ""))


@cache
def _own_query(viewer: Viewer) -> Select[*Row]:
    return _shown_query(access.own_fields_as_shown(viewer))


def as_parents_see(viewer: Viewer) -> dict[int, ShownAdult]:
    """Return what each group's class list shows of the viewer, to whom the viewer does not hide from."""
    found = _adults(fetch(_own_query(access.anyone_with(viewer.role)), viewer_id=viewer.id))
    return {group_id: adults[0] for (group_id, _pupil_id), adults in found.items()}
