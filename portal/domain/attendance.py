"""The teacher's board of the day, read from the database."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, and_, bindparam, func, or_, select

from portal import access, clock, names
from portal.access import Viewer
from portal.domain.absence import time_judged
from portal.domain.absence_lists import label_column
from portal.domain.attendance_board import UNKNOWN, Board, BoardAbsence, BoardGroup, BoardPupil
from portal.extensions import fetch
from portal.models.absence import Absence, AbsenceNote, AttendanceMark
from portal.models.accounts import User
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.models.school import AbsenceKind
from portal.statements import Row, among
from portal.words import language


def board_groups(viewer: Viewer) -> list[BoardGroup]:
    """Return the groups whose board the viewer keeps, in the school's order."""
    rows = fetch(_groups_query(access.anyone_with(viewer.role)), viewer_id=viewer.id)
    return [BoardGroup(*row) for row in rows]


@cache
def _groups_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(Group.id, Group.name)
        .where(access.groups_of_school(viewer), ~Group.composite)
        .order_by(Group.sort_key, Group.name)
    )


def board(
    viewer: Viewer, groups: Iterable[BoardGroup], day: date, since: date, *, everybody: bool = False
) -> Board:
    """Return the board of some groups for a day, in two queries; `since` is the school day before it.

    With `everybody` also the pupils who have no home group, so that no child is on no board.
    """
    numbers = [group.id for group in groups]
    pupils: dict[int, BoardPupil] = {}
    query = _board_query(access.anyone_with(viewer.role), language(), everybody)
    names_in: dict[int, list[tuple[int, str, str, str]]] = {}
    for row in fetch(query, viewer_id=viewer.id, groups=numbers, day=day, since=since):
        _add_row(pupils, row, day)
        names_in.setdefault(row[4] or 0, []).append(row[:4])
    for children in names_in.values():
        for number, called in names.told_apart(children).items():
            pupils[number].called = called
    result = Board(list(pupils.values()), time_judged(clock.now()))
    _add_phones(viewer, result, None if everybody else numbers)
    return result


@cache
def _board_query(viewer: Viewer, _language: str, everybody: bool) -> Select[*tuple[Any, ...]]:
    day = bindparam("day", type_=Date)
    newest = (
        select(func.max(AttendanceMark.id).label("id"))
        .where(AttendanceMark.day == day)
        .group_by(AttendanceMark.pupil_id)
        .subquery()
    )
    marks = select(AttendanceMark).join(newest, newest.c.id == AttendanceMark.id).subquery()
    recent = and_(
        Absence.pupil_id == Pupil.id,
        Absence.first_day <= day,
        or_(Absence.last_day.is_(None), Absence.last_day >= bindparam("since")),
        or_(
            Absence.withdrawn_at.is_(None),
            and_(Absence.first_day == day, Absence.recovered_at.is_not(None)),
        ),
    )
    return (
        select(
            Pupil.id,
            Pupil.given_name,
            Pupil.prefix,
            Pupil.surname,
            Group.id,
            Group.name,
            marks.c.state,
            marks.c.marked_at,
            Absence.id,
            label_column(),
            AbsenceKind.icon,
            AbsenceKind.code,
            AbsenceKind.whole_day,
            Absence.first_day,
            Absence.last_day,
            Absence.from_time,
            Absence.until_time,
            Absence.source,
            Absence.reported_at,
            Absence.seen_at,
            AbsenceNote.text,
            Absence.withdrawn_at,
            access.report_times_known_to(viewer).label("time_known"),
        )
        .join(Membership, _is_home_of_pupil(), isouter=everybody)
        .join(
            Group,
            and_(Group.id == Membership.group_id, among(Group.id, "groups")),
            isouter=everybody,
        )
        .outerjoin(marks, marks.c.pupil_id == Pupil.id)
        .outerjoin(Absence, recent)
        .outerjoin(AbsenceKind, AbsenceKind.id == Absence.kind_id)
        .outerjoin(
            AbsenceNote,
            and_(AbsenceNote.absence_id == Absence.id, access.notes_readable_by(viewer)),
        )
        .where(access.pupils_of_school(viewer), Pupil.archived_at.is_(None))
        .order_by(
            Group.id.is_(None),
            Group.sort_key,
            Group.name,
            Pupil.sort_key,
            Pupil.id,
            Absence.id,
            AbsenceNote.id,
        )
    )


def _is_home_of_pupil() -> ColumnElement[bool]:
    return and_(Membership.pupil_id == Pupil.id, Membership.home, Membership.ended_on.is_(None))


def _add_row(pupils: dict[int, BoardPupil], row: Row, day: date) -> None:
    """Add one row: a pupil stands in several when there is more than one absence or note."""
    pupil = pupils.get(row[0])
    if pupil is None:
        pupil = BoardPupil(
            id=row[0],
            full_name=names.full(row[1], row[2], row[3]),
            group_id=row[4] or 0,
            group=row[5] or "",
            state=row[6] or UNKNOWN,
            marked_at=row[7],
        )
        pupils[pupil.id] = pupil
    if row[8] is None:
        return
    after_mark = row[7] is not None and row[18] > row[7]
    fields = (*row[8:18], row[18] if row[22] else None, row[19], row[20] or "", after_mark)
    found = BoardAbsence(*fields)
    if row[21] is not None:
        pupil.ended = pupil.ended or day
    elif found.last_day is not None and found.last_day < day:
        pupil.ended = found.last_day
    elif pupil.absence is None or (found.whole_day and not pupil.absence.whole_day):
        pupil.absence = found
    elif pupil.absence.id == found.id and found.note:
        pupil.absence = replace(pupil.absence, note=f"{pupil.absence.note}\n{found.note}".strip())


def _add_phones(viewer: Viewer, board: Board, groups: list[int] | None) -> None:
    """Add whom to call about the pupils of whom nothing is known; None is the whole school."""
    unknown = {pupil.id: pupil for pupil in board.unknown}
    query = _phones_query(access.anyone_with(viewer.role), everybody=groups is None)
    chosen = {} if groups is None else {"groups": groups}
    for pupil_id, *name_parts, organisation, phone, decides in fetch(query, viewer_id=viewer.id, **chosen):
        if pupil_id in unknown:
            name = names.of_institution(names.full(*name_parts), organisation)
            unknown[pupil_id].phones.append((name, phone, decides))


@cache
def _phones_query(viewer: Viewer, *, everybody: bool) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            Guardianship.pupil_id,
            User.given_name,
            User.prefix,
            User.surname,
            User.organisation,
            User.phone,
            Guardianship.has_authority,
        )
        .join(User, User.id == Guardianship.user_id)
        .join(Pupil, Pupil.id == Guardianship.pupil_id)
        .where(
            Pupil.archived_at.is_(None),
            access.guardians_called_by(viewer),
            Guardianship.revoked_at.is_(None),
            User.phone != "",
        )
        .order_by(Guardianship.pupil_id, Guardianship.has_authority.desc(), Guardianship.seat)
    )
    if everybody:
        return query
    return query.join(Membership, _is_home_of_pupil()).where(among(Membership.group_id, "groups"))
