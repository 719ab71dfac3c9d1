"""What an import makes of the groups that are there, in the database."""

from collections.abc import Callable

import pytest

from portal import clock
from portal.domain.importers.rows import GroupRow, Roster
from portal.domain.roster_apply import carry_out
from portal.domain.roster_matching import make_plan
from portal.domain.roster_snapshot import snapshot
from portal.models.roster import Group
from tests.accounts.conftest import change, do
from tests.roster_import.export import export
from tests.roster_import.test_command import command

__all__ = ["change", "command", "do"]


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


def test_the_preview_shows_what_groups_were_and_become(office, school, take_in, rows, change) -> None:
    take_in(("G0", "oud"), ("G4", "4"), ("G5", "5"))
    closed = next(group for group in rows(Group) if group.key == "G5")
    change(Group, closed.id, closed_at=clock.now(), year_groups="4")
    page = office.page(office.preview(("EDEX.XML", export(30, 50).edexml())))
    assert "oud → 1/2 A" in page
    assert "5: jaargroepen 4 → 5" in page and "5: weer open" in page


def test_files_of_a_year_to_come_are_told_apart(office, school, command) -> None:
    made = export(30, 50)
    told = "schooljaar 2027-2028, dat nog niet is begonnen"
    assert told not in office.page(office.preview(("EDEX.XML", made.edexml())))
    made.year = "2027-2028"
    assert told in office.page(office.preview(("EDEX.XML", made.edexml())))
    assert told in command.run(*command.write(made), "--dry-run")[1]
