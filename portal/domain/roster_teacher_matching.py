"""Which adults the teachers of a file are, and what groups they get. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from portal.domain.importers.rows import Roster, TeacherRow
from portal.domain.roster_adult_changes import change_adult, shown
from portal.domain.roster_likeness import alike, name_key
from portal.domain.roster_plan import AddTeacher, Change, LeaveTeacher, Plan, Teach
from portal.domain.roster_snapshot import AdultNow, Snapshot


def plan_teachers(
    now: Snapshot,
    roster: Roster,
    plan: Plan,
    groups: Mapping[str, str],
    group_name: Callable[[str | None], str],
) -> set[int]:
    """Match the teachers and return who they are; roles in the file grant nothing, a new one just teaches."""
    teachers = _Teachers(now, roster, plan, groups, group_name)
    for index, given in enumerate(roster.teachers):
        row, adult = teachers.find(given)
        if adult is None or adult.id not in teachers.seen:
            teachers.note(index, row, adult)
    if "teachers" in roster.complete:
        teachers.let_the_others_go()
    return teachers.seen


class _Teachers:
    """Who works at school by number, address and name, and in `seen` whom the file has named already."""

    def __init__(
        self,
        now: Snapshot,
        roster: Roster,
        plan: Plan,
        groups: Mapping[str, str],
        group_name: Callable[[str | None], str],
    ) -> None:
        self._roster, self._plan, self._groups, self._group_name = roster, plan, groups, group_name
        self._staff = [adult for adult in now.adults if adult.role or adult.staff_key]
        self._by_key = {adult.staff_key: adult for adult in self._staff if adult.staff_key}
        self._by_email = {adult.email: adult for adult in now.adults if adult.email}
        self._by_name: dict[tuple[str, str], list[AdultNow]] = {}
        for member in self._staff:
            self._by_name.setdefault(name_key(member), []).append(member)
        self.seen: set[int] = set()

    def find(self, row: TeacherRow) -> tuple[TeacherRow, AdultNow | None]:
        """Return what holds of a row and whose it is, None for somebody new."""
        owner = self._by_email.get(row.email or "")
        if owner and not alike(owner, row):
            # Somebody else's address; nobody becomes a teacher by it.
            owner, row = None, replace(row, email=None)
        adult = self._by_key.get(row.key or "") or owner
        if adult is None:
            same_name = self._by_name.get(name_key(row), [])
            named = [one for one in same_name if not (one.staff_key and row.key)]
            adult = named[0] if len(named) == 1 else None
        return row, adult

    def note(self, index: int, row: TeacherRow, adult: AdultNow | None) -> None:
        """Plan what a row of the file says of a teacher: who begins, what changes, and which groups."""
        token = f"u{adult.id}" if adult else f"nt{index}"
        follows = ""
        if adult is None or adult.role is None:
            step = AddTeacher(f"teacher-{index}", shown(row), user=token, row=row)
            self._plan.new_teachers.append(step)
            follows = step.id
        if adult:
            self.seen.add(adult.id)
            if adult.role is not None:
                self._change(adult, row)
        self._plan_teaching(row, adult, token, follows)

    def _change(self, adult: AdultNow, row: TeacherRow) -> None:
        groups = ", ".join(self._group_name(f"g{group_id}") for group_id in sorted(adult.teaches))
        change_adult(self._plan, adult, row, "teacher", self._by_email, groups)
        if row.key and row.key != adult.staff_key:
            self._plan.changes.append(
                Change(
                    f"teacher-{adult.id}-key",
                    shown(adult),
                    of="teacher",
                    ident=adult.id,
                    field="key",
                    old=adult.staff_key or "",
                    new=row.key,
                    values={"staff_key": row.key},
                )
            )

    def _plan_teaching(self, row: TeacherRow, adult: AdultNow | None, token: str, follows: str) -> None:
        wanted = list(dict.fromkeys(self._groups[key] for key in row.group_keys if key in self._groups))
        has = {f"g{group_id}" for group_id in adult.teaches} if adult else set()
        for group in wanted:
            if group not in has:
                step_id, name = f"teach-{token}-{group}", self._group_name(group)
                self._plan.teaching.append(
                    Teach(step_id, shown(row), name, user=token, group_token=group, follows=follows)
                )
        if "teachers" in self._roster.complete and self._roster.groups:
            for group in sorted(has & set(self._groups.values()) - set(wanted)):
                step_id, name = f"teach-end-{token}-{group}", self._group_name(group)
                self._plan.teaching.append(
                    Teach(step_id, shown(row), name, user=token, group_token=group, ends=True)
                )

    def let_the_others_go(self) -> None:
        """Plan that teachers of the administration leave whom a file with all teachers does not name."""
        for member in self._staff:
            if member.role == "teacher" and member.staff_key and member.id not in self.seen:
                self._plan.leaving_teachers.append(
                    LeaveTeacher(f"teacher-left-{member.id}", shown(member), on=False, user_id=member.id)
                )
