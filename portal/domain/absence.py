"""Reporting a child absent, and taking it back, correcting and ending it.

A child is absent once on a day, whoever reports it and however often: a second report of the same days joins
the first. Days are school days; weekends and holidays inside a period do not count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from portal import access, clock
from portal.access import Viewer
from portal.access.absence import ReportedAbsence
from portal.domain import audit
from portal.domain.holding import hold
from portal.domain.school_days import SchoolDays
from portal.errors import Refused
from portal.extensions import db
from portal.formatting import clock_time, long_date
from portal.models.absence import Absence, AbsenceNote
from portal.models.roster import Pupil
from portal.models.school import AbsenceKind
from portal.words import gettext, language

NOTE_LENGTH = 200
LONGEST = timedelta(days=120)
FURTHEST = timedelta(days=366)
AHEAD = FURTHEST + LONGEST
"""How far from today the last day of a report can be: so far the calendar is needed."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a reporter says of one or more pupils. No `last_day` means until better; times are for a visit."""

    kind_id: int
    whole_day: bool
    first_day: date
    last_day: date | None
    from_time: time | None = None
    until_time: time | None = None
    note: str = ""


def active_on(day: date) -> ColumnElement[bool]:
    """The condition for absences that hold on a day."""
    return and_(
        Absence.withdrawn_at.is_(None),
        Absence.first_day <= day,
        or_(Absence.last_day.is_(None), Absence.last_day >= day),
    )


def check_days(first: date, last: date | None, days: SchoolDays, today: date, starts_at: time) -> None:
    """Raise Refused, at its field, for days on which a report makes no sense."""
    if first < today:
        raise Refused(gettext("Choose today or a later day."), "first_day")
    if first > today + FURTHEST:
        raise Refused(gettext("Choose a day within a year from now."), "first_day")
    if not days.is_school_day(first):
        raise Refused(
            gettext(
                "There is no school on %(day)s. School starts again on %(next)s at %(time)s.",
                day=long_date(first),
                next=long_date(days.next_school_day(first)),
                time=clock_time(starts_at),
            ),
            "first_day",
        )
    if last is not None and last < first:
        raise Refused(gettext("This day is before %(day)s.", day=long_date(first)), "last_day")
    if last is not None and last > first + LONGEST:
        raise Refused(
            gettext("Choose an end within four months, or choose “until my child is better”."), "last_day"
        )


def check_times(report_from: time | None, report_until: time | None) -> None:
    """Raise Refused when a visit would end before it begins."""
    if report_from and report_until and report_until <= report_from:
        raise Refused(gettext("Choose a time after %(time)s.", time=clock_time(report_from)), "until_time")


def report_absence(
    pupils: Iterable[Pupil],
    report: Report,
    actor: Viewer,
    now: datetime,
    source: str = "guardian",
    *,
    replaces: bool = False,
) -> list[Absence]:
    """Report pupils absent, together or not at all; return their absences, new or joined, in that order.

    The same report again changes nothing. A longer one of the same kind stretches the first. A whole day
    takes the place of a visit on that day; a visit inside an absence adds nothing, unless it `replaces` the
    actor's own report of that day. Raises Refused for a visit where another one is known that is not the
    actor's to change.
    """
    chosen = list(pupils)
    take_turns(chosen)
    return [_report_one(pupil, report, actor, now, source, replaces) for pupil in chosen]


def could_become(absence: ReportedAbsence, report: Report, actor: Viewer, today: date) -> bool:
    """Whether a visit could take the place of this absence: the actor's own, of one day, not seen yet."""
    return (
        not report.whole_day
        and absence.first_day == absence.last_day == report.first_day == report.last_day
        and access.may_correct(actor, absence, today)
    )


def take_turns(pupils: Iterable[Pupil]) -> None:
    """Take the turn for the absence of these pupils; what is said of them counts from the moment after it."""
    _lock([pupil.id for pupil in pupils])


def _lock(pupil_ids: list[int]) -> None:
    """Let one change of a pupil's absence wait for the other (Postgres; SQLite has one writer anyway)."""
    db.session.execute(
        select(Pupil.id).where(Pupil.id.in_(pupil_ids)).order_by(Pupil.id).with_for_update(key_share=True)
    ).all()


