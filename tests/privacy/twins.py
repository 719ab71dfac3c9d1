"""Two schools that differ only in what belongs to a guardian who hides from another one (R22, SAFETY 34).

What belongs to somebody follows from the foreign keys: every row that names the adult is theirs, with every
column. `FACTS` are the exceptions, so that a new table is held to the same by itself.
"""

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any

from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, Table

from portal.access import hash_of
from portal.extensions import Base
from tests.privacy import columns, talks
from tests.privacy import world as worlds
from tests.privacy.readers import Reader, is_apart
from tests.privacy.rows import Row
from tests.privacy.world import World
from tests.setting_back import Rows

FACTS = {
    "absences": ("reported_by", "reported_at", "changed_at", "withdrawn_by"),
    "bookings": ("booked_by", "cancelled_by"),
    "care_notes": ("written_by", "written_at"),
    "meeting_events": ("actor_id",),
    "meeting_invitees": ("asked_by", "declined_by"),
    "meeting_wishes": ("said_by",),
}
"""Facts about the child, which both guardians see: only who told school, and when, is the guardian's own.

Of talks only those to which both are invited together; one to which somebody is invited alone is theirs.
"""

FIXED = {"bookings.starts_at", "bookings.ends_at"}
HANDED_ON = "slots"
"""Places of a round: who is invited or receives sees whether one is free, so when its talk goes, another
takes it, of which the reader is told nothing either."""

WHO_IS_WHO = ("seat", "hidden_at", "revoked_at")
"""Whether somebody is a guardian now and hides: without that there is nothing to prove."""

TOKEN = "t" * 43


@dataclass(frozen=True)
class Plan:
    """How the family is made; drawn by the test. H hides from V, who reads."""

    role: str = ""
    common_children: int = 1
    other_child: str = "none"
    shared_partner: bool = False
    v_decides: bool = True
    h_decides: bool = True
    h_first: bool = True
    hides_for_all: bool = True
    ended: str = ""
    """Whose access to the common children ended: the reader's, that of who hides, or of nobody."""
    twin: str = "other"
    seed: int = 0


@dataclass(frozen=True)
class Case:
    """The two schools and who reads them."""

    one: World
    other: World
    reader: int
    hidden: int
    comes_together: bool = False
    """Whether in the other school the two guardians are invited together."""


def make(start: Rows, plan: Plan) -> Case:
    """Return two schools that the reader must not be able to tell apart."""
    random = Random(plan.seed)
    if plan.twin == "absent" and plan.role and plan.other_child != "none":
        # Who works here keeps off every child of the other guardian: that there is one is no secret to them.
        plan = replace(plan, twin="other")
    if plan.ended and plan.role:
        # Who was a guardian and works here is kept from who hides: of anybody else they would read as school.
        plan = replace(plan, twin="other")
    world = worlds.extended(start)
    hidden = world.person("Hidden")
    reader = world.person("Reader", plan.role)
    add_family(world, plan, hidden, reader)
    worlds.fill(world)
    (stranger,) = (row["pupil_id"] for row in world.of("guardianships", user_id=world.people["Nina"]))
    world.add("barrings", user_id=reader, pupil_id=stranger)
    worlds.mark(world)
    signed_in(world, reader)
    children = {row["pupil_id"] for row in world.of("guardianships", user_id=hidden)}
    world.family = frozenset(
        {("users", hidden), ("users", reader), *(("pupils", pupil) for pupil in children)}
    )
    if plan.twin == "unhidden":
        world.rows["shared_fields"] = [r for r in world.rows["shared_fields"] if r["user_id"] != hidden]
        leave_other_times(world, children, reader)
    leave_own_talks(world, children)
    other = deepcopy(world)
    if plan.role:
        hand_talks_on(other, hidden, stranger)
    if plan.twin in ("unhidden", "absent"):
        invite_together(other, children, hidden)
    if plan.twin == "unhidden":
        for place in other.of("guardianships", user_id=hidden):
            place["hidden_at"] = None
    elif plan.twin == "absent":
        forget(other, hidden)
    else:
        vary(other, hidden, random)
        if plan.ended or (plan.role and not plan.v_decides):
            # How many talks a round has is no secret to school, and it has the child like any other: here one
            # talk about it hangs on the authority of who hides alone.
            for place, same in zip(other.rows["guardianships"], world.rows["guardianships"], strict=True):
                place["has_authority"] = same["has_authority"]
    world.settle()
    return Case(world, other, reader, hidden, plan.twin in ("unhidden", "absent"))


