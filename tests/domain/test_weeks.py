"""Sets of weeks behave like sets of numbers, and are kept in as few spans as can be."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.domain.weeks import Weeks, monday_of

FIRST = date(2026, 8, 24)
HORIZON = 40
"""More weeks than any generated span begins or ends in; what holds in the last of them holds for good."""


def monday(number: int) -> date:
    return FIRST + timedelta(weeks=number)


@some.composite
def spans(draw):
    first = draw(some.integers(0, 30))
    last = draw(some.none() | some.integers(first, 30))
    return monday(first), None if last is None else monday(last)


weeks = some.lists(spans(), max_size=4).map(Weeks.of)
mondays = some.integers(0, 30).map(monday)


def held(weeks: Weeks) -> set[int]:
    return {number for number in range(HORIZON) if monday(number) in weeks}


@given(weeks, weeks)
def test_they_are_sets(some_weeks, others):
    assert held(some_weeks | others) == held(some_weeks) | held(others)
    assert held(some_weeks - others) == held(some_weeks) - held(others)
    assert held(some_weeks & others) == held(some_weeks) & held(others)


@given(weeks, mondays)
def test_without_a_week_exactly_that_week_is_missing(some_weeks, week):
    assert held(some_weeks) - held(some_weeks - Weeks.only(week)) <= {(week - FIRST).days // 7}
    assert week not in some_weeks - Weeks.only(week)


@given(weeks, mondays)
def test_ended_before_a_week_what_was_before_stays(some_weeks, week):
    number = (week - FIRST).days // 7
    assert held(some_weeks - Weeks.since(week)) == {each for each in held(some_weeks) if each < number}


@given(weeks)
def test_the_spans_hold_the_same_weeks_and_never_touch(some_weeks):
    found = some_weeks.spans()
    assert Weeks.of(found) == some_weeks
    assert all(first.weekday() == 0 and (last is None or last >= first) for first, last in found)
    for (_, last), (first, _) in pairwise(found):
        assert last is not None and first - last > timedelta(weeks=1)


@given(weeks, mondays)
def test_taken_out_and_put_back_it_is_one_span_again(some_weeks, week):
    assert (some_weeks - Weeks.only(week)) | Weeks.only(week) == some_weeks | Weeks.only(week)


@pytest.mark.parametrize("day", ["2026-11-23", "2026-11-25", "2026-11-29"])
def test_a_week_begins_on_monday(day):
    assert monday_of(date.fromisoformat(day)) == date(2026, 11, 23)
