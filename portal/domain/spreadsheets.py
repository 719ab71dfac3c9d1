"""Tables for a spreadsheet program, in which no cell can be a formula."""

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

WIDEST = 50
_BEGINS_A_FORMULA = tuple("=+-@＝＋－＠")
_SEPARATES = tuple("\t\r\n")

Row = Sequence[str]


def as_text(cell: str) -> str:
    """Return a cell that a spreadsheet program takes as text, whatever somebody has filled in.

    With an apostrophe in front, which our own import takes off again.
    """
    if cell.startswith(_SEPARATES) or cell.lstrip().startswith(_BEGINS_A_FORMULA):
        return f"'{cell}"
    return cell


def csv_of(rows: Iterable[Row]) -> bytes:
    """Return the rows as a Dutch Excel opens them: semicolons, every cell quoted, UTF-8 with its mark."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([as_text(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_of(rows: Iterable[Row], title: str) -> bytes:
    """Return the rows as a workbook with one sheet; the second row is its heading. Every cell is text."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "".join(character for character in title if character not in "[]:*?/\\")[:31] or "1"
    widths: dict[int, int] = {}
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(line, column)
            cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", value)
            cell.data_type = "s"
            cell.quotePrefix = True
            cell.alignment = Alignment(vertical="top", wrap_text=line > 1)
            cell.font = Font(bold=line == 2)
            if line > 1:
                widths[column] = max(widths.get(column, 0), len(value))
    for column, width in widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = min(width + 2, WIDEST)
    sheet.freeze_panes = "A3"
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()