def add_family(world: World, plan: Plan, hidden: int, reader: int) -> None:
    group_34, group_6 = (group["id"] for group in world.of("groups")[:2])
    if plan.role == "teacher":
        first_day = world.of("school_years")[0]["first_day"]
        world.add("teachings", user_id=reader, group_id=group_34, started_on=first_day)
    couple = (hidden, reader) if plan.h_first else (reader, hidden)
    for number in range(plan.common_children):
        child = world.child((group_34, group_6)[number % 2], *couple)
        ours = world.one("guardianships", pupil_id=child, user_id=reader)
        theirs = world.one("guardianships", pupil_id=child, user_id=hidden)
        ours["has_authority"], theirs["has_authority"] = plan.v_decides, plan.h_decides
        if number == 0 or plan.hides_for_all:
            theirs["hidden_at"] = theirs["created_at"]
        if plan.ended:
            place = ours if plan.ended == "reader" else theirs
            place["revoked_at"] = place["created_at"]
    if plan.ended:
        world.child(group_34, reader)
    if plan.other_child != "none":
        partner = world.person("Partner")
        world.child({"same": group_34, "else": group_6}[plan.other_child], hidden, partner)
        if plan.shared_partner:
            world.child(group_34, reader, partner)


def signed_in(world: World, reader: int) -> None:
    world.add(
        "login_sessions", id=9999, user_id=reader, token_hash=hash_of(TOKEN), device="test", ended_at=None
    )


def leave_own_talks(world: World, children: set[int]) -> None:
    """Take away the talks of both guardians of children whose guardians come apart, as the portal does."""
    gone = [
        talk
        for talk in world.of("meeting_invitees", guardian_id=None, ended_at=None)
        if talk["pupil_id"] in children and is_apart(world, talk["pupil_id"])
    ]
    drop(world, "meeting_invitees", gone)


def leave_other_times(world: World, children: set[int], reader: int) -> None:
    """Take away the times that who hides has about other children, but for those of the reader's family.

    Where the two come together such a time keeps both from another one (decision 035).
    """
    ours = {row["pupil_id"] for row in world.of("guardianships", user_id=reader)}
    about = {talk["id"] for talk in world.rows["meeting_invitees"] if talk["pupil_id"] in children - ours}
    drop(world, "bookings", [row for row in world.rows["bookings"] if row["invitee_id"] in about])


def hand_talks_on(world: World, hidden: int, stranger: int) -> None:
    """Let talks to which somebody is invited alone be those of another family that is kept from the reader.

    How many talks a round has, and how many have a time, is no secret to who works here; whose they are is.
    """
    for talk in world.of("meeting_invitees", guardian_id=hidden):
        talk["guardian_id"], talk["pupil_id"] = world.people["Nina"], stranger


def invite_together(world: World, children: set[int], hidden: int) -> None:
    """Let the talks of one guardian alone be those of both, as when nobody hides, and only the reader answer.

    That somebody answered a slip for the child is told to who does things together (decision 038).
    """
    drop(world, "slip_answers", world.of("slip_answers", user_id=hidden))
    for child in (child for child in children if is_apart(world, child)):
        alone = [talk for talk in world.of("meeting_invitees", pupil_id=child) if talk["guardian_id"]]
        drop(world, "meeting_invitees", [talk for talk in alone if talk["guardian_id"] == hidden])
        for talk in alone:
            talk["guardian_id"] = None
    keep_possible(world, Base.metadata.tables["meeting_invitees"])


def drop(world: World, table: str, gone: list[Row]) -> None:
    """Take rows out, and those that point to them."""
    if not gone:
        return
    numbers = {id(row) for row in gone}
    world.rows[table] = [row for row in world.rows[table] if id(row) not in numbers]
    if table == "letter_audiences":
        # A letter is for somebody: one to this guardian alone is theirs and goes along.
        letters = [world.one("letters", id=row["letter_id"]) for row in gone]
        drop(world, "letters", [one for one in letters if not world.of(table, letter_id=one["id"])])
    for other in Base.metadata.sorted_tables:
        for column in other.columns:
            for key in column.foreign_keys:
                if key.column.table.name == table:
                    keys = {row[key.column.name] for row in gone}
                    found = [r for r in world.rows[other.name] if r[column.name] in keys]
                    if other.name == HANDED_ON:
                        hand_on(world, table, column.name, found)
                    else:
                        drop(world, other.name, found)


