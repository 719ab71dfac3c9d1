"""What holds for every round: the rules, the seed, and that longer is better."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.planner import Budget, breaches, impossible, make_plan, party, score
from portal.domain.planner.parties import parties_of
from tests.domain.planner.exhaustive import best_score
from tests.domain.planner.rounds import rounds

SHORT = Budget(iterations=60)
WELL_SEARCHED = Budget(iterations=1500)


@settings(max_examples=80, deadline=None)
@given(rounds(), st.integers(0, 9))
def test_a_plan_keeps_every_rule_and_accounts_for_every_talk(round_, seed):
    plan = make_plan(round_, SHORT, seed)
    assert breaches(round_, plan.seats) == []
    assert plan.score == score(round_, plan.seats)
    assert {one.talk for one in plan.left_over} | plan.seats.keys() == {one.key for one in round_.talks}
    assert plan.score.unplaced == len(plan.left_over)
    for left in plan.left_over:
        assert left.places >= left.not_available + left.taken + left.too_close + left.evening_full


@settings(max_examples=35, deadline=None)
@given(rounds(), st.integers(0, 9))
def test_the_same_seed_gives_the_same_plan(round_, seed):
    assert make_plan(round_, SHORT, seed) == make_plan(round_, SHORT, seed)


@settings(max_examples=35, deadline=None)
@given(rounds(), st.integers(0, 9))
def test_longer_is_never_worse(round_, seed):
    told = []
    make_plan(round_, SHORT, seed, progress=told.append)
    scores = [one.score for one in told]
    assert scores == sorted(scores, reverse=True)
    assert make_plan(round_, Budget(iterations=0), seed).score == scores[0]


@settings(max_examples=35, deadline=None)
@given(rounds(teachers=2, most_places=3, families=3, talks=5), st.integers(0, 3))
def test_a_small_round_is_planned_as_well_as_it_can_be(round_, seed):
    assert make_plan(round_, WELL_SEARCHED, seed).score == best_score(round_)


@settings(max_examples=80, deadline=None)
@given(rounds(teachers=2, most_places=3, families=3, talks=5))
def test_what_is_called_impossible_is(round_):
    named = impossible(round_)
    best = best_score(round_)
    if any(one.lack != "fixed-clash" for one in named):
        assert best.unplaced > 0
    for one in named:
        assert one.needed > one.available
    crowded = [one for one in named if one.lack in ("teacher-full", "times-full")]
    assert best.unplaced >= max((shortage(round_, one) for one in crowded), default=0)


@settings(max_examples=35, deadline=None)
@given(rounds(teachers=2, most_places=3, families=3, talks=5), st.integers(0, 3))
def test_what_is_not_listed_beforehand_is_found_when_it_is_needed(round_, seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(party, "MOST_ARRANGEMENTS", 2)
        plan = make_plan(round_, WELL_SEARCHED, seed)
    assert breaches(round_, plan.seats) == []
    assert plan.score.unplaced == best_score(round_).unplaced


@settings(max_examples=50, deadline=None)
@given(rounds(teachers=2, most_places=3, families=3, talks=5), st.sampled_from([1, 2, 300]))
def test_no_plan_is_better_than_every_party_alone(round_, beam):
    ready = parties_of(round_, beam)
    alone = ready.weights.levels(sum(one.least for one in ready.parties))
    assert alone <= best_score(round_)


def shortage(round_, one) -> int:
    """Return how many talks at least stay without a place: each takes two places at most here."""
    return -(-(one.needed - one.available) // 4)


@settings(max_examples=35, deadline=None)
@given(rounds(), st.integers(0, 9))
def test_the_number_of_the_search_orders_plans_as_their_scores_do(round_, seed):
    weights = parties_of(round_).weights
    rough, better = (make_plan(round_, Budget(iterations=n), seed).score for n in (0, 60))
    assert (weights.total(better) < weights.total(rough)) == (better < rough)


@settings(max_examples=35, deadline=None)
@given(rounds(), st.integers(0, 9))
def test_a_plan_made_again_moves_nobody(round_, seed):
    first = make_plan(round_, SHORT, seed)
    again = replace(
        round_, talks=tuple(replace(one, previous=first.seats.get(one.key, ())) for one in round_.talks)
    )
    plan = make_plan(again, SHORT, seed + 1)
    assert plan.score.moved == 0 or plan.score.unplaced < first.score.unplaced
