"""Carry out a plan: school year, groups, pupils and who is in which group."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update

from portal.domain import audit
from portal.domain.importers.rows import PupilRow
from portal.domain.roster_groups import group_sort_key, joined, split
from portal.domain.roster_plan import ChangeGroup, Placement
from portal.domain.roster_work import Work, end_teachings, insert_rows, name_columns, update_rows
from portal.domain.settings import school_year_around
from portal.domain.year_change import open_year
from portal.extensions import db
from portal.models.roster import Group, Membership, Pupil, Teaching


def _school_year(work: Work) -> int:
    name = work.plan.school_year
    return open_year(school_year_around(date(int(name[:4]), 8, 1) if name else work.today))


def carry_out_groups(work: Work) -> None:
    """Change the groups that are there, and make the new ones in their school year."""
    _change_groups(work.plan.change_groups)
    adding = work.plan.add_groups
    if not adding:
        return
    year = _school_year(work)
    rows = [
        {
            "school_year_id": year,
            "key": step.row.lasting_key,
            "name": step.row.name,
            "year_groups": joined(step.row.year_groups),
            "composite": step.row.composite,
            "sort_key": group_sort_key(step.row.name, step.row.year_groups),
        }
        for step in adding
    ]
    for step, number in zip(adding, insert_rows(Group, rows), strict=True):
        work.ids[step.token] = number


def _change_groups(changes: list[ChangeGroup]) -> None:
    """Change groups; names are let go first, so that two groups can change places."""
    renamed = [change.group_id for change in changes if "name" in change.values]
    update_rows(Group, [{"id": number, "name": f"~{number}"} for number in renamed])
    for change in changes:
        values = dict(change.values)
        if "name" in values or "year_groups" in values:
            years = values.get("year_groups")
            if years is None:
                years = db.session.scalar(select(Group.year_groups).where(Group.id == change.group_id))
            values["sort_key"] = group_sort_key(str(values.get("name", change.new)), split(str(years or "")))
        update_rows(Group, [{"id": change.group_id, **values}])


def carry_out_pupils(work: Work) -> None:
    """Add, take back and archive pupils."""
    new = [step for step in work.plan.new_pupils if step.id in work.ticked]
    for step, number in zip(
        new, insert_rows(Pupil, [_pupil_row(one.row, work.now) for one in new]), strict=True
    ):
        work.ids[step.token] = number
    update_rows(
        Pupil,
        [
            {"id": step.pupil_id, "archived_at": None, "left_on": None}
            for step in work.plan.returning
            if step.id in work.ticked
        ],
    )
    leaving = [step for step in work.plan.leaving if step.id in work.ticked]
    update_rows(
        Pupil,
        [
            {"id": one.pupil_id, "archived_at": work.now, "left_on": one.left_on or work.today}
            for one in leaving
        ],
    )
    for one in leaving:
        audit.record(work.actor, "archive_pupil", "pupil", one.pupil_id)
    _end_memberships(work, Membership.pupil_id.in_([one.pupil_id for one in leaving]))


def _pupil_row(row: PupilRow, now: datetime) -> dict[str, object]:
    return {
        "key": row.key,
        **name_columns(row.given_name, row.prefix, row.surname),
        "birth_date": row.birth_date,
        "year_group": row.year_group,
        "created_at": now,
    }


def _end_memberships(work: Work, which: Any) -> None:
    """End memberships; one that began today was a slip and leaves no trace."""
    options = {"synchronize_session": False}
    running = Membership.ended_on.is_(None)
    db.session.execute(
        delete(Membership).where(running, which, Membership.started_on >= work.today),
        execution_options=options,
    )
    db.session.execute(
        update(Membership).where(running, which).values(ended_on=work.today), execution_options=options
    )


def carry_out_memberships(work: Work) -> None:
    """Put the pupils in their groups, out of the old ones first."""
    moves = work.plan.moved(work.ticked)
    placed = [*moves, *(one for one in work.plan.placements if work.plan.is_on(one, work.ticked))]
    leaving_home = [work.number(move.pupil) for move in moves if not move.keeps_home]
    if leaving_home:
        _end_memberships(work, Membership.home & Membership.pupil_id.in_(leaving_home))
    pairs: dict[int, list[int]] = {}
    for move in moves:
        for group_id in move.leaves:
            pairs.setdefault(group_id, []).append(int(move.pupil[1:]))
    for group_id, pupil_ids in pairs.items():
        _end_memberships(
            work, (Membership.group_id == group_id) & ~Membership.home & Membership.pupil_id.in_(pupil_ids)
        )
    insert_rows(Membership, [row for placement in placed for row in _membership_rows(work, placement)])


def _membership_rows(work: Work, placement: Placement) -> Iterable[dict[str, object]]:
    pupil_id = work.number(placement.pupil)
    homes = [placement.home] if placement.home and not placement.keeps_home else []
    for token in dict.fromkeys([*homes, *placement.joins]):
        yield {
            "pupil_id": pupil_id,
            "group_id": work.number(token),
            "home": token in homes,
            "started_on": work.today,
        }


def carry_out_closings(work: Work) -> None:
    """Close the groups that nobody is in any more."""
    closing = [step.group_id for step in work.plan.close_groups]
    if not closing:
        return
    # A child whose box was off may still be there: then the group stays open.
    still = set(
        db.session.scalars(
            select(Membership.group_id).where(Membership.group_id.in_(closing), Membership.ended_on.is_(None))
        )
    )
    closing = [group_id for group_id in closing if group_id not in still]
    end_teachings(work, Teaching.group_id.in_(closing))
    update_rows(Group, [{"id": group_id, "closed_at": work.now} for group_id in closing])
