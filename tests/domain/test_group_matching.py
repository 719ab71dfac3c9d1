"""Which groups of a list are those that are there, and what they are called afterwards; no database."""

from portal.domain.importers.rows import GroupRow, Place, PupilRow, Roster, TeacherRow
from portal.domain.roster_matching import make_plan
from portal.domain.roster_plan import Plan
from portal.domain.roster_snapshot import GroupNow, Snapshot
from tests.domain.test_roster_matching import TODAY, plan, pupil

YEAR = "2026-2027"


def group(number: int, key: str | None, name: str, year: str = YEAR) -> GroupNow:
    return GroupNow(number, year, key, name, "", False, False)


def planned(rows: list[tuple[str, str]], *there: GroupNow) -> tuple[list[str], dict[int, str]]:
    """Return the groups that are added, and the new names of others, when these keys and names come in."""
    groups = tuple(GroupRow(key, name) for key, name in rows)
    roster = Roster(groups=groups, complete=frozenset({"groups"}), leading=True)
    made = make_plan(Snapshot(school_year=YEAR, groups=there), roster, TODAY)
    renamed = {
        step.group_id: str(step.values["name"]) for step in made.change_groups if "name" in step.values
    }
    return [step.row.name for step in made.add_groups], renamed


def test_a_new_group_takes_no_group_that_another_row_is() -> None:
    for rows in ([("K1", "5a"), ("K2", "5")], [("K2", "5"), ("K1", "5a")]):
        assert planned(rows, group(1, "K1", "5")) == (["5"], {1: "5a"})


def test_two_groups_may_exchange_their_names() -> None:
    there = (group(1, "K1", "5"), group(2, "K2", "6"))
    assert planned([("K1", "6"), ("K2", "5")], *there) == ([], {1: "6", 2: "5"})


def test_a_name_that_another_group_keeps_is_not_given_twice() -> None:
    there = (group(1, "K1", "5"), group(2, None, "5a"))
    assert planned([("K1", "5a"), ("K2", "5")], *there) == (["5 (2)"], {})


def test_a_group_without_a_key_is_known_by_its_name() -> None:
    assert planned([("K1", "5")], group(1, None, "5")) == ([], {})


def of_a_new_year(*there: GroupNow, text: str, **roster) -> Plan:
    return plan(text, year="2027-2028", groups=there, **roster)


def test_a_list_of_a_new_year_makes_new_groups_and_closes_the_empty_ones() -> None:
    """A table names no year: last year's groups, with their news and albums, are no groups of this year."""
    there = (group(1, None, "5"), group(2, None, "6"))
    kids = (pupil(1, "1", "Sem", "Bos", home=1), pupil(2, "2", "Noor", "Vos", home=2))
    made = of_a_new_year(
        *there,
        text="Leerlingnummer;Roepnaam;Achternaam;Klas\n1;Sem;Bos;6\n9;Mia;Kok;5\n2;Noor;Vos;\n",
        pupils=kids,
    )
    assert sorted(step.row.name for step in made.add_groups) == ["5", "6"]
    assert [step.group_id for step in made.close_groups] == [1]
    assert [(move.pupil, move.home in {"g1", "g2"}) for move in made.moves] == [("p1", False)]


def test_a_list_of_this_year_closes_nothing_of_this_year() -> None:
    there = (group(1, None, "5"), group(2, None, "6"))
    made = plan("Leerlingnummer;Roepnaam;Achternaam;Klas\n1;Sem;Bos;5\n", groups=there)
    assert (made.add_groups, made.close_groups) == ([], [])


def test_an_answer_of_an_earlier_year_with_only_teachers_is_read() -> None:
    roster = Roster(
        teachers=(TeacherRow("T1", "Tess", surname="Kok"),), school_year="2025-2026", leading=True
    )
    made = make_plan(Snapshot(school_year=YEAR), roster, TODAY)
    assert [problem.at for problem in made.problems] == [Place("")]
    assert len(made.new_teachers) == 1


def test_a_pupil_of_an_earlier_year_says_which_file_it_was() -> None:
    row = PupilRow("1", "Sem", "", "Bos", at=Place("EDEX.XML", 9))
    made = make_plan(Snapshot(school_year=YEAR), Roster(pupils=(row,), school_year="2025-2026"), TODAY)
    assert [problem.at for problem in made.problems] == [Place("EDEX.XML")]
