"""What becomes of booked talks when a round changes: the rules, without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.meeting_changes import Gaps, Ground, Outcome, Talk, free_around, work_out
from portal.domain.slot_times import Span

GAPS = Gaps(timedelta(minutes=10), timedelta(minutes=20))


def at(hour: str) -> datetime:
    hours, minutes = hour.split(".")
    return datetime(2026, 12, 1, int(hours), int(minutes), tzinfo=UTC)


def span(start: str, end: str) -> Span:
    return Span(at(start), at(end))


def talk(number: int, start: str, end: str, minutes: int = 10, host: int = 1, **given) -> Talk:
    guardians = given.pop("guardians", frozenset({number}))
    return Talk(number, host, span(start, end), minutes, guardians, guardians, **given)


def ground(minutes: int, *stretches: tuple[str, str], unbooked: int = 0) -> Ground:
    return Ground(minutes, tuple(span(*one) for one in stretches), unbooked)


def said(outcomes) -> list[str]:
    return [
        f"{one.what} {one.was.starts_at:%H.%M}" + (f" {one.span.starts_at:%H.%M}" if one.span else "")
        for one in outcomes
    ]


def hours(spans) -> list[str]:
    return [f"{one.starts_at:%H.%M}" for one in spans]


def test_a_talk_that_fits_keeps_its_begin_and_gets_its_new_length():
    result = work_out([talk(1, "15.00", "15.10", 15)], {1: ground(15, ("15.00", "16.00"))}, GAPS)
    assert result.outcomes == (Outcome(1, "changes", span("15.00", "15.10"), span("15.00", "15.15")),)
    assert hours(result.free[1]) == ["15.15", "15.30", "15.45"]


def test_as_few_talks_move_as_can_be():
    talks = [talk(n, f"15.{n}0", f"15.{n + 1}0" if n < 5 else "16.00", 15) for n in range(4)]
    result = work_out(talks, {1: ground(15, ("15.00", "17.00"))}, GAPS)
    assert said(result.outcomes) == [
        "changes 15.00 15.00",
        "moves 15.10 15.35",
        "changes 15.20 15.20",
        "moves 15.30 15.50",
    ]


def test_where_odd_beginnings_would_leave_too_few_places_the_table_is_cut_evenly():
    talks = [talk(1, "15.10", "15.20", 15), talk(2, "15.40", "15.50", 15)]
    enough = work_out(talks, {1: ground(15, ("15.00", "16.00"), unbooked=0)}, GAPS)
    assert said(enough.outcomes) == ["changes 15.10 15.10", "changes 15.40 15.40"]
    full = work_out(talks, {1: ground(15, ("15.00", "16.00"), unbooked=2)}, GAPS)
    assert said(full.outcomes) == ["moves 15.10 15.15", "moves 15.40 15.45"]
    assert hours(full.free[1]) == ["15.00", "15.30"]


def test_a_talk_that_finds_no_place_leaves():
    talks = [talk(1, "15.00", "15.10"), talk(2, "15.10", "15.20"), talk(3, "15.20", "15.30")]
    result = work_out(talks, {1: ground(10, ("15.00", "15.20"))}, GAPS)
    assert said(result.outcomes) == ["stays 15.00 15.00", "stays 15.10 15.10", "leaves 15.20"]


def test_a_day_that_goes_moves_its_talks_to_the_nearest_time():
    result = work_out([talk(1, "19.00", "19.10")], {1: ground(10, ("15.00", "15.30"))}, GAPS)
    assert said(result.outcomes) == ["moves 19.00 15.20"]


def test_an_evening_becomes_another_evening_sooner_than_an_afternoon():
    next_evening = Span(at("19.00") + timedelta(days=7), at("19.30") + timedelta(days=7))
    offered = Ground(10, (span("15.00", "16.00"), next_evening))
    (outcome,) = work_out([talk(1, "19.10", "19.20")], {1: offered}, GAPS).outcomes
    assert outcome.span and outcome.span.starts_at == at("19.10") + timedelta(days=7)


def test_a_double_talk_gets_two_places_that_follow_each_other():
    talks = [talk(1, "15.00", "15.10", 20), talk(2, "15.10", "15.20")]
    result = work_out(talks, {1: ground(10, ("15.00", "15.40"))}, GAPS)
    assert said(result.outcomes) == ["moves 15.00 15.20", "stays 15.10 15.10"]
    assert result.outcomes[0].span == span("15.20", "15.40")


def test_who_moves_has_time_to_walk_to_the_talk_of_a_sibling():
    family = frozenset({7})
    brother = talk(1, "15.00", "15.10", host=1, guardians=family)
    sister = talk(2, "16.00", "16.10", host=2, guardians=family)
    grounds = {1: ground(10, ("15.00", "15.30")), 2: ground(10, ("15.00", "15.40"))}
    result = work_out([brother, sister], grounds, GAPS)
    assert said(result.outcomes) == ["stays 15.00 15.00", "moves 16.00 15.30"]
    tight = {1: ground(10, ("15.00", "15.30")), 2: ground(10, ("15.00", "15.20"))}
    assert said(work_out([brother, sister], tight, GAPS).outcomes)[1] == "leaves 16.00"


def test_a_larger_gap_moves_one_of_two_talks():
    family = frozenset({7})
    talks = [
        talk(1, "15.00", "15.10", host=1, guardians=family),
        talk(2, "15.20", "15.30", host=2, guardians=family),
    ]
    same = {
        host: Ground(10, (span("15.00", "16.00"),), same=True, free=(span("15.30", "15.40"),))
        for host in (1, 2)
    }
    assert said(work_out(talks, same, GAPS).outcomes) == ["stays 15.00 15.00", "stays 15.20 15.20"]
    wider = Gaps(timedelta(minutes=20), timedelta(minutes=20))
    assert said(work_out(talks, same, wider).outcomes) == ["stays 15.00 15.00", "moves 15.20 15.30"]


def test_another_building_needs_its_own_gap():
    family = frozenset({7})
    talks = [
        talk(1, "15.00", "15.10", host=1, guardians=family),
        talk(2, "15.20", "15.30", host=2, guardians=family, building="De Dependance"),
    ]
    result = work_out(talks, {n: ground(10, ("15.00", "16.00")) for n in (1, 2)}, GAPS)
    assert said(result.outcomes) == ["stays 15.00 15.00", "moves 15.20 15.30"]


def test_the_talk_of_another_round_is_in_the_way():
    other = talk(9, "15.00", "15.10", host=-5, guardians=frozenset({7}))
    moved = talk(1, "18.00", "18.10", guardians=frozenset({7}))
    result = work_out([moved], {1: ground(10, ("15.00", "15.30"))}, GAPS, [other])
    assert said(result.outcomes) == ["moves 18.00 15.20"]
    result = work_out([moved], {1: ground(10, ("15.00", "15.20"))}, GAPS, [other])
    assert said(result.outcomes) == ["leaves 18.00"]


def test_what_has_begun_stays_whatever_changes():
    talks = [talk(1, "15.00", "15.10", 15, past=True), talk(2, "15.00", "15.10", host=-1, past=True)]
    result = work_out(talks, {1: ground(15, ("18.00", "19.00"))}, GAPS)
    assert said(result.outcomes) == ["stays 15.00 15.00", "stays 15.00 15.00"]


def test_a_talk_whose_table_goes_leaves():
    result = work_out([talk(1, "15.00", "15.10", host=-1)], {1: ground(10, ("15.00", "16.00"))}, GAPS)
    assert said(result.outcomes) == ["leaves 15.00"]


def test_another_room_changes_a_talk_that_keeps_its_time():
    same = Ground(10, (span("15.00", "16.00"),), same=True)
    result = work_out([talk(1, "15.00", "15.10", touched=True)], {1: same}, GAPS)
    assert said(result.outcomes) == ["changes 15.00 15.00"]
    assert result.free == {}


def test_a_talk_that_becomes_longer_takes_the_next_place_when_it_is_free():
    free = Ground(10, (span("15.00", "15.30"),), same=True, free=(span("15.10", "15.20"),))
    assert said(work_out([talk(1, "15.00", "15.10", 20)], {1: free}, GAPS).outcomes) == [
        "changes 15.00 15.00"
    ]
    taken = Ground(10, (span("15.00", "15.30"),), same=True)
    assert said(work_out([talk(1, "15.00", "15.10", 20)], {1: taken}, GAPS).outcomes) == ["leaves 15.00"]


@pytest.mark.parametrize(
    ("taken", "left"),
    [
        ([], ["15.00", "15.15", "15.30", "15.45"]),
        ([("15.10", "15.25")], ["15.25", "15.40"]),
        ([("14.50", "15.05")], ["15.05", "15.20", "15.35"]),
        ([("15.00", "16.00")], []),
    ],
)
def test_the_ground_is_cut_around_what_is_taken(taken, left):
    spans = [span(*one) for one in taken]
    assert hours(free_around(spans, ground(15, ("15.00", "16.00")))) == left
