"""Who is at De Lindeboog: groups, staff and families, drawn up before anything is written. Pure."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from portal.domain.demo.families import Families
from portal.domain.demo.people import DOMAIN, Adult, Child, People

LEVELS = (("1/2", (1, 2)), ("3/4", (3, 4)), ("5", (5,)), ("6", (6,)), ("7", (7,)), ("8", (8,)))
FULL_GROUP = 32
"""When groups would be fuller than this on average, there are two or more of each: 5a, 5b."""

CHILDREN_PER_FAMILY = 1.4
TEACHER_WITH_CHILD = 2
"""The place in the staff of the teacher who is also a parent: leerkracht3, of group 3/4."""

ADDRESSES = {"office": "administratie", "head": "directie", "admin": "beheer"}


@dataclass(slots=True)
class PlannedGroup:
    """A group with its teachers, each with the days they work (a bit per day, Monday 1)."""

    name: str
    year_groups: tuple[int, ...]
    teachers: list[tuple[Adult, int]] = field(default_factory=list)
    id: int = 0


@dataclass(slots=True)
class Plan:
    """The whole school; the order in which people stand here is the one in which they get their numbers."""

    groups: list[PlannedGroup]
    staff: list[Adult]
    children: list[Child]
    guardians: list[Adult]

    @property
    def adults(self) -> list[Adult]:
        """Everybody grown up, once; who is teacher and parent stands among the staff."""
        return [*self.staff, *self.guardians]


def plan_school(families: int, random: Random) -> Plan:
    """Draw up the school for a number of families; the first ones are always the same people."""
    people = People(random)
    parallel = max(1, round(families * CHILDREN_PER_FAMILY / (FULL_GROUP * len(LEVELS)) + 0.4))
    groups = [
        PlannedGroup(name + ("" if parallel == 1 else _letter(number)), year_groups)
        for name, year_groups in LEVELS
        for number in range(parallel)
    ]
    staff = list(_staff(groups, people))
    made = Families(people, [years for _, years in LEVELS], parallel, staff[TEACHER_WITH_CHILD])
    children = [child for family in made.make(families) for child in family]
    known = {id(adult) for adult in staff}
    everybody = {id(guard.adult): guard.adult for child in children for guard in child.guards}
    plan = Plan(groups, staff, children, [adult for key, adult in everybody.items() if key not in known])
    _tell_apart(staff)
    _give_addresses(plan)
    return plan


def _letter(number: int) -> str:
    """Return a, b ... z, aa, ab: a school of 5000 families has many parallel groups."""
    return (_letter(number // 26 - 1) if number >= 26 else "") + chr(ord("a") + number % 26)


def _staff(groups: list[PlannedGroup], people: People) -> Iterator[Adult]:
    """Yield the staff; every other group has two teachers who share the week."""
    for number, group in enumerate(groups):
        for days in (0b00111, 0b11000) if number % 2 == 0 else (0b11111,):
            teacher = _colleague(people, "teacher", woman=people.random.random() < 0.8)
            group.teachers.append((teacher, days))
            yield teacher
    yield _colleague(people, "office", woman=True)
    yield _colleague(people, "head", woman=True)
    yield _colleague(people, "admin", woman=False)


def _colleague(people: People, role: str, woman: bool) -> Adult:
    origin = people.random.choices(("NL", people.origin()), (4, 1))[0]
    name = people.grown_up(origin, woman, people.surname(origin))
    called = f"{'juf' if woman else 'meester'} {name.given_name}" if role == "teacher" else ""
    return Adult(name, phone=people.phone(), role=role, called=called)


def _tell_apart(staff: list[Adult]) -> None:
    """Let two teachers with one first name be called by a letter of the surname too, as a school does."""
    often = Counter(adult.called for adult in staff)
    for adult in staff:
        if adult.called and often[adult.called] > 1:
            adult.called += f" {adult.name.surname[0]}"


def _give_addresses(plan: Plan) -> None:
    """Number who has a login, so that `ouder1` to the last one all work; who has none gets another name."""
    teachers = parents = invited = 0
    for adult in plan.staff:
        if adult.role == "teacher":
            teachers += 1
        adult.email = f"{ADDRESSES.get(adult.role, f'leerkracht{teachers}')}@{DOMAIN}"
    for adult in plan.guardians:
        if adult.way_in == "active":
            parents += 1
            adult.email = f"ouder{parents}@{DOMAIN}"
        elif adult.way_in != "no e-mail":
            invited += 1
            adult.email = f"genodigde{invited}@{DOMAIN}"
