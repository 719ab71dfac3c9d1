"""Pupils by their number in the administration. Pure."""

from collections import Counter
from collections.abc import Iterable
from typing import Generic, TypeVar

Numbered = TypeVar("Numbered")


class ByNumber(Generic[Numbered]):
    """Finds who bears a number, also where a spreadsheet ate the zeros before it."""

    def __init__(self, numbered: Iterable[tuple[str | None, Numbered]]) -> None:
        self._exact = {number: one for number, one in numbered if number}
        bare = Counter(number.lstrip("0") for number in self._exact)
        self._bare = {
            number.lstrip("0"): one for number, one in self._exact.items() if bare[number.lstrip("0")] == 1
        }

    def get(self, number: str | None) -> Numbered | None:
        """Return who bears the number; None when that is nobody, or without its zeros several."""
        if not number:
            return None
        return self._exact.get(number) or self._bare.get(number.lstrip("0"))
