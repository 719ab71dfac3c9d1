"""Who may read what of whom, in words, over plain rows: what the portal is held to.

Written without `portal.access`, so that a mistake there does not excuse itself. What no line allows, nobody
may read; a new table or column therefore fails until its line stands here. The numbers are of the rules.
"""

from collections.abc import Callable

from tests.privacy import conversations, letters, slips, talks
from tests.privacy.readers import Reader, is_here, keeps_group
from tests.privacy.rows import Row, School

# --- adults -----------------------------------------------------------------------------------------------


def name_of_adult(reader: Reader, user: Row) -> bool:
    return (
        user["id"] == reader.id
        or reader.is_shown(user["id"])
        or (works_here(reader.world, user["id"]) and bool(reader.id))
        or known_to_school(reader, user["id"])
        or kept_from_pupil(reader, user["id"])
    )


def kept_from_pupil(reader: Reader, adult: int) -> bool:
    """Who has a child at school knows by name who may not collect it; family of the child does not."""
    barred = reader.world.of("barrings", user_id=adult, lifted_at=None)
    return not reader.is_beside(adult) and any(
        reader.keeps(row["pupil_id"]) and not reader.guards(row["pupil_id"]) for row in barred
    )


def works_here(world: School, user: int) -> bool:
    """The names of who works at school are no secret to its parents."""
    return bool(world.of("staff_members", user_id=user))


def known_to_school(reader: Reader, adult: int) -> bool:
    """The office knows all adults, a teacher those of the own pupils and talks; nobody who is beside them."""
    theirs = reader.world.of("guardianships", user_id=adult, revoked_at=None)
    return not reader.is_beside(adult) and (
        reader.is_office
        or any(reader.teaches(row["pupil_id"]) for row in theirs)
        or talks.meets(reader, adult)
        or conversations.hears_from(reader, adult)
    )


def email_of_adult(reader: Reader, user: Row) -> bool:
    return (
        user["id"] == reader.id
        or reader.is_shown(user["id"], "email")
        or reads_list(reader, user["id"], "email")
        or (reader.is_office and not reader.is_beside(user["id"]))
    )


def phone_of_adult(reader: Reader, user: Row) -> bool:
    return (
        user["id"] == reader.id or reader.is_shown(user["id"], "phone") or known_to_school(reader, user["id"])
    )


def organisation(reader: Reader, user: Row) -> bool:
    """For school, and beside the name in a talk of one's own."""
    in_talk = talks.has_talk_of(reader, user["id"]) and not reader.is_beside(user["id"])
    return user["id"] == reader.id or known_to_school(reader, user["id"]) or in_talk


def relation(reader: Reader, place: Row) -> bool:
    """What an adult is of a child: for school, beside the phone number."""
    return reader.keeps(place["pupil_id"]) and not reader.is_beside(place["user_id"])


def called(reader: Reader, _row: Row) -> bool:
    """What a teacher is called is for everybody who is signed in."""
    return bool(reader.id)


def own(reader: Reader, row: Row) -> bool:
    return row["user_id"] == reader.id


def shown_as(*fields: str) -> Callable[[Reader, Row], bool]:
    """Oneself, the parents to whom it is shown, and school as those parents (R27)."""

    def may_read(reader: Reader, row: Row) -> bool:
        adult = row["user_id"]
        return adult == reader.id or reader.is_shown(adult, *fields) or reads_list(reader, adult, *fields)

    return may_read


def reads_list(reader: Reader, adult: int, *fields: str) -> bool:
    """Whether school reads in the class list of a group what an adult shows there."""
    theirs = Reader(reader.world, adult).groups()
    return not reader.is_beside(adult) and any(
        keeps_group(reader, row["group_id"]) and row["group_id"] in theirs and row["field"] in fields
        for row in reader.world.of("shared_fields", user_id=adult)
    )


# --- pupils -----------------------------------------------------------------------------------------------


def first_name_of_pupil(reader: Reader, pupil: Row) -> bool:
    """Who knows its name, who receives its family also about a brother or sister, and whose door names it."""
    met = talks.meets_family(reader, pupil["id"]) or talks.at_door(reader, pupil["id"])
    return name_of_pupil(reader, pupil) or met


