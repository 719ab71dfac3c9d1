"""From a CSV or XLSX file to a grid of text, whatever separator, encoding or sheet."""

import codecs
import csv
import io
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from portal.domain.importers.rows import N_, REFUSED, Place, Problem

MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELL = 4_000
MAX_SHEETS = 10

_WESTERN = set("éèëêïîíöôóòõüûúùçñáàâäãåøæœßÉÈËÊÏÎÖÔÓÜÇÑÁÀÄÅØÆşğıłšžćčăő")
_QUOTES = set("‘’“”–…€´°·§")


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row and the line on which it begins."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as text; trailing empty cells and rows are gone. `name` is file, or file and sheet."""

    name: str
    rows: tuple[GridRow, ...]


def read_text(file: str, data: bytes) -> tuple[Grid | None, Problem | None]:
    """Return the grid of a text table, or why there is none."""
    text = decode(data)
    hint = re.match(r"(?i)sep=(.)\r?\n", text)
    separator = hint[1] if hint else _separator(text)
    if hint:
        text = "\n" + text[hint.end() :]
    rows: list[GridRow] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    begins = 1
    try:
        for record in reader:
            if any(record[MAX_COLUMNS:]):
                return None, _refused(file, begins, _TOO_WIDE)
            _keep(rows, begins, record)
            begins = reader.line_num + 1
            if len(rows) > MAX_ROWS:
                return None, _refused(file, begins, _TOO_LONG)
    except csv.Error:
        sentence = N_(
            "%(file)s: a quotation mark that opens near line %(line)s is never closed."
            " Correct it and try again."
        )
        return None, _refused(file, begins, sentence)
    return Grid(file, tuple(rows)), None


_TOO_LONG = N_("%(file)s has more than 20,000 rows. Choose only the pupils of this school.")
_TOO_WIDE = N_("%(file)s has more than 200 columns. Choose only the columns that are needed.")
_UNREADABLE = N_("%(file)s cannot be opened as a table. Save it again as .xlsx or CSV and try once more.")


def _refused(file: str, line: int, sentence: str) -> Problem:
    return Problem(Place(file, line), sentence, {"file": file, "line": str(line)}, REFUSED)


def _keep(rows: list[GridRow], line: int, cells: Iterable[str]) -> None:
    kept = [cell.strip()[:MAX_CELL] for cell in list(cells)[:MAX_COLUMNS]]
    while kept and not kept[-1]:
        kept.pop()
    if kept:
        rows.append(GridRow(line, tuple(kept)))


def decode(data: bytes) -> str:
    """Return the text: by its mark, else UTF-8, else the old code page that gives the likeliest words."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    sample = data[:4096]
    if sample.count(0) > len(sample) // 4:
        little = sample[1::2].count(0) >= sample[::2].count(0)
        return data.decode("utf-16-le" if little else "utf-16-be", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    scored = ((_likely(data, encoding), encoding) for encoding in ("cp1252", "mac_roman", "cp850"))
    return data.decode(max(scored, key=lambda pair: pair[0])[1], "replace")


def _likely(data: bytes, encoding: str) -> int:
    """Count foreign letters that stand in a word against signs that do not."""
    score = 0
    text = data.decode(encoding, "replace")
    for found in re.finditer(r"[^\x00-\x7f]", text):
        sign = found[0]
        before = text[found.start() - 1 : found.start()]
        after = text[found.end() : found.end() + 1]
        if sign in _WESTERN:
            beside = before.isalpha() or after.isalpha()
            score += 2 if beside and not (sign.isupper() and before.islower()) else -1
        elif sign in _QUOTES:
            score += 0
        else:
            score -= 2
    return score


def _separator(text: str) -> str:
    """Return the sign that cuts the first lines into the same number of cells, the more the better."""
    best, best_score = ",", (0.0, 0)
    sample = "".join(text.splitlines(keepends=True)[:40])[:40_000]
    for sign in (";", "\t", ",", "|"):
        try:
            widths = [
                len(record)
                for record in csv.reader(io.StringIO(sample, newline=""), delimiter=sign)
                if record
            ]
        except csv.Error:
            continue
        wide = [width for width in widths if width > 1]
        if not wide:
            continue
        usual = max(set(wide), key=wide.count)
        score = (wide.count(usual) / len(widths), usual)
        if score[0] > best_score[0] + 0.15 or (score[0] > best_score[0] - 0.15 and score[1] > best_score[1]):
            best, best_score = sign, score
    return best


def read_workbook(file: str, data: bytes) -> tuple[list[Grid], Problem | None]:
    """Return a grid per visible sheet with anything in it. Formulas stay text and are never computed."""
    grids: list[Grid] = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            try:
                visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
                for sheet in visible[:MAX_SHEETS]:
                    name = file if len(visible) == 1 else f"{file} ({str(sheet.title)[:40]})"
                    rows: list[GridRow] = []
                    for line, cells in enumerate(_rows(sheet), 1):
                        _keep(rows, line, cells)
                        if len(rows) > MAX_ROWS or line > 4 * MAX_ROWS:
                            return [], _refused(file, line, _TOO_LONG)
                    if rows:
                        grids.append(Grid(name, tuple(rows)))
            finally:
                book.close()
    except Exception:  # openpyxl fails in many ways on a broken file, and all mean the same here
        return [], _refused(file, 0, _UNREADABLE)
    return grids, None


def _rows(sheet: Any) -> Iterator[list[str]]:
    sheet.reset_dimensions()
    for row in sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True):
        yield [_text(value) for value in row]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)
