"""What the planner is given: places, families, the talks that are wanted and the rules of the round.

Keys are numbers of the caller's. Times are minutes since midnight, a day is any number that orders the days.
"""

from dataclasses import dataclass, field
from enum import IntEnum


class Availability(IntEnum):
    """What a family said of a part of a day."""

    CANNOT = 0
    CAN = 1
    PREFERS = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A time of one teacher in one room. One that is not free is blocked, a break or out of the round."""

    key: int
    teacher: int
    day: int
    start: int
    length: int
    building: int = 0
    room: str = ""
    free: bool = True

    @property
    def end(self) -> int:
        return self.start + self.length

    def follows(self, before: "Place") -> bool:
        """Say whether a talk can go on from the other place into this one."""
        return (self.teacher, self.day, self.start, self.building, self.room) == (
            before.teacher,
            before.day,
            before.end,
            before.building,
            before.room,
        )


@dataclass(frozen=True, slots=True)
class Block:
    """What a family said of a part of a day; where blocks overlap, the least counts."""

    day: int
    start: int
    end: int
    availability: Availability


@dataclass(frozen=True, slots=True)
class Family:
    """Guardians who come together. Parents who come apart are two families that want the same teacher.

    One guardian may be in several families (children of an earlier marriage); nobody is in two talks at once.
    """

    key: int
    guardians: tuple[int, ...]
    blocks: tuple[Block, ...] = ()
    otherwise: Availability = Availability.CAN
    """What holds outside the blocks: CANNOT in a round by wishes, where parents name the times that suit."""

    wished: tuple[int, int] | None = None
    """The part of every day that they would like, from and until."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk that a family wants. `length` may take several places that follow each other."""

    key: int
    family: int
    teachers: tuple[int, ...]
    length: int
    pupil: int = 0
    all_teachers: bool = False
    """All of the teachers at once, in the room of the first; otherwise any one of them."""

    fixed: tuple[int, ...] = ()
    """The places where it stays, whatever else is asked."""

    previous: tuple[int, ...] = ()
    """The places of an earlier plan; it moves only if that places a talk more, or helps another to stay."""

    absent: tuple[int, ...] = ()
    """Teachers who sit at this talk as guardians: nobody sits at their own free places meanwhile."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for the whole round."""

    gap: int = 5
    """Minutes that a family has at least between two talks."""

    gap_between_buildings: int = 10
    gap_in_room: int = 0
    most_per_evening: int | None = None
    """Talks of one family on one day."""

    break_after: int | None = None
    """A teacher would like a free place after so many places in a row."""

    def gap_between(self, one: Place, other: Place) -> int:
        """Return the minutes that a family needs from the one place to the other."""
        if one.building != other.building:
            return self.gap_between_buildings
        same = one.room == other.room if one.room or other.room else one.teacher == other.teacher
        return self.gap_in_room if same else self.gap


@dataclass(frozen=True)
class Round:
    """Everything of one round. Raises ValueError on what contradicts itself."""

    places: tuple[Place, ...]
    families: tuple[Family, ...]
    talks: tuple[Talk, ...]
    rules: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        places = {place.key: place for place in self.places}
        families = {family.key for family in self.families}
        if len(places) < len(self.places) or len(families) < len(self.families):
            raise ValueError("two places or families have the same key")
        if len({talk.key for talk in self.talks}) < len(self.talks):
            raise ValueError("two talks have the same key")
        taken: set[int] = set()
        for talk in self.talks:
            if talk.family not in families or not talk.teachers or talk.length <= 0:
                raise ValueError(f"talk {talk.key} has no family, teacher or length")
            if {*talk.teachers} & {*talk.absent}:
                raise ValueError(f"talk {talk.key} is with a teacher who is absent")
            if len({*talk.teachers}) < len(talk.teachers) or len({*talk.fixed}) < len(talk.fixed):
                raise ValueError(f"talk {talk.key} names a teacher or place twice")
            if not {*talk.fixed} <= places.keys() or taken & {*talk.fixed}:
                raise ValueError(f"talk {talk.key} is fixed at a place that is not there, or twice given")
            taken.update(talk.fixed)
        self._check_places()

    def _check_places(self) -> None:
        rows = sorted(self.places, key=lambda place: (place.teacher, place.day, place.start))
        for before, place in zip(rows, rows[1:], strict=False):
            same = (before.teacher, before.day) == (place.teacher, place.day)
            if place.length <= 0 or (same and place.start < before.end):
                raise ValueError(f"place {place.key} has no length or overlaps another of the same teacher")
