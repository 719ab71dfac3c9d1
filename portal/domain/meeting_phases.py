"""In which phase a meeting round is; each ends by itself. Pure."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Phase(StrEnum):
    """The phases of a round, in their order."""

    CONCEPT = "concept"
    """The office sets it up; nobody else sees it."""

    ANNOUNCED = "announced"
    """Published; teachers see it and do not shape yet."""

    SHAPING = "shaping"
    """Teachers shape their times; parents do not choose yet."""

    EARLY = "early"
    """Families with several children, and those whom a teacher asked, choose."""

    OPEN = "open"
    """Everyone chooses."""

    FILLING = "filling"
    """Parents choose no more; the office fills the rest."""

    VIEWING = "viewing"
    """All is settled: to look at and to print."""

    WITHDRAWN = "withdrawn"
    """The office called it off."""


class Timed(Protocol):
    """The times of a round."""

    @property
    def published_at(self) -> datetime | None: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...
    @property
    def shape_from(self) -> datetime | None: ...
    @property
    def early_from(self) -> datetime | None: ...
    @property
    def opens_at(self) -> datetime: ...
    @property
    def closes_at(self) -> datetime: ...
    @property
    def filled_by(self) -> datetime | None: ...


def phase_of(round_: Timed, now: datetime) -> Phase:
    """Return the phase that a round is in at an aware moment."""
    if round_.withdrawn_at:
        return Phase.WITHDRAWN
    if round_.published_at is None:
        return Phase.CONCEPT
    if now >= round_.closes_at:
        return Phase.VIEWING if round_.filled_by and now >= round_.filled_by else Phase.FILLING
    if now >= round_.opens_at:
        return Phase.OPEN
    if round_.early_from and now >= round_.early_from:
        return Phase.EARLY
    return Phase.SHAPING if not round_.shape_from or now >= round_.shape_from else Phase.ANNOUNCED


def chooses_from(round_: Timed, early: bool) -> datetime:
    """Return from when a family chooses; `early`: with several children, or asked by a teacher."""
    return round_.early_from if early and round_.early_from else round_.opens_at


def may_choose(round_: Timed, now: datetime, early: bool) -> bool:
    """Whether a family may choose, move and cancel at an aware moment."""
    is_open = round_.published_at is not None and round_.withdrawn_at is None
    return is_open and chooses_from(round_, early) <= now < round_.closes_at
