"""From rows and the roster as it is to a plan. Pure: the same rows and roster always give the same plan."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from portal.domain.importers.rows import (
    ERROR,
    N_,
    NOTE,
    GroupRow,
    Problem,
    PupilRow,
    Roster,
    lasting,
)
from portal.domain.roster_child_matching import Child
from portal.domain.roster_guardian_matching import plan_guardians
from portal.domain.roster_likeness import differs_wholly, name_key, name_of
from portal.domain.roster_plan import (
    AddGroup,
    AddPupil,
    Answers,
    Change,
    ChangeGroup,
    CloseGroup,
    LeavePupil,
    Placement,
    Plan,
    ReturnPupil,
)
from portal.domain.roster_snapshot import GroupNow, PupilNow, Snapshot
from portal.domain.roster_teacher_matching import plan_teachers
from portal.names import fold


def make_plan(now: Snapshot, roster: Roster, today: date, answers: Answers | None = None) -> Plan:
    """Return what importing these rows would do to this roster."""
    plan = Plan(now.revision, roster.school_year or now.school_year)
    plan.present = sum(not pupil.archived for pupil in now.pupils)
    plan.problems.extend(roster.problems)
    if roster.school_year and now.school_year and roster.school_year < now.school_year:
        plan.problems.append(_older_year(roster))
    pupils = _Pupils(now, roster, today, plan)
    pupils.match()
    teachers = plan_teachers(now, roster, plan, pupils.groups, pupils.name_of_group)
    plan_guardians(now, roster, plan, pupils.children(), teachers, answers or Answers())
    pupils.finish()
    return plan


def _older_year(roster: Roster) -> Problem:
    place = next((row.at for row in roster.pupils), None)
    sentence = N_(
        "This file is of school year %(year)s, which is over. Its groups come in as groups of that year."
    )
    return Problem(
        replace(place, line=0) if place else roster.problems[0].at,
        sentence,
        {"year": roster.school_year or ""},
        NOTE,
    )


class _Pupils:
    """Matches the pupils and groups of the file with those that are there."""

    def __init__(self, now: Snapshot, roster: Roster, today: date, plan: Plan) -> None:
        self.now = now
        self.roster = roster
        self.today = today
        self.plan = plan
        self.groups: dict[str, str] = {}
        """The token of each group of the file, by its key in the file."""
        self._group_names: dict[str, str] = {f"g{group.id}": group.name for group in now.groups}
        self._groups_now = {group.id: group for group in now.groups}
        self._by_pupil: dict[int, PupilRow] = {}
        self._new: list[tuple[AddPupil, PupilRow]] = []
        self._leaving: set[int] = set()

    def name_of_group(self, token: str | None) -> str:
        return self._group_names.get(token or "", "")

    def match(self) -> None:
        leading = self.roster.leading or not self.now.pupils
        rows = self.roster.pupils if leading else ()
        self._match_groups()
        for index, pupil in self._match_pupils(rows):
            row = rows[index]
            if pupil is None:
                self._add(index, row)
            else:
                self._keep(row, pupil)
        if "pupils" in self.roster.complete and leading:
            self._leave_absent()

    def children(self) -> list[Child]:
        """Return everybody whom a guardian's row can be about."""
        children = []
        for pupil in self.now.pupils:
            row = self._by_pupil.get(pupil.id)
            if pupil.archived and row is None:
                continue
            token = f"g{pupil.home}" if pupil.home else None
            if row and row.group_key in self.groups:
                token = self.groups[row.group_key]
            child = Child(f"p{pupil.id}", row or pupil, self.name_of_group(token), pupil)
            child.key = (row.key if row else None) or pupil.key
            child.birth_date = child.birth_date or pupil.birth_date
            child.leaves = pupil.id in self._leaving
            children.append(child)
        children.extend(Child(step.token, row, step.group, None, step.id) for step, row in self._new)
        return children

    # --- groups

    def _match_groups(self) -> None:
        year = self.plan.school_year
        there = [group for group in self.now.groups if group.school_year == year]
        by_key = {group.key: group for group in there if group.key}
        by_name = {fold(group.name): group for group in there}
        used: set[int] = set()
        names = Counter(fold(group.name) for group in self.roster.groups)
        if not self.roster.leading and self.now.pupils:
            return
        for index, given in enumerate(self.roster.groups):
            row = self._with_own_name(given, index, names)
            group = by_key.get(row.lasting_key) if row.lasting_key else None
            if group is None or group.id in used:
                group = by_name.get(fold(row.name))
            if group is None:
                self.groups[row.key] = f"ng{index}"
                self._group_names[f"ng{index}"] = row.name
                self.plan.add_groups.append(AddGroup(f"ng{index}", row))
                continue
            self.groups[row.key] = f"g{group.id}"
            if group.id not in used:
                used.add(group.id)
                self._change_group(group, row)

    def _with_own_name(self, row: GroupRow, index: int, names: Counter[str]) -> GroupRow:
        """Two groups of one name in a file are told apart, since a name is unique in a school year."""
        if names[fold(row.name)] < 2:
            return row
        earlier = sum(fold(one.name) == fold(row.name) for one in self.roster.groups[:index])
        return replace(row, name=f"{row.name[:58]} ({earlier + 1})") if earlier else row

    def _change_group(self, group: GroupNow, row: GroupRow) -> None:
        values: dict[str, object] = {}
        years = ",".join(str(year) for year in sorted(row.year_groups))
        clash = any(
            other.id != group.id
            and other.school_year == group.school_year
            and fold(other.name) == fold(row.name)
            for other in self.now.groups
        )
        if fold(row.name) != fold(group.name) and not clash:
            values["name"] = row.name
        if years and years != group.year_groups:
            values["year_groups"] = years
        if row.lasting_key and row.lasting_key != group.key:
            values["key"] = row.lasting_key
        if group.closed:
            values["closed_at"] = None
        if values:
            self._group_names[f"g{group.id}"] = str(values.get("name", group.name))
            new = str(values.get("name", group.name))
            self.plan.change_groups.append(ChangeGroup(group.id, new, group.name, new, values))

    # --- pupils

    def _match_pupils(self, rows: tuple[PupilRow, ...]) -> Iterable[tuple[int, PupilNow | None]]:
        by_key = {pupil.key: pupil for pupil in self.now.pupils if pupil.key}
        stripped = Counter(key.lstrip("0") for key in by_key)
        by_bare = {key.lstrip("0"): pupil for key, pupil in by_key.items() if stripped[key.lstrip("0")] == 1}
        found: dict[int, PupilNow] = {}
        refused: set[int] = set()
        for index, row in enumerate(rows):
            key = lasting(row.key or "")
            pupil = (by_key.get(key) or by_bare.get(key.lstrip("0"))) if key else None
            if pupil is None:
                continue
            other_birth = bool(pupil.birth_date and row.birth_date and pupil.birth_date != row.birth_date)
            if differs_wholly(pupil, row) and (other_birth or not (pupil.birth_date and row.birth_date)):
                self._refuse_other_child(row)
                refused.add(index)
                self._by_pupil[pupil.id] = row
            elif pupil.id not in self._by_pupil:
                found[index] = pupil
                self._by_pupil[pupil.id] = row
        self._match_by_name(rows, found, refused)
        for index in range(len(rows)):
            if index not in refused:
                yield index, found.get(index)

    def _refuse_other_child(self, row: PupilRow) -> None:
        sentence = N_(
            "%(file)s, line %(line)s: this pupil number belongs to another child here. The row was left out;"
            " look in your administration which of the two is right."
        )
        values = {"file": row.at.file, "line": str(row.at.line)}
        self.plan.problems.append(Problem(row.at, sentence, values, ERROR))

    def _match_by_name(
        self, rows: tuple[PupilRow, ...], found: dict[int, PupilNow], refused: set[int]
    ) -> None:
        """Match who has no key, or a new one, by name and birth date; only where that is one child."""
        free: dict[tuple[str, str], list[PupilNow]] = {}
        for pupil in self.now.pupils:
            if pupil.id not in self._by_pupil:
                free.setdefault(name_key(pupil), []).append(pupil)
        wanted = Counter(
            name_key(row) for index, row in enumerate(rows) if index not in found and index not in refused
        )
        for index, row in enumerate(rows):
            if index in found or index in refused:
                continue
            candidates = [pupil for pupil in free.get(name_key(row), []) if pupil.id not in self._by_pupil]
            exact = [pupil for pupil in candidates if pupil.birth_date and pupil.birth_date == row.birth_date]
            # Without a birth date on both sides a name is enough only while no number contradicts it.
            loose = [
                pupil
                for pupil in candidates
                if not (pupil.birth_date and row.birth_date) and not (pupil.key and row.key)
            ]
            if not exact and (len(loose) > 1 or wanted[name_key(row)] > 1):
                token = self.groups.get(row.group_key or "")
                loose = [pupil for pupil in loose if token and f"g{pupil.home}" == token]
            if exact or len(loose) == 1:
                found[index] = (exact or loose)[0]
                self._by_pupil[found[index].id] = row

    def _has_left(self, row: PupilRow) -> bool:
        return row.has_left or bool(row.left_on and row.left_on < (self.roster.reference_date or self.today))

    def _add(self, index: int, row: PupilRow) -> None:
        if self._has_left(row):
            return
        home = self.groups.get(row.group_key or "")
        group = self.name_of_group(home)
        step = AddPupil(f"new-{index}", name_of(row), group, token=f"np{index}", row=row)
        self._new.append((step, row))
        self.plan.new_pupils.append(step)
        joins = self._extra(row)
        if home or joins:
            self.plan.placements.append(
                Placement(
                    f"place-new-{index}",
                    step.name,
                    group,
                    pupil=step.token,
                    old="",
                    new=group,
                    home=home,
                    keeps_home=not home,
                    joins=joins,
                    follows=step.id,
                )
            )

    def _extra(self, row: PupilRow) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.groups[key] for key in row.extra_group_keys if key in self.groups))

    def _keep(self, row: PupilRow, pupil: PupilNow) -> None:
        group = self.name_of_group(f"g{pupil.home}" if pupil.home else None)
        if self._has_left(row):
            if not pupil.archived:
                self._leaving.add(pupil.id)
                self.plan.leaving.append(
                    LeavePupil(
                        f"left-{pupil.id}", name_of(pupil), group, pupil_id=pupil.id, left_on=row.left_on
                    )
                )
            return
        before = len(self.plan.changes) + len(self.plan.moves)
        if pupil.archived:
            home = self.name_of_group(self.groups.get(row.group_key or ""))
            self.plan.returning.append(ReturnPupil(f"back-{pupil.id}", name_of(row), home, pupil_id=pupil.id))
        self._change(row, pupil, group)
        self._move(row, pupil, group)
        if len(self.plan.changes) + len(self.plan.moves) == before and not pupil.archived:
            self.plan.same += 1

    def _change(self, row: PupilRow, pupil: PupilNow, group: str) -> None:
        def change(field: str, old: str, new: str, **values: object) -> None:
            self.plan.changes.append(
                Change(
                    f"pupil-{pupil.id}-{field}",
                    name_of(pupil),
                    group,
                    of="pupil",
                    ident=pupil.id,
                    field=field,
                    old=old,
                    new=new,
                    values=values,
                )
            )

        names = (row.given_name, row.prefix, row.surname)
        if names != (pupil.given_name, pupil.prefix, pupil.surname) and (row.surname or not pupil.surname):
            given, prefix, surname = names
            change(
                "name",
                name_of(pupil),
                name_of(row),
                given_name=given or pupil.given_name,
                prefix=prefix,
                surname=surname,
            )
        if row.key and row.key != pupil.key and row.key.lstrip("0") != (pupil.key or "").lstrip("0"):
            change("key", pupil.key or "", row.key, key=row.key)
        if row.birth_date and row.birth_date != pupil.birth_date:
            old = pupil.birth_date.isoformat() if pupil.birth_date else ""
            change("birth_date", old, row.birth_date.isoformat(), birth_date=row.birth_date)
        if row.year_group is not None and row.year_group != pupil.year_group:
            old = "" if pupil.year_group is None else str(pupil.year_group)
            change("year_group", old, str(row.year_group), year_group=row.year_group)

    def _move(self, row: PupilRow, pupil: PupilNow, group: str) -> None:
        home = self.groups.get(row.group_key or "")
        old_home = f"g{pupil.home}" if pupil.home else None
        whole = "groups" in self.roster.complete
        keeps_home = home == old_home or (home is None and not whole)
        extra = set(self._extra(row))
        now_extra = {f"g{group_id}" for group_id in pupil.extra}
        imported = set(self.groups.values())
        leaves = tuple(
            sorted(
                group_id
                for group_id in pupil.extra
                if whole
                and f"g{group_id}" not in extra
                and (f"g{group_id}" in imported or self._groups_now[group_id].key)
            )
        )
        joins = tuple(token for token in self._extra(row) if token not in now_extra)
        if keeps_home and not joins and not leaves:
            return
        names = [self.name_of_group(old_home), *(self._groups_now[one].name for one in sorted(pupil.extra))]
        after = [self.name_of_group(old_home if keeps_home else home)]
        after += [self.name_of_group(token) for token in sorted(now_extra - {f"g{one}" for one in leaves})]
        after += [self.name_of_group(token) for token in joins]
        self.plan.moves.append(
            Placement(
                f"move-{pupil.id}",
                name_of(row),
                group,
                pupil=f"p{pupil.id}",
                old=", ".join(name for name in names if name),
                new=", ".join(name for name in after if name),
                home=home,
                keeps_home=keeps_home,
                joins=joins,
                leaves=leaves,
            )
        )

    def _leave_absent(self) -> None:
        """Who is not in a complete list has left; the box of a child only the portal knows begins off."""
        from_administration = "groups" in self.roster.complete
        for pupil in self.now.pupils:
            if pupil.archived or pupil.id in self._by_pupil:
                continue
            group = self.name_of_group(f"g{pupil.home}" if pupil.home else None)
            self._leaving.add(pupil.id)
            self.plan.leaving.append(
                LeavePupil(
                    f"left-{pupil.id}",
                    name_of(pupil),
                    group,
                    on=bool(pupil.key) or not from_administration,
                    pupil_id=pupil.id,
                    left_on=None,
                )
            )

    def finish(self) -> None:
        """Count guardians of new children, and close the groups that nobody is in any more."""
        links = Counter(link.pupil for link in self.plan.links)
        mailed = {adult.token for adult in self.plan.adults if adult.email}
        with_email = Counter(
            link.pupil for link in self.plan.links if link.user in mailed or link.user.startswith("u")
        )
        self.plan.new_pupils = [
            replace(step, guardians=links[step.token], with_email=with_email[step.token])
            for step in self.plan.new_pupils
        ]
        self._close_groups()

    def _close_groups(self) -> None:
        if "groups" not in self.roster.complete:
            return
        staying: set[int] = set()
        moves = {move.pupil: move for move in self.plan.moves}
        for pupil in self.now.pupils:
            if pupil.id in self._leaving:
                continue
            move = moves.get(f"p{pupil.id}")
            leaves = set(move.leaves) if move else set()
            staying |= pupil.extra - leaves
            if pupil.home and not (move and not move.keeps_home):
                staying.add(pupil.home)
        in_file = set(self.groups.values())
        for group in self.now.groups:
            old = bool(self.plan.school_year and group.school_year < self.plan.school_year)
            ours = group.school_year == self.plan.school_year and bool(group.key)
            if group.closed or group.id in staying or f"g{group.id}" in in_file or not (old or ours):
                continue
            self.plan.close_groups.append(CloseGroup(group.id, group.name))
