"""Tables of pupils and guardians in any layout: columns are found by their headings, or as the office says.

What the office says once is kept under a fingerprint of the headings, so it is asked once per layout.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from portal.domain.importers import headings
from portal.domain.importers.headings import IGNORE, MEANINGS
from portal.domain.importers.rows import (
    N_,
    REFUSED,
    Place,
    Problem,
)
from portal.domain.importers.sheets import Grid, GridRow
from portal.names import clean, fold

_HEADER_WITHIN = 15
_SAMPLE_ROWS = 3


@dataclass(frozen=True, slots=True)
class TableMapping:
    """What each column means ('ignore' or '' = not read), and whether the table has a row of headings."""

    columns: tuple[str, ...]
    has_headings: bool = True

    def dumps(self) -> str:
        """Return the mapping as text, to be remembered."""
        return json.dumps({"columns": self.columns, "has_headings": self.has_headings})

    @classmethod
    def loads(cls, text: str) -> "TableMapping":
        """Return the mapping that `dumps` wrote; ValueError on anything else."""
        plain = json.loads(text)
        columns = tuple(str(name) for name in plain["columns"])
        if any(name and name not in MEANINGS for name in columns):
            raise ValueError("not a mapping")
        return cls(columns, bool(plain["has_headings"]))

    @property
    def is_usable(self) -> bool:
        """Return whether these columns say which pupil a row is about."""
        return bool({"pupil.key", "pupil.name", "pupil.given", "pupil.surname"} & set(self.columns))


@dataclass(frozen=True, slots=True)
class Table:
    """A grid and what was found out about it. `mapping` None = the office has to say what the columns are."""

    name: str
    fingerprint: str
    headings: tuple[str, ...]
    guess: TableMapping
    mapping: TableMapping | None
    above: tuple[str, ...]
    body: tuple[GridRow, ...]

    def sample(self) -> list[tuple[str, list[str]]]:
        """Return each heading with its first values, those of columns that are never read left out."""
        columns = []
        for index, heading in enumerate(self.headings):
            values = [row.cells[index] for row in self.body if index < len(row.cells) and row.cells[index]]
            hidden = self.guess.columns[index] == IGNORE or looks_like_bsn(values)
            columns.append(
                (heading, [] if hidden else [clean(value)[:40] for value in values[:_SAMPLE_ROWS]])
            )
        return columns

    def contents(self) -> list[str]:
        """Return what each column seems to hold, without saying what: email, date, number, name or ''."""
        kinds = []
        for index in range(len(self.headings)):
            values = [row.cells[index] for row in self.body[:200] if index < len(row.cells)]
            kinds.append(_kind_of([value for value in values if value]))
        return kinds

    def asking(self) -> Problem:
        """Return the question that only the import page can ask."""
        sentence = N_(
            "%(file)s: these columns are not known. Say once at /school/import what they are;"
            " it is remembered."
        )
        return Problem(Place(self.name), sentence, {"file": self.name}, REFUSED)


def _kind_of(values: Sequence[str]) -> str:
    patterns = (
        ("email", r".+@.+"),
        ("date", r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*"),
        ("number", r"[\d +()./-]+"),
        ("words", r"\D+"),
    )
    for kind, pattern in patterns:
        if values and sum(bool(re.fullmatch(pattern, value)) for value in values) * 10 >= len(values) * 6:
            return kind
    return "mixed" if values else ""


def examine(grid: Grid, known: Mapping[str, TableMapping]) -> Table:
    """Find the row of headings and what the columns mean; a remembered mapping wins."""
    best, best_score = -1, 1
    for index, row in enumerate(grid.rows[:_HEADER_WITHIN]):
        score = _header_score(row)
        if score > best_score:
            best, best_score = index, score
    width = max((len(row.cells) for row in grid.rows), default=0)
    if best < 0:
        return _without_headings(grid, width, known)
    header = grid.rows[best].cells
    width = max(width, len(header))
    texts = tuple(clean(text)[:60] for text in header) + ("",) * (width - len(header))
    above = grid.rows[best - 1].cells if best else ()
    body = grid.rows[best + 1 :]
    fingerprint = _fingerprint((*above, "|", *header) if any(headings.sections(above, width)) else header)
    remembered = known.get(fingerprint)
    guess = TableMapping(headings.recognise(texts, above))
    if remembered:
        columns = (*remembered.columns, *("",) * width)[:width]
        mapping: TableMapping | None = replace(remembered, columns=columns)
    else:
        mapping = guess if _is_sure(guess, body) and not _is_staff(texts) else None
    return Table(grid.name, fingerprint, texts, guess, mapping, above, body)


def _without_headings(grid: Grid, width: int, known: Mapping[str, TableMapping]) -> Table:
    headed = _first_row_is_headings(grid)
    first = grid.rows[0].cells if headed else ()
    fingerprint = _fingerprint(first or (f"columns {width}",))
    texts = (*(clean(text)[:60] for text in first), *("",) * (width - len(first)))
    guess = TableMapping(headings.recognise(texts) if headed else ("",) * width, has_headings=headed)
    remembered = known.get(fingerprint)
    if remembered:
        remembered = replace(remembered, columns=(*remembered.columns, *("",) * width)[:width])
    return Table(grid.name, fingerprint, texts, guess, remembered, (), grid.rows[1:] if headed else grid.rows)


def _first_row_is_headings(grid: Grid) -> bool:
    """Tell headings in unknown words from data: data has addresses or numbers where headings have none."""
    first = grid.rows[0].cells if grid.rows else ()
    if len(first) < 2 or len(grid.rows) < 2 or any(not cell or re.search(r"[@\d]", cell) for cell in first):
        return False
    for index in range(len(first)):
        values = [row.cells[index] for row in grid.rows[1:50] if index < len(row.cells) and row.cells[index]]
        if values and sum(bool(re.search(r"[@\d]", value)) for value in values) * 2 > len(values):
            return True
    return False


def _header_score(row: GridRow) -> int:
    """Count the headings that are understood; a row with addresses, dates or numbers in it is no header."""
    cells = [cell for cell in row.cells if cell]
    if any("@" in cell or re.fullmatch(r"[\d\s./+-]{3,}", cell) for cell in cells):
        return 0
    meanings = [meaning for meaning in headings.recognise(cells) if meaning]
    return sum(2 if meaning != IGNORE else 1 for meaning in meanings) - (len(cells) == 1) * 2


def _is_staff(headings_: Sequence[str]) -> bool:
    """Return whether the headings are those of a list of staff, who must not become pupils."""
    words = " ".join(fold(text) for text in headings_)
    return bool(re.search(r"functie|medewerker|personeel|employee|staff|aanstelling", words))


def _is_sure(guess: TableMapping, body: Sequence[GridRow]) -> bool:
    """Return whether it is clear which pupil a row is about, and no unknown column holds addresses."""
    if not guess.is_usable or len([name for name in guess.columns if name not in ("", IGNORE)]) < 2:
        return False
    for index, meaning in enumerate(guess.columns):
        if meaning == "":
            values = [row.cells[index] for row in body[:200] if index < len(row.cells) and row.cells[index]]
            if values and sum("@" in value for value in values) * 2 > len(values):
                return False
    return True


def _fingerprint(header: Iterable[str]) -> str:
    flat = "\x1f".join(fold(clean(text)) for text in header).strip("\x1f")
    return hashlib.sha256(flat.encode()).hexdigest()[:40]


def looks_like_bsn(values: Sequence[str]) -> bool:
    """Return whether nearly all values are nine digits that pass the test of the citizen service number."""
    digits = [value for value in values if re.fullmatch(r"\d{9}", value, re.ASCII)]
    if len(digits) < 5 or len(digits) * 10 < len(values) * 8:
        return False
    passing = sum(
        (
            sum(int(sign) * weight for sign, weight in zip(value, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
            % 11
        )
        == 0
        for value in digits
    )
    return passing * 10 >= len(digits) * 8
