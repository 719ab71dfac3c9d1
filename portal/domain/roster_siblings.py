"""Guardians of one name in one family: too little to know whether they are one person. Pure."""

from dataclasses import dataclass

from portal.domain.roster_likeness import Named, NamedAdult, adult_name
from portal.names import fold


@dataclass(frozen=True, slots=True)
class Known:
    """A guardian by its token, and the child that it is known of."""

    token: str
    child: str


class FamilyNames:
    """Which guardians there are by own name and surname of the child."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], list[Known]] = {}

    def add(self, adult: NamedAdult, child: Named, token: str, child_name: str) -> None:
        """Remember a guardian of a child; who has no surname or nothing before it says too little."""
        if adult.surname and (adult.given_name or adult.initials):
            self._known.setdefault(_family(adult, child), []).append(Known(token, child_name))

    def of(self, adult: NamedAdult, child: Named, not_these: set[str]) -> list[Known]:
        """Return the other guardians of this name with a child of this surname, the first person's rows."""
        found = [one for one in self._known.get(_family(adult, child), []) if one.token not in not_these]
        return [one for one in found if one.token == found[0].token]


def _family(adult: NamedAdult, child: Named) -> tuple[str, str]:
    return fold(adult_name(adult)), fold(child.surname)
