"""What a guardian lets the parents of a group see, and what there is to be seen: the own contact details."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, delete, exists, select
from sqlalchemy.orm import aliased

from portal import access
from portal.access import Viewer
from portal.domain import audit
from portal.domain.class_list import FIELDS, ShownAdult, as_parents_see, written
from portal.domain.hiding import hides_still
from portal.errors import Refused
from portal.extensions import db, fetch, insert_into
from portal.models.accounts import User
from portal.models.directory import ContactDetails, SharedField
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.words import gettext as _


@dataclass(frozen=True, slots=True)
class OwnContact:
    """Where and in which languages a person is reached, as that person filled it in."""

    email: str
    phone: str
    street: str
    postcode: str
    place: str
    spoken: str
    line: str

    def text(self, field: str) -> str:
        """Return a field as others would read it, '' when it is empty."""
        if field == "address":
            return written("address", f"{self.street}\n{self.postcode}\n{self.place}")
        return str(getattr(self, field))


@cache
def _contact_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    details = ContactDetails
    return (
        select(
            User.email,
            User.phone,
            details.street,
            details.postcode,
            details.place,
            details.spoken,
            details.line,
        )
        .outerjoin(details, details.user_id == User.id)
        .where(access.own_account(viewer))
    )


def own_contact(viewer: Viewer) -> OwnContact:
    """Return the viewer's own contact details."""
    (row,) = fetch(_contact_query(access.anyone_with(viewer.role)), viewer_id=viewer.id)
    return OwnContact(*(value or "" for value in row))


# --- the own children, their groups, and what is shown there ----------------------------------------------


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """A group of the own children, with their first names."""

    id: int
    name: str
    children: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnChild:
    """A child beside whom the viewer can hide; `locked`: school has fixed it."""

    id: int
    called: str
    hidden: bool
    locked: bool


@dataclass(frozen=True, slots=True)
class Move:
    """A child came into a group for which nothing was chosen; `like` is the one before and what it shows."""

    child: str
    group: OwnGroup
    like: int
    like_name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What stands beside these children in their class lists; no adult: nothing of the viewer."""

    children: tuple[str, ...]
    adult: ShownAdult | None


@dataclass(frozen=True, slots=True)
class Visibility:
    """All that the page about who sees what needs to know. `shown`: of each field the groups that see it."""

    contact: OwnContact
    groups: tuple[OwnGroup, ...]
    shown: dict[str, frozenset[int]]
    children: tuple[OwnChild, ...]
    moves: tuple[Move, ...]
    previews: tuple[Preview, ...]
    hides_still: bool

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the page offers: who has no group shows nothing and is reached by school only."""
        return FIELDS if self.groups else FIELDS[:2]

    def state(self, field: str) -> str:
        """Return 'group' when the parents of every group see a field, 'nobody', or 'some'."""
        seen = [group.id in self.shown[field] for group in self.groups]
        return "group" if all(seen) else "some" if any(seen) else "nobody"

    def seeing(self, field: str) -> list[OwnGroup]:
        """Return the groups whose parents see a field."""
        return [group for group in self.groups if group.id in self.shown[field]]


@dataclass(frozen=True, slots=True)
class _Place:
    """A child of the viewer in a group, now or before."""

    pupil_id: int
    called: str
    hidden: bool
    locked: bool
    group_id: int | None
    group: str
    now: bool


@cache
def _places_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    now = and_(access.groups_of_children(viewer), access.brings_into_group(Guardianship, Membership))
    return (
        select(
            Pupil.id,
            Pupil.given_name,
            Pupil.surname,
            Guardianship.hidden_at,
            Guardianship.hiding_locked_at,
            Group.id,
            Group.name,
            now,
        )
        .select_from(Guardianship)
        .join(Pupil, Pupil.id == Guardianship.pupil_id)
        .outerjoin(Membership, Membership.pupil_id == Pupil.id)
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(access.own_guardianships(viewer))
        .order_by(
            Pupil.sort_key, Pupil.id, Membership.started_on.desc(), Membership.home.desc(), Group.sort_key
        )
    )


@cache
def _shown_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return select(SharedField.field, SharedField.group_id).where(access.own_shared_fields(viewer))


def visibility_of(viewer: Viewer) -> Visibility:
    """Return what the viewer shows to whom, and can show, in five queries."""
    reader = access.anyone_with(viewer.role)
    places = [
        _Place(
            row[0],
            row[1] or row[2],
            row[3] is not None,
            row[4] is not None,
            row[5],
            row[6] or "",
            bool(row[7]),
        )
        for row in fetch(_places_query(reader), viewer_id=viewer.id)
    ]
    shown: dict[str, set[int]] = {field: set() for field in FIELDS}
    for field, group_id in fetch(_shown_query(reader), viewer_id=viewer.id):
        shown[field].add(group_id)
    groups = _own_groups(places)
    return Visibility(
        own_contact(viewer),
        groups,
        {field: frozenset(ids) for field, ids in shown.items()},
        tuple(
            {
                place.pupil_id: OwnChild(place.pupil_id, place.called, place.hidden, place.locked)
                for place in places
            }.values()
        ),
        tuple(_moves(places, groups, shown)),
        tuple(_previews(groups, as_parents_see(viewer))),
        hides_still(viewer),
    )


