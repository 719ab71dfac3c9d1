"""When a letter goes, on the school's clock."""

from datetime import time

import pytest

from portal import clock
from portal.domain.letter_times import first_good, is_quiet, usual_time

NIGHT = (time(18, 0), time(7, 0))


@pytest.mark.parametrize(
    ("moment", "good"),
    [
        ("2026-11-24 17:59", "2026-11-24 17:59"),
        ("2026-11-24 18:00", "2026-11-25 07:00"),
        ("2026-11-24 06:59", "2026-11-24 07:00"),
        # The clock goes back, and forward.
        ("2026-10-24 23:00", "2026-10-25 07:00"),
        ("2027-03-27 23:00", "2027-03-28 07:00"),
    ],
)
def test_the_first_good_time_is_outside_the_quiet_hours(moment, good):
    assert first_good(clock.at_local(moment), *NIGHT) == clock.at_local(good)


def test_quiet_hours_may_lie_within_a_day_or_be_none():
    noon = clock.at_local("2026-11-24 12:00")
    assert is_quiet(noon, time(11, 0), time(13, 0)) and not is_quiet(noon, time(13, 0), time(14, 0))
    assert not is_quiet(noon, time(12, 0), time(12, 0))


@pytest.mark.parametrize(
    ("moment", "offered"),
    [
        ("2026-11-24 10:51", "2026-11-24 12:00"),
        ("2026-11-24 10:20", "2026-11-24 11:30"),
        ("2026-11-24 17:10", "2026-11-25 07:00"),
        ("2026-11-24 22:10", "2026-11-25 07:00"),
    ],
)
def test_the_time_that_is_offered_lies_ahead(moment, offered):
    assert usual_time(clock.at_local(moment), *NIGHT) == clock.at_local(offered)
