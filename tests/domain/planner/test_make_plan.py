"""What a school would look for in its plan."""

from dataclasses import replace

import pytest

from portal.domain.planner import Availability, Block, Budget, Round, Why, make_plan
from tests.domain.planner.rounds import EVENING, blocked, family, made, places, talk

BUDGET = Budget(iterations=400)
LATE = Block(0, EVENING + 20, EVENING + 60, Availability.PREFERS)
AWAY = Block(0, 0, 1440, Availability.CANNOT)


def planned(round_, **more):
    return make_plan(round_, BUDGET, **more)


def test_brothers_and_sisters_come_on_one_evening_right_after_each_other():
    round_ = made(
        [places(teacher, 6, day) for teacher in (1, 2, 3) for day in (0, 1)],
        [family(1)],
        [talk(teacher, 1, teacher) for teacher in (1, 2, 3)],
        gap=5,
    )
    plan = planned(round_)
    # Ten minutes is the least between talks of a timetable of ten minutes: five to walk, five of waiting.
    assert plan.score[:4] == (0, 0, 0, 10)
    assert len({seat[0] % 1000 // 100 for seat in plan.seats.values()}) == 1


def test_a_family_gets_the_time_it_prefers_when_nobody_else_needs_it():
    plan = planned(made([places(1, 4)], [family(1), family(2, LATE)], [talk(1, 1, 1), talk(2, 2, 1)]))
    assert plan.seats == {1: (1000,), 2: (1002,)}


def test_a_wished_part_of_the_day_counts():
    wishing = family(1, wished=(EVENING + 30, EVENING + 60))
    assert planned(made([places(1, 4)], [wishing], [talk(1, 1, 1)])).seats == {1: (1003,)}


def test_a_teacher_gets_a_break():
    people = range(4)
    round_ = made(
        [places(1, 5)], [family(key) for key in people], [talk(key, key, 1) for key in people], break_after=2
    )
    plan = planned(round_)
    assert plan.score.missed_breaks == 0
    assert {1000, 1001, 1003, 1004} == {seat[0] for seat in plan.seats.values()}


def test_separated_parents_come_each_to_a_place_of_their_own():
    round_ = made([places(1, 2)], [family(1), family(2)], [talk(1, 1, 1, pupil=7), talk(2, 2, 1, pupil=7)])
    assert sorted(planned(round_).seats.values()) == [(1000,), (1001,)]


def test_a_guardian_in_two_families_is_in_one_talk_at_a_time():
    round_ = made(
        [places(1, 1), places(2, 1)],
        [family(1, guardians=(1, 2)), family(2, guardians=(2, 3))],
        [talk(1, 1, 1), talk(2, 2, 2)],
    )
    plan = planned(round_)
    [left] = plan.left_over
    assert (left.why, left.too_close) == (Why.OTHER_TALK, 1)
    assert left.others == tuple(plan.seats)


def test_both_teachers_of_a_group_can_be_there_at_once():
    both = talk(1, 1, 1, 2, length=20, all_teachers=True)
    round_ = made([places(1, 3), places(2, 3, first=EVENING + 10)], [family(1)], [both])
    assert planned(round_).seats == {1: (1001, 1002, 2000, 2001)}


def test_either_teacher_of_a_group_will_do():
    people = (1, 2)
    round_ = made(
        [places(1, 1), places(2, 1)],
        [family(key) for key in people],
        [talk(key, key, 1, 2) for key in people],
    )
    assert sorted(planned(round_).seats.values()) == [(1000,), (2000,)]


def test_the_longer_walk_to_another_building_is_kept():
    round_ = made(
        [places(1, 6), places(2, 6, building=1)],
        [family(1)],
        [talk(1, 1, 1), talk(2, 1, 2)],
        gap=5,
        gap_between_buildings=20,
    )
    plan = planned(round_)
    assert plan.score.waiting == 0
    assert abs(plan.seats[1][0] % 100 - plan.seats[2][0] % 100) == 3


def test_a_round_by_wishes_gives_only_what_was_wished():
    can = Block(1, EVENING, EVENING + 10, Availability.CAN)
    shy = family(1, can, otherwise=Availability.CANNOT)
    silent = family(2, otherwise=Availability.CANNOT)
    round_ = made([places(1, 3), places(1, 3, day=1)], [shy, silent], [talk(1, 1, 1), talk(2, 2, 1)])
    plan = planned(round_)
    assert plan.seats == {1: (1100,)}
    assert [(one.talk, one.why, one.places) for one in plan.left_over] == [(2, Why.NOT_AVAILABLE, 6)]


@pytest.mark.parametrize(
    ("rows", "people", "talks", "why"),
    [
        ([places(1, 1)], [family(1)], [talk(1, 1, 1, length=20)], Why.NO_PLACE),
        ([[blocked(one) for one in places(1, 2)]], [family(1)], [talk(1, 1, 1)], Why.NO_PLACE),
        ([places(1, 2)], [family(1, AWAY)], [talk(1, 1, 1)], Why.NOT_AVAILABLE),
        ([places(1, 1)], [family(1), family(2)], [talk(2, 2, 1, fixed=(1000,)), talk(1, 1, 1)], Why.NO_PLACE),
        ([places(1, 1)], [family(1), family(2)], [talk(1, 1, 1), talk(2, 2, 1)], Why.TEACHER_FULL),
        ([places(1, 1), places(2, 1)], [family(1)], [talk(1, 1, 1), talk(2, 1, 2)], Why.OTHER_TALK),
    ],
)
def test_a_talk_left_over_says_why(rows, people, talks, why):
    assert [one.why for one in planned(made(rows, people, talks)).left_over] == [why]


def test_a_full_evening_is_a_reason():
    round_ = made(
        [places(1, 4), places(2, 4)], [family(1)], [talk(1, 1, 1), talk(2, 1, 2)], most_per_evening=1
    )
    [left] = planned(round_).left_over
    assert (left.why, left.places, left.evening_full) == (Why.EVENING_FULL, 4, 3)


def school(**more) -> Round:
    people = range(30)
    return made(
        [places(teacher, 12, day) for teacher in (1, 2, 3) for day in (0, 1)],
        [family(key) for key in people],
        [talk(key * 2 + number, key, 1 + (key + number) % 3) for key in people for number in (0, 1)],
        gap=5,
        **more,
    )


def again(round_: Round, seats) -> Round:
    return replace(round_, talks=tuple(replace(one, previous=seats.get(one.key, ())) for one in round_.talks))


def test_when_a_teacher_falls_ill_only_the_necessary_talks_move():
    round_ = school()
    before = make_plan(round_, Budget(iterations=2000)).seats
    ill = next(iter(before.values()))[0]
    later = replace(
        again(round_, before), places=tuple(blocked(p) if p.key == ill else p for p in round_.places)
    )
    plan = planned(later)
    assert (plan.score.unplaced, plan.score.moved) == (0, 1)
    assert sum(before[key] != seat for key, seat in plan.seats.items()) == 1


def test_a_talk_that_comes_later_moves_as_few_others_as_it_can():
    narrow = Block(0, EVENING, EVENING + 10, Availability.CAN)
    late = family(2, narrow, otherwise=Availability.CANNOT)
    round_ = made(
        [places(1, 3)],
        [family(1), late, family(3)],
        [talk(1, 1, 1, previous=(1000,)), talk(3, 3, 1, previous=(1001,))],
    )
    later = replace(round_, talks=(*round_.talks, talk(2, 2, 1)))
    assert planned(later).seats == {1: (1002,), 2: (1000,), 3: (1001,)}


def test_fixed_talks_stay():
    round_ = school()
    fixed = replace(round_, talks=(replace(round_.talks[0], fixed=(1111,)), *round_.talks[1:]))
    assert planned(fixed).seats[0] == (1111,)


def test_it_stops_when_it_is_good_enough_and_tells_how_far_it_is():
    told = []
    plan = make_plan(school(), Budget(seconds=60), progress=told.append, stop=lambda: len(told) > 1)
    assert plan.score == told[-1].score
    assert told[-1].placed + told[-1].unplaced == 60
    assert plan.iterations < 100_000


def test_it_stops_within_its_time_and_when_nothing_can_be_better():
    assert make_plan(school(), Budget(seconds=0.2)).iterations > 0
    alone = made([places(1, 2)], [family(1)], [talk(1, 1, 1)])
    assert make_plan(alone, Budget(seconds=60)).seats == {1: (1000,)}
    assert make_plan(made([], [], []), Budget(seconds=60)).seats == {}


def test_a_teacher_goes_to_the_own_childs_talk_when_nobody_sits_at_the_own_table():
    rows = [places(1, 1), places(2, 2)]
    wanted = [talk(1, 1, 1, absent=(2,)), talk(2, 2, 2), talk(3, 3, 2)]
    full = made(rows, [family(key) for key in (1, 2, 3)], wanted)
    plan = make_plan(full, Budget(iterations=200))
    assert plan.score.unplaced == 1
    plan = make_plan(replace(full, talks=full.talks[:2]), Budget(iterations=200))
    assert plan.seats == {1: (1000, 2000), 2: (2001,)}
    booked = replace(full, talks=(replace(wanted[0], fixed=(1000,)), wanted[1]))
    assert make_plan(booked, Budget(iterations=200)).seats == {1: (1000,), 2: (2001,)}


def test_a_talk_keeps_its_places_until_their_end():
    rows = [places(1, 2), places(2, 4)]
    round_ = made(rows, [family(1)], [talk(1, 1, 1, length=15), talk(2, 1, 2)], gap=5)
    plan = make_plan(round_, Budget(iterations=200))
    assert plan.seats == {1: (1000, 1001), 2: (2003,)}
    assert plan.score.waiting == 5


def test_it_goes_on_from_a_plan():
    round_ = school()
    rough = make_plan(round_, Budget(iterations=1000))
    assert make_plan(round_, Budget(iterations=0), start=rough.seats).score <= rough.score


@pytest.mark.parametrize(
    "wrong",
    [
        {"places": (*places(1, 2), *places(1, 1))},
        {"places": (*places(1, 2), *places(1, 1, day=0, first=EVENING + 5))},
        {"families": (family(1), family(1))},
        {"talks": (talk(1, 1, 1), talk(1, 1, 1))},
        {"talks": (talk(1, 9, 1),)},
        {"talks": (talk(1, 1),)},
        {"talks": (talk(1, 1, 1, 1),)},
        {"talks": (talk(1, 1, 1, absent=(1,)),)},
        {"talks": (talk(1, 1, 1, length=0),)},
        {"talks": (talk(1, 1, 1, fixed=(99,)),)},
        {"talks": (talk(1, 1, 1, fixed=(1000,)), talk(2, 1, 1, fixed=(1000,)))},
    ],
)
def test_a_round_that_contradicts_itself_is_refused(wrong):
    good = {"places": tuple(places(1, 2)), "families": (family(1),), "talks": (talk(1, 1, 1),)}
    with pytest.raises(ValueError):
        Round(**{**good, **wrong})
