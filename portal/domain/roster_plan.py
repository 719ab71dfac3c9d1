"""What an import would do, as plain rows that a page can show and `roster_import` can carry out.

Things that exist are named by their number with a letter ('p12' a pupil, 'g3' a group, 'u7' an adult); things
that the import would make by their place in the file ('np4', 'ng0', 'na9').
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from portal.domain.importers.rows import GroupRow, GuardianRow, Place, Problem, PupilRow, TeacherRow
from portal.domain.roster_questions import Choice, Unmatched


@dataclass(frozen=True, slots=True)
class Step:
    """Something the import would do, that the office can leave out; `on` tells how its box begins."""

    id: str
    name: str
    group: str = ""
    on: bool = True


@dataclass(frozen=True, slots=True)
class AddGroup:
    """A group that is new in this school year."""

    token: str
    row: GroupRow


@dataclass(frozen=True, slots=True)
class ChangeGroup:
    """Another name, key or year groups for a group, or one that was closed and is open again."""

    group_id: int
    old: str
    new: str
    old_years: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CloseGroup:
    """A group that is in the file no more and that nobody is in."""

    group_id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPupil(Step):
    """A child that is new at school."""

    token: str
    row: PupilRow
    guardians: int = 0
    with_email: int = 0
    untold: bool = False
    """Whether the reader is told nothing of the guardians: it is the own child."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavePupil(Step):
    """A child that has left: archived, never deleted."""

    pupil_id: int
    left_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnPupil(Step):
    """A child that had left and is back."""

    pupil_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Step):
    """Another value for one thing that is known; `conflict` when the person changed it in the portal.

    `arranged` when it goes against what school decided about the guardian.
    `needs` is the step that it cannot be without: an address is free when its owner gets another one.
    """

    of: str
    ident: int
    field: str
    old: str
    new: str
    values: Mapping[str, object]
    conflict: bool = False
    arranged: bool = False
    needs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement(Step):
    """The groups that a child comes to be in. `follows` is the step that it goes with, for a new child."""

    pupil: str
    old: str
    new: str
    home: str | None
    keeps_home: bool
    joins: tuple[str, ...] = ()
    leaves: tuple[int, ...] = ()
    follows: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTeacher(Step):
    """Somebody who works at school from now on; `user` names the adult, who may be a guardian already."""

    user: str
    row: TeacherRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Teach(Step):
    """A teacher with a group, or no longer; `follows` the step that makes the teacher."""

    user: str
    group_token: str
    ends: bool = False
    follows: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveTeacher(Step):
    """Somebody who is in the file no more."""

    user_id: int


@dataclass(frozen=True, slots=True)
class AddAdult:
    """A guardian whom the school does not know yet; made when one of the links to a child is."""

    token: str
    row: GuardianRow
    email: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link(Step):
    """An adult as guardian of a child. `blocked`: the child has two already, who are in `present`.

    `stays_without`: comes back without authority, as the access was when it ended, whatever the list says.
    """

    pupil: str
    user: str
    guardian: str
    relation: str
    has_authority: bool
    at: Place
    stays_without: bool = False
    blocked: bool = False
    present: tuple[str, ...] = ()
    was_ended: bool = False
    answered: bool = False
    follows: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLink(Step):
    """A guardian whom the file does not name with this child any more; never ended unseen."""

    guardianship_id: int
    guardian: str
    pupil: str


@dataclass(slots=True)
class Plan:
    """Everything the import would do, in the order of the page."""

    revision: int
    school_year: str | None
    ahead: Problem | None = None
    """What has to be said of files of a school year that has not begun."""
    present: int = 0
    same: int = 0
    add_groups: list[AddGroup] = field(default_factory=list)
    change_groups: list[ChangeGroup] = field(default_factory=list)
    close_groups: list[CloseGroup] = field(default_factory=list)
    new_pupils: list[AddPupil] = field(default_factory=list)
    returning: list[ReturnPupil] = field(default_factory=list)
    leaving: list[LeavePupil] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    moves: list[Placement] = field(default_factory=list)
    placements: list[Placement] = field(default_factory=list)
    new_teachers: list[AddTeacher] = field(default_factory=list)
    teaching: list[Teach] = field(default_factory=list)
    leaving_teachers: list[LeaveTeacher] = field(default_factory=list)
    adults: list[AddAdult] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    seated: dict[str, dict[int, str]] = field(default_factory=dict)
    """The guardians that the children of the links have now: their names by the number of the place."""
    ending: list[EndLink] = field(default_factory=list)
    barred: list[Link] = field(default_factory=list)
    keys: list[tuple[int, str]] = field(default_factory=list)
    unmatched: list[Unmatched] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    refusals: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)

    def steps(self) -> Iterator[Step]:
        """Yield everything that has a box of its own."""
        for section in (
            self.new_pupils,
            self.returning,
            self.leaving,
            self.changes,
            self.moves,
            self.new_teachers,
            self.teaching,
            self.leaving_teachers,
            self.links,
            self.ending,
        ):
            for step in section:
                if not getattr(step, "follows", ""):
                    yield step

    @staticmethod
    def is_on(step: Placement | Teach, ticked: frozenset[str]) -> bool:
        """Return whether a step is to be done: by its own box, or by that of the step it goes with."""
        return (step.follows or step.id) in ticked

    def defaults(self) -> frozenset[str]:
        """Return the boxes that begin on."""
        return frozenset(step.id for step in self.steps() if step.on)

    @property
    def conflicts(self) -> list[Change]:
        """Changes that would go over what a parent changed in the portal."""
        return [change for change in self.changes if change.conflict]

    @property
    def arranged(self) -> list[Change]:
        """Changes that would give back what school took away."""
        return [change for change in self.changes if change.arranged]

    @property
    def new_links(self) -> list[Link]:
        """New guardians of children who were at school already."""
        return [link for link in self.links if not link.follows and not link.blocked]

    @property
    def third_guardians(self) -> list[Link]:
        """Guardians for whom there is no place."""
        return [link for link in self.links if link.blocked]

    def moved(self, ticked: frozenset[str]) -> list[Placement]:
        """Return the children at school who get other groups; not who had left and is not taken back."""
        away = self.away(ticked)
        return [move for move in self.moves if move.id in ticked and move.pupil not in away]

    def away(self, ticked: frozenset[str]) -> frozenset[str]:
        """Return the children who had left, and whom the office does not take back."""
        return frozenset(f"p{step.pupil_id}" for step in self.returning if step.id not in ticked)

    def count(self, ticked: frozenset[str]) -> int:
        """Return how many things would change."""
        groups = len(self.add_groups) + len(self.change_groups) + len(self.close_groups)
        return groups + sum(
            step.id in ticked and not getattr(step, "blocked", False) for step in self.steps()
        )

    def leaves(self, ticked: frozenset[str]) -> int:
        """Return how many children would leave."""
        return sum(step.id in ticked for step in self.leaving)

    def asks_number(self, ticked: frozenset[str]) -> bool:
        """Return whether so many would leave that the number has to be typed: more than 5 in 100."""
        return self.leaves(ticked) * 20 > self.present
