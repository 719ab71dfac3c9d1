"""What cannot fit is named with its numbers, and what can fit is not."""

import pytest

from portal.domain.planner import Availability, Block, Impossible, Lack, impossible, too_few_places
from tests.domain.planner.rounds import family, made, places, talk

TUESDAY_ONLY = Block(1, 0, 1440, Availability.CANNOT)
NEVER = (TUESDAY_ONLY, Block(0, 0, 1440, Availability.CANNOT))


def test_a_teacher_with_more_pupils_than_places_is_named_with_both_numbers():
    people = range(47)
    round_ = made(
        [places(1, 20), places(1, 20, day=1), places(2, 20)],
        [family(key) for key in people],
        [talk(key, key, 1) for key in people] + [talk(100, 3, 2)],
    )
    assert impossible(round_) == [Impossible(Lack.TEACHER_FULL, (*people,), 47, 40, (1,), (*people,))]


def test_a_talk_of_twice_the_length_counts_for_two_places():
    round_ = made(
        [places(1, 3)], [family(1), family(2)], [talk(1, 1, 1, length=20), talk(2, 2, 1, length=20)]
    )
    assert [(one.lack, one.needed, one.available) for one in impossible(round_)] == [
        (Lack.TEACHER_FULL, 4, 3)
    ]


def test_families_that_can_come_on_one_evening_only_may_be_too_many_for_it():
    people = range(1, 6)
    round_ = made(
        [places(1, 3), places(1, 3, day=1)],
        [family(key, TUESDAY_ONLY) for key in people if key < 5] + [family(5)],
        [talk(key, key, 1) for key in people],
    )
    assert impossible(round_) == [Impossible(Lack.TIMES_FULL, (1, 2, 3, 4), 4, 3, (1,), (1, 2, 3, 4))]


def test_two_teachers_of_whom_either_will_do_are_counted_together():
    people = range(1, 6)
    round_ = made(
        [places(1, 2), places(2, 2)],
        [family(key) for key in people],
        [talk(key, key, 1, 2) for key in people],
    )
    found = impossible(round_)
    assert [(one.lack, one.teachers, one.needed, one.available) for one in found] == [
        (Lack.TEACHER_FULL, (1, 2), 5, 4)
    ]


def test_a_family_that_can_never_come_is_named():
    round_ = made(
        [places(1, 3), places(1, 3, day=1)], [family(1, *NEVER), family(2)], [talk(1, 1, 1), talk(2, 2, 1)]
    )
    assert impossible(round_) == [Impossible(Lack.NEVER_AVAILABLE, (1,), 1, 0, (1,), (1,))]


def test_a_talk_longer_than_any_row_of_places_is_named():
    rows = [places(1, 1), places(1, 2, day=1)]
    round_ = made(rows, [family(1)], [talk(1, 1, 1, length=30)])
    assert impossible(round_) == [Impossible(Lack.NO_SEAT, (1,), 1, 0, (1,), (1,))]


@pytest.mark.parametrize(("most", "named"), [(2, [(Lack.FAMILY_FULL, 3, 2)]), (3, [])])
def test_a_family_with_more_talks_than_evenings_have_room_for_is_named(most, named):
    round_ = made(
        [places(teacher, 6) for teacher in (1, 2, 3)],
        [family(1)],
        [talk(teacher, 1, teacher) for teacher in (1, 2, 3)],
        most_per_evening=most,
    )
    assert [(one.lack, one.needed, one.available) for one in impossible(round_)] == named


def test_talks_fixed_at_the_same_time_are_named():
    round_ = made(
        [places(1, 2), places(2, 2)],
        [family(1)],
        [talk(1, 1, 1, fixed=(1000,)), talk(2, 1, 2, fixed=(2000,))],
    )
    assert [(one.lack, one.talks) for one in impossible(round_)] == [(Lack.FIXED_CLASH, (1, 2))]


def test_nothing_is_named_when_all_fits():
    people = range(6)
    round_ = made([places(1, 6)], [family(key) for key in people], [talk(key, key, 1) for key in people])
    assert impossible(round_) == []


def test_too_few_places_are_named_without_looking_at_who_can_come_when():
    away = Block(0, 0, 1440, Availability.CANNOT)
    round_ = made(
        [places(1, 2), places(2, 1)],
        [family(key, away) for key in range(4)],
        [talk(key, key, 1) for key in range(3)] + [talk(3, 3, 2, length=20)],
    )
    found = [(one.lack, one.teachers, one.needed, one.available) for one in too_few_places(round_)]
    assert found == [(Lack.TEACHER_FULL, (1,), 3, 2), (Lack.NO_SEAT, (2,), 1, 0)]
