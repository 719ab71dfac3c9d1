"""What a file makes of the pupils: who is new, changed, moved, back or gone. Pure."""

from collections import Counter
from dataclasses import replace
from datetime import date

from portal.domain.importers.rows import PupilRow, Roster
from portal.domain.roster_child_matching import Child
from portal.domain.roster_group_matching import Groups
from portal.domain.roster_likeness import name_of
from portal.domain.roster_plan import AddPupil, Change, LeavePupil, Placement, Plan, ReturnPupil
from portal.domain.roster_pupil_matching import PupilRows
from portal.domain.roster_snapshot import PupilNow, Snapshot


class Pupils:
    """Notes what happens to the pupils and groups of the file and to those that are there."""

    def __init__(self, now: Snapshot, roster: Roster, today: date, plan: Plan) -> None:
        self.now = now
        self.roster = roster
        self.today = today
        self.plan = plan
        self.groups = Groups(now, roster, plan)
        self._leads = roster.leading or not now.pupils
        self._rows = PupilRows(
            roster.pupils if self._leads else (),
            now.pupils,
            lambda row: self.groups.tokens.get(row.group_key or ""),
            plan.problems,
        )
        self._new: list[tuple[AddPupil, PupilRow]] = []
        self._leaving: set[int] = set()
        self._gone: list[PupilRow] = []

    def match(self) -> None:
        """Match the groups and the pupils, as far as the file leads, and note what each becomes."""
        if not self._leads:
            return
        self.groups.match()
        self._rows.match()
        for index, row in enumerate(self.roster.pupils):
            pupil = self._rows.found.get(index)
            if pupil is not None:
                self._keep(row, pupil)
            elif index not in self._rows.refused:
                self._add(index, row)
        if "pupils" in self.roster.complete:
            self._leave_absent()

    def children(self) -> list[Child]:
        """Return everybody whom a guardian's row can be about, also who has left."""
        children = [Child(f"left-{index}", row, "", None, gone=True) for index, row in enumerate(self._gone)]
        for pupil in self.now.pupils:
            row = self._rows.by_pupil.get(pupil.id)
            token = f"g{pupil.home}" if pupil.home else None
            if row and row.group_key in self.groups.tokens:
                token = self.groups.tokens[row.group_key]
            gone = pupil.archived and (row is None or self._has_left(row))
            child = Child(f"p{pupil.id}", row or pupil, self.groups.name_of(token), pupil, gone=gone)
            if pupil.id in self._rows.contested:
                # A number that the file gives to another child says nothing of whose guardian somebody is.
                child.key, child.key_before = row.key if row else None, None
            else:
                child.key = child.key or pupil.key
            child.birth_date = child.birth_date or pupil.birth_date
            child.leaves = gone or pupil.id in self._leaving
            children.append(child)
        children.extend(Child(step.token, row, step.group, None, step.id) for step, row in self._new)
        return children

    def _has_left(self, row: PupilRow) -> bool:
        return row.has_left or bool(row.left_on and row.left_on < (self.roster.reference_date or self.today))

    def _add(self, index: int, row: PupilRow) -> None:
        if self._has_left(row):
            self._gone.append(row)
            return
        home = self.groups.tokens.get(row.group_key or "")
        group = self.groups.name_of(home)
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
        return tuple(
            dict.fromkeys(
                self.groups.tokens[key] for key in row.extra_group_keys if key in self.groups.tokens
            )
        )

    def _keep(self, row: PupilRow, pupil: PupilNow) -> None:
        group = self.groups.name_of(f"g{pupil.home}" if pupil.home else None)
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
            home = self.groups.name_of(self.groups.tokens.get(row.group_key or ""))
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
        home = self.groups.tokens.get(row.group_key or "")
        old_home = f"g{pupil.home}" if pupil.home else None
        whole = "groups" in self.roster.complete
        keeps_home = home == old_home or (home is None and not whole)
        extra = set(self._extra(row))
        now_extra = {f"g{group_id}" for group_id in pupil.extra}
        imported = set(self.groups.tokens.values())
        leaves = tuple(
            sorted(
                group_id
                for group_id in pupil.extra
                if whole
                and f"g{group_id}" not in extra
                and (f"g{group_id}" in imported or self.groups.by_number[group_id].key)
            )
        )
        joins = tuple(token for token in self._extra(row) if token not in now_extra)
        if keeps_home and not joins and not leaves:
            return
        names = [
            self.groups.name_of(old_home),
            *(self.groups.by_number[one].name for one in sorted(pupil.extra)),
        ]
        after = [self.groups.name_of(old_home if keeps_home else home)]
        after += [self.groups.name_of(token) for token in sorted(now_extra - {f"g{one}" for one in leaves})]
        after += [self.groups.name_of(token) for token in joins]
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
            if pupil.archived or not self._rows.is_absent(pupil):
                continue
            group = self.groups.name_of(f"g{pupil.home}" if pupil.home else None)
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
        if self._leads and self.roster.groups:
            self.groups.close_all_but(self._staying())

    def _staying(self) -> set[int]:
        """Return the groups that somebody stays in."""
        staying: set[int] = set()
        moves = {move.pupil: move for move in self.plan.moves}
        for pupil in self.now.pupils:
            if pupil.id in self._leaving:
                continue
            move = moves.get(f"p{pupil.id}")
            staying |= pupil.extra - set(move.leaves if move else ())
            if pupil.home and not (move and not move.keeps_home):
                staying.add(pupil.home)
        return staying
