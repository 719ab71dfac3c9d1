from portal.domain.roster_groups import group_sort_key, joined, split


def test_groups_stand_in_order_of_their_youngest_then_their_name():
    groups = [
        ("8", [8]), ("1/2 b", [1, 2]), ("Uilen", [4, 5]), ("1/2 a", [1, 2]), ("10", [7]), ("9", [7]),
        ("Instroom", [0]), ("Plusklas", []),
    ]  # fmt: skip
    ordered = sorted(groups, key=lambda group: group_sort_key(*group))
    assert [name for name, _years in ordered] == [
        "Instroom", "1/2 a", "1/2 b", "Uilen", "9", "10", "8", "Plusklas",
    ]  # fmt: skip


def test_year_groups_are_kept_in_order_and_once():
    assert joined([4, 3, 4]) == "3,4"
    assert split("3,4") == [3, 4]
    assert split("") == []
