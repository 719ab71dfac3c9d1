"""What every scope of `portal.access` lets through, in plain Python, for every reader and every row.

The policy of `policy.py` says what may be read at most; this says exactly what each scope holds, so that a
condition that is taken out of one is missed at once. A scope without a line here fails.
"""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, select

from portal import access
from portal.access import Viewer
from portal.extensions import Base
from portal.models.absence import Absence, AbsenceNote
from tests.privacy import conversations, letters, talks
from tests.privacy.readers import Reader, guardians, hides_from, is_here, keeps_group
from tests.privacy.rows import Row, School

Holds = Callable[[Reader, Row], bool]


def of_pupil(rule: Callable[[Reader, int], bool]) -> Holds:
    return lambda r, row: rule(r, row["pupil_id"])


def decides(r: Reader, pupil: int) -> bool:
    return r.decides(pupil)


def kept_as_school(r: Reader, pupil: int) -> bool:
    """The office all pupils, also who have left; a teacher the own groups'."""
    return r.keeps(pupil)


def is_family(r: Reader, pupil: int) -> bool:
    return r.guards(pupil) or r.is_barred(pupil)


def arranges(r: Reader, pupil: int) -> bool:
    """The office, but not where the own family or somebody to be left alone comes in."""
    near = any(r.is_beside(adult) for adult in guardians(r.world, pupil))
    return r.is_office and not is_family(r, pupil) and not near


def knows(r: Reader, adult: int) -> bool:
    return r.is_office and not r.is_beside(adult)


def works(world: School, adult: int) -> bool:
    return bool(world.of("staff_members", user_id=adult, left_at=None))


def group_is_open(r: Reader, group: int) -> bool:
    return r.world.one("groups", id=group)["closed_at"] is None


def group_of_school(r: Reader, group: int) -> bool:
    return keeps_group(r, group) and group_is_open(r, group)


def group_visible(r: Reader, group: int) -> bool:
    return group in r.groups() or group_of_school(r, group)


def shown_now(r: Reader, row: Row) -> bool:
    return row["group_id"] in Reader(r.world, row["user_id"]).groups()


def shared_with_parents(r: Reader, row: Row) -> bool:
    return (
        row["group_id"] in r.groups() and shown_now(r, row) and not hides_from(r.world, row["user_id"], r.id)
    )


def album_of_children(r: Reader, album: Row) -> bool:
    return album["shown_at"] is not None and album["removed_at"] is None and album["group_id"] in r.groups()


def album_made(r: Reader, album: Row) -> bool:
    return album["removed_at"] is None and (r.is_office or group_of_school(r, album["group_id"]))


def album_visible(r: Reader, album: Row) -> bool:
    return album_of_children(r, album) or album_made(r, album)


def with_album(rule: Holds) -> Holds:
    def holds(r: Reader, photo: Row) -> bool:
        return photo["removed_at"] is None and rule(r, r.world.one("albums", id=photo["album_id"]))

    return holds


def ready(rule: Holds) -> Holds:
    return lambda r, photo: photo["ready_at"] is not None and with_album(rule)(r, photo)


def photo_request_answered(r: Reader, request: Row) -> bool:
    photo = r.world.one("photos", id=request["photo_id"])
    return with_album(album_made)(r, photo) and not r.is_beside(request["asked_by"])


def note_readable(r: Reader, note: Row) -> bool:
    pupil = r.world.one("absences", id=note["absence_id"])["pupil_id"]
    as_school = kept_as_school(r, pupil) and not is_family(r, pupil) and not r.is_beside(note["author_id"])
    return note["author_id"] == r.id or as_school


def as_school_only(r: Reader, absence: Row) -> bool:
    pupil = absence["pupil_id"]
    near = any(r.is_beside(adult) for adult in guardians(r.world, pupil))
    return kept_as_school(r, pupil) and not is_family(r, pupil) and not near


