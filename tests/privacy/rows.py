"""The rows of a school as plain Python, to look things up in; knows nothing of the portal."""

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass
class School:
    """All rows of all tables, who is who, and which mark stands where."""

    rows: dict[str, list[Row]]
    marks: dict[str, tuple[str, Row, str]] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)

    def of(self, table: str, **wanted: Any) -> list[Row]:
        """Return the rows with these values."""
        return [row for row in self.rows[table] if all(row[name] == value for name, value in wanted.items())]

    def one(self, table: str, **wanted: Any) -> Row:
        (found,) = self.of(table, **wanted)
        return found
