"""What an import asks because the files say too little, and what the office answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.domain.importers.rows import Place

ONE, TWO = "one", "two"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A child that an unmatched row may be about."""

    token: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A guardian whose child was not found, with the children that come nearest."""

    id: str
    guardian: str
    child: str
    at: Place
    suggestions: tuple[Suggestion, ...]
    answer: str = ""
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """Two rows that may be one person: other names with one e-mail address, or one name in one family.

    When two, the second has no address. `others`: the children of the first, where only the name is one.
    """

    id: str
    first: str
    second: str
    email: str
    children: tuple[str, ...]
    at: Place
    answer: str = ""
    pupils: tuple[str, ...] = ()
    user: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answers:
    """What the office said: choices by their id ('one' or 'two'), children by the id of the unmatched row."""

    choices: Mapping[str, str] = field(default_factory=dict)
    matches: Mapping[str, str] = field(default_factory=dict)
