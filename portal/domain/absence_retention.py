"""How long what was reported of absence is kept: notes for days, absence for years."""

from datetime import date, datetime, timedelta

from sqlalchemy import and_, delete, exists, or_, select

from portal import clock
from portal.extensions import db
from portal.models.absence import Absence, AbsenceNote, AttendanceMark, VisitPart
from portal.models.roster import Pupil
from portal.models.school import School

NOTE_DAYS = 14
KEPT_YEARS = 5


def delete_old_notes(now: datetime) -> None:
    """Delete the notes whose days are over (R15: 14 days at most, from the first day that it is about).

    Of a visit that gave way they stay as long as of any other, because it may come back.
    """
    kept = db.session.scalar(select(School.note_days)) or NOTE_DAYS
    limit = now - timedelta(days=min(kept, NOTE_DAYS))
    begun = Absence.first_day <= clock.to_local(limit).date()
    gave_way = exists().where(VisitPart.absence_id == Absence.id)
    over = select(Absence.id).where(or_(begun, and_(Absence.withdrawn_at.is_not(None), ~gave_way)))
    db.session.execute(
        delete(AbsenceNote).where(AbsenceNote.written_at < limit, AbsenceNote.absence_id.in_(over)),
        execution_options={"synchronize_session": False},
    )


def kept_since(now: datetime) -> date:
    """Return the day since which a pupil must have left for school to keep what accounts for it."""
    years = min(db.session.scalar(select(School.absence_years)) or KEPT_YEARS, KEPT_YEARS)
    today = clock.to_local(now).date()
    return today.replace(year=today.year - years, day=min(today.day, 28))


def delete_old_absences(now: datetime) -> None:
    """Delete the absence of pupils who left longer ago than the school keeps it (R18: five years at most)."""
    gone = select(Pupil.id).where(Pupil.left_on.is_not(None), Pupil.left_on < kept_since(now))
    db.session.execute(delete(Absence).where(Absence.pupil_id.in_(gone)))
    db.session.execute(delete(AttendanceMark).where(AttendanceMark.pupil_id.in_(gone)))