def _report_one(
    pupil: Pupil, report: Report, actor: Viewer, now: datetime, source: str, replaces: bool
) -> Absence:
    found = overlapping(pupil.id, report.first_day, report.last_day)
    whole = [absence for absence, kind in found if kind.whole_day]
    visits = [absence for absence, kind in found if not kind.whole_day]
    if whole and report.whole_day:
        _give_way(visits, report, actor, now)
        absence = _join(whole, report, actor, now)
    elif whole:
        absence = whole[0]
        if replaces and could_become(absence, report, actor, clock.today()):
            _replace(absence, report, now)
    elif visits and not report.whole_day:
        absence = _visit_again(pupil, visits, report, actor, now)
    else:
        _give_way(visits, report, actor, now)
        absence = _new(pupil, report, actor, now, source)
    _write_note(absence, report.note, actor, now)
    return absence


def overlapping(pupil_id: int, first: date, last: date | None) -> list[tuple[Absence, AbsenceKind]]:
    """Return a pupil's absences that touch these days with their kinds, in order; no `last` is for ever."""
    condition = [
        Absence.pupil_id == pupil_id,
        Absence.withdrawn_at.is_(None),
        or_(Absence.last_day.is_(None), Absence.last_day >= first),
    ]
    if last is not None:
        condition.append(Absence.first_day <= last)
    rows = db.session.execute(
        select(Absence, AbsenceKind)
        .join(AbsenceKind, AbsenceKind.id == Absence.kind_id)
        .where(*condition)
        .order_by(Absence.first_day, Absence.id)
    )
    return [(absence, kind) for absence, kind in rows]


def _visit_again(
    pupil: Pupil, visits: list[Absence], report: Report, actor: Viewer, now: datetime
) -> Absence:
    """Return the visit that is known already, or the actor's own and unseen one of that day, changed.

    Raises Refused for any other: of two visits none is lost unseen, and who reported it is not said (R22).
    """
    visit = next((visit for visit in visits if _is_the_same(visit, report)), visits[0])
    if _is_the_same(visit, report):
        return visit
    if len(visits) > 1 or not could_become(visit, report, actor, clock.today()):
        raise Refused(
            gettext(
                "School already has a report about %(name)s for %(day)s: %(kind)s."
                " Change that report, or call the school.",
                name=pupil.given_name or pupil.surname,
                day=long_date(visit.first_day),
                kind=db.session.scalars(
                    select(AbsenceKind.label_en if language() == "en" else AbsenceKind.label_nl).where(
                        AbsenceKind.id == visit.kind_id
                    )
                ).one(),
            )
        )
    _replace(visit, report, now)
    return visit


def _is_the_same(visit: Absence, report: Report) -> bool:
    said = (report.kind_id, report.first_day, report.last_day, report.from_time, report.until_time)
    return said == (visit.kind_id, visit.first_day, visit.last_day, visit.from_time, visit.until_time)


def _give_way(visits: Iterable[Absence], report: Report, actor: Viewer, now: datetime) -> None:
    """Let visits give way to whole days; who is ill until better may be well again before a later one."""
    for visit in visits:
        if report.last_day is not None or visit.first_day == report.first_day:
            _close(visit, actor, now)
    db.session.flush()


def _join(whole: list[Absence], report: Report, actor: Viewer, now: datetime) -> Absence:
    """Let a report and the whole-day absences that it overlaps be one, over all their days; return it.

    The one with the same reason stays; without it the first, with the reason of who reported it before.
    """
    kept = next((absence for absence in whole if absence.kind_id == report.kind_id), whole[0])
    first = min(report.first_day, *(absence.first_day for absence in whole))
    ends = [report.last_day, *(absence.last_day for absence in whole)]
    last = None if None in ends else max(end for end in ends if end is not None)
    for absence in whole:
        if absence is not kept:
            _close(absence, actor, now)
    db.session.flush()
    own_reason = report.kind_id if kept.reported_by == actor.id else kept.kind_id
    if (first, last, own_reason) != (kept.first_day, kept.last_day, kept.kind_id):
        kept.first_day, kept.last_day, kept.kind_id, kept.changed_at = first, last, own_reason, now
    forget_mark(kept)
    if kept.present_at:
        kept.present_at, kept.reported_at = None, now
    return kept


def _new(pupil: Pupil, report: Report, actor: Viewer, now: datetime, source: str) -> Absence:
    absence = Absence(
        pupil_id=pupil.id,
        kind_id=report.kind_id,
        first_day=report.first_day,
        last_day=report.last_day,
        from_time=report.from_time,
        until_time=report.until_time,
        source=source,
        reported_by=actor.id,
        reported_at=now,
    )
    if source == "school":
        absence.seen_by, absence.seen_at = actor.id, now
    db.session.add(absence)
    db.session.flush()
    audit.record(actor, "report_absence", "absence", absence.id)
    return absence


