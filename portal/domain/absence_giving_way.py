"""Visits to the doctor, and days of coming later, give way to whole days, and keep the days around those.

Which days they gave up is kept, so that they come back on them (`portal.domain.absence_giving_back`).
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal import clock
from portal.access import Viewer
from portal.domain import audit
from portal.domain.absence import close_absence, forget_mark, overlapping
from portal.domain.school_days import SchoolDays
from portal.extensions import db
from portal.models.absence import Absence, AbsenceNote, GivenUpDay, VisitPart


def give_way(
    visits: Iterable[Absence], first: date, last: date | None, days: SchoolDays, actor: Viewer, now: datetime
) -> list[Absence]:
    """Let visits keep only what lies outside these whole days; return what is left of them, cut in two where
    they lie around, and those of which nothing is left.

    No `last` is until better: who is ill may be well again before a later visit, so only one that begins on
    the first day loses that day.
    """
    changed = []
    for visit in visits:
        if last is None and visit.first_day != first:
            continue
        parts = _days_around(visit, first, last or first, days)
        _give_up(visit, parts, days, now)
        if parts:
            changed += _cut(visit, parts, actor, now)
        else:
            close_absence(visit, actor, now)
            changed.append(visit)
    db.session.flush()
    return changed


def _days_around(visit: Absence, first: date, last: date, days: SchoolDays) -> list[tuple[date, date | None]]:
    """Return the stretches that a visit lasts before and after these days; none that another one begins."""
    parts: list[tuple[date, date | None]] = []
    if visit.first_day < first:
        parts.append((visit.first_day, max(visit.first_day, days.previous_school_day(first))))
    after = days.next_school_day(last)
    taken = {other.first_day for other, _ in overlapping(visit.pupil_id, after, visit.last_day)} - {
        visit.first_day
    }
    while after in taken:
        after = days.next_school_day(after)
    if visit.last_day is None or after <= visit.last_day:
        parts.append((after, visit.last_day))
    return parts


def _give_up(visit: Absence, parts: list[tuple[date, date | None]], days: SchoolDays, now: datetime) -> None:
    """Keep on which school days a visit does not hold any more, of which only these parts are left."""
    if db.session.get(VisitPart, visit.id) is None:
        db.session.add(VisitPart(absence_id=visit.id, visit_id=visit.id))
        db.session.flush()
    today = clock.to_local(now).date()
    # A visit without an end has a part without an end, so nothing is lost after that begins.
    until = visit.last_day or parts[-1][0]
    for number in range((until - visit.first_day).days + 1):
        day = visit.first_day + timedelta(days=number)
        is_kept = any(first <= day and (last is None or day <= last) for first, last in parts)
        if days.is_school_day(day) and not is_kept:
            db.session.add(GivenUpDay(absence_id=visit.id, day=day, given_on=today))


def _cut(
    visit: Absence, parts: list[tuple[date, date | None]], actor: Viewer, now: datetime
) -> list[Absence]:
    visit.first_day, visit.last_day = parts[0]
    visit.changed_at = now
    forget_mark(visit)
    db.session.flush()
    audit.record(actor, "shorten_absence", "absence", visit.id)
    return [visit, *(another_part(visit, first, last, now) for first, last in parts[1:])]


def another_part(
    visit: Absence, first: date, last: date | None, now: datetime, closed_by: Viewer | None = None
) -> Absence:
    """Keep the same visit on other days too, with all that is known of it; return that part.

    `closed_by`: who left it without a day on which it holds.
    """
    same = Absence(
        pupil_id=visit.pupil_id,
        kind_id=visit.kind_id,
        first_day=first,
        last_day=last,
        from_time=visit.from_time,
        until_time=visit.until_time,
        source=visit.source,
        reported_by=visit.reported_by,
        reported_at=visit.reported_at,
        changed_at=now,
        seen_by=visit.seen_by,
        seen_at=visit.seen_at,
        withdrawn_at=now if closed_by else None,
        withdrawn_by=closed_by.id if closed_by else None,
    )
    db.session.add(same)
    db.session.flush()
    visit_id = db.session.get_one(VisitPart, visit.id).visit_id
    db.session.add(VisitPart(absence_id=same.id, visit_id=visit_id))
    for note in db.session.scalars(select(AbsenceNote).where(AbsenceNote.absence_id == visit.id)):
        copied = {"author_id": note.author_id, "text": note.text, "written_at": note.written_at}
        db.session.add(AbsenceNote(absence_id=same.id, **copied))
    return same
