"""What the planner gives back."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class Score(NamedTuple):
    """How good a plan is; less is better, and what comes first counts before all that follows."""

    unplaced: int
    """Talks left over."""

    moved: int
    """Talks that are elsewhere than in the previous plan."""

    extra_evenings: int
    """Days on which a family comes beyond its first, over all families."""

    waiting: int
    """Minutes between the talks of one family on one day, beyond the walking gap."""

    wishes: int
    """2 for a talk outside what its family prefers, 1 for one outside the wished part of the day."""

    missed_breaks: int
    """Places in a row of a teacher beyond the number after which a break was asked."""

    lateness: int
    """Of every talk, the number of times of that day that come before it."""


class Why(StrEnum):
    """Why a talk is left over."""

    NO_PLACE = "no-place"
    """The teacher has no free places in a row that are long enough."""

    NOT_AVAILABLE = "not-available"
    """The family cannot come at any of the teacher's places."""

    TEACHER_FULL = "teacher-full"
    """Others have every place at which the family could come."""

    OTHER_TALK = "other-talk"
    """Of the places that are left, each is too close to another talk of the same people."""

    EVENING_FULL = "evening-full"
    """On the days that are left, the family has its most talks."""

    TIME = "time"
    """A place is left: the planner was stopped before it looked."""


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A talk without a place: the last hindrance, and how many places each hindrance took away."""

    talk: int
    why: Why
    places: int
    """Ways to sit that the teacher has at all."""

    not_available: int
    taken: int
    too_close: int
    evening_full: int
    others: tuple[int, ...] = ()
    """The talks of the same people that are in the way."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A seat for each talk that has one, and the reason for each that has not."""

    seats: dict[int, tuple[int, ...]]
    score: Score
    left_over: tuple[LeftOver, ...] = ()
    iterations: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the planner is; the score never grows."""

    placed: int
    unplaced: int
    score: Score
    iterations: int