def _own_groups(places: Sequence[_Place]) -> tuple[OwnGroup, ...]:
    children: dict[int, list[str]] = {}
    called: dict[int, str] = {}
    for place in places:
        if place.now and place.group_id is not None:
            called[place.group_id] = place.group
            children.setdefault(place.group_id, []).append(place.called)
    return tuple(OwnGroup(number, called[number], tuple(children[number])) for number in children)


def _previews(groups: Sequence[OwnGroup], seen: dict[int, ShownAdult]) -> Iterable[Preview]:
    """Yield what other parents see, once where it is the same in several groups."""
    for adult in dict.fromkeys(seen.get(group.id) for group in groups):
        alike = [group for group in groups if seen.get(group.id) == adult]
        yield Preview(tuple(dict.fromkeys(name for group in alike for name in group.children)), adult)


def _moves(
    places: Sequence[_Place], groups: Iterable[OwnGroup], shown: dict[str, set[int]]
) -> Iterable[Move]:
    """Yield the groups for which nothing was chosen, while an earlier group of a child there has choices."""
    for group in groups:
        if any(group.id in ids for ids in shown.values()):
            continue
        here = {place.pupil_id for place in places if place.now and place.group_id == group.id}
        for place in places:
            fields = tuple(field for field in FIELDS if place.group_id in shown[field])
            if place.pupil_id in here and not place.now and place.group_id is not None and fields:
                yield Move(place.called, group, place.group_id, place.group, fields)
                break


# --- choosing ---------------------------------------------------------------------------------------------


def show_field(viewer: Viewer, field: str, groups: Sequence[Group], now: datetime) -> None:
    """Let the parents of these groups see one of the viewer's fields. Raises Refused when it is empty."""
    if not own_contact(viewer).text(field):
        raise Refused(_("Fill this in first. Then you can choose who sees it."), field)
    _show(viewer, [field], groups, now)
    _forget_earlier_groups(viewer, groups)


def stop_showing_field(viewer: Viewer, field: str, groups: Sequence[Group]) -> None:
    """Let the parents of these groups no longer see one of the viewer's fields; at once, everywhere."""
    for group in groups:
        _stop(viewer, field, SharedField.group_id == group.id, group=group.id)
    _forget_earlier_groups(viewer, groups)


def show_the_same(viewer: Viewer, group: Group, like: int, now: datetime) -> None:
    """Show the parents of a group what the viewer showed in an earlier group of the child, as asked for."""
    contact = own_contact(viewer)
    earlier = db.session.scalars(
        select(SharedField.field).where(access.own_shared_fields(viewer), SharedField.group_id == like)
    )
    _show(viewer, [field for field in earlier if contact.text(field)], [group], now)
    _forget_earlier_groups(viewer, [group])


def _show(viewer: Viewer, fields: Iterable[str], groups: Iterable[Group], now: datetime) -> None:
    for group in groups:
        for field in fields:
            row = {"user_id": viewer.id, "group_id": group.id, "field": field, "shown_at": now}
            adding = insert_into(SharedField).values(row).on_conflict_do_nothing()
            if db.session.execute(adding.returning(SharedField.field)).first():
                audit.record(viewer, f"showed_{field}", "group", group.id)


def _stop(viewer: Viewer, field: str, *conditions: Any, group: int | None = None) -> None:
    gone = db.session.execute(
        delete(SharedField)
        .where(access.own_shared_fields(viewer), SharedField.field == field, *conditions)
        .returning(SharedField.field)
        .execution_options(synchronize_session=False)
    ).all()
    if gone:
        audit.record(viewer, f"stopped_showing_{field}", "group" if group else "", group)


def _forget_earlier_groups(viewer: Viewer, groups: Iterable[Group]) -> None:
    """Drop what was shown in earlier groups of the children in these: a choice for the new one was made."""
    before, after = aliased(Membership), aliased(Membership)
    followed = exists().where(
        before.group_id == SharedField.group_id,
        before.pupil_id == after.pupil_id,
        after.group_id.in_([group.id for group in groups]),
        after.ended_on.is_(None),
        Guardianship.pupil_id == after.pupil_id,
        access.own_guardianships(viewer),
    )
    still = exists().where(Group.id == SharedField.group_id, access.groups_of_children(viewer))
    db.session.execute(
        delete(SharedField)
        .where(access.own_shared_fields(viewer), followed, ~still)
        .execution_options(synchronize_session=False)
    )


# --- the own details --------------------------------------------------------------------------------------


def change_details(viewer: Viewer, **values: str) -> None:
    """Keep the viewer's street, postcode and place, spoken languages, or line; empty takes it away.

    What is empty is shown to nobody, and is not shown again by itself when it is filled in later.
    """
    own = db.session.get(ContactDetails, viewer.id)
    if own is None:
        own = ContactDetails(user_id=viewer.id, street="", postcode="", place="", spoken="", line="")
        db.session.add(own)
    before = {name: getattr(own, name) for name in values}
    for name, value in values.items():
        setattr(own, name, value)
    db.session.flush()
    if before != values:
        audit.record(viewer, "changed_contact", "user", viewer.id)
    field = "address" if "street" in values else next(iter(values))
    if not any(values.values()):
        stop_showing_everywhere(viewer, field)


def stop_showing_everywhere(viewer: Viewer, field: str) -> None:
    """Let nobody see a field any more, because it is empty now."""
    _stop(viewer, field)