def name_of_pupil(reader: Reader, pupil: Row) -> bool:
    """Guardians, also without authority (R21), school, who has a talk about it, the parents of the group."""
    places = reader.world.of("memberships", pupil_id=pupil["id"], ended_on=None)
    here = is_here(reader.world, pupil["id"]) and not reader.is_barred(pupil["id"])
    return (
        reader.keeps(pupil["id"])
        or talks.meets_pupil(reader, pupil["id"])
        or conversations.hears_about(reader, pupil["id"])
        or (
            here and (reader.guards(pupil["id"]) or any(row["group_id"] in reader.groups() for row in places))
        )
    )


def care(reader: Reader, note: Row) -> bool:
    """Guardians with authority, the teachers of the home group, and who was named at school (R15)."""
    pupil = note["pupil_id"]
    home = reader.world.of("memberships", pupil_id=pupil, home=True, ended_on=None)
    teaches = reader.teaches(pupil) and any(keeps_group(reader, row["group_id"]) for row in home)
    named = bool(reader.world.of("care_readers", pupil_id=pupil, user_id=reader.id))
    as_school = (teaches and not reader.is_office) or (named and bool(reader.role))
    return reader.decides(pupil) or (
        is_here(reader.world, pupil) and as_school and not reader.is_barred(pupil)
    )


def emergency_contact(reader: Reader, contact: Row) -> bool:
    """The guardian who gave it, and school; never the other guardian (R22)."""
    pupil = contact["pupil_id"]
    is_own = contact["given_by"] == reader.id and reader.decides(pupil)
    return is_own or (
        is_here(reader.world, pupil)
        and reader.keeps(pupil)
        and not reader.guards(pupil)
        and not reader.is_beside(contact["given_by"])
    )


def change_request(reader: Reader, request: Row) -> bool:
    """Who said that something is not right, and the office."""
    is_own = request["asked_by"] == reader.id and reader.decides(request["pupil_id"])
    return is_own or (kept_by_office(reader, request) and not reader.is_beside(request["asked_by"]))


def of_office(reader: Reader, _row: Row) -> bool:
    return reader.is_office


def note_on_absence(reader: Reader, note: Row) -> bool:
    """Who wrote it and school, as long as the reader is not a guardian of the child too (R15, R22)."""
    pupil = reader.world.one("absences", id=note["absence_id"])["pupil_id"]
    if note["author_id"] == reader.id:
        return reader.decides(pupil) or reader.keeps(pupil)
    return reader.keeps(pupil) and not reader.guards(pupil) and not reader.is_beside(note["author_id"])


def kept_by_office(reader: Reader, row: Row) -> bool:
    """How school deals with the guardians of a pupil: for the office, never about the own child (R22)."""
    return reader.is_office and not reader.guards(row["pupil_id"])


def asked_by_guardian(reader: Reader, request: Row) -> bool:
    """Who asked school about the child, and the office (R21)."""
    is_own = request["asked_by"] == reader.id and reader.guards(request["pupil_id"])
    return is_own or (kept_by_office(reader, request) and not reader.is_beside(request["asked_by"]))


def album(reader: Reader, row: Row) -> bool:
    """The parents of the group once it is shown, its teachers and the office (R26)."""
    shown = row["shown_at"] is not None and row["group_id"] in reader.groups()
    return row["removed_at"] is None and (shown or keeps_group(reader, row["group_id"]))


def picture(reader: Reader, file: Row) -> bool:
    """Who sees the album, once it is made anew; what came in from a phone is for nobody (R26)."""
    photo = reader.world.one("photos", id=file["photo_id"])
    return (
        file["size"] != "incoming"
        and photo["ready_at"] is not None
        and photo["removed_at"] is None
        and album(reader, reader.world.one("albums", id=photo["album_id"]))
    )


def photo_request(reader: Reader, request: Row) -> bool:
    """Who asked that a picture goes, and who made the album; not beside one's own child (R22, R25)."""
    photo = reader.world.one("photos", id=request["photo_id"])
    group = reader.world.one("albums", id=photo["album_id"])["group_id"]
    return request["asked_by"] == reader.id or (
        keeps_group(reader, group) and not reader.is_beside(request["asked_by"])
    )


