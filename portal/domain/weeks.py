"""Sets of weeks, as arithmetic: every week from one on, without this one. Pure.

A week is named by its Monday. What happens weekly on a group's page is a set of weeks, and what the teacher
does to it (once more, from now on, not this week) is a union or a difference of two such sets.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

Span = tuple[date, date | None]
"""The first and the last Monday; no last one means for good."""

WEEK = timedelta(weeks=1)
_FOR_GOOD = 10**6
"""The number of a week that no date reaches."""


def monday_of(day: date) -> date:
    """Return the Monday of the week that a day is in."""
    return day - timedelta(days=day.weekday())


def _number(monday: date) -> int:
    return (monday.toordinal() - 1) // 7


def _monday(number: int) -> date:
    return date.fromordinal(number * 7 + 1)


@dataclass(frozen=True, slots=True)
class Weeks:
    """A set of weeks: spans of week numbers in order, the end not included, none touching the next."""

    _spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, spans: Iterable[Span]) -> "Weeks":
        """Return the weeks of these spans together."""
        return cls(
            _joined(
                (_number(first), _FOR_GOOD if last is None else _number(last) + 1) for first, last in spans
            )
        )

    @classmethod
    def only(cls, monday: date) -> "Weeks":
        """Return the one week."""
        return cls.of([(monday, monday)])

    @classmethod
    def since(cls, monday: date) -> "Weeks":
        """Return the week and all later ones."""
        return cls.of([(monday, None)])

    def spans(self) -> list[Span]:
        """Return the fewest spans that hold exactly these weeks, in order."""
        return [
            (_monday(first), None if end >= _FOR_GOOD else _monday(end - 1)) for first, end in self._spans
        ]

    def __bool__(self) -> bool:
        return bool(self._spans)

    def __contains__(self, monday: date) -> bool:
        return any(first <= _number(monday) < end for first, end in self._spans)

    def __or__(self, other: "Weeks") -> "Weeks":
        return Weeks(_joined((*self._spans, *other._spans)))

    def __sub__(self, other: "Weeks") -> "Weeks":
        left = self._spans
        for first, end in other._spans:
            left = tuple(
                piece
                for start, stop in left
                for piece in ((start, min(stop, first)), (max(start, end), stop))
                if piece[0] < piece[1]
            )
        return Weeks(left)

    def __and__(self, other: "Weeks") -> "Weeks":
        return self - (self - other)


def _joined(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the spans in order, those that touch or overlap made one."""
    joined: list[tuple[int, int]] = []
    for first, end in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((first, end))
    return tuple(joined)
