"""The check of a plan names every rule that is broken, and nothing else."""

from dataclasses import replace

import pytest

from portal.domain.planner import Availability, Block, Breach, Rule, breaches
from tests.domain.planner.rounds import EVENING, blocked, family, made, places, talk

ONE, OTHER = places(1, 4), places(2, 4, building=1)
AWAY = Block(0, EVENING, EVENING + 10, Availability.CANNOT)
SCHOOL = made(
    [[*ONE[:3], blocked(ONE[3])], OTHER, places(1, 2, day=1)],
    [family(1), family(2, AWAY), family(3, guardians=(1, 9))],
    [talk(1, 1, 1), talk(2, 1, 2), talk(3, 2, 1), talk(4, 3, 2), talk(5, 2, 1, length=20)],
    gap=5,
    gap_between_buildings=15,
    most_per_evening=1,
)
GENEROUS = replace(SCHOOL, rules=replace(SCHOOL.rules, most_per_evening=None))


def broken(seats, round_=GENEROUS):
    return {(one.rule, one.talks) for one in breaches(round_, seats)}


def test_a_good_plan_breaks_nothing():
    seats = {1: (1000,), 2: (2003,), 3: (1100,), 5: (1001, 1002)}
    assert broken(seats) == set()
    assert broken({}) == set()


@pytest.mark.parametrize(
    ("seats", "rule", "talks"),
    [
        ({9: (1000,)}, Rule.KNOWN, (9,)),
        ({1: (7777,)}, Rule.KNOWN, (1,)),
        ({1: ()}, Rule.KNOWN, (1,)),
        ({1: (1003,)}, Rule.FREE, (1,)),
        ({1: (2000,)}, Rule.OWN_TEACHER, (1,)),
        ({5: (1001,)}, Rule.IN_A_ROW, (5,)),
        ({5: (1000, 1002)}, Rule.IN_A_ROW, (5,)),
        ({1: (1000, 1001)}, Rule.IN_A_ROW, (1,)),
        ({1: (1001,), 3: (1001,)}, Rule.ONE_TALK_A_PLACE, (1, 3)),
        ({3: (1000,)}, Rule.AVAILABLE, (3,)),
        ({1: (1001,), 2: (2001,)}, Rule.GAP, (1, 2)),
        ({1: (1000,), 2: (2002,)}, Rule.GAP, (1, 2)),
        ({1: (1000,), 4: (2000,)}, Rule.GAP, (1, 4)),
    ],
)
def test_it_names_the_rule_and_the_talks(seats, rule, talks):
    assert (rule, talks) in broken(seats)


def test_a_family_has_no_more_talks_an_evening_than_the_round_allows():
    assert broken({1: (1000,), 2: (2003,)}, SCHOOL) == {(Rule.MOST_PER_EVENING, (1, 2))}


def test_nobody_sits_with_a_teacher_who_is_elsewhere_as_a_guardian():
    round_ = made(
        [places(1, 3), places(2, 2, first=EVENING + 5)],
        [family(1), family(2)],
        [talk(1, 1, 1, absent=(2,)), talk(2, 2, 2)],
    )
    assert broken({1: (1001, 2000, 2001), 2: (2001,)}, round_) == {
        (Rule.ONE_TALK_A_PLACE, (1, 2)),
        (Rule.TEACHER_AWAY, (1, 2)),
    }
    assert broken({1: (1000, 2000), 2: (2001,)}, round_) == set()
    assert broken({1: (1001,), 2: (2001,)}, round_) == {(Rule.TEACHER_AWAY, (1, 2))}


def test_what_is_fixed_stays_even_where_the_family_cannot_come():
    fixed = replace(SCHOOL, talks=(talk(3, 2, 1, fixed=(1000,)),))
    assert breaches(fixed, {3: (1000,)}) == []
    assert breaches(fixed, {3: (1001,)}) != []
    assert breaches(fixed, {}) == [Breach(Rule.FIXED_STAYS, (3,))]