def report_time_known(r: Reader, absence: Row) -> bool:
    mine = absence["source"] == "school" or absence["reported_by"] == r.id
    return mine or as_school_only(r, absence)


def called(r: Reader, place: Row) -> bool:
    taught = r.is_office or r.teaches_any(place["pupil_id"])
    return taught and not r.is_beside(place["user_id"])


def is_admitted(r: Reader, user: Row) -> bool:
    guards = r.world.of("guardianships", user_id=user["id"], revoked_at=None)
    here = any(is_here(r.world, row["pupil_id"]) for row in guards)
    return user["disabled_at"] is None and (here or works(r.world, user["id"]))


def managed(r: Reader, user: Row) -> bool:
    return knows(r, user["id"]) and (r.is_leading or not works(r.world, user["id"]))


def staff(r: Reader, user: Row) -> bool:
    worked = bool(r.world.of("staff_members", user_id=user["id"]))
    return r.is_leading and knows(r, user["id"]) and worked


def own_place(r: Reader, place: Row) -> bool:
    return place["user_id"] == r.id and place["revoked_at"] is None


def released_to(r: Reader, release: Row) -> bool:
    pupil = release["pupil_id"]
    is_own = release["user_id"] == r.id and release["withdrawn_at"] is None
    letter = release["letter_id"] and r.world.one("letters", id=release["letter_id"])
    is_there = not (letter and letter["withdrawn_at"])
    return is_own and is_there and is_here(r.world, pupil) and r.guards(pupil)


def asked_information(r: Reader, request: Row) -> bool:
    pupil = request["pupil_id"]
    return request["asked_by"] == r.id and is_here(r.world, pupil) and r.guards(pupil)


def informed_of(r: Reader, pupil: Row) -> bool:
    without = guardians(r.world, pupil["id"], has_authority=False)
    return pupil["archived_at"] is None and r.id in without


def told_about(r: Reader, pupil: Row) -> bool:
    """Also with authority by now: of what one asked and got oneself."""
    asked = r.world.of("information_requests", pupil_id=pupil["id"], asked_by=r.id)
    got = r.world.of("releases", pupil_id=pupil["id"], user_id=r.id, withdrawn_at=None)
    own = r.guards(pupil["id"]) and bool(asked or got)
    return pupil["archived_at"] is None and (informed_of(r, pupil) or own)


def has_as_school(r: Reader, pupil: int) -> bool:
    return is_here(r.world, pupil) and kept_as_school(r, pupil) and not is_family(r, pupil)


def reads_care_as_school(r: Reader, pupil: int) -> bool:
    home = r.world.of("memberships", pupil_id=pupil, home=True, ended_on=None)
    mine = r.world.of("teachings", user_id=r.id, ended_on=None)
    teaches = {row["group_id"] for row in home} & {row["group_id"] for row in mine}
    named = r.world.of("care_readers", pupil_id=pupil, user_id=r.id)
    on_list = bool(r.role and (teaches or named))
    return on_list and is_here(r.world, pupil) and not is_family(r, pupil)


def contact_given(r: Reader, contact: Row) -> bool:
    return contact["given_by"] == r.id and r.decides(contact["pupil_id"])


def contact_visible(r: Reader, contact: Row) -> bool:
    giver = contact["given_by"]
    given = giver is None or giver in guardians(r.world, contact["pupil_id"], has_authority=True)
    as_school = has_as_school(r, contact["pupil_id"]) and given and not (giver and r.is_beside(giver))
    return contact_given(r, contact) or as_school


def request_made(r: Reader, request: Row) -> bool:
    return request["asked_by"] == r.id and r.decides(request["pupil_id"])


def named_by(r: Reader, row: Row) -> bool:
    return is_here(r.world, row["pupil_id"]) and arranges(r, row["pupil_id"])


def request_decided(r: Reader, request: Row) -> bool:
    return named_by(r, request) and not r.is_beside(request["asked_by"])


