"""The rows of a school as plain Python, to look things up in; knows nothing of the portal."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]
MOST_NEAR = 4
FEW = 2
NAMES = {
    "pupil_id": "pupils",
    "user_id": "users",
    "asked_by": "users",
    "given_by": "users",
    "reported_by": "users",
}
"""Columns that say about whom a row is."""


@dataclass
class School:
    """All rows of all tables, who is who, which mark stands where, and by what it is kept in a test run."""

    rows: dict[str, list[Row]]
    marks: dict[str, tuple[str, Row, str]] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    family: frozenset[tuple[str, int]] = frozenset()
    name: str = ""
    _found: dict[tuple[str, ...], dict[tuple[Any, ...], list[Row]]] | None = None
    _near: dict[str, list[Row]] = field(default_factory=dict)

    def settle(self) -> None:
        """Remember what is looked up from now on; who is who and what belongs to what changes no more."""
        self._found = {}

    def of(self, table: str, **wanted: Any) -> list[Row]:
        """Return the rows with these values."""
        if self._found is None or not wanted:
            rows = self.rows[table]
            return [row for row in rows if all(row[name] == value for name, value in wanted.items())]
        by_value = self._found.get((table, *wanted))
        if by_value is None:
            by_value = self._found[table, *wanted] = {}
            for row in self.rows[table]:
                by_value.setdefault(tuple(row[name] for name in wanted), []).append(row)
        return list(by_value.get(tuple(wanted.values()), ()))

    def one(self, table: str, **wanted: Any) -> Row:
        (found,) = self.of(table, **wanted)
        return found

    def near(self, table: str) -> list[Row]:
        """Return the rows to type the numbers of: all, or of a family's those about it and a few others."""
        rows = self.rows[table]
        if not self.family:
            return rows
        if table in self._near:
            return self._near[table]
        near = [row for row in rows if self._is_of_family(table, row)]
        found = [*near[:MOST_NEAR], *(row for row in rows[:FEW] if row not in near)]
        if self._found is not None:
            self._near[table] = found
        return found

    def _is_of_family(self, table: str, row: Row) -> bool:
        own = (table, row.get("id", row.get("user_id")))
        named = {(kind, row.get(name)) for name, kind in NAMES.items()}
        return bool(({own} | named) & self.family)
