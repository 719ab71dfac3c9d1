"""Somebody who reads, and what follows from the plain rows about them: what the oracles share."""

from dataclasses import dataclass

from tests.privacy.rows import School


@dataclass(frozen=True)
class Reader:
    """Somebody who reads, and what follows from the rows about them. `id` 0 is who is not signed in."""

    world: School
    id: int

    @property
    def role(self) -> str:
        rows = self.world.of("staff_members", user_id=self.id, left_at=None)
        return rows[0]["role"] if rows else ""

    @property
    def is_office(self) -> bool:
        return self.role in ("office", "head", "admin")

    @property
    def is_leading(self) -> bool:
        return self.role in ("head", "admin")

    def guards(self, pupil: int) -> bool:
        return self.id in guardians(self.world, pupil)

    def decides(self, pupil: int) -> bool:
        """As guardian with authority of a pupil who is still here (R21)."""
        return is_here(self.world, pupil) and self.id in guardians(self.world, pupil, has_authority=True)

    def teaches(self, pupil: int) -> bool:
        return bool(self.role) and is_here(self.world, pupil) and self.teaches_any(pupil)

    def teaches_any(self, pupil: int) -> bool:
        """In a group in which the pupil is, whether or not both are still here."""
        mine = {row["group_id"] for row in self.world.of("teachings", user_id=self.id, ended_on=None)}
        theirs = {row["group_id"] for row in self.world.of("memberships", pupil_id=pupil, ended_on=None)}
        return bool(mine & theirs)

    def keeps(self, pupil: int) -> bool:
        """As school: the office all pupils, a teacher the own groups'; nobody whom they may not meet."""
        return (self.is_office or self.teaches(pupil)) and not self.is_barred(pupil)

    def is_barred(self, pupil: int) -> bool:
        """From a pupil with whom there may be no contact."""
        return bool(self.world.of("barrings", user_id=self.id, pupil_id=pupil, lifted_at=None))

    def is_beside(self, adult: int) -> bool:
        """As the other guardian of a child, who stays a guardian also when working here (R22).

        Likewise as who may have no contact with a child of that adult, and for ever where that adult hides.
        """
        mine = self.world.of("guardianships", user_id=self.id, revoked_at=None)
        near = [*mine, *self.world.of("barrings", user_id=self.id, lifted_at=None)]
        return adult != self.id and (
            any(adult in guardians(self.world, row["pupil_id"]) for row in near)
            or hides_as_guardian(self.world, adult, self.id)
        )

    def groups(self) -> set[int]:
        """The groups of the own children, as guardian with authority (R21)."""
        return {
            row["group_id"]
            for row in self.world.of("memberships", ended_on=None)
            if self.decides(row["pupil_id"])
            and self.world.one("groups", id=row["group_id"])["closed_at"] is None
        }

    def is_shown(self, adult: int, *fields: str) -> bool:
        """By that adult's own choice, to the parents of a group of a child of both (R27)."""
        common = self.groups_with(adult)
        shown = self.world.of("shared_fields", user_id=adult)
        return any(row["group_id"] in common and (not fields or row["field"] in fields) for row in shown)

    def groups_with(self, adult: int) -> set[int]:
        """The groups in which an adult who does not hide is a parent too."""
        is_hiding = hides_from(self.world, adult, self.id)
        return set() if is_hiding else self.groups() & Reader(self.world, adult).groups()


def guardians(world: School, pupil: int, **wanted: bool) -> set[int]:
    return {row["user_id"] for row in world.of("guardianships", pupil_id=pupil, revoked_at=None, **wanted)}


def is_apart(world: School, pupil: int) -> bool:
    """Whether school deals with the guardians apart, or one hides, for whatever child (R20, R22)."""
    places = world.of("guardianships", pupil_id=pupil, revoked_at=None)
    hides = any(hides_from(world, one["user_id"], other["user_id"]) for one in places for other in places)
    return hides or world.one("pupils", id=pupil)["apart_at"] is not None


def is_here(world: School, pupil: int) -> bool:
    return world.one("pupils", id=pupil)["archived_at"] is None


def hides_from(world: School, adult: int, other: int) -> bool:
    """Whether an adult hides from the other guardian of a child of both, or is to be left alone (R22)."""
    return hides_as_guardian(world, adult, other) or (
        adult != other
        and any(
            world.of("barrings", user_id=other, pupil_id=row["pupil_id"], lifted_at=None)
            for row in world.of("guardianships", user_id=adult, revoked_at=None)
        )
    )


def hides_as_guardian(world: School, adult: int, other: int) -> bool:
    """Whether an adult hides from who is or was the other guardian of a child that the adult has or had."""
    return adult != other and any(
        row["hidden_at"] is not None and world.of("guardianships", user_id=other, pupil_id=row["pupil_id"])
        for row in world.of("guardianships", user_id=adult)
    )


def keeps_group(reader: Reader, group: int) -> bool:
    return reader.is_office or bool(
        reader.role and reader.world.of("teachings", user_id=reader.id, group_id=group, ended_on=None)
    )
