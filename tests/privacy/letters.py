"""Letters: in whose hands they are in the filled school, and what each of their scopes holds."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from tests.privacy import slips
from tests.privacy.readers import Reader, is_here, keeps_group
from tests.privacy.rows import Row, School

Holds = Callable[[Reader, Row], bool]

TODAY, YESTERDAY = date(2026, 11, 24), date(2026, 11, 23)
TABLES = (
    "letters",
    "letter_lists",
    "letter_list_members",
    "letter_audiences",
    "letter_children",
    "letter_recipients",
    "attachments",
    "reply_slips",
    "slip_questions",
    "slip_options",
    "slip_answers",
    "slip_values",
)
"""These get the rows that are written here."""

STATES = ("sent", "draft", "sent", "asked", "sent", "waiting", "sent", "withdrawn", "sent", "past")


def fill(world: Any) -> None:
    """Write letters of every kind in every state; what was sent is in the hands of whom it is for.

    Also of who was a guardian then and is no more, or decides nothing: they have a copy and may not read it.
    """
    authors = [world.people[name] for name in ("Otto", "Tess", "Yara", "Hedy", "Wim", "Olga", "Lies")]
    parts = [part for part in _parts(world) for _ in range(2)]
    for number, part in enumerate(parts):
        letter = _letter(world, authors[number % len(authors)], STATES[number % len(STATES)])
        world.add("letter_audiences", letter_id=letter["id"], excluded=False, **part)
        _attach(world, letter)
        if number % 3:
            slips.put_slip(world, letter, number)
        if letter["sent_at"]:
            _hand_out(world, letter, part)
            slips.answer(world, letter)


def _attach(world: Any, letter: Row) -> None:
    """Add a file that parents have, and in turn one that waits for the scanner or for a correction."""
    given = {"letter_id": letter["id"], "message_id": None, "added_by": letter["author_id"]}
    world.add("attachments", **given, pending=False)["checked_at"] = letter["created_at"]
    row = world.add("attachments", **given, pending=letter["id"] % 2 == 0)
    row["checked_at"] = letter["created_at"] if row["pending"] else None


def _parts(world: Any) -> list[Row]:
    """Return whom letters are for: the school, two groups, a year, a list, pupils, one guardian."""
    nobody: Row = dict.fromkeys(("group_id", "year_group", "list_id", "pupil_id", "user_id"))
    choir = world.add("letter_lists", made_by=world.people["Otto"], removed_at=None)["id"]
    world.add("letter_lists", made_by=world.people["Otto"], full=True)
    pupils = [row["id"] for row in world.rows["pupils"]]
    for pupil in pupils[::3]:
        world.add("letter_list_members", list_id=choir, pupil_id=pupil, user_id=None)
    chosen: list[Row] = [{"kind": "school"}, {"kind": "year", "year_group": 3}]
    chosen += [{"kind": "list", "list_id": choir}]
    chosen += [{"kind": "group", "group_id": row["id"]} for row in world.rows["groups"][:2]]
    chosen += [{"kind": "pupil", "pupil_id": pupil} for pupil in pupils]
    chosen += [
        {"kind": "guardian", "pupil_id": row["pupil_id"], "user_id": row["user_id"]}
        for row in world.rows["guardianships"][::2]
    ]
    return [nobody | one for one in chosen]


def _letter(world: Any, author: int, state: str) -> Row:
    year = world.rows["school_years"][0]["id"]
    moments: Row = dict.fromkeys(("approval_asked_at", "approved_at", "approved_by", "send_at", "sent_at"))
    moments |= dict.fromkeys(("notice_asked_at", "notice_asked_by", "visible_until"))
    letter: Row = world.add("letters", author_id=author, school_year_id=year, **moments)
    now = letter["created_at"]
    if state == "asked":
        letter["approval_asked_at"] = now
    elif state == "waiting":
        letter["send_at"] = now
    elif state != "draft":
        letter["sent_at"] = letter["send_at"] = now
    elif author != world.people["Otto"]:
        letter["returned_at"], letter["returned_by"] = now, world.people["Otto"]
    letter["withdrawn_at"] = now if state == "withdrawn" else None
    letter["visible_until"] = YESTERDAY if state == "past" else None
    if letter["sent_at"] and letter["id"] % 2:
        letter["notice_asked_at"], letter["notice_asked_by"] = now, author
    return letter


def _hand_out(world: Any, letter: Row, part: Row) -> None:
    places = [row for row in world.rows["guardianships"] if _is_meant(world, part, row)]
    for user, pupil in sorted({(row["user_id"], row["pupil_id"]) for row in places}):
        world.add("letter_children", letter_id=letter["id"], user_id=user, pupil_id=pupil)
    for place, user in enumerate(sorted({row["user_id"] for row in places})):
        copy = world.add("letter_recipients", letter_id=letter["id"], user_id=user)
        if (letter["id"] + place) % 3:
            copy["opened_at"] = copy["received_at"]
        if (letter["id"] + place) % 3 == 2:
            copy["unread_at"] = copy["received_at"]
        if (letter["id"] + place) % 2:
            copy["held_at"] = copy["received_at"]


def _is_meant(world: School, part: Row, place: Row) -> bool:
    pupil = place["pupil_id"]
    if part["kind"] == "group":
        return bool(world.of("memberships", pupil_id=pupil, group_id=part["group_id"], ended_on=None))
    if part["kind"] == "list":
        return bool(world.of("letter_list_members", list_id=part["list_id"], pupil_id=pupil))
    if part["kind"] == "year":
        return bool(world.one("pupils", id=pupil)["year_group"] == part["year_group"])
    return part["kind"] == "school" or (
        part["pupil_id"] == pupil and part["user_id"] in (None, place["user_id"])
    )


def is_there(letter: Row) -> bool:
    last = letter["visible_until"]
    return bool(letter["sent_at"]) and not letter["withdrawn_at"] and (last is None or last >= TODAY)


def is_for(r: Reader, child: Row) -> bool:
    """Of a letter about a child to a guardian who decides for it and may meet it."""
    return child["user_id"] == r.id and r.decides(child["pupil_id"]) and not r.is_barred(child["pupil_id"])


def received(r: Reader, letter: Row) -> bool:
    return is_there(letter) and any(
        is_for(r, one) for one in r.world.of("letter_children", letter_id=letter["id"])
    )


def own_unread(r: Reader, copy: Row) -> bool:
    return copy["user_id"] == r.id and (copy["opened_at"] is None or copy["unread_at"] is not None)


def number_of_unread(world: School, user: int) -> int:
    """Return how many letters somebody has and did not read."""
    reader = Reader(world, user)
    copies = [copy for copy in world.of("letter_recipients", user_id=user) if own_unread(reader, copy)]
    return sum(received(reader, world.one("letters", id=copy["letter_id"])) for copy in copies)


def parts_of(r: Reader, letter: Row) -> list[Row]:
    return r.world.of("letter_audiences", letter_id=letter["id"])


def is_about_family(r: Reader, letter: Row) -> bool:
    return any(
        (part["pupil_id"] and (r.guards(part["pupil_id"]) or r.is_barred(part["pupil_id"])))
        or (part["user_id"] and r.is_beside(part["user_id"]))
        for part in parts_of(r, letter)
    )


def went_to_group(r: Reader, letter: Row) -> bool:
    open_groups = {row["id"] for row in r.world.of("groups", closed_at=None)}
    pupils = {row["pupil_id"] for row in r.world.of("letter_children", letter_id=letter["id"])}
    return any(
        (part["group_id"] in open_groups and keeps_group(r, part["group_id"]))
        or (part["kind"] in ("school", "year") and any(as_school(r, pupil) for pupil in pupils))
        or (part["kind"] == "list" and any(is_on_list_of_year(r, part, letter, pupil) for pupil in pupils))
        for part in parts_of(r, letter)
    )


def is_on_list_of_year(r: Reader, part: Row, letter: Row, pupil: int) -> bool:
    """As a child, of a group of that year that one teaches; not as the child of one guardian who is on it."""
    mine = {row["group_id"] for row in r.world.of("teachings", user_id=r.id, ended_on=None)}
    theirs = {row["group_id"] for row in r.world.of("memberships", pupil_id=pupil, ended_on=None)}
    years = {r.world.one("groups", id=group)["school_year_id"] for group in mine & theirs}
    listed = r.world.of("letter_list_members", list_id=part["list_id"], pupil_id=pupil, user_id=None)
    return bool(listed) and as_school(r, pupil) and letter["school_year_id"] in years


def of_others(r: Reader, letter: Row) -> bool:
    return (r.is_office or went_to_group(r, letter)) and not is_about_family(r, letter)


def at_school(r: Reader, letter: Row) -> bool:
    """What was sent and is read at school, and what one wrote."""
    is_own = letter["author_id"] == r.id
    return bool(r.role) and (is_own or (bool(letter["sent_at"]) and of_others(r, letter)))


def of_school(r: Reader, letter: Row) -> bool:
    waits = bool(letter["approval_asked_at"] or (r.is_office and letter["send_at"]))
    return at_school(r, letter) or (bool(r.role) and waits and of_others(r, letter))


def followed_by(r: Reader, letter: Row) -> bool:
    leaves = bool(letter["sent_at"] or letter["send_at"])
    kept = r.is_office and leaves and not is_about_family(r, letter)
    return bool(r.role) and (letter["author_id"] == r.id or kept)


def within_reach(r: Reader, letter: Row) -> bool:
    """Whether one teaches all whom a letter is for; a pupil who left has nobody who reads it."""
    return r.is_office or all(map(partial(_is_within_reach, r), parts_of(r, letter)))


def _is_within_reach(r: Reader, part: Row) -> bool:
    if part["pupil_id"]:
        return as_school(r, part["pupil_id"]) or not is_here(r.world, part["pupil_id"])
    open_groups = {row["id"] for row in r.world.of("groups", closed_at=None)}
    return part["group_id"] in open_groups and keeps_group(r, part["group_id"])


def written_by(r: Reader, letter: Row) -> bool:
    """What one follows; of what was sent only what one could still write."""
    return followed_by(r, letter) and (not letter["sent_at"] or within_reach(r, letter))


def approved_by(r: Reader, letter: Row) -> bool:
    waits = letter["approval_asked_at"] and not letter["approved_at"] and not letter["sent_at"]
    return r.is_office and letter["author_id"] != r.id and bool(waits) and not is_about_family(r, letter)


def notice_approved_by(r: Reader, letter: Row) -> bool:
    waits = letter["notice_asked_at"] and letter["sent_at"] and not letter["withdrawn_at"]
    return (
        r.is_office and letter["notice_asked_by"] != r.id and bool(waits) and not is_about_family(r, letter)
    )


def recipient_known(r: Reader, copy: Row) -> bool:
    """Of a letter that one has at school."""
    places = r.world.of("guardianships", user_id=copy["user_id"], revoked_at=None)
    knows = r.is_office or any(as_school(r, place["pupil_id"]) for place in places)
    return bool(r.role) and knows and copy["user_id"] != r.id and not r.is_beside(copy["user_id"])


def is_released(r: Reader, letter: Row) -> bool:
    """School gave the letter to the reader as information on request, and neither was taken back (R21)."""
    return letter["withdrawn_at"] is None and any(
        is_here(r.world, one["pupil_id"]) and r.guards(one["pupil_id"])
        for one in r.world.of("releases", letter_id=letter["id"], user_id=r.id, withdrawn_at=None)
    )


def release_letters(world: Any) -> None:
    """Make letters that were sent of some releases, each another one."""
    sent = [letter["id"] for letter in world.rows["letters"] if letter["sent_at"]]
    for row in world.rows["releases"]:
        row["letter_id"] = None
    for row, letter in zip(world.rows["releases"][::3], sent, strict=False):
        row["letter_id"] = letter


def released_by(r: Reader, letter: Row, pupil: int) -> bool:
    """The office: what was received about the pupil, and not only by one of its guardians."""
    was_sent = bool(letter["sent_at"]) and not letter["withdrawn_at"]
    received = bool(r.world.of("letter_children", letter_id=letter["id"], pupil_id=pupil))
    return (
        r.is_office
        and of_school(r, letter)
        and was_sent
        and received
        and any(
            _reaches(r.world, part, pupil)
            or (part["kind"] in ("year", "list") and not _may_be_for_one(r, letter, pupil))
            for part in parts_of(r, letter)
            if not part["excluded"]
        )
    )


def _may_be_for_one(r: Reader, letter: Row, pupil: int) -> bool:
    """By a part for one guardian, or a list that has one guardian of some child on it, or nobody."""
    for part in parts_of(r, letter):
        members = r.world.of("letter_list_members", list_id=part["list_id"])
        if part["kind"] == "guardian" and part["pupil_id"] == pupil and not part["excluded"]:
            return True
        if part["kind"] == "list" and not (members and all(one["user_id"] is None for one in members)):
            return True
    return False


def _reaches(world: School, part: Row, pupil: int) -> bool:
    if part["kind"] == "group":
        return bool(world.of("memberships", pupil_id=pupil, group_id=part["group_id"]))
    if part["kind"] == "list":
        return bool(world.of("letter_list_members", list_id=part["list_id"], pupil_id=pupil, user_id=None))
    if part["kind"] == "year":
        return bool(world.one("pupils", id=pupil)["year_group"] == part["year_group"])
    return part["kind"] == "school" or (part["kind"] == "pupil" and part["pupil_id"] == pupil)


def attachment_visible(r: Reader, row: Row) -> bool:
    """Parents have what was checked and whose correction was saved; school knows of it before."""
    letters = r.world.of("letters", id=row["letter_id"])
    given = bool(row["checked_at"]) and not row["pending"]
    return any(
        (given and (received(r, letter) or is_released(r, letter))) or of_school(r, letter)
        for letter in letters
    )


def attachment_changed(r: Reader, row: Row) -> bool:
    return any(written_by(r, letter) for letter in r.world.of("letters", id=row["letter_id"]))


def as_school(r: Reader, pupil: int) -> bool:
    kept = r.is_office or r.teaches(pupil)
    return is_here(r.world, pupil) and kept and not r.guards(pupil) and not r.is_barred(pupil)


def written_to(r: Reader, place: Row) -> bool:
    other, pupil = Reader(r.world, place["user_id"]), place["pupil_id"]
    gets = place["revoked_at"] is None and other.decides(pupil) and not other.is_barred(pupil)
    return gets and as_school(r, pupil) and not r.is_beside(place["user_id"])


def is_family(r: Reader, pupil: int) -> bool:
    return bool(r.guards(pupil) or r.is_barred(pupil))


def pupil_named(r: Reader, pupil: Row) -> bool:
    return not is_family(r, pupil["id"]) if r.is_office else as_school(r, pupil["id"])


def guardian_named(r: Reader, place: Row) -> bool:
    if not r.is_office:
        return written_to(r, place)
    return not is_family(r, place["pupil_id"]) and not r.is_beside(place["user_id"])


def heard_of(r: Reader, place: Row) -> bool:
    return bool(r.role) and r.keeps(place["pupil_id"]) and not r.is_beside(place["user_id"])


SCOPES: dict[str, tuple[str, Holds]] = {
    "attachments_changed_by": ("attachments", attachment_changed),
    "children_of_letters": ("letter_children", is_for),
    "future_recipients_known_to": ("guardianships", heard_of),
    "guardians_written_to_by": ("guardianships", written_to),
    "groups_named_to": ("groups", lambda r, row: bool(r.role)),
    "guardians_named_to": ("guardianships", guardian_named),
    "letters_approved_by": ("letters", approved_by),
    "letters_followed_by": ("letters", followed_by),
    "letters_of_school": ("letters", of_school),
    "letters_written_by": ("letters", written_by),
    "lists_named_to": ("letter_lists", lambda r, row: r.is_office),
    "pupils_named_to": ("pupils", pupil_named),
    "lists_of_school": ("letter_lists", lambda r, row: r.is_office and row["removed_at"] is None),
    "notices_approved_by": ("letters", notice_approved_by),
    "own_receipts": ("letter_recipients", lambda r, row: row["user_id"] == r.id),
    "own_unread_receipts": ("letter_recipients", own_unread),
    "pupils_written_about_by": ("pupils", lambda r, row: as_school(r, row["id"])),
    "recipients_known_to": ("letter_recipients", recipient_known),
    "own_slip_answers": ("slip_answers", slips.own_answer),
    "slip_answers_known_to": (
        "slip_answers",
        lambda r, row: (
            followed_by(r, r.world.one("letters", id=row["letter_id"])) and slips.answer_known(r, row)
        ),
    ),
}

WITH_MORE: dict[str, dict[str, tuple[Any, Holds]]] = {
    "attachments_visible_to": {"today": (("attachments", TODAY), attachment_visible)},
    "within_reach": {"letter_id": ("letters.id", within_reach)},
    "letters_received_by": {"today": (("letters", TODAY), received)},
    "letters_released_by": {
        f"pupil_id {pupil}": (("letters", pupil), lambda r, row, pupil=pupil: released_by(r, row, pupil))
        for pupil in range(1, 5)
    },
    "slips_waiting_for": {
        "today": (
            ("reply_slips", TODAY),
            lambda r, row: (
                row["deadline"] >= TODAY
                and any(
                    is_for(r, child) and slips.is_asked(r, row, child["pupil_id"])
                    for child in r.world.of("letter_children", letter_id=row["letter_id"], user_id=r.id)
                )
            ),
        )
    },
}