def released(reader: Reader, release: Row) -> bool:
    """The one guardian to whom school gave it, unless taken back, and the office (R21)."""
    is_own = (
        release["user_id"] == reader.id
        and reader.guards(release["pupil_id"])
        and is_here(reader.world, release["pupil_id"])
        and release["withdrawn_at"] is None
        and not _letter_is_gone(reader, release)
    )
    return is_own or (kept_by_office(reader, release) and not reader.is_beside(release["user_id"]))


def _letter_is_gone(reader: Reader, release: Row) -> bool:
    number = release["letter_id"]
    return number is not None and bool(reader.world.one("letters", id=number)["withdrawn_at"])


# --- school -----------------------------------------------------------------------------------------------


def of_group(reader: Reader, row: Row) -> bool:
    """What a group tells its parents: for them, its teachers and the office."""
    return row["group_id"] in reader.groups() or keeps_group(reader, row["group_id"])


def everybody(_reader: Reader, _row: Row) -> bool:
    return True


def letter(reader: Reader, row: Row) -> bool:
    """Who received it or got it on request and may still have it; at school who wrote it, approves it or has
    the group (R19, R21).
    """
    return letters.received(reader, row) or letters.is_released(reader, row) or letters.of_school(reader, row)


def signed_in(reader: Reader, _row: Row) -> bool:
    return bool(reader.id)


MAY_READ: dict[str, Callable[[Reader, Row], bool]] = {
    "absence_kinds.label_en": signed_in,
    "absence_kinds.label_nl": signed_in,
    "absence_kinds.las_code": of_office,
    "absence_notes.text": note_on_absence,
    "albums.title": album,
    "arrangement_entries.reason": kept_by_office,
    "attachment_files.content": conversations.file_visible,
    "attachments.key": conversations.attachment_visible,
    "attachments.name": conversations.attachment_visible,
    "barrings.reason": kept_by_office,
    "care_notes.what": care,
    "care_notes.what_to_do": care,
    "change_requests.reason": change_request,
    "change_requests.wanted": change_request,
    "contact_details.line": shown_as("line"),
    "contact_details.place": shown_as("address"),
    "contact_details.postcode": shown_as("address"),
    "contact_details.spoken": shown_as("spoken"),
    "contact_details.street": shown_as("address"),
    "emergency_contacts.name": emergency_contact,
    "emergency_contacts.phone": emergency_contact,
    "emergency_contacts.relation": emergency_contact,
    "free_days.name": signed_in,
    "group_news.text": of_group,
    "group_news.title": of_group,
    "groups.name": signed_in,
    "information_requests.answer": asked_by_guardian,
    "information_requests.question": asked_by_guardian,
    "letter_lists.name": of_office,
    "letters.returned_why": lambda reader, row: row["author_id"] == reader.id,
    "letters.sender": letter,
    "letters.text": letter,
    "letters.title": letter,
    "login_sessions.device": own,
    "slip_answers.signed": slips.answered,
    "slip_options.words": slips.asked,
    "slip_questions.words": slips.asked,
    "slip_values.text": slips.value,
    "photo_files.content": picture,
    "photo_requests.reason": photo_request,
    "pupils.given_name": first_name_of_pupil,
    "pupils.key": of_office,
    "pupils.prefix": name_of_pupil,
    "pupils.surname": name_of_pupil,
    "guardianships.relation": relation,
    "releases.file": released,
    "releases.file_name": released,
    "releases.text": released,
    "releases.title": released,
    "roster_imports.files": of_office,
    "school.email": everybody,
    "school.late_sentence": signed_in,
    "school.name": everybody,
    "school.phone": everybody,
    "school.short_name": everybody,
    "staff_members.called": called,
    "staff_members.reach": signed_in,
    "staff_members.work_email": signed_in,
    "users.email": email_of_adult,
    "users.given_name": name_of_adult,
    "users.organisation": organisation,
    "users.phone": phone_of_adult,
    "users.prefix": name_of_adult,
    "users.surname": name_of_adult,
    "week_items.text": of_group,
    **conversations.MAY_READ,
    **talks.MAY_READ,
}
"""What has no line, like what proves who somebody is, nobody reads."""


def may_read(reader: Reader, table: str, row: Row, column: str) -> bool:
    rule = MAY_READ.get(f"{table}.{column}")
    return rule is not None and rule(reader, row)