def has_child_here(r: Reader, _row: Row) -> bool:
    """Now or before, whoever else is guardian of that child."""
    mine = r.world.of("guardianships", user_id=r.id)
    return bool(mine or r.world.of("barrings", user_id=r.id, lifted_at=None))


SCOPES: dict[str, tuple[str, Holds]] = {
    "absences_of_children": ("absences", of_pupil(decides)),
    "absences_of_school": ("absences", of_pupil(kept_as_school)),
    "absences_visible_to": ("absences", of_pupil(lambda r, p: r.decides(p) or r.keeps(p))),
    "adults_known_to": ("users", lambda r, row: knows(r, row["id"])),
    "adults_managed_by": ("users", managed),
    "admitted": ("users", is_admitted),
    "albums_made_by": ("albums", album_made),
    "albums_of_children": ("albums", album_of_children),
    "albums_visible_to": ("albums", album_visible),
    "barrings_kept_by": (
        "barrings",
        lambda r, row: arranges(r, row["pupil_id"]) and not r.is_beside(row["user_id"]),
    ),
    "barrings_told_to": (
        "barrings",
        lambda r, row: (
            row["lifted_at"] is None and has_as_school(r, row["pupil_id"]) and not r.is_beside(row["user_id"])
        ),
    ),
    "care_openings_named_to": (
        "care_readings",
        lambda r, row: not r.is_beside(row["user_id"]),
    ),
    "care_readers_named_by": ("care_readers", named_by),
    "care_visible_to": ("care_notes", of_pupil(lambda r, p: r.decides(p) or reads_care_as_school(r, p))),
    "care_writers_known_to": (
        "care_notes",
        lambda r, row: reads_care_as_school(r, row["pupil_id"]) and not r.is_beside(row["written_by"]),
    ),
    "contacts_given_by": ("emergency_contacts", contact_given),
    "contacts_visible_to": ("emergency_contacts", contact_visible),
    "current_guardianships": (
        "guardianships",
        lambda r, row: (
            row["revoked_at"] is None and arranges(r, row["pupil_id"]) and not r.is_beside(row["user_id"])
        ),
    ),
    "groups_of_children": ("groups", lambda r, row: row["id"] in r.groups()),
    "groups_of_school": ("groups", lambda r, row: group_of_school(r, row["id"])),
    "groups_visible_to": ("groups", lambda r, row: group_visible(r, row["id"])),
    "groups_with_albums": ("groups", lambda r, row: r.is_office or group_visible(r, row["id"])),
    "guardians_called_by": ("guardianships", called),
    "guardianships_arranged_by": (
        "guardianships",
        lambda r, row: arranges(r, row["pupil_id"]) and not r.is_beside(row["user_id"]),
    ),
    "guardianships_known_to": (
        "guardianships",
        lambda r, row: row["revoked_at"] is None and knows(r, row["user_id"]),
    ),
    "has_child_here": ("users", has_child_here),
    "history_known_to": (
        "arrangement_entries",
        lambda r, row: arranges(r, row["pupil_id"]) and not (row["about"] and r.is_beside(row["about"])),
    ),
    "information_requests_answered_by": (
        "information_requests",
        lambda r, row: arranges(r, row["pupil_id"]) and not r.is_beside(row["asked_by"]),
    ),
    "news_kept_by": ("group_news", lambda r, row: group_of_school(r, row["group_id"])),
    "news_visible_to": (
        "group_news",
        lambda r, row: row["withdrawn_at"] is None and group_visible(r, row["group_id"]),
    ),
    "notes_readable_by": ("absence_notes", note_readable),
    "of_leaders": ("users", lambda r, _row: r.is_leading),
    "of_office": ("users", lambda r, _row: r.is_office),
    "own_notice_choice": ("notice_choices", lambda r, row: row["user_id"] == r.id),
    "own_account": ("users", lambda r, row: row["id"] == r.id),
    "own_fields_as_shown": ("shared_fields", lambda r, row: row["user_id"] == r.id and shown_now(r, row)),
    "own_guardianships": (
        "guardianships",
        lambda r, row: own_place(r, row) and is_here(r.world, row["pupil_id"]),
    ),
    "own_information_requests": ("information_requests", asked_information),
    "own_photo_requests": ("photo_requests", lambda r, row: row["asked_by"] == r.id),
    "own_places_left": (
        "guardianships",
        lambda r, row: (
            row["user_id"] == r.id
            and row["hidden_at"] is not None
            and (row["revoked_at"] is not None or not is_here(r.world, row["pupil_id"]))
        ),
    ),
    "own_place_at_school": (
        "staff_members",
        lambda r, row: row["user_id"] == r.id and row["left_at"] is None,
    ),
    "own_sessions": ("login_sessions", lambda r, row: row["user_id"] == r.id and row["ended_at"] is None),
    "own_shared_fields": ("shared_fields", lambda r, row: row["user_id"] == r.id),
    "photo_requests_answered_by": ("photo_requests", photo_request_answered),
    "photos_made_by": ("photos", with_album(album_made)),
    "photos_of_children": ("photos", ready(album_of_children)),
    "photos_visible_to": ("photos", ready(album_visible)),
    "pupils_arranged_by": ("pupils", lambda r, row: arranges(r, row["id"])),
    "pupils_guarded_by": ("pupils", lambda r, row: row["archived_at"] is None and r.guards(row["id"])),
    "pupils_in_authority_of": ("pupils", lambda r, row: r.decides(row["id"])),
    "pupils_informed_of": ("pupils", informed_of),
    "pupils_listed_for": (
        "pupils",
        lambda r, row: row["archived_at"] is None and not r.is_barred(row["id"]),
    ),
    "pupils_of_school": ("pupils", lambda r, row: kept_as_school(r, row["id"])),
    "pupils_told_about": ("pupils", told_about),
    "pupils_visible_to": ("pupils", lambda r, row: r.decides(row["id"]) or r.keeps(row["id"])),
    "releases_kept_by": (
        "releases",
        lambda r, row: arranges(r, row["pupil_id"]) and not r.is_beside(row["user_id"]),
    ),
    "releases_visible_to": ("releases", released_to),
    "report_times_known_to": ("absences", report_time_known),
    "requests_decided_by": ("change_requests", request_decided),
    "requests_made_by": ("change_requests", request_made),
    "seers_named_to": (
        "absences",
        lambda r, row: not (row["seen_by"] and r.is_beside(row["seen_by"])),
    ),
    "shared_fields_listed_for": (
        "shared_fields",
        lambda r, row: (
            shared_with_parents(r, row)
            or (group_of_school(r, row["group_id"]) and shown_now(r, row) and not r.is_beside(row["user_id"]))
        ),
    ),
    "shared_fields_visible_to": ("shared_fields", shared_with_parents),
    "staff_of_school": ("users", staff),
    "week_items_kept_by": ("week_items", lambda r, row: group_of_school(r, row["group_id"])),
    "week_items_visible_to": ("week_items", lambda r, row: group_visible(r, row["group_id"])),
    "withdrawal_times_known_to": (
        "absences",
        lambda r, row: row["withdrawn_by"] == r.id or as_school_only(r, row),
    ),
    **conversations.SCOPES,
    **letters.SCOPES,
    **talks.SCOPES,
}