def forget_mark(absence: Absence) -> None:
    """Let a mark that ended this absence be past taking back: somebody said something since."""
    absence.ended_by_mark_on = absence.last_day_before_mark = None


def _replace(absence: Absence, report: Report, now: datetime) -> None:
    forget_mark(absence)
    absence.kind_id = report.kind_id
    absence.first_day, absence.last_day = report.first_day, report.last_day
    absence.from_time, absence.until_time = report.from_time, report.until_time
    absence.changed_at = now


def _write_note(absence: Absence, text: str, actor: Viewer, now: datetime) -> None:
    note = db.session.scalars(
        select(AbsenceNote).where(AbsenceNote.absence_id == absence.id, AbsenceNote.author_id == actor.id)
    ).one_or_none()
    if text and note:
        note.text, note.written_at = text, now
    elif text:
        db.session.add(AbsenceNote(absence_id=absence.id, author_id=actor.id, text=text, written_at=now))


def take_turn(absence: Absence) -> None:
    """Take the turn to change a report, and read it as it is now: school may just have acted on it."""
    _lock([absence.pupil_id])
    hold(absence)


def correct_absence(absence: Absence, report: Report, actor: Viewer, now: datetime) -> None:
    """Replace kind, days, times and own note; visits give way to whole days.

    Raises Refused when another absence holds on those days.
    """
    _lock([absence.pupil_id])
    visits = []
    for other, kind in overlapping(absence.pupil_id, report.first_day, report.last_day):
        if other.id == absence.id:
            continue
        if kind.whole_day == report.whole_day or (kind.whole_day and other.first_day == report.first_day):
            raise Refused(
                gettext("There is already another report from %(day)s.", day=long_date(other.first_day)),
                "first_day",
            )
        if not kind.whole_day:
            visits.append(other)
    _give_way(visits, report, actor, now)
    _replace(absence, report, now)
    note = db.session.scalars(
        select(AbsenceNote).where(AbsenceNote.absence_id == absence.id, AbsenceNote.author_id == actor.id)
    ).one_or_none()
    if note and not report.note:
        db.session.delete(note)
    else:
        _write_note(absence, report.note, actor, now)
    audit.record(actor, "correct_absence", "absence", absence.id)


def withdraw_absence(absence: Absence, actor: Viewer, now: datetime) -> None:
    """Take a report back, as if it had not been made. Doing it twice is doing it once."""
    if absence.withdrawn_at is None:
        _close(absence, actor, now)
        audit.record(actor, "withdraw_absence", "absence", absence.id)


def _close(absence: Absence, actor: Viewer, now: datetime) -> None:
    absence.withdrawn_at, absence.withdrawn_by = now, actor.id
    forget_mark(absence)


def end_absence(absence: Absence, back_on: date, days: SchoolDays, actor: Viewer, now: datetime) -> None:
    """Say that the child is at school again from `back_on`.

    On the first school day of it nothing of the absence is left: it counts as taken back, and remains as
    what school had acted on. Raises Refused when that is not the reporter's to say.
    """
    last = days.previous_school_day(back_on)
    if last < absence.first_day:
        # Days that became free after the report are no days that it has begun on.
        if absence.first_day >= back_on and not access.may_end_at_once(absence, back_on):
            raise Refused(gettext("The absence has only just begun. Please call the school."))
        _close(absence, actor, now)
    elif absence.last_day is None or last < absence.last_day:
        absence.last_day = last
    absence.recovered_at = now
    forget_mark(absence)
    audit.record(actor, "end_absence", "absence", absence.id)


def extend_absence(absence: Absence, until: date, actor: Viewer, now: datetime) -> None:
    """Let a dated absence last until a later day; pressing twice extends once, because the day is named."""
    _lock([absence.pupil_id])
    if absence.last_day is None or until <= absence.last_day:
        return
    for other, kind in overlapping(absence.pupil_id, absence.last_day + timedelta(days=1), until):
        if other.id != absence.id and kind.whole_day:
            raise Refused(
                gettext("There is already another report from %(day)s.", day=long_date(other.first_day))
            )
    absence.last_day = until
    absence.changed_at = now
    forget_mark(absence)
    audit.record(actor, "extend_absence", "absence", absence.id)
