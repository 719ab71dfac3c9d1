"""Visits hold again on the days that they gave up, when the whole-day absence turns out wrong or shorter.

To which absence a day was given up is not kept: it comes back when nothing holds there any more, so where
another whole day does, it stays given up to that one.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import delete, exists, or_, select, update

from portal import clock
from portal.access import Viewer
from portal.domain import audit
from portal.domain.absence import Report, active_on, close_absence, overlapping
from portal.domain.absence_giving_way import another_part
from portal.domain.absence_waiting import given_up_days, may_come_back, take_out
from portal.domain.school_days import SchoolDays, school_days
from portal.extensions import db
from portal.models.absence import Absence, AbsenceNote, GivenUpDay, VisitPart
from portal.models.school import AbsenceKind


def give_back(pupil_id: int, actor: Viewer, now: datetime) -> list[Absence]:
    """Let a pupil's visits hold on the days that they gave up and that are free again; return those that do.

    Said after every change that may leave days free. A visit that gave way wholly is the same one again, and
    the two parts of one that was cut are one, as long as nobody changed them. Of days that are over only
    those come back that were over already when they were given up: on any other school was told that the
    child is ill, so nobody knows whether it went, and the history does not say so (docs/decisions/050).
    """
    given = given_up_days(pupil_id)
    if not given:
        return []
    first, last = min(given), max(given)
    days, today = school_days(first, last), clock.to_local(now).date()
    holding = overlapping(pupil_id, first, last)
    free = [
        one
        for day, one in sorted(given.items())
        if days.is_school_day(day)
        and may_come_back(one, today)
        and not any(_takes(absence, kind, day) for absence, kind in holding)
    ]
    return [_hold_again(stretch, days, actor, now) for stretch in _stretches(free, days)]


def _takes(absence: Absence, kind: AbsenceKind, day: date) -> bool:
    """Whether no visit can hold on a day beside this; beside an illness until better a later one can."""
    last = absence.last_day
    if last is None and kind.whole_day:
        last = absence.first_day
    return absence.first_day <= day and (last is None or day <= last)


def _stretches(free: list[GivenUpDay], days: SchoolDays) -> Iterator[list[GivenUpDay]]:
    """Yield the days of one visit that follow each other, together."""
    visit_of = dict(
        db.session.execute(
            select(VisitPart.absence_id, VisitPart.visit_id).where(
                VisitPart.absence_id.in_({one.absence_id for one in free})
            )
        ).all()
    )
    stretch = free[:1]
    for before, one in pairwise(free):
        same_visit = visit_of[before.absence_id] == visit_of[one.absence_id]
        if not same_visit or days.next_school_day(before.day) != one.day:
            yield stretch
            stretch = []
        stretch.append(one)
    if stretch:
        yield stretch


def _hold_again(stretch: list[GivenUpDay], days: SchoolDays, actor: Viewer, now: datetime) -> Absence:
    """Let the part of a visit beside these days last over them, or let the visit hold on them by itself."""
    first, last = stretch[0].day, stretch[-1].day
    parts = _parts_of(stretch[0].absence_id)
    live = [part for part in parts if part.withdrawn_at is None]
    before = next((one for one in live if one.last_day and _follows(first, one.last_day, days)), None)
    after = next((one for one in live if _follows(one.first_day, last, days)), None)
    if before:
        visit = before
        visit.last_day = last
        if after and _notes_of(before) == _notes_of(after):
            visit.last_day = after.last_day
            _absorb(after, visit, actor, now)
    elif after:
        visit = after
        visit.first_day = first
    else:
        visit = _hold_alone(stretch, parts, now)
    visit.changed_at = now
    db.session.execute(delete(GivenUpDay).where(GivenUpDay.id.in_([one.id for one in stretch])))
    db.session.flush()
    audit.record(actor, "give_back_absence", "absence", visit.id)
    return visit


def _parts_of(absence_id: int) -> Sequence[Absence]:
    """Return all parts of the visit of which an absence is one, in order; also those that gave way wholly."""
    visit_id = select(VisitPart.visit_id).where(VisitPart.absence_id == absence_id).scalar_subquery()
    return db.session.scalars(
        select(Absence)
        .join(VisitPart, VisitPart.absence_id == Absence.id)
        .where(VisitPart.visit_id == visit_id)
        .order_by(Absence.first_day, Absence.id)
    ).all()


def _follows(day: date, other: date, days: SchoolDays) -> bool:
    return other < day <= days.next_school_day(other)


def _notes_of(absence: Absence) -> set[tuple[int, str]]:
    """Return what was written with an absence, and by whom: parts with other notes stay apart."""
    rows = db.session.execute(
        select(AbsenceNote.author_id, AbsenceNote.text).where(AbsenceNote.absence_id == absence.id)
    )
    return {(author_id, text) for author_id, text in rows}


def _absorb(part: Absence, visit: Absence, actor: Viewer, now: datetime) -> None:
    """Let a part be one with the part before it: that one lasts over its days too."""
    close_absence(part, actor, now)
    # What was written stands with the one that stays, and is not to outlive a change of it there.
    db.session.execute(delete(AbsenceNote).where(AbsenceNote.absence_id == part.id))
    _hand_over(part.id, visit.id)
    db.session.execute(delete(VisitPart).where(VisitPart.absence_id == part.id))


def _hand_over(absence_id: int, other_id: int) -> None:
    db.session.execute(
        update(GivenUpDay).where(GivenUpDay.absence_id == absence_id).values(absence_id=other_id)
    )


def _hold_alone(stretch: list[GivenUpDay], parts: Sequence[Absence], now: datetime) -> Absence:
    """Let the part that gave way wholly hold again, on these days; else one more part of the visit."""
    first, last = stretch[0].day, stretch[-1].day
    gave = {one.absence_id for one in stretch}
    part = next((one for one in parts if one.withdrawn_at and one.id in gave), None)
    if part is None:
        return another_part(next(one for one in parts if one.id in gave), first, last, now)
    part.first_day, part.last_day = first, last
    part.withdrawn_at = part.withdrawn_by = None
    return part


def change_part(absence: Absence, report: Report, actor: Viewer, now: datetime) -> None:
    """Let what becomes another report be no part of a visit any more.

    What the visit gave up on the days of that report comes back no more. What it gave up on other days waits
    on as it was, with a part that still holds or by itself: the form showed only this part.
    """
    parts = _parts_of(absence.id)
    if not parts:
        return
    of_visit = GivenUpDay.absence_id.in_([part.id for part in parts])
    replaced = GivenUpDay.day.between(report.first_day, report.last_day or date.max)
    db.session.execute(delete(GivenUpDay).where(of_visit, replaced))
    left = db.session.scalars(select(GivenUpDay.day).where(GivenUpDay.absence_id == absence.id)).all()
    others_hold = any(part.withdrawn_at is None and part is not absence for part in parts)
    if left and not others_hold:
        waits = another_part(absence, min(left), max(left), now, closed_by=actor)
        _hand_over(absence.id, waits.id)
    take_out(db.session.get_one(VisitPart, absence.id))


def leave_parts(absence: Absence) -> None:
    """Let what somebody ends or takes back be no part of a visit any more.

    Days that it gave up come back with another part, or, when this was all that still held, not at all.
    """
    part = db.session.get(VisitPart, absence.id)
    if part is None:
        return
    if any(one.withdrawn_at is None and one.id != absence.id for one in _parts_of(absence.id)):
        take_out(part)
    else:
        db.session.execute(delete(VisitPart).where(VisitPart.visit_id == part.visit_id))


def is_visit_due(pupil_id: int, day: date) -> bool:
    """Whether a visit holds on a day, or would if no whole-day absence did."""
    live = exists().where(
        Absence.pupil_id == pupil_id,
        active_on(day),
        AbsenceKind.id == Absence.kind_id,
        ~AbsenceKind.whole_day,
    )
    given_up = exists().where(
        Absence.pupil_id == pupil_id, GivenUpDay.absence_id == Absence.id, GivenUpDay.day == day
    )
    return bool(db.session.scalar(select(or_(live, given_up))))
