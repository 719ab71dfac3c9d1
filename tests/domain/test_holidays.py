from datetime import date

import pytest

from portal.domain.holidays import REGIONS, holidays_of, known_years

HOLIDAYS = {"Herfstvakantie", "Kerstvakantie", "Voorjaarsvakantie", "Meivakantie", "Zomervakantie"}


def test_every_year_has_its_holidays_in_every_region():
    assert known_years() == ["2025-2026", "2026-2027", "2027-2028", "2028-2029"]
    for year in known_years():
        for region in REGIONS:
            holidays = holidays_of(year, region)
            assert {holiday.name for holiday in holidays} >= HOLIDAYS
            long = [holiday for holiday in holidays if holiday.name in HOLIDAYS]
            assert all((one.first_day.weekday(), one.last_day.weekday()) == (5, 6) for one in long)
            assert all(
                one.last_day < other.first_day for one, other in zip(holidays, holidays[1:], strict=False)
            )


@pytest.mark.parametrize(
    ("year", "days"),
    [
        ("2025-2026", {"Tweede paasdag": date(2026, 4, 6), "Hemelvaartsdag": date(2026, 5, 14),
                       "Tweede pinksterdag": date(2026, 5, 25)}),
        ("2026-2027", {"Tweede paasdag": date(2027, 3, 29), "Hemelvaartsdag": date(2027, 5, 6),
                       "Tweede pinksterdag": date(2027, 5, 17)}),
        ("2027-2028", {"Tweede paasdag": date(2028, 4, 17), "Koningsdag": date(2028, 4, 27),
                       "Hemelvaartsdag": date(2028, 5, 25), "Tweede pinksterdag": date(2028, 6, 5)}),
        ("2028-2029", {"Tweede paasdag": date(2029, 4, 2), "Koningsdag": date(2029, 4, 27),
                       "Hemelvaartsdag": date(2029, 5, 10), "Tweede pinksterdag": date(2029, 5, 21)}),
    ],
)  # fmt: skip
def test_feast_days_outside_the_holidays_are_free_too(year, days):
    found = {one.name: one.first_day for one in holidays_of(year, "midden") if one.name not in HOLIDAYS}
    assert found == days


def test_a_year_that_is_not_known_has_none():
    assert holidays_of("2031-2032", "midden") == []
    assert holidays_of("2026-2027", "oost") == []
