"""Talks that share guardians, one of them with another, are planned together."""

from math import inf

from portal.domain.planner.parties import parties_of
from portal.domain.planner.party import partial_seats
from tests.domain.planner.rounds import family, made, places, talk

CHAIN = made(
    [places(1, 2), places(2, 2)],
    [family(1, guardians=(1, 2)), family(2, guardians=(2, 3)), family(3, guardians=(3, 4))],
    [talk(1, 1, 1), talk(2, 2, 2), talk(3, 3, 1)],
)


def test_families_are_one_party_through_the_guardians_they_share():
    [party] = parties_of(CHAIN).parties
    assert [one.key for one in party.talks] == [1, 2, 3]
    assert party.pairs == [(0, 1), (1, 2)]


def test_two_of_one_party_never_sit_at_one_place():
    [party] = parties_of(CHAIN).parties
    searched = partial_seats(party, 0, inf)
    assert searched[0] == party.arrangements[0][0]
    for _, mask, chosen in [*party.arrangements, searched]:
        assert mask.bit_count() == sum(option is not None for option in chosen)


def test_families_without_a_shared_guardian_are_apart():
    round_ = made([places(1, 2)], [family(1), family(2)], [talk(1, 1, 1), talk(2, 2, 1)])
    assert len(parties_of(round_).parties) == 2
