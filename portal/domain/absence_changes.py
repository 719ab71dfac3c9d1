"""What is done about an absence that was reported: correcting, taking back, ending and extending it.

Who does it has taken the turn of the absence first (`take_turn`), and then looked whether it may be done.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal import access, clock
from portal.access import Viewer
from portal.domain import audit
from portal.domain.absence import (
    Report,
    close_absence,
    forget_mark,
    overlapping,
    replace_absence,
    says_the_same,
    still_there,
    write_note,
)
from portal.domain.absence_giving_back import change_part, give_back, leave_parts
from portal.domain.absence_giving_way import give_way
from portal.domain.absence_tellings import visit_known
from portal.domain.absence_visits import become_visit
from portal.domain.absence_waiting import makes_wait, stop_waiting, take_place_of_waiting
from portal.domain.school_days import SchoolDays
from portal.errors import Refused
from portal.extensions import db
from portal.formatting import long_date
from portal.models.absence import Absence, AbsenceNote
from portal.models.school import AbsenceKind
from portal.words import gettext


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction did to other reports.

    `shortened` are visits that gave way, wholly or not, and `back` those that hold again on days that became
    free. `standing` are whole days that the visit meets: it holds when those do not.
    """

    shortened: list[Absence]
    back: list[Absence]
    standing: list[Absence]


def correct_absence(
    absence: Absence, report: Report, days: SchoolDays, actor: Viewer, now: datetime
) -> Corrected:
    """Replace kind, days, times and own note; return what became of other reports.

    A visit waits on days that a whole-day absence takes, as one that is reported for them does. Raises
    Refused when another absence holds on those days, or another visit waits for one.
    """
    pupil_id, is_same = absence.pupil_id, says_the_same(absence, report)
    whole, visits = _others_on_days_of(report, absence, actor, now)
    shortened = give_way(visits, report.first_day, report.last_day, days, actor, now)
    standing: list[Absence] = []
    if not is_same:
        change_part(absence, report, actor, now)
    _rewrite_note(absence, report.note, actor, now)
    if is_same or report.whole_day:
        replace_absence(absence, report, now)
    else:
        standing = [other for other in whole if makes_wait(other, report, clock.to_local(now).date())]
        take_place_of_waiting(absence, report, actor, now)
        become_visit(absence, report, standing, days, actor, now)
    audit.record(actor, "correct_absence", "absence", absence.id)
    return Corrected(shortened, give_back(pupil_id, actor, now), standing)


def _rewrite_note(absence: Absence, text: str, actor: Viewer, now: datetime) -> None:
    """Keep what the reporter writes now with an absence; nothing written is nothing kept."""
    note = db.session.scalars(
        select(AbsenceNote).where(AbsenceNote.absence_id == absence.id, AbsenceNote.author_id == actor.id)
    ).one_or_none()
    if note and not text:
        db.session.delete(note)
    else:
        write_note(absence, text, actor, now)


def _others_on_days_of(
    report: Report, absence: Absence, actor: Viewer, now: datetime
) -> tuple[list[Absence], list[Absence]]:
    """Return the other whole-day absences on the days of a report, and the other visits.

    Raises Refused where one of the same sort as the report is among them.
    """
    others = still_there(absence.pupil_id, report, actor, now, but=absence)
    db.session.flush()
    whole = [other for other, kind in others if kind.whole_day]
    visits = [other for other, kind in others if not kind.whole_day]
    if report.whole_day and whole:
        raise Refused(
            gettext("There is already another report from %(day)s.", day=long_date(whole[0].first_day)),
            "first_day",
        )
    if visits and not report.whole_day:
        raise visit_known(visits[0])
    return whole, visits


def withdraw_absence(absence: Absence, actor: Viewer, now: datetime) -> list[Absence]:
    """Take a report back, as if it had not been made; return the visits that hold again on its days.

    Doing it twice is doing it once. A visit that gave way wholly does not come back after it.
    """
    if absence.withdrawn_at is not None:
        if stop_waiting(absence):
            audit.record(actor, "withdraw_absence", "absence", absence.id)
        return []
    leave_parts(absence)
    close_absence(absence, actor, now)
    audit.record(actor, "withdraw_absence", "absence", absence.id)
    return give_back(absence.pupil_id, actor, now)


def end_absence(
    absence: Absence, back_on: date, days: SchoolDays, actor: Viewer, now: datetime
) -> list[Absence]:
    """Say that the child is at school again from `back_on`; return the visits that hold again from then.

    On the first school day of it nothing of the absence is left: it counts as taken back, and remains as
    what school had acted on. Raises Refused when that is not the reporter's to say.
    """
    last = days.previous_school_day(back_on)
    leave_parts(absence)
    if last < absence.first_day:
        # Days that became free after the report are no days that it has begun on.
        if absence.first_day >= back_on and not access.may_end_at_once(absence, back_on):
            raise Refused(gettext("The absence has only just begun. Please call the school."))
        close_absence(absence, actor, now)
    elif absence.last_day is None or last < absence.last_day:
        absence.last_day = last
    absence.recovered_at = now
    forget_mark(absence)
    audit.record(actor, "end_absence", "absence", absence.id)
    return give_back(absence.pupil_id, actor, now)


def extend_absence(
    absence: Absence, until: date, days: SchoolDays, actor: Viewer, now: datetime
) -> list[Absence]:
    """Let a dated absence last until a later day; return the visits that gave way, wholly or not.

    Pressing twice extends once, because the day is named. Raises Refused for the absence of a child whom
    school has seen since: that is over.
    """
    if absence.present_at:
        raise Refused(gettext("This absence is already over. Make a new report."))
    if absence.last_day is None or until <= absence.last_day:
        return []
    first = absence.last_day + timedelta(days=1)
    visits = []
    for other, kind in overlapping(absence.pupil_id, first, until):
        if not kind.whole_day and other.id != absence.id:
            visits.append(other)
        elif other.id != absence.id:
            raise Refused(
                gettext("There is already another report from %(day)s.", day=long_date(other.first_day))
            )
    is_whole_day = db.session.get_one(AbsenceKind, absence.kind_id).whole_day
    shortened = give_way(visits, first, until, days, actor, now) if is_whole_day else []
    absence.last_day = until
    absence.changed_at = now
    forget_mark(absence)
    audit.record(actor, "extend_absence", "absence", absence.id)
    return shortened
