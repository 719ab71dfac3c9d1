"""A school in which every table has rows about everybody, and every text a mark of its own.

Nothing here knows a table of an area: rows are made from the foreign keys, so that a new table is filled by
itself. Only who belongs to whom is told, on top of the cast.
"""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from sqlalchemy import Column, Table, create_engine, insert, select

from portal.extensions import Base
from tests.privacy import columns, conversations, letters, rounds
from tests.privacy.rounds import Rounds
from tests.privacy.rows import Row, School
from tests.setting_back import Rows

TABLES = Base.metadata.tables
TOLD = (
    "absence_kinds",
    "free_days",
    "groups",
    "guardianships",
    "memberships",
    "pupils",
    "school",
    "school_years",
    "staff_members",
    "teachings",
    "users",
)
"""Who is who and who belongs to whom: these get no rows but those told here and in the cast."""

BY_SCHOOL = (
    "albums",
    "attendance_marks",
    "care_readings",
    "group_news",
    "photos",
    "roster_imports",
    "table_mappings",
    "week_items",
)
"""Only who works at school writes these."""


class World(School):
    """A school that can be added to."""

    def add(self, table: str, full: bool = False, **given: Any) -> Row:
        """Add a row; what is not given is made up, moments that may be missing only in a full one."""
        rows = self.rows[table]
        number = len(rows)
        row: Row = {}
        for column in TABLES[table].columns:
            if column.name in given:
                row[column.name] = given[column.name]
            elif column.name == "id":
                row["id"] = 1 + max((other["id"] for other in rows), default=0)
            elif column.foreign_keys or (column.nullable and columns.is_moment(column) and not full):
                row[column.name] = None
            else:
                row[column.name] = columns.value_for(column, number)
        rows.append(row)
        return row

    def person(self, given_name: str, role: str = "") -> int:
        """Add an adult who can log in."""
        user = self.add(
            "users",
            given_name=given_name,
            surname=given_name,
            email=f"{given_name.lower()}@lindeboog.example",
        )
        user["activated_at"] = user["created_at"]
        if role:
            self.add("staff_members", user_id=user["id"], role=role)
        self.people[given_name] = user["id"]
        return user["id"]

    def child(self, group: int, *guardians: int, hidden: tuple[int, ...] = ()) -> int:
        """Add a pupil with one or two guardians, all with authority."""
        pupil = self.add("pupils", year_group=3)["id"]
        year = self.one("groups", id=group)["school_year_id"]
        first_day = self.one("school_years", id=year)["first_day"]
        self.add("memberships", pupil_id=pupil, group_id=group, home=True, started_on=first_day)
        for seat, guardian in enumerate(guardians, 1):
            place = self.add("guardianships", pupil_id=pupil, user_id=guardian, seat=seat, has_authority=True)
            if guardian in hidden:
                place["hidden_at"] = place["created_at"]
        return pupil


def extended(start: Rows) -> World:
    """Return the school of the cast with those whom it lacks, before anything is marked.

    Rik    father of Lotte and another child; he hides from Tess, their mother, a teacher
    Olga   office, and mother of a child of groep 3/4; Stef, the father, hides from her; alone of another
    Wim    teacher of groep 6, in which his own son is; Zoe, the mother, hides from him
    Nina   new partner of Daan, who has a child in groep 3/4 with her
    Ties   father of a child who has left
    Dora   may have no contact with Bram; she has a child of her own in his group
    Dirk   father whose account was closed, as is that of Kim, a teacher
    Lies   was a teacher of groep 6 and has left the school
    Mo     teacher who does not teach groep 3/4 any more
    Pia    teacher of a group beside the home groups, to which Bram goes too
    Vera   was the guardian of a child of groep 6 and is nobody's now
    Flip   father of a child with Hedy, who is the head; he works here too; school deals with them apart

    Sem was in groep 3/4 until he moved, and is in a group that is closed. Yara, Otto and Stef were his
    guardians once and hid then; Gert is of the child who left, without authority. Tim and Bea may have no
    contact with the child of Daan and Nina.
    """
    world = World(deepcopy(start))
    world.people = {user["given_name"]: user["id"] for user in world.of("users")}
    (lotte,) = (pupil["id"] for pupil in world.of("pupils") if pupil["given_name"] == "Lotte")
    group_34, group_6 = (group["id"] for group in world.of("groups")[:2])
    rik, stef, zoe, nina, ties = map(world.person, ("Rik", "Stef", "Zoe", "Nina", "Ties"))
    olga, wim = world.person("Olga", "office"), world.person("Wim", "teacher")
    first_day = world.of("school_years")[0]["first_day"]
    world.add("teachings", user_id=wim, group_id=group_6, started_on=first_day)
    flip = world.person("Flip", "teacher")
    apart = world.one("pupils", id=world.child(group_6, flip, world.people["Hedy"]))
    apart["apart_at"] = apart["created_at"]
    place = world.add("guardianships", pupil_id=lotte, user_id=rik, seat=2, has_authority=True)
    place["hidden_at"] = place["created_at"]
    world.child(group_34, world.people["Tess"], rik)
    world.child(group_34, olga, stef, hidden=(stef,))
    world.child(group_6, wim, zoe, hidden=(zoe,))
    world.child(group_6, olga)
    world.child(group_34, world.people["Daan"], nina)
    world.child(group_34, world.people["Dora"])
    gone = world.one("pupils", id=world.child(group_6, ties))
    gone["archived_at"] = gone["created_at"]
    gert = world.people["Gert"]
    world.add("guardianships", pupil_id=gone["id"], user_id=gert, seat=2, has_authority=False)
    add_past(world, group_34, group_6)
    return world