WITH_MORE: dict[str, dict[str, tuple[Any, Holds]]] = {
    **letters.WITH_MORE,
    **conversations.WITH_MORE,
    "is_told_of_talk": {"pupil_id": ("pupils.id", lambda r, row: talks.is_told(r, row["id"]))},
    "groups_listed_for": {
        "lists_for_parents": (False, lambda r, row: group_of_school(r, row["id"])),
        "lists_for_parents ": (True, lambda r, row: group_visible(r, row["id"])),
    },
    "has_pupil_as_guardian": {"pupil_id": ("pupils.id", lambda r, row: r.decides(row["id"]))},
    "has_pupil_as_school": {"pupil_id": ("pupils.id", lambda r, row: has_as_school(r, row["id"]))},
    "reads_care": {
        "pupil_id": (
            "pupils.id",
            lambda r, row: r.decides(row["id"]) or reads_care_as_school(r, row["id"]),
        )
    },
    "reads_care_as_school": {
        "pupil_id": ("pupils.id", lambda r, row: reads_care_as_school(r, row["id"])),
    },
}
"""Scopes that take something beside the viewer, with what they are asked."""


def scopes() -> dict[str, Any]:
    """Return every scope that the policy offers, by name; what is asked of a viewer, or of everybody."""
    offered = {name: getattr(access, name) for name in access.__all__}
    return {
        name: thing
        for name, thing in offered.items()
        if inspect.isfunction(thing)
        and inspect.signature(thing).return_annotation == ColumnElement[bool]
        and list(inspect.signature(thing).parameters)[:1] in ([], ["viewer"])
    }


