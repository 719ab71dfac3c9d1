"""When two names are the same person, and which child a row may have meant. Pure."""

from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import Protocol

from portal.names import fold, full

NEAR = 0.62
SAME_CHILD = 0.6
SUGGESTIONS = 3


class Named(Protocol):
    """Whoever has a name in parts."""

    @property
    def given_name(self) -> str: ...
    @property
    def prefix(self) -> str: ...
    @property
    def surname(self) -> str: ...


class NamedAdult(Named, Protocol):
    """Whoever may be known by initials only."""

    @property
    def initials(self) -> str: ...


def name_of(person: Named) -> str:
    """Return the whole name as it is shown."""
    return full(person.given_name, person.prefix, person.surname)


def adult_name(person: NamedAdult) -> str:
    """Return the whole name, with initials where there is no first name."""
    return full(person.given_name or person.initials, person.prefix, person.surname)


def name_key(person: Named) -> tuple[str, str]:
    """Return what has to be equal for two pupils to have the same name."""
    return fold(person.given_name), fold(f"{person.prefix} {person.surname}")


def differs_wholly(one: Named, other: Named) -> bool:
    """Return whether the names have too little in common: another child under the same number.

    Letters that a spreadsheet turned into question marks are no difference.
    """
    if fold(one.given_name) == fold(other.given_name) or fold(one.surname) == fold(other.surname):
        return False
    first, second = fold(name_of(one)).replace("?", ""), fold(name_of(other)).replace("?", "")
    return SequenceMatcher(None, first, second, autojunk=False).ratio() < SAME_CHILD


def alike(one: NamedAdult, other: NamedAdult) -> bool:
    """Return whether two adults can be the same person: nothing in the names contradicts it."""
    if one.surname and other.surname and fold(one.surname) != fold(other.surname):
        # A married name: the first name has to be the same one, and no initial.
        given = fold(one.given_name)
        parts = set(fold(one.surname).replace("-", " ").split())
        shared = parts & set(fold(other.surname).replace("-", " ").split())
        return len(given) > 1 and given == fold(other.given_name) and bool(shared)
    if one.given_name and other.given_name:
        first, second = fold(one.given_name), fold(other.given_name)
        return first == second or first.split()[0].split("-")[0] == second.split()[0].split("-")[0]
    first, second = _initial(one), _initial(other)
    return not first or not second or first == second


def _initial(person: NamedAdult) -> str:
    return fold(person.initials or person.given_name)[:1]


def is_named(person: NamedAdult) -> bool:
    """Return whether there is any name at all."""
    return bool(person.given_name or person.initials or person.surname)


def nearest(wanted: str, candidates: Iterable[tuple[str, str]]) -> list[str]:
    """Return the tokens of the candidates (token, name) whose names come nearest, the best first."""
    target = fold(wanted)
    words = set(target.split())
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(target)
    scored: list[tuple[float, str]] = []
    for token, name in candidates:
        folded = fold(name)
        shared = words & set(folded.split())
        matcher.set_seq1(folded)
        if not shared and (matcher.real_quick_ratio() < NEAR or matcher.quick_ratio() < NEAR):
            continue
        score = matcher.ratio() + 0.1 * len(shared)
        if score >= NEAR:
            scored.append((score, token))
    return [token for _, token in sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:SUGGESTIONS]]