def add_past(world: World, group_34: int, group_6: int) -> None:
    first_day = world.of("school_years")[0]["first_day"]
    dirk, kim = world.person("Dirk"), world.person("Kim", "teacher")
    world.child(group_6, dirk)
    for adult in (dirk, kim):
        account = world.one("users", id=adult)
        account["disabled_at"] = account["created_at"]
    lies, mo, pia = (world.person(name, "teacher") for name in ("Lies", "Mo", "Pia"))
    world.one("staff_members", user_id=lies)["left_at"] = world.one("users", id=lies)["created_at"]
    world.add("teachings", user_id=lies, group_id=group_6, started_on=first_day)
    world.add("teachings", user_id=mo, group_id=group_34, started_on=first_day, ended_on=first_day)
    year = world.one("groups", id=group_6)["school_year_id"]
    plus = world.add("groups", school_year_id=year, name="plus", composite=True)["id"]
    closed = world.add("groups", school_year_id=year, name="closed", composite=True)
    closed["closed_at"] = world.one("users", id=dirk)["created_at"]
    bram, sem = (
        row["id"] for name in ("Bram", "Sem") for row in world.of("pupils") if row["given_name"] == name
    )
    world.add("teachings", user_id=pia, group_id=plus, started_on=first_day)
    world.add("teachings", user_id=mo, group_id=closed["id"], started_on=first_day)
    for pupil, group in ((bram, plus), (sem, closed["id"])):
        world.add("memberships", pupil_id=pupil, group_id=group, home=False, started_on=first_day)
    world.add(
        "memberships",
        pupil_id=sem,
        group_id=group_34,
        home=True,
        started_on=first_day,
        ended_on=first_day,
    )
    wims = world.of("guardianships", user_id=world.people["Wim"])[0]["pupil_id"]
    was = [(world.person("Vera"), wims), *((world.people[name], sem) for name in ("Yara", "Otto", "Stef"))]
    for adult, pupil in was:
        place = world.add("guardianships", pupil_id=pupil, user_id=adult, seat=1, has_authority=True)
        place["revoked_at"] = place["hidden_at"] = place["created_at"]


def fill(world: World) -> None:
    """Put rows into every table: about each pupil, adult and group, by adults around them."""
    Rounds(world).fill()
    letters.fill(world)
    conversations.fill(world)
    for table in Base.metadata.sorted_tables:
        if table.name in TOLD or table.name in (*rounds.TABLES, *letters.TABLES, *conversations.TABLES):
            continue
        for number, given in enumerate(combinations(world, table)):
            lone = [column for column in table.columns if column.nullable and columns.is_moment(column)]
            world.add(table.name, **given)
            if lone and number % 2:
                # Then as history: one of the moments that may be missing, in turn, or all of them.
                chosen = number // 2 % (len(lone) + 1)
                row = world.add(table.name, full=True, **given)
                for place, column in enumerate(lone):
                    if chosen not in (place, len(lone)):
                        row[column.name] = None
        keep_possible(world, table)
    letters.release_letters(world)
    make_believable(world)


def make_believable(world: World) -> None:
    """Take out what the program never writes.

    What only school writes by a parent, a report of school by a parent, a guardian who is barred. Otto was a
    guardian and is barred from nobody.
    """
    staff = staff_of(world)
    past = [
        (row["user_id"], row["pupil_id"])
        for row in world.rows["guardianships"]
        if row["revoked_at"] and row["user_id"] != world.people["Otto"]
    ]
    world.rows["barrings"] = [
        row for row in world.rows["barrings"] if row["lifted_at"] or (row["user_id"], row["pupil_id"]) in past
    ]
    (child,) = (row["pupil_id"] for row in world.of("guardianships", user_id=world.people["Nina"]))
    for name in ("Tim", "Bea"):
        world.add("barrings", pupil_id=child, user_id=world.people[name], lifted_at=None)
    for table in BY_SCHOOL:
        writer = adults_in(TABLES[table])[0].name
        for number, row in enumerate(world.rows[table]):
            if row[writer] not in staff:
                row[writer] = colleague(world, number)
    for row in world.rows["absences"]:
        row["source"] = "school" if row["reported_by"] in staff else "guardian"


