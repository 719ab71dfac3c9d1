"""What an import makes of the groups that are there, in the database."""

from collections.abc import Callable

import pytest

from portal import clock
from portal.domain.importers.rows import GroupRow, Roster
from portal.domain.roster_apply import carry_out
from portal.domain.roster_matching import make_plan
from portal.domain.roster_snapshot import snapshot
from portal.models.roster import Group
from tests.accounts.conftest import do

__all__ = ["do"]


@pytest.fixture
def take_in(do) -> Callable[..., None]:
    """Reads in groups: `take_in(("K1", "5"), ("K2", "6"))`."""

    def read_in(*groups: tuple[str, str]) -> None:
        roster = Roster(groups=tuple(GroupRow(key, name) for key, name in groups), leading=True)
        plan = make_plan(snapshot(clock.today()), roster, clock.today())
        carry_out(plan, plan.defaults(), None, clock.now(), clock.today())

    return lambda *groups: do(lambda: read_in(*groups))


@pytest.mark.parametrize(
    "then",
    [
        [("K1", "5a"), ("K2", "5")],
        [("K2", "5"), ("K1", "5a")],
        [("K1", "7"), ("K3", "5")],
        [("K1", "7a"), ("K3", "8")],
    ],
)
def test_two_groups_of_a_list_are_two_groups_whatever_they_were_called(school, take_in, rows, then) -> None:
    take_in(("K1", "5"), ("K3", "7"))
    ids = {group.key: group.id for group in rows(Group) if group.key}
    take_in(*then)
    after = {group.key: (group.id, group.name) for group in rows(Group) if group.key}
    for key, name in then:
        assert after[key][1] == name
        assert after[key][0] == ids.get(key, after[key][0])
    assert len({number for number, _ in after.values()}) == len(after)
