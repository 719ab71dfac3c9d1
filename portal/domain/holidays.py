"""The holidays that come with the portal: the bundled dates per region, and the feast days (R36). Pure."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

REGIONS = ("noord", "midden", "zuid")

_FILE = Path(__file__).parent.parent / "data" / "school_holidays.csv"
_NAMES = {
    "autumn": "Herfstvakantie",
    "christmas": "Kerstvakantie",
    "spring": "Voorjaarsvakantie",
    "may": "Meivakantie",
    "summer": "Zomervakantie",
}


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days off for every school of a region, both ends included, under the name it has in the Netherlands."""

    name: str
    first_day: date
    last_day: date


@cache
def _bundled() -> dict[tuple[str, str], tuple[Holiday, ...]]:
    found: dict[tuple[str, str], tuple[Holiday, ...]] = {}
    with _FILE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            holiday = Holiday(
                _NAMES[row["holiday"]],
                date.fromisoformat(row["first_day"]),
                date.fromisoformat(row["last_day"]),
            )
            key = (row["school_year"], row["region"])
            found[key] = (*found.get(key, ()), holiday)
    return found


def known_years() -> list[str]:
    """Return the school years of which the holidays are bundled: '2026-2027'."""
    return sorted({school_year for school_year, _ in _bundled()})


def holidays_of(school_year: str, region: str) -> list[Holiday]:
    """Return the holidays and feast days of a school year in a region, in order; [] when not known."""
    holidays = _bundled().get((school_year, region), ())
    if not holidays:
        return []
    feasts = [
        feast
        for feast in _feast_days(int(school_year[5:]))
        if feast.first_day.weekday() < 5
        and not any(holiday.first_day <= feast.first_day <= holiday.last_day for holiday in holidays)
    ]
    return sorted([*holidays, *feasts], key=lambda holiday: holiday.first_day)


def _feast_days(year: int) -> list[Holiday]:
    easter = _easter(year)
    kings_day = date(year, 4, 27)
    if kings_day.weekday() == 6:
        kings_day -= timedelta(days=1)
    days = [
        ("Tweede paasdag", easter + timedelta(days=1)),
        ("Koningsdag", kings_day),
        ("Hemelvaartsdag", easter + timedelta(days=39)),
        ("Tweede pinksterdag", easter + timedelta(days=50)),
    ]
    return [Holiday(name, day, day) for name, day in days]


def _easter(year: int) -> date:
    """Return Easter Sunday: the Sunday after the first full moon of spring, in the church's reckoning."""
    golden = year % 19
    century = year // 100
    shift = (century - century // 4 - (8 * century + 13) // 25 + 19 * golden + 15) % 30
    moon = shift - (shift // 28) * (1 - (29 // (shift + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    days = moon - weekday
    month = 3 + (days + 40) // 44
    return date(year, month, days + 28 - 31 * (month // 4))