def keep_possible(world: World, table: Table) -> None:
    """Drop the rows that the constraints of the database do not allow beside the others."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        # The tables that the rows point to are not here.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF").close()
        table.create(connection)
        if world.rows[table.name]:
            connection.execute(insert(table).prefix_with("OR IGNORE"), world.rows[table.name])
        world.rows[table.name] = [dict(row) for row in connection.execute(select(table)).mappings()]
    engine.dispose()


def combinations(world: World, table: Table) -> Iterator[Row]:
    """Yield the foreign keys, and the codes in the primary key, of the rows that a table gets."""
    keys = {
        column: next(iter(column.foreign_keys)).column.table.name
        for column in table.columns
        if column.foreign_keys
    }
    coded = [column for column in table.primary_key.columns if columns.choices(column) and column not in keys]
    codes = [{coded[0].name: code} for code in columns.choices(coded[0])] if coded else [{}]
    for given in subjects(world, keys):
        for code in codes:
            yield given | code


def subjects(world: World, keys: dict[Column[Any], str]) -> Iterator[Row]:
    """Yield the foreign keys of the rows: the first to an adult is whom it is about, further ones school."""
    adults = [column for column, target in keys.items() if target in ("users", "staff_members")]
    others = [(column, target) for column, target in keys.items() if column not in adults]
    parents = world.rows[others[0][1]] if others else [{}]
    for number, parent in enumerate(parents):
        given: Row = {}
        for column, target in others:
            row = parent if column is others[0][0] else world.rows[target][number % len(world.rows[target])]
            given[column.name] = row[next(iter(column.foreign_keys)).column.name]
        if not adults:
            yield given
            continue
        family, near = around(world, parent, others[0][1] if others else "")
        if others and not adults[0].primary_key:
            # Of what is about a row of another table there are many; one guardian each is enough.
            nearest = family[:5] if others[0][1] in TOLD else family[number % max(len(family), 1) :][:1]
            near = [*nearest, *near[number % len(near) :][:1]]
        else:
            near = [*family, *near]
        if points_to_staff(adults[0]):
            near = [adult for adult in near if adult in staff_of(world)] or [office(world)]
        if adults[0].nullable and number % 3 == 0:
            yield given | {column.name: None for column in adults}
        for adult in dict.fromkeys(near):
            school = colleague(world, number)
            yield given | {column.name: adult if column is adults[0] else school for column in adults}


def staff_of(world: World) -> set[int]:
    return {row["user_id"] for row in world.rows["staff_members"]}


def colleague(world: School, number: int) -> int:
    """Return somebody who works at school, in turn."""
    working = sorted(row["user_id"] for row in world.of("staff_members", left_at=None))
    return working[number % len(working)]


def office(world: World) -> int:
    return min(row["user_id"] for row in world.of("staff_members", role="office"))


def around(world: School, parent: Row, table: str) -> tuple[list[int], list[int]]:
    """Return who may have to do with a row: the guardians of its pupil or group, and who works there."""
    if not table:
        return [], [row["id"] for row in world.rows["users"]]
    if table not in ("pupils", "groups") and not {"pupil_id", "group_id"} & parent.keys():
        for column in TABLES[table].columns:
            for key in column.foreign_keys:
                if key.column.table.name not in ("users", "staff_members") and parent[column.name]:
                    above = key.column.table.name
                    return around(world, world.one(above, id=parent[column.name]), above)
    if table == "groups" or "group_id" in parent:
        groups = {parent.get("group_id", parent["id"])}
        pupils = {row["pupil_id"] for row in world.rows["memberships"] if row["group_id"] in groups}
    else:
        pupils = {parent["id"] if table == "pupils" else parent.get("pupil_id")}
        groups = {row["group_id"] for row in world.rows["memberships"] if row["pupil_id"] in pupils}
    places = [row for row in world.rows["guardianships"] if row["pupil_id"] in pupils]
    family = [row["user_id"] for row in sorted(places, key=lambda row: row["revoked_at"] is not None)]
    here = [row["user_id"] for row in world.rows["teachings"] if row["group_id"] in groups]
    return list(dict.fromkeys(family)), [*here, office(world)]


def adults_in(table: Table) -> list[Column[Any]]:
    return [
        column
        for column in table.columns
        if any(key.column.table.name in ("users", "staff_members") for key in column.foreign_keys)
    ]


def points_to_staff(column: Column[Any]) -> bool:
    return any(key.column.table.name == "staff_members" for key in column.foreign_keys)


def mark(world: World) -> None:
    """Give every text of every row a mark of its own."""
    number = 0
    for table in Base.metadata.sorted_tables:
        for row in world.rows[table.name]:
            for column in table.columns:
                if columns.holds_mark(column) and (row[column.name] is not None or is_filled(column)):
                    number += 1
                    row[column.name] = columns.marked(column, number)
                    key = columns.mark_key(row[column.name])
                    if key:
                        world.marks[key] = (table.name, row, column.name)


def is_filled(column: Column[Any]) -> bool:
    """Whether a text that may be missing gets a mark; not what says that somebody can log in."""
    return "hash" not in column.name and column.name != "address"
