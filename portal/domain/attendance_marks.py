"""What school notes of pupils on a day, and what that does to the reports about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, select, update

from portal.access import Viewer
from portal.domain.absence import active_on, begun, explains, forget_mark, overlapping, time_judged
from portal.domain.absence_giving_back import give_back, is_visit_due
from portal.domain.absence_giving_way import give_way
from portal.domain.attendance_board import UNKNOWN
from portal.domain.school_days import SchoolDays
from portal.extensions import db
from portal.models.absence import Absence, AttendanceMark
from portal.models.roster import Pupil
from portal.models.school import AbsenceKind


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of a mark: whom it was set for, and whom not, because a report keeps them away by now.

    `back` are the visits that hold again, now that the child is here after all; `shortened` those that give
    way again, now that it is not.
    """

    pupils: list[Pupil]
    reported_meanwhile: list[Pupil]
    back: list[Absence] = field(default_factory=list)
    shortened: list[Absence] = field(default_factory=list)


def mark_attendance(
    pupils: Iterable[Pupil],
    state: str,
    days: SchoolDays,
    day: date,
    actor: Viewer,
    now: datetime,
    *,
    was_unknown: bool,
) -> Marked:
    """Note what school saw of pupils on a day. The newest note counts; `unknown` takes the last one back.

    `now` is a moment after the pupils' turns were taken (`absence.take_turns`).

    With `was_unknown` the teacher's page knew of no report for this time: who a report keeps away by now is
    left alone, so that 'all present' never hides a report of a minute ago, and a visit for later is not seen.
    Any other mark of a reported pupil counts as having acted on the report, and a pupil who is here is not
    absent any longer.
    """
    at = time_judged(now)
    chosen = {pupil.id: pupil for pupil in pupils}
    reported = set(
        db.session.scalars(
            select(Absence.pupil_id)
            .join(AbsenceKind, AbsenceKind.id == Absence.kind_id)
            .where(Absence.pupil_id.in_(chosen), active_on(day), explains(at))
        )
    )
    meanwhile = [chosen[number] for number in chosen if was_unknown and number in reported]
    marked = [pupil for pupil in chosen.values() if pupil not in meanwhile]
    for pupil in marked:
        db.session.add(
            AttendanceMark(pupil_id=pupil.id, day=day, state=state, marked_by=actor.id, marked_at=now)
        )
    numbers = [pupil.id for pupil in marked]
    if state == UNKNOWN:
        shortened = _take_mark_back(numbers, days, day, actor, now)
        return Marked(marked, meanwhile, shortened=shortened)
    see_reports(numbers, day, actor, now, *([begun(at)] if was_unknown else []))
    return Marked(marked, meanwhile, _end_for_who_is_here(numbers, days, day, actor, now))


def _end_for_who_is_here(
    numbers: list[int], days: SchoolDays, day: date, actor: Viewer, now: datetime
) -> list[Absence]:
    """Let the whole-day absence of who was seen end the day before, or today where it began today.

    Where every day before became free after the report, nothing of it is left: it counts as taken back. So
    does one of today where a visit of today holds again. Return the visits that do.
    """
    last = days.previous_school_day(day)
    back = []
    for absence in _whole_day_absences(numbers, active_on(day)):
        if absence.ended_by_mark_on != day:
            absence.ended_by_mark_on, absence.last_day_before_mark = day, absence.last_day
        if absence.first_day == day and not is_visit_due(absence.pupil_id, day):
            absence.last_day, absence.present_at = day, now
        elif absence.first_day > last:
            absence.withdrawn_at, absence.withdrawn_by, absence.recovered_at = now, actor.id, now
        else:
            absence.last_day, absence.recovered_at = last, now
        back += give_back(absence.pupil_id, actor, now)
    return back


def _take_mark_back(
    numbers: list[int], days: SchoolDays, day: date, actor: Viewer, now: datetime
) -> list[Absence]:
    """Let the absence that a mark of this day ended hold as it was reported; it was set on the wrong row.

    Visits give way to it again; return those. Not where something else was reported since for those days:
    then that counts.
    """
    shortened = []
    for absence in _whole_day_absences(numbers, Absence.ended_by_mark_on == day):
        last = absence.last_day_before_mark
        others = overlapping(absence.pupil_id, absence.first_day, last)
        if any(other.id != absence.id and kind.whole_day for other, kind in others):
            continue
        visits = [other for other, kind in others if not kind.whole_day]
        shortened += give_way(visits, absence.first_day, last, days, actor, now)
        absence.withdrawn_at = absence.withdrawn_by = absence.present_at = absence.recovered_at = None
        absence.last_day = last
        forget_mark(absence)
        db.session.flush()
    return shortened


def _whole_day_absences(numbers: list[int], condition: ColumnElement[bool]) -> Sequence[Absence]:
    return db.session.scalars(
        select(Absence)
        .join(AbsenceKind, AbsenceKind.id == Absence.kind_id)
        .where(Absence.pupil_id.in_(numbers), condition, AbsenceKind.whole_day)
        .order_by(Absence.id.desc())
        .with_for_update(of=Absence)
    ).all()


def see_reports(
    pupil_ids: Iterable[int], day: date, actor: Viewer, now: datetime, *only: ColumnElement[bool]
) -> None:
    """Note that school has seen the reports about these pupils for a day; the first to see it stays.

    `only` narrows which reports.
    """
    db.session.execute(
        update(Absence)
        .where(Absence.pupil_id.in_(list(pupil_ids)), active_on(day), Absence.seen_at.is_(None), *only)
        .values(seen_by=actor.id, seen_at=now)
        .execution_options(synchronize_session=False)
    )
