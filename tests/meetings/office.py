"""What the office's forms of a round send, for the tests of its pages."""

from typing import Any


def round_form(school: Any, **values: Any) -> dict[str, Any]:
    """Return the form of a round for both groups, on one afternoon; `values` are other fields."""
    return {
        "name": "Rapportgesprekken",
        "talk_minutes": "10",
        "groups": [school.group_34, school.group_6],
        "days-0-day": "2026-12-15",
        "days-0-starts_at": "15.00",
        "days-0-ends_at": "16.00",
        "days-0-pause": "15.30–15.40",  # noqa: RUF001
        "opens_at": "2026-12-01T16:00",
        "closes_at": "2026-12-11T17:00",
        "early_from": "",
        "shape_from": "",
        "filled_by": "",
        "gap_minutes": "10",
        "building_gap_minutes": "20",
        "kind": "booking",
        "way": "place",
        "hold_hours": "12",
        "hall_names": "initials",
        "do": "save",
    } | values


# The round of the cast (tests/meetings/making.py) as its form shows it.
AS_IT_IS = {
    "days-0-day": "2026-12-01",
    "days-0-starts_at": "15.00",
    "days-0-ends_at": "17.00",
    "days-0-pause": "16.00–16.10",  # noqa: RUF001
    "days-1-day": "2026-12-03",
    "days-1-starts_at": "18.30",
    "days-1-ends_at": "19.30",
    "days-1-pause": "",
    "opens_at": "2026-11-18T16:00",
    "closes_at": "2026-11-27T17:00",
}
