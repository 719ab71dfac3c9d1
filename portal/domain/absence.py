"""A child's absence: what a report says, whose turn it is to change it, and the parts of every change.

A child is absent once on a day, whoever reports it and however often. Days are school days; weekends and
holidays inside a period do not count.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from portal import access, clock
from portal.access import Viewer
from portal.access.absence import ReportedAbsence
from portal.domain.holding import hold
from portal.domain.school import school_facts
from portal.domain.school_days import SchoolDays
from portal.errors import Refused
from portal.extensions import db
from portal.formatting import clock_time, long_date
from portal.models.absence import Absence, AbsenceNote
from portal.models.roster import Pupil
from portal.models.school import AbsenceKind
from portal.words import gettext

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


def explains(at: time) -> ColumnElement[bool]:
    """The condition for absences, joined with their kinds, that say why a child is away at a time of day."""
    lasts = or_(Absence.until_time.is_(None), Absence.until_time > at)
    return or_(AbsenceKind.whole_day, and_(begun(at), lasts))


def begun(at: time) -> ColumnElement[bool]:
    """The condition for absences that are no visit for later than a time of day."""
    return or_(Absence.from_time.is_(None), Absence.from_time <= at)


def time_judged(now: datetime) -> time:
    """Return the time of day at which it counts who is away: that at which school begins, before it does."""
    return max(clock.to_local(now).time(), school_facts().starts_at)


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


def could_become(absence: ReportedAbsence, report: Report, actor: Viewer, today: date) -> bool:
    """Whether a visit could take the place of this absence: the actor's own, of one day, not seen yet."""
    return (
        not report.whole_day
        and absence.first_day == absence.last_day == report.first_day == report.last_day
        and access.may_correct(actor, absence, today)
    )


def take_turns(pupil_ids: Collection[int]) -> None:
    """Take the turn for the absence of these pupils; what is said of them counts from the moment after it.

    One change of a pupil's absence waits for the other (on Postgres; SQLite has one writer anyway).
    """
    db.session.execute(
        select(Pupil.id).where(Pupil.id.in_(pupil_ids)).order_by(Pupil.id).with_for_update(key_share=True)
    ).all()


def take_turn(absence: Absence) -> None:
    """Take the turn to change a report, and read it as it is now: school may just have acted on it."""
    take_turns([absence.pupil_id])
    hold(absence)


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


def still_there(
    pupil_id: int, report: Report, actor: Viewer, now: datetime, but: Absence | None = None
) -> list[tuple[Absence, AbsenceKind]]:
    """Return what `overlapping` does for a report, `but` one; what is over by now is closed and left out.

    That is what was reported for another reason, of a child whom school has seen since.
    """
    found = []
    for absence, kind in overlapping(pupil_id, report.first_day, report.last_day):
        if absence is but:
            continue
        if absence.present_at is not None and absence.kind_id != report.kind_id:
            absence.recovered_at = absence.present_at
            close_absence(absence, actor, now)
        else:
            found.append((absence, kind))
    return found


def close_absence(absence: Absence, actor: Viewer, now: datetime) -> None:
    """Let an absence not hold any more, now that something else does or it is taken back."""
    absence.withdrawn_at, absence.withdrawn_by = now, actor.id
    forget_mark(absence)


def forget_mark(absence: Absence) -> None:
    """Let a mark that ended this absence be past taking back: somebody said something since."""
    absence.ended_by_mark_on = absence.last_day_before_mark = None


def says_the_same(absence: Absence, report: Report) -> bool:
    """Whether an absence is for the reason, days and times of a report."""
    holds = (absence.kind_id, absence.first_day, absence.last_day, absence.from_time, absence.until_time)
    said = (report.kind_id, report.first_day, report.last_day, report.from_time, report.until_time)
    return holds == said


def replace_absence(absence: Absence, report: Report, now: datetime) -> None:
    """Let an absence say what a report says; from an earlier moment on, or longer today, it is news."""
    forget_mark(absence)
    if report.first_day < absence.first_day or _takes_more_of_today(
        absence, report, clock.to_local(now).date()
    ):
        make_news(absence, now)
    absence.kind_id = report.kind_id
    absence.first_day, absence.last_day = report.first_day, report.last_day
    absence.from_time, absence.until_time = report.from_time, report.until_time
    absence.changed_at = now


def _takes_more_of_today(absence: Absence, report: Report, today: date) -> bool:
    """Whether school would expect a child today at a time at which a report says that it is away."""
    if not report.first_day <= today <= (report.last_day or today):
        return False
    if db.session.get_one(AbsenceKind, absence.kind_id).whole_day:
        return False
    times = (absence.from_time or time.min, absence.until_time or time.max)
    begins = report.from_time if report.from_time and not report.whole_day else time.min
    ends = report.until_time if report.until_time and not report.whole_day else time.max
    return begins < times[0] or ends > times[1]


def make_news(absence: Absence, now: datetime) -> None:
    """Let an absence count from now, unseen: it holds on a day on which school expected the child."""
    absence.reported_at = now
    absence.seen_by = absence.seen_at = None


def write_note(absence: Absence, text: str, actor: Viewer, now: datetime) -> None:
    """Keep what somebody wrote with an absence, instead of what this one wrote before; '' changes nothing."""
    note = db.session.scalars(
        select(AbsenceNote).where(AbsenceNote.absence_id == absence.id, AbsenceNote.author_id == actor.id)
    ).one_or_none()
    if text and note:
        note.text, note.written_at = text, now
    elif text:
        db.session.add(AbsenceNote(absence_id=absence.id, author_id=actor.id, text=text, written_at=now))
