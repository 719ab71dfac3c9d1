"""Private conversations: between whom they are in the filled school, and what each of their scopes holds."""

from collections.abc import Callable
from typing import Any

from tests.privacy import letters
from tests.privacy.readers import Reader, is_here
from tests.privacy.rows import Row, School

Holds = Callable[[Reader, Row], bool]

TABLES = ("conversations", "conversation_messages", "conversation_readers", "conversation_guests")
"""These get the rows that are written here."""


def fill(world: Any) -> None:
    """Write conversations of who is or was a guardian with the teachers of each group of the child.

    Also of who decides nothing, of children who left, in groups where the child was, with substitutes who are
    family, and in answer to letters of every author.
    """
    staff = [row["user_id"] for row in world.rows["staff_members"]]
    seen: set[tuple[Any, ...]] = set()
    for number, place in enumerate(world.rows["guardianships"]):
        user, pupil = place["user_id"], place["pupil_id"]
        for stay in world.of("memberships", pupil_id=pupil):
            if (user, pupil, stay["group_id"]) not in seen:
                seen.add((user, pupil, stay["group_id"]))
                _conversation(world, place, stay["group_id"], None, staff[number % len(staff)])
        home = world.of("memberships", pupil_id=pupil, home=True, ended_on=None)
        for child in world.of("letter_children", user_id=user, pupil_id=pupil)[number % 3 :: 5][:3]:
            if home and (user, pupil, "letter") not in seen:
                guest = staff[(number + child["letter_id"]) % len(staff)]
                _conversation(world, place, home[0]["group_id"], child["letter_id"], guest)
        seen.add((user, pupil, "letter"))


def _conversation(world: Any, place: Row, group: int, letter: int | None, guest: int) -> None:
    conversation = world.add(
        "conversations",
        pupil_id=place["pupil_id"],
        guardian_id=place["user_id"],
        group_id=group,
        school_year_id=world.one("groups", id=group)["school_year_id"],
        letter_id=letter,
        closed_by=None,
        closed_at=None,
    )
    number, now = conversation["id"], conversation["started_at"]
    conversation["with_office"] = number % 2 == 0
    if number % 5 == 0:
        conversation["closed_at"], conversation["closed_by"] = now, world.people["Tess"]
    for author, from_school in ((place["user_id"], False), (guest, True)):
        if author != place["user_id"] or not from_school:
            message = world.add(
                "conversation_messages",
                conversation_id=number,
                author_id=author,
                from_school=from_school,
                at=now,
            )
            if number % 3 == 0:
                given = {"letter_id": None, "message_id": message["id"], "added_by": author}
                file = world.add("attachments", **given, inline=False, pending=False)
                file["checked_at"] = now if from_school else None
    if number % 3 and guest != place["user_id"]:
        world.add("conversation_guests", conversation_id=number, user_id=guest, added_by=world.people["Tess"])
        world.add("conversation_readers", conversation_id=number, user_id=guest, read_at=now)
    if number % 2:
        world.add("conversation_readers", conversation_id=number, user_id=place["user_id"], read_at=now)


def of_guardian(r: Reader, row: Row) -> bool:
    """The own ones, as long as letters about the child are for this guardian."""
    return letters.is_for(r, {"user_id": row["guardian_id"], "pupil_id": row["pupil_id"]})


def goes_on(r: Reader, row: Row) -> bool:
    stay = r.world.of("memberships", pupil_id=row["pupil_id"], group_id=row["group_id"], ended_on=None)
    return bool(stay) and r.world.one("groups", id=row["group_id"])["closed_at"] is None


def keeps_out(r: Reader, row: Row) -> bool:
    """Family of the child, and who is beside this guardian."""
    pupil = row["pupil_id"]
    return r.guards(pupil) or r.is_barred(pupil) or r.is_beside(row["guardian_id"])


def takes_part(r: Reader, row: Row) -> bool:
    teaches = r.world.of("teachings", user_id=r.id, group_id=row["group_id"], ended_on=None)
    wrote = any(letter["author_id"] == r.id for letter in r.world.of("letters", id=row["letter_id"]))
    guest = r.world.of("conversation_guests", conversation_id=row["id"], user_id=r.id)
    return goes_on(r, row) and bool(teaches or wrote or guest)


def at_school(r: Reader, row: Row) -> bool:
    along = r.is_office and row["with_office"]
    reads = takes_part(r, row) or along
    return bool(r.role) and is_here(r.world, row["pupil_id"]) and reads and not keeps_out(r, row)


def reads(r: Reader, row: Row) -> bool:
    """The one guardian; at school who takes part, and the office where it reads along (R19, R22)."""
    return of_guardian(r, row) or at_school(r, row)


def reads_message(r: Reader, message: Row) -> bool:
    return reads(r, r.world.one("conversations", id=message["conversation_id"]))


def hears_from(r: Reader, adult: int) -> bool:
    """Whether somebody at school has a conversation with a guardian, also one who is that no more."""
    return any(at_school(r, row) for row in r.world.of("conversations", guardian_id=adult))


def hears_about(r: Reader, pupil: int) -> bool:
    """Whether somebody at school has a conversation about a pupil: a substitute, the writer of a letter."""
    return any(at_school(r, row) for row in r.world.of("conversations", pupil_id=pupil))


def number_of_unread(world: School, user: int) -> int:
    """Return in how many of the own conversations somebody has something to read, as a guardian."""
    reader = Reader(world, user)
    own = [row for row in world.of("conversations", guardian_id=user) if of_guardian(reader, row)]
    return sum(has_unread(world, row, user) for row in own)


def has_unread(world: School, row: Row, user: int) -> bool:
    readings = world.of("conversation_readers", conversation_id=row["id"], user_id=user)
    return any(
        message["author_id"] != user and all(one["read_at"] < message["at"] for one in readings)
        for message in world.of("conversation_messages", conversation_id=row["id"])
    )


SCOPES: dict[str, tuple[str, Holds]] = {
    "children_written_about": (
        "pupils",
        lambda r, row: letters.is_for(r, {"user_id": r.id, "pupil_id": row["id"]}),
    ),
    "conversations_at_school": ("conversations", at_school),
    "conversations_of": ("conversations", of_guardian),
}


def attachment_visible(r: Reader, row: Row) -> bool:
    messages = r.world.of("conversation_messages", id=row["message_id"])
    return letters.attachment_visible(r, row) or any(reads_message(r, message) for message in messages)


def file_visible(r: Reader, file: Row) -> bool:
    """Nobody gets a file at which the scanner has still to look."""
    row = r.world.one("attachments", id=file["attachment_id"])
    return bool(row["checked_at"]) and attachment_visible(r, row)


WITH_MORE: dict[str, dict[str, tuple[Any, Holds]]] = {
    "attachments_visible_to": {"today": (("attachments", letters.TODAY), attachment_visible)},
}

MAY_READ: dict[str, Callable[[Reader, Row], bool]] = {
    "conversation_messages.text": reads_message,
    "conversations.subject": reads,
}
