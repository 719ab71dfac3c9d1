"""The board of a day: what is known of each pupil, and who is where."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import sha256

from portal import clock

PRESENT, LATE, UNKNOWN = "present", "late", "unknown"
STATES = (PRESENT, LATE, UNKNOWN)


@dataclass(frozen=True, slots=True)
class BoardGroup:
    """A group whose board the viewer keeps."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class BoardAbsence:
    """What was reported about a pupil, as the board shows it. `note` is '' for who may not read it.

    So is `reported_at` None; `after_mark` tells whether it came in after the newest mark of the day.
    """

    id: int
    kind: str
    icon: str
    code: str
    whole_day: bool
    first_day: date
    last_day: date | None
    from_time: time | None
    until_time: time | None
    source: str
    reported_at: datetime | None
    seen_at: datetime | None
    note: str
    after_mark: bool

    def covers(self, at: time) -> bool:
        """Whether it says why the pupil is not here at a time of its day; a visit only while it lasts."""
        begun = self.from_time is None or self.from_time <= at
        return self.whole_day or (begun and not self.is_over(at))

    def is_over(self, at: time) -> bool:
        """Whether it ended before or at a time of its day."""
        return not self.whole_day and self.until_time is not None and self.until_time <= at

    @property
    def has_no_times(self) -> bool:
        """Whether it is a visit of which nobody said when."""
        return not self.whole_day and self.code != "late" and self.from_time is self.until_time is None


@dataclass(slots=True)
class BoardPupil:
    """One pupil on the board. `state` is the newest mark of the day, `unknown` when there is none.

    `called`: by first name, with more of the name where two of the group have the same.
    `group_id` is 0 and `group` '' for a pupil without a home group.
    """

    id: int
    full_name: str
    group_id: int
    group: str
    state: str = UNKNOWN
    marked_at: datetime | None = None
    absence: BoardAbsence | None = None
    ended: date | None = None
    phones: list[tuple[str, str, bool]] = field(default_factory=list)
    called: str = ""

    @property
    def standing(self) -> str:
        """The mark that counts: none when an absence was reported after it, because the newest word does.

        Unless the pupil was seen before a visit began or after it ended: then both are true.
        """
        if self.absence and self.absence.after_mark and self.absence.covers(self._seen_at):
            return UNKNOWN
        return self.state

    @property
    def _seen_at(self) -> time:
        return clock.to_local(self.marked_at).time() if self.marked_at else time.min

    @property
    def was_here_before_the_visit(self) -> bool:
        """Whether the pupil was seen at school before a visit of that day began."""
        if self.absence is None or self.state == UNKNOWN or self.marked_at is None:
            return False
        begins = None if self.absence.whole_day else self.absence.from_time
        return begins is not None and self._seen_at < begins

    def is_absent(self, at: time) -> bool:
        """Whether the pupil was not seen, and a report says why not at this time."""
        return self.standing == UNKNOWN and self.absence is not None and self.absence.covers(at)

    def goes_away(self, at: time) -> bool:
        """Whether the pupil has a visit still to come, or is at it and has not been seen since."""
        if self.absence is None or self.is_absent(at) or self.absence.is_over(at):
            return False
        if self.standing == UNKNOWN:
            return True
        return self.was_here_before_the_visit or self.absence.has_no_times


@dataclass(slots=True)
class Board:
    """The day as school knows it at a time of the school's clock, in the order of the pupils' names."""

    pupils: list[BoardPupil]
    at: time

    @property
    def unknown(self) -> list[BoardPupil]:
        """Pupils whom nobody has seen and of whom nobody has said why they are not here at this time."""
        return [p for p in self.pupils if p.standing == UNKNOWN and not p.is_absent(self.at)]

    @property
    def missed(self) -> list[BoardPupil]:
        """Pupils without a report whom their teacher did not see, in the groups where a teacher has begun.

        Who has no group has no teacher to begin, so the office is the only one to miss them.
        """
        begun = {0} | {p.group_id for p in self.pupils if p.state != UNKNOWN}
        return [p for p in self.unknown if p.group_id in begun]

    @property
    def not_begun(self) -> list[tuple[str, int]]:
        """Name and number of the groups in which no teacher has marked anybody yet."""
        return [
            (name, number)
            for name, number, part in self.by_group()
            if number and all(pupil.state == UNKNOWN for pupil in part.pupils)
        ]

    @property
    def absent(self) -> list[BoardPupil]:
        """Pupils whom a report keeps away at this time, and who have not been seen at school since."""
        return [p for p in self.pupils if p.is_absent(self.at)]

    @property
    def leaving(self) -> list[BoardPupil]:
        """Pupils with a visit still to come, seen or not, and who are at it and have not been seen since."""
        return [p for p in self.pupils if p.goes_away(self.at)]

    @property
    def sick(self) -> list[BoardPupil]:
        """The absent who are ill."""
        return [p for p in self.absent if p.absence and p.absence.code == "sick"]

    @property
    def otherwise(self) -> list[BoardPupil]:
        """The absent for another reason."""
        return [p for p in self.absent if p.absence and p.absence.code != "sick"]

    @property
    def late(self) -> list[BoardPupil]:
        """Pupils who came late."""
        return [p for p in self.pupils if p.standing == LATE]

    @property
    def present(self) -> list[BoardPupil]:
        """Pupils seen at school in time."""
        return [p for p in self.pupils if p.standing == PRESENT]

    @property
    def unseen_reports(self) -> list[BoardPupil]:
        """Pupils whose report nobody at school has acted on."""
        return [p for p in (*self.absent, *self.leaving) if p.absence and p.absence.seen_at is None]

    def by_group(self) -> list[tuple[str, int, "Board"]]:
        """Return name, number and board of each group, in order; last those without one: '' and 0."""
        groups: dict[int, list[BoardPupil]] = {}
        for pupil in self.pupils:
            groups.setdefault(pupil.group_id, []).append(pupil)
        return [(pupils[0].group, number, Board(pupils, self.at)) for number, pupils in groups.items()]

    @property
    def version(self) -> str:
        """A word that changes when anything on the board does."""
        said = [(p.id, p.state, p.marked_at, p.absence, p.phones, p.group) for p in self.pupils]
        lists = [[p.id for p in pupils] for pupils in (self.unknown, self.absent, self.leaving)]
        return sha256(repr((said, lists)).encode()).hexdigest()[:16]