def viewers(world: School) -> dict[str, Viewer]:
    """Return everybody as the policy knows them."""
    readers = {who: Reader(world, number) for who, number in world.people.items()}
    return {who: Viewer(id=reader.id, role=reader.role or None) for who, reader in readers.items()}


def cases() -> Iterator[tuple[str, str, tuple[Any, ...], Holds]]:
    """Yield each scope: its name, its table, what it is asked beside the viewer, and what it should hold."""
    for name, (table, holds) in SCOPES.items():
        yield name, table, (), holds
    for name, values in WITH_MORE.items():
        for value, holds in values.values():
            if isinstance(value, str):
                table, column = value.split(".")
                yield name, table, (Base.metadata.tables[table].columns[column],), holds
            elif isinstance(value, tuple):
                yield name, value[0], value[1:], holds
            else:
                yield name, "groups", (value,), holds


Keys = set[tuple[Any, ...]]


def expected(world: School) -> dict[tuple[str, int, int], Keys]:
    """Return the primary keys that each scope should hold, by its place in `cases` and by reader."""
    found = {}
    for place, (name, table, _, holds) in enumerate(cases()):
        keys = [key.name for key in Base.metadata.tables[table].primary_key.columns]
        for number in world.people.values():
            reader = Reader(world, number)
            rows = (row for row in world.rows[table] if holds(reader, row))
            found[name, place, number] = {tuple(row[key] for key in keys) for row in rows}
    return found


def query_for(scope: Any, table: str, viewer: Viewer, more: tuple[Any, ...]) -> Select[Any]:
    """Build what reads the rows in a scope, for everybody in the role of the viewer."""
    takes_viewer = "viewer" in inspect.signature(scope).parameters
    condition = scope(viewer, *more) if takes_viewer else scope(*more)
    query = select(*Base.metadata.tables[table].primary_key.columns).where(condition)
    if table == "absence_notes":
        query = query.join(Absence, Absence.id == AbsenceNote.absence_id)
    return query


def wrong(
    readers: dict[str, Viewer],
    should: dict[tuple[str, int, int], Keys],
    connection: Connection,
    first: str = "",
) -> Iterator[str]:
    """Yield each scope that lets a reader have other rows than it should, those of a module first."""
    offered = scopes()
    of_first = f"portal.access.{first}"
    in_turn = sorted(enumerate(cases()), key=lambda case: offered[case[1][0]].__module__ != of_first)
    for place, (name, table, more, _) in in_turn:
        queries = {
            role: query_for(offered[name], table, access.anyone_with(role), more)
            for role in {viewer.role for viewer in readers.values()}
        }
        for who, viewer in readers.items():
            got = set(map(tuple, connection.execute(queries[viewer.role], {"viewer_id": viewer.id})))
            right = should[name, place, viewer.id]
            if got != right:
                yield f"{name} for {who}: too many {sorted(got - right)}, missing {sorted(right - got)}"
