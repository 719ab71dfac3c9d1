"""Which groups of a file are those that are there, and which groups nobody is in any more. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from portal.domain.importers.rows import GroupRow, Roster
from portal.domain.roster_plan import AddGroup, ChangeGroup, CloseGroup, Plan
from portal.domain.roster_snapshot import GroupNow, Snapshot
from portal.names import fold

LONGEST_NAME = 64


class Groups:
    """The groups of the file by their key in it, each with its token; `by_number`: those that are there."""

    def __init__(self, now: Snapshot, roster: Roster, plan: Plan) -> None:
        self._roster = roster
        self._plan = plan
        self.by_number = {group.id: group for group in now.groups}
        self.tokens: dict[str, str] = {}
        self._names = {f"g{group.id}": group.name for group in now.groups}
        self._there = [group for group in now.groups if group.school_year == plan.school_year]

    def name_of(self, token: str | None) -> str:
        """Return what a group is called after the import; '' for none."""
        return self._names.get(token or "", "")

    def match(self) -> None:
        """Find the groups of the file, change what they are called, and add those that are new."""
        rows = [self._with_own_name(row, index) for index, row in enumerate(self._roster.groups)]
        found = self._found(rows)
        names = self._free_names(rows, found)
        for index, row in enumerate(rows):
            group = found.get(index)
            named = replace(row, name=names[index])
            token = f"g{group.id}" if group else f"ng{index}"
            self.tokens[row.key] = token
            self._names[token] = named.name
            if group is None:
                self._plan.add_groups.append(AddGroup(token, named))
            else:
                self._change(group, named)

    def _with_own_name(self, row: GroupRow, index: int) -> GroupRow:
        """Two groups of one name in a file are told apart, since a name is unique in a school year."""
        earlier = sum(fold(one.name) == fold(row.name) for one in self._roster.groups[:index])
        return replace(row, name=_numbered(row.name, earlier + 1)) if earlier else row

    def _found(self, rows: list[GroupRow]) -> dict[int, GroupNow]:
        """Return the group that each row is: by its key, else by a name that no other row's key is behind."""
        by_key = {group.key: group for group in self._there if group.key}
        by_name = {fold(group.name): group for group in self._there}
        found = {
            index: by_key[row.lasting_key]
            for index, row in enumerate(rows)
            if row.lasting_key and row.lasting_key in by_key
        }
        used = {group.id for group in found.values()}
        for index, row in enumerate(rows):
            group = by_name.get(fold(row.name))
            if index not in found and group is not None and group.id not in used:
                found[index] = group
                used.add(group.id)
        return found

    def _free_names(self, rows: list[GroupRow], found: dict[int, GroupNow]) -> list[str]:
        """Return the name of each row's group: as in the file, unless another group keeps that name."""
        renamed = dict(found)
        while True:
            used = {group.id for group in renamed.values()}
            kept = {fold(group.name) for group in self._there if group.id not in used}
            clashes = [index for index in renamed if fold(rows[index].name) in kept]
            if not clashes:
                break
            for index in clashes:
                del renamed[index]
        taken = kept | {fold(rows[index].name) for index in renamed}
        names = []
        for index, row in enumerate(rows):
            name = found[index].name if index in found and index not in renamed else row.name
            if index not in found:
                name = _free(name, taken)
                taken.add(fold(name))
            names.append(name)
        return names

    def _change(self, group: GroupNow, row: GroupRow) -> None:
        values: dict[str, object] = {}
        years = ",".join(str(year) for year in sorted(row.year_groups))
        if fold(row.name) != fold(group.name):
            values["name"] = row.name
        if years and years != group.year_groups:
            values["year_groups"] = years
        if row.lasting_key and row.lasting_key != group.key:
            values["key"] = row.lasting_key
        if group.closed:
            values["closed_at"] = None
        name = str(values.get("name", group.name))
        self._names[f"g{group.id}"] = name
        if values:
            changed = ChangeGroup(group.id, group.name, name, group.year_groups, values)
            self._plan.change_groups.append(changed)

    def close_all_but(self, staying: Iterable[int]) -> None:
        """Close the groups of years gone by that nobody stays in, and of this year those the file left out.

        Those made by hand are not for an administration's file to miss, nor is any group of this year for a
        table, which holds what the school chose to write in it.
        """
        wanted = {*staying, *(int(token[1:]) for token in self.tokens.values() if token.startswith("g"))}
        year = self._plan.school_year
        whole = "groups" in self._roster.complete
        for group in self.by_number.values():
            if group.closed or group.id in wanted or not year:
                continue
            if group.school_year < year or (whole and group.school_year == year and group.key):
                self._plan.close_groups.append(CloseGroup(group.id, group.name))


def _numbered(name: str, number: int) -> str:
    end = f" ({number})"
    return f"{name[: LONGEST_NAME - len(end)]}{end}"


def _free(name: str, taken: set[str]) -> str:
    """Return the name, with the first number behind it that makes it one that no group has."""
    if fold(name) not in taken:
        return name
    number = 2
    while fold(_numbered(name, number)) in taken:
        number += 1
    return _numbered(name, number)
