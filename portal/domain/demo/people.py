"""Invented names, phone numbers and addresses. Pure; every choice comes from the given generator."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from portal import names
from portal.domain.roster import PersonName

DOMAIN = "lindeboog.example"

_FILE = Path(__file__).parents[2] / "data" / "names.csv"
_SHARES = {
    "NL": 56, "TR": 7, "MA": 8, "SR": 4, "PL": 4, "UA": 4, "BG": 2, "CN": 2, "DE": 2, "GB": 3,
    "HU": 1, "IN": 2, "PT": 2, "RO": 1, "BE": 2,
}  # fmt: skip
"""How many of a hundred families have names from where."""

_LANGUAGES = {"GB": "en", "IN": "en", "CN": "en"}


@dataclass(slots=True)
class Adult:
    """A grown-up of the demo. `way_in` is how far the person got: see WAYS_IN."""

    name: PersonName
    email: str | None = None
    phone: str = ""
    language: str = "nl"
    way_in: str = "active"
    role: str = ""
    called: str = ""
    organisation: str = ""
    id: int = 0


@dataclass(slots=True)
class Guard:
    """An adult as guardian of the family's children."""

    adult: Adult
    relation: str
    has_authority: bool = True
    hides: bool = False


@dataclass(slots=True)
class Child:
    """A pupil of the demo; `group` is the number of the group in the plan."""

    name: PersonName
    year_group: int
    group: int
    guards: list[Guard]
    id: int = 0


@cache
def _known() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found[row["origin"], row["kind"]].append(row["name"])
    return dict(found)


class People:
    """Draws people; each phone number is given out once."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.phones = 0

    def origin(self) -> str:
        """Return where a family's names come from."""
        return self.random.choices(list(_SHARES), list(_SHARES.values()))[0]

    def surname(self, origin: str) -> tuple[str, str]:
        """Return prefix and surname."""
        return names.split_prefix(self._draw(origin, "surname"))

    def child(self, origin: str, surname: tuple[str, str]) -> PersonName:
        """Return the name of a child with the family's surname."""
        return PersonName(self._draw(origin, self.random.choice(("girl", "boy"))), *surname)

    def grown_up(self, origin: str, woman: bool, surname: tuple[str, str]) -> PersonName:
        """Return the name of a grown-up."""
        return PersonName(self._draw(origin, "woman" if woman else "man"), *surname)

    def phone(self) -> str:
        """Return a number out of the ranges that are never given to anybody."""
        self.phones += 1
        digits = f"{self.phones:06d}"
        if self.random.random() < 0.08:
            return f"030 000 {digits[-4:]}"
        return f"06 00{digits[:2]} {digits[2:]}"

    def language(self, origin: str) -> str:
        """Return what a grown-up of this origin reads the portal in."""
        return _LANGUAGES.get(origin, "nl") if self.random.random() < 0.7 else "nl"

    def _draw(self, origin: str, kind: str) -> str:
        fallback = {"woman": "girl", "man": "boy"}.get(kind, kind)
        known = _known()
        return self.random.choice(known.get((origin, kind)) or known[origin, fallback])
