"""What every format is read into: plain, frozen rows, and the problems met on the way."""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

REFUSED = "refused"
"""The file as a whole was not read."""
ERROR = "error"
"""A row or a cell was left out; the rest stands."""
NOTE = "note"
"""Worth knowing; nothing was left out."""

MAX_KEY = 256
MAX_INFLATED_ROWS = 40_000_000

_BLANKS = re.compile(r"\s+")


def N_(sentence: str) -> str:
    """Mark a sentence for translation; it is translated where it is shown."""
    return sentence


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in what the office gave: file and line (0 = the file as a whole)."""

    file: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where, and what to do about it; never the contents of the file.

    `sentence` is the English message with `%(slot)s` places for `values`: file, line and names of columns
    or elements, no data of people.
    """

    at: Place
    sentence: str
    values: Mapping[str, str] = field(default_factory=dict)
    gravity: str = ERROR

    def english(self) -> str:
        """Return the sentence in English."""
        return self.sentence % self.values


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group; `key` is unique in the file, and may be a dummy that begins with '#'."""

    key: str
    name: str
    year_groups: frozenset[int] = frozenset()
    composite: bool = False
    at: Place = Place("")

    @property
    def lasting_key(self) -> str | None:
        """Return the key that a next export will also use, if it has one."""
        return None if self.key.startswith(("#", "~")) else self.key


@dataclass(frozen=True, slots=True)
class PupilRow:
    """A pupil; `has_left` when the administration says that the child is no longer at school."""

    key: str | None
    given_name: str
    prefix: str = ""
    surname: str = ""
    birth_date: date | None = None
    year_group: int | None = None
    group_key: str | None = None
    extra_group_keys: tuple[str, ...] = ()
    left_on: date | None = None
    has_left: bool = False
    at: Place = Place("")


@dataclass(frozen=True, slots=True)
class TeacherRow:
    """Somebody who teaches; the roles in the file grant nothing here and are not read."""

    key: str | None
    given_name: str
    initials: str = ""
    prefix: str = ""
    surname: str = ""
    email: str | None = None
    group_keys: tuple[str, ...] = ()
    at: Place = Place("")


@dataclass(frozen=True, slots=True)
class ChildRef:
    """How a guardians' table points at a pupil: by key, else by name and birth date.

    Also what the guardian is to this pupil. `authority` None means that the table does not tell (R21).
    """

    key: str | None = None
    given_name: str = ""
    prefix: str = ""
    surname: str = ""
    birth_date: date | None = None
    group_name: str = ""
    relation: str = ""
    authority: bool | None = None

    @property
    def pointer(self) -> "ChildRef":
        """Return how it points, without what the guardian is: equal for two rows about one pupil."""
        return replace(self, relation="", authority=None)

    def joined(self, other: "ChildRef") -> "ChildRef":
        """Return what two rows tell of one guardian and pupil; a denied authority is not given back (R21)."""
        told = [one.authority for one in (self, other) if one.authority is not None]
        return replace(self, relation=self.relation or other.relation, authority=all(told) if told else None)


@dataclass(frozen=True, slots=True)
class GuardianRow:
    """A guardian of one or more pupils; what the guardian is to each stands with the pupil."""

    children: tuple[ChildRef, ...]
    given_name: str = ""
    initials: str = ""
    prefix: str = ""
    surname: str = ""
    email: str | None = None
    phone: str = ""
    phone_e164: str = ""
    key: str | None = None
    at: Place = Place("")


@dataclass(frozen=True, slots=True)
class Roster:
    """Everything that was read. `complete` names the kinds that are all there: who is absent has left.

    `leading` tells that the pupils are the administration's own list, and not just children that a
    guardians' table mentions.
    """

    school_year: str | None = None
    reference_date: date | None = None
    groups: tuple[GroupRow, ...] = ()
    pupils: tuple[PupilRow, ...] = ()
    teachers: tuple[TeacherRow, ...] = ()
    guardians: tuple[GuardianRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    complete: frozenset[str] = frozenset()
    leading: bool = False

    @property
    def refused(self) -> bool:
        """Return whether a file could not be read at all."""
        return any(problem.gravity == REFUSED for problem in self.problems)


def refusal(file: str, line: int, sentence: str, /, **values: str) -> Roster:
    """Return an empty roster with the one reason why the file was not read."""
    return Roster(problems=(Problem(Place(file, line), sentence, values, REFUSED),))


def key_of(text: str) -> str:
    """Return a key as it is compared: blanks at the ends mean nothing."""
    return _BLANKS.sub(" ", text.replace("\x00", "")).strip()[:MAX_KEY]


def lasting(key: str) -> str | None:
    """Return the key, or None for a dummy that a next export may give to another."""
    return None if not key or key.startswith("#") else key


def dump(roster: Roster) -> bytes:
    """Return the rows as compressed JSON: only the fields above, nothing else of the files."""
    plain = {item.name: _plain(getattr(roster, item.name)) for item in fields(Roster)}
    return zlib.compress(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        row = {item.name: getattr(value, item.name) for item in fields(value)}
        return {name: _plain(item) for name, item in row.items() if item not in (None, "", (), frozenset())}
    return dict(value) if isinstance(value, Mapping) else value


def load(packed: bytes) -> Roster:
    """Return the rows that `dump` wrote."""
    opener = zlib.decompressobj()
    plain = json.loads(opener.decompress(packed, MAX_INFLATED_ROWS))
    return Roster(
        school_year=plain["school_year"],
        reference_date=_date(plain["reference_date"]),
        groups=tuple(
            GroupRow(**{**row, "year_groups": frozenset(row.get("year_groups", ())), "at": _place(row)})
            for row in plain["groups"]
        ),
        pupils=tuple(
            PupilRow(
                **{
                    "key": None,
                    "given_name": "",
                    **row,
                    "extra_group_keys": tuple(row.get("extra_group_keys", ())),
                    "birth_date": _date(row.get("birth_date")),
                    "left_on": _date(row.get("left_on")),
                    "at": _place(row),
                }
            )
            for row in plain["pupils"]
        ),
        teachers=tuple(
            TeacherRow(
                **{
                    "key": None,
                    "given_name": "",
                    **row,
                    "group_keys": tuple(row.get("group_keys", ())),
                    "at": _place(row),
                }
            )
            for row in plain["teachers"]
        ),
        guardians=tuple(_guardian(row) for row in plain["guardians"]),
        problems=tuple(
            Problem(_place(row), row["sentence"], row.get("values", {}), row["gravity"])
            for row in plain["problems"]
        ),
        complete=frozenset(plain["complete"]),
        leading=plain["leading"],
    )


def _guardian(row: dict[str, Any]) -> GuardianRow:
    # Previews of before this was kept by pupil hold it once for all pupils of the guardian.
    told = {name: row.pop(name) for name in ("relation", "authority") if name in row}
    children = tuple(
        ChildRef(**{**told, **child, "birth_date": _date(child.get("birth_date"))})
        for child in row.get("children", ())
    )
    return GuardianRow(**{**row, "children": children, "at": _place(row)})


def _place(row: dict[str, Any]) -> Place:
    return Place(**{"file": "", **row.get("at", {})})


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
