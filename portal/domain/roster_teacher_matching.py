"""Which adults the teachers of a file are, and what groups they get. Pure."""

from collections.abc import Callable, Iterable, Mapping
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
    staff = [adult for adult in now.adults if adult.role or adult.staff_key]
    by_key = {adult.staff_key: adult for adult in staff if adult.staff_key}
    by_email = {adult.email: adult for adult in now.adults if adult.email}
    by_name: dict[tuple[str, str], list[AdultNow]] = {}
    for member in staff:
        by_name.setdefault(name_key(member), []).append(member)
    seen: set[int] = set()
    for index, given in enumerate(roster.teachers):
        row = given
        owner = by_email.get(row.email or "")
        if owner and not alike(owner, row):
            # Somebody else's address; nobody becomes a teacher by it.
            owner, row = None, replace(row, email=None)
        adult: AdultNow | None = by_key.get(row.key or "") or owner
        if adult is None:
            named = [one for one in by_name.get(name_key(row), []) if not (one.staff_key and row.key)]
            adult = named[0] if len(named) == 1 else None
        if adult and adult.id in seen:
            continue
        token = f"u{adult.id}" if adult else f"nt{index}"
        follows = ""
        if adult is None or adult.role is None:
            step = AddTeacher(f"teacher-{index}", shown(row), user=token, row=row)
            plan.new_teachers.append(step)
            follows = step.id
        if adult:
            seen.add(adult.id)
            if adult.role is not None:
                change_adult(plan, adult, row, "teacher", by_email, ", ".join(_names(adult, group_name)))
            if row.key and row.key != adult.staff_key and adult.role is not None:
                plan.changes.append(
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
        _plan_teaching(roster, plan, row, adult, token, follows, groups, group_name)
    if "teachers" in roster.complete:
        for member in staff:
            if member.role == "teacher" and member.staff_key and member.id not in seen:
                plan.leaving_teachers.append(
                    LeaveTeacher(f"teacher-left-{member.id}", shown(member), on=False, user_id=member.id)
                )
    return seen


def _names(adult: AdultNow, group_name: Callable[[str | None], str]) -> Iterable[str]:
    return (group_name(f"g{group_id}") for group_id in sorted(adult.teaches))


def _plan_teaching(
    roster: Roster,
    plan: Plan,
    row: TeacherRow,
    adult: AdultNow | None,
    token: str,
    follows: str,
    groups: Mapping[str, str],
    group_name: Callable[[str | None], str],
) -> None:
    wanted = list(dict.fromkeys(groups[key] for key in row.group_keys if key in groups))
    has = {f"g{group_id}" for group_id in adult.teaches} if adult else set()
    for group in wanted:
        if group not in has:
            step_id = f"teach-{token}-{group}"
            plan.teaching.append(
                Teach(step_id, shown(row), group_name(group), user=token, group_token=group, follows=follows)
            )
    if "teachers" in roster.complete and roster.groups:
        for group in sorted(has & set(groups.values()) - set(wanted)):
            plan.teaching.append(
                Teach(
                    f"teach-end-{token}-{group}",
                    shown(row),
                    group_name(group),
                    user=token,
                    group_token=group,
                    ends=True,
                )
            )