def hand_on(world: World, table: str, name: str, places: list[Row]) -> None:
    """Give places at a table to somebody else there whom the reader finds there as little."""
    reader = Reader(world, world.people["Reader"])
    for place in places:
        others = world.of(table, host_id=place["host_id"])
        place[name] = next(row["id"] for row in others if is_kept_from(reader, row))


def is_kept_from(reader: Reader, row: Row) -> bool:
    """Whether a talk, or a booking that holds, tells the reader nothing but that a place is taken."""
    talk = row if "guardian_id" in row else talks.talk_of(reader, row)
    return not row.get("cancelled_at") and not talks.talk_known(reader, talk)


def keep_possible(world: World, table: Table) -> None:
    """Drop the rows that cannot be beside the others, and those that point to them."""
    was = world.rows[table.name]
    worlds.keep_possible(world, table)
    there = {row.get("id") for row in world.rows[table.name]}
    drop(world, table.name, [row for row in was if row.get("id") not in there])


def forget(world: World, hidden: int) -> None:
    """Leave nothing of somebody, as if there had never been one; facts about the child stay."""
    for table, names in FACTS.items():
        for row in world.rows[table]:
            for name in names:
                if row[name] == hidden:
                    row[name] = somebody_else(world)
    drop(world, "users", world.of("users", id=hidden))


def somebody_else(world: World) -> int:
    return world.people["Dora"]


def vary(world: World, hidden: int, random: Random) -> None:
    """Make everything that belongs to somebody other than it was, or gone, or more."""
    for table in Base.metadata.sorted_tables:
        names = [column.name for column in worlds.adults_in(table)]
        mine = [row for row in world.rows[table.name] if hidden in [row[name] for name in names]]
        if table.name == "users":
            mine = world.of("users", id=hidden)
        for row in mine:
            if table.name in FACTS and not is_own_talk(world, row, hidden):
                vary_facts(world, table, row, hidden, random)
            elif table.name not in ("users", "guardianships") and random.random() < 0.4:
                drop(world, table.name, [row])
            else:
                vary_row(table, row, random)
        if mine:
            keep_possible(world, table)


def is_own_talk(world: World, row: Row, hidden: int) -> bool:
    """Whether a row is a talk to which somebody is invited alone, or about one."""
    about = [row] if "guardian_id" in row else world.of("meeting_invitees", id=row.get("invitee_id"))
    return any(talk["guardian_id"] == hidden for talk in about)


def vary_facts(world: World, table: Table, row: Row, hidden: int, random: Random) -> None:
    for name in FACTS[table.name]:
        column = table.columns[name]
        if column.foreign_keys:
            row[name] = somebody_else(world) if row[name] == hidden else row[name]
        elif row[name] is not None:
            # Within the hour: on which side of a mark of school it lies is a fact about the child.
            row[name] -= timedelta(minutes=random.randrange(1, 50))


def vary_row(table: Table, row: Row, random: Random) -> None:
    for column in table.columns:
        fixed = column.primary_key or column.foreign_keys or column.name in WHO_IS_WHO
        if fixed or f"{table.name}.{column.name}" in columns.FORMATS.keys() | FIXED:
            continue
        if column.nullable and random.random() < 0.4:
            row[column.name] = None
        else:
            row[column.name] = other_value(column, row[column.name], random)


def other_value(column: Column[Any], value: Any, random: Random) -> Any:
    """Return something else that the column can hold, of another length too."""
    if codes := columns.choices(column):
        return random.choice(codes)
    if isinstance(column.type, Boolean):
        return not value
    if isinstance(column.type, (String, LargeBinary)):
        length = getattr(column.type, "length", None) or 300
        text = columns.marked(column, random.randrange(10 * 36**3, 36**4))
        text = text if isinstance(text, bytes) else text[:length]
        if column.unique or "email" in column.name or isinstance(text, bytes):
            return text
        return random.choice([text, "", (text + " en nog meer" * 9)[:length]])
    if isinstance(column.type, Integer):
        return (value or 0) + random.randrange(1, 4)
    moment = value if value is not None else columns.value_for(column, random.randrange(200))
    if hasattr(moment, "hour") and not hasattr(moment, "year"):
        return moment.replace(minute=random.randrange(60))
    return moment - timedelta(days=random.randrange(0, 3), hours=random.randrange(1, 40))
