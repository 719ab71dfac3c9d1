"""A set of times for all children of a family."""

from datetime import timedelta
from itertools import product
from random import Random

import pytest

from portal import clock
from portal.domain.meeting_proposal import Seeking, Start, propose
from portal.domain.slot_times import Span

WALK = timedelta(minutes=10)


def start(number: int, moment: str, minutes: int = 10) -> Start:
    """Return a place on 1 December at a time of the school's clock, or on the day before the time."""
    day, _, time = moment.rpartition(" ")
    begins = clock.at_local(f"2026-12-{day or '01'} {time}")
    part = "evening" if clock.to_local(begins).hour >= 18 else "afternoon"
    return Start(number, begins, begins + timedelta(minutes=minutes), part)


def talk(number: int, *moments: str, table: int = 0, minutes: int = 10) -> Seeking:
    places = tuple(start(number * 100 + n, moment, minutes) for n, moment in enumerate(moments))
    return Seeking(number, table or number, "", places)


def gap(one: Seeking, other: Seeking) -> timedelta:
    return timedelta() if one.table == other.table else WALK


def times(seats) -> dict[int, str]:
    return {number: f"{clock.to_local(seat.starts_at):%d %H:%M}" for number, seat in (seats or {}).items()}


def test_they_follow_each_other_as_closely_as_walking_allows():
    one = talk(1, "15:00", "15:10", "15:20", "15:30")
    other = talk(2, "15:10", "15:20", "15:50")
    assert times(propose([one, other], gap)) == {1: "01 15:00", 2: "01 15:20"}


def test_at_one_table_nobody_walks():
    assert times(propose([talk(1, "15:00", table=5), talk(2, "15:10", table=5)], gap)) == {
        1: "01 15:00", 2: "01 15:10",
    }  # fmt: skip


def test_one_day_goes_before_less_waiting_on_two():
    one, other = talk(1, "02 15:00", "01 15:00"), talk(2, "03 15:20", "01 19:00")
    assert times(propose([one, other], gap)) == {1: "01 15:00", 2: "01 19:00"}


def test_the_preferred_part_is_kept_where_all_fit_and_left_where_not():
    one, other = talk(1, "15:00", "18:30"), talk(2, "15:20", "18:50")
    assert times(propose([one, other], gap, part="evening")) == {1: "01 18:30", 2: "01 18:50"}
    assert times(propose([one, talk(2, "15:20")], gap, part="evening")) == {1: "01 15:00", 2: "01 15:20"}


def test_it_joins_what_is_booked_already():
    booked = Span(*start(0, "02 15:20")[1:3])
    found = propose([talk(1, "01 15:00", "02 15:00", "02 15:40", "02 16:20")], gap, [booked])
    assert times(found) == {1: "02 15:00"}


def test_more_days_where_one_has_no_room_for_all():
    one, two, three = talk(1, "01 15:00"), talk(2, "01 15:20", "02 15:00"), talk(3, "02 15:20")
    assert times(propose([one, two, three], gap)) == {1: "01 15:00", 2: "01 15:20", 3: "02 15:20"}


def test_nothing_is_proposed_when_not_all_can_have_a_place():
    assert propose([talk(1, "15:00"), talk(2, "15:00")], gap) is None
    assert propose([talk(1, "15:00"), talk(2)], gap) is None
    assert propose([], gap) == {}


@pytest.mark.parametrize("seed", range(60))
def test_a_set_is_found_whenever_there_is_one_and_holds_the_gaps(seed):
    random = Random(seed)
    moments = [
        f"{day:02} {hour}:{minute:02}" for day in (1, 2) for hour in (15, 16) for minute in range(0, 60, 10)
    ]
    talks = [
        talk(n, *sorted(random.sample(moments, random.randint(1, 3))), minutes=random.choice([10, 20]))
        for n in range(1, random.randint(3, 5))
    ]
    found = propose(talks, gap)
    possible = any(fits(talks, seats) for seats in product(*(one.starts for one in talks)))
    assert (found is not None) == possible
    if found:
        assert fits(talks, [found[one.talk_id] for one in talks])


def fits(talks, seats) -> bool:
    pairs = [(a, b) for a in range(len(talks)) for b in range(a)]
    return not any(seats[a].span.overlaps(seats[b].span, gap(talks[a], talks[b])) for a, b in pairs)
