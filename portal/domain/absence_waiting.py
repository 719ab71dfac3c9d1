"""Visits that wait for a whole-day absence to hold no more, and what is said where another visit would come.

A child has one visit on a day, and of two none is lost unseen: so who would let one hold where another waits
reads that, before anything is changed (docs/decisions/050).
"""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import delete, exists, select, update

from portal import clock
from portal.access import Viewer
from portal.access.absence import ReportedAbsence
from portal.domain.absence import Report
from portal.domain.absence_tellings import first_name, kind_label
from portal.errors import Refused
from portal.extensions import db
from portal.formatting import clock_time, long_date
from portal.models.absence import Absence, GivenUpDay, VisitPart
from portal.models.school import AbsenceKind
from portal.words import gettext


class Waiting(NamedTuple):
    """A day that a visit gave up, and on which it may hold again."""

    given: GivenUpDay
    visit: Absence


def given_up_days(pupil_id: int) -> dict[date, GivenUpDay]:
    """Return the days that a pupil's visits gave up; each as the visit did that held on it last."""
    db.session.flush()
    found = db.session.scalars(
        select(GivenUpDay)
        .join(Absence, Absence.id == GivenUpDay.absence_id)
        .where(Absence.pupil_id == pupil_id)
        .order_by(GivenUpDay.id)
    )
    return {one.day: one for one in found}


def may_come_back(given: GivenUpDay, today: date) -> bool:
    """Whether a visit may hold again on a day: one that is over was so already when it was given up."""
    return today <= given.day or given.day < given.given_on


def waiting_visits(pupil_id: int, first: date, last: date | None, now: datetime) -> list[Waiting]:
    """Return the visits that wait on one of these days, in order; no `last` is for ever."""
    today = clock.to_local(now).date()
    return [
        Waiting(given, db.session.get_one(Absence, given.absence_id))
        for day, given in sorted(given_up_days(pupil_id).items())
        if first <= day and (last is None or day <= last) and may_come_back(given, today)
    ]


def makes_wait(absence: Absence, report: Report, today: date) -> bool:
    """Whether a whole-day absence on the days of a visit keeps that waiting.

    Who is ill until better may be well again before a later visit, so that stands beside the illness.
    """
    return absence.last_day is not None or not today < report.first_day > absence.first_day


def is_same_visit(visit: Absence, report: Report) -> bool:
    """Whether a report is for the reason and times of a visit, on whatever day."""
    said = (report.kind_id, report.from_time, report.until_time)
    return (visit.kind_id, visit.from_time, visit.until_time) == said


def another_waiting(pupil_id: int, report: Report, now: datetime) -> Waiting | None:
    """Return the first visit that waits on a day of a report and is another one."""
    waiting = waiting_visits(pupil_id, report.first_day, report.last_day, now)
    return next((one for one in waiting if not is_same_visit(one.visit, report)), None)


def take_place_of_waiting(absence: Absence, report: Report, actor: Viewer, now: datetime) -> None:
    """Let an absence that becomes a visit hold for the same one that waits and that its reporter made before.

    Raises Refused, at the reason, where another visit waits: for that a whole day may have to be taken back.
    """
    if another := another_waiting(absence.pupil_id, report, now):
        if not db.session.get_one(AbsenceKind, absence.kind_id).whole_day:
            raise waits_already(*another)
        raise Refused(
            gettext(
                "%(known)s Take back that %(name)s is absent all day, and it holds again."
                " Are both needed? Please call the school.",
                known=_known_to_wait(*another),
                name=first_name(absence.pupil_id),
            ),
            "kind",
        )
    for given, visit in waiting_visits(absence.pupil_id, report.first_day, report.last_day, now):
        if visit.reported_by == actor.id:
            db.session.delete(given)
    db.session.flush()


def waits(absence: ReportedAbsence) -> bool:
    """Whether nothing holds of a visit, and it is not taken back: it may hold again."""
    gave_up = select(exists().where(GivenUpDay.absence_id == absence.id))
    return absence.withdrawn_at is not None and bool(db.session.scalar(gave_up))


def keep_waiting(days: list[date], parts: list[Absence], now: datetime) -> Absence:
    """Let a visit, of which these are the parts, wait on some days too; return the part that has those."""
    visit, today = parts[0], clock.to_local(now).date()
    db.session.add_all([VisitPart(absence_id=part.id, visit_id=visit.id) for part in parts])
    db.session.flush()
    db.session.add_all([GivenUpDay(absence_id=visit.id, day=day, given_on=today) for day in days])
    db.session.flush()
    return visit


def stop_waiting(absence: Absence) -> bool:
    """Let what waits of a visit, and nothing of it holds, not come back; return whether it would have."""
    part = db.session.get(VisitPart, absence.id)
    if part is None:
        return False
    db.session.execute(delete(GivenUpDay).where(GivenUpDay.absence_id == absence.id))
    take_out(part)
    return True


def take_out(part: VisitPart) -> None:
    """Let an absence be no part of a visit any more; what it gave up waits on with another part."""
    others = (
        select(VisitPart.absence_id)
        .join(Absence, Absence.id == VisitPart.absence_id)
        .where(VisitPart.visit_id == part.visit_id, VisitPart.absence_id != part.absence_id)
        .order_by(Absence.withdrawn_at.is_not(None), VisitPart.absence_id)
    )
    heir = db.session.scalar(others.limit(1))
    if heir:
        of_part = GivenUpDay.absence_id == part.absence_id
        db.session.execute(update(GivenUpDay).where(of_part).values(absence_id=heir))
        of_visit = VisitPart.visit_id == part.visit_id
        db.session.execute(update(VisitPart).where(of_visit).values(visit_id=heir))
    db.session.delete(part)
    db.session.flush()


def waits_already(given: GivenUpDay, visit: Absence) -> Refused:
    """Return what a parent reads who reports a visit where another one waits."""
    return Refused(
        gettext(
            "%(known)s It holds as soon as %(name)s is not absent all day."
            " Must that be different? Take it back, or call the school.",
            known=_known_to_wait(given, visit),
            name=first_name(visit.pupil_id),
        ),
        "kind",
    )


def _known_to_wait(given: GivenUpDay, visit: Absence) -> str:
    """Return which visit waits, in words: its reason and times, not who reported it (R22)."""
    return gettext(
        "For %(day)s there is an earlier report about %(name)s: %(visit)s.",
        day=long_date(given.day),
        name=first_name(visit.pupil_id),
        visit=", ".join(filter(None, (kind_label(visit), _times_of(visit)))),
    )


def _times_of(visit: Absence) -> str:
    start, end = (at and clock_time(at) for at in (visit.from_time, visit.until_time))
    if start and end:
        return gettext("from %(start)s to %(end)s", start=start, end=end)
    if start:
        return gettext("from %(start)s", start=start)
    return gettext("at school from %(end)s", end=end) if end else ""
