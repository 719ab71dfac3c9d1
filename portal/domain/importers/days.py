"""Dates as schools write them in tables."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

_EXCEL_ZERO = date(1899, 12, 30)
_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "jan januari january", "feb februari february", "mrt maart mar march", "apr april", "mei may",
            "jun juni june", "jul juli july", "aug augustus august", "sep sept september",
            "okt oktober oct october", "nov november", "dec december",
        ],
        1,
    )
    for name in names.split()
}  # fmt: skip
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ].*)?$", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?:[t ,].*)?$", re.ASCII)
_WORDS = re.compile(r"(?:[a-z]+\.?,? )?(\d{1,2})[-. ]+([a-z]{3,9})\.?[-, ]+(\d{4})$", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?$", re.ASCII)


def month_first(values: Iterable[str]) -> bool:
    """Return whether a column writes the month before the day: only when no other reading fits."""
    pairs = [
        (int(found[1]), int(found[2])) for value in values if (found := _NUMBERS.match(value.strip().lower()))
    ]
    return any(second > 12 for _, second in pairs) and all(first <= 12 for first, _ in pairs)


def day_of(text: str, months_first: bool = False) -> date | None:
    """Return the day: 21-06-2019, 21/6/2019, 2019-06-21, 20190621, 21 juni 2019 or Excel's 43637."""
    text = text.strip().lower()
    try:
        return _read(text, months_first)
    except (ValueError, OverflowError):
        return None


def _read(text: str, months_first: bool) -> date | None:
    if found := _ISO.match(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMBERS.match(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        day, month = (second, first) if months_first else (first, second)
        return date(year + 2000 if year < 100 else year, month, day)
    if (found := _WORDS.match(text)) and found[2] in _MONTHS:
        return date(int(found[3]), _MONTHS[found[2]], int(found[1]))
    if re.fullmatch(r"(19|20)\d{6}", text, re.ASCII):
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    if re.fullmatch(r"\d{8}", text, re.ASCII):
        return date(int(text[4:]), int(text[2:4]), int(text[:2]))
    if found := _SERIAL.match(text):
        return _EXCEL_ZERO + timedelta(days=int(found[1]))
    return None
