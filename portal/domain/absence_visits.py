"""A report of a visit to the doctor, or of coming later, meets what is known of those days."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from portal import clock
from portal.access import Viewer
from portal.domain import audit
from portal.domain.absence import Report, close_absence, could_become, replace_absence
from portal.domain.absence_giving_back import change_part
from portal.domain.absence_giving_way import another_part
from portal.domain.absence_tellings import (
    Telling,
    known_already,
    new_absence,
    tell,
    touches,
    visit_known,
    waiting_absence,
)
from portal.domain.absence_waiting import (
    another_waiting,
    is_same_visit,
    keep_waiting,
    makes_wait,
    take_place_of_waiting,
    waiting_visits,
    waits_already,
)
from portal.domain.school_days import SchoolDays
from portal.models.absence import Absence


def report_visits(
    whole: list[Absence], visits: list[Absence], told: Telling
) -> tuple[list[Absence], list[Absence], list[Absence]]:
    """Return the visits that a report became, the whole-day absences that stand, and what waits for those.

    Raises Refused where another report is known that is not the actor's to change.
    """
    report, today = told.report, clock.today()
    standing = [absence for absence in whole if makes_wait(absence, report, today)]
    if standing and told.by_school:
        return [_instead(standing[0], told)], [], []
    if standing and told.replaces and could_become(standing[0], report, told.actor, today):
        return [_changed(standing[0], told)], [], []
    taken = _days_taken(standing, report)
    made = [_visit(*span, visits, told) for span in _days_beside(taken, report, told.days)]
    waiting = _let_wait(_school_days_in(taken, told.days), made, visits, told)
    return made, standing, waiting


def become_visit(
    absence: Absence, report: Report, standing: list[Absence], days: SchoolDays, actor: Viewer, now: datetime
) -> None:
    """Let an absence be the visit of a report, which waits on the days that whole-day absences take."""
    taken = _days_taken(standing, report)
    spans = _days_beside(taken, report, days)
    first, last = spans[0] if spans else (report.first_day, report.last_day)
    replace_absence(absence, replace(report, first_day=first, last_day=last), now)
    if not spans:
        close_absence(absence, actor, now)
    if taken:
        keep_waiting(_school_days_in(taken, days), [absence], now)
        for first, last in spans[1:]:
            another_part(absence, first, last, now)


def _days_taken(standing: list[Absence], report: Report) -> list[tuple[date, date]]:
    """Return the stretches of a report's days that whole days take; of one until better only its first."""
    first, last = report.first_day, report.last_day or date.max
    spans = [(max(first, a.first_day), min(last, a.last_day or a.first_day)) for a in standing]
    return [(begins, ends) for begins, ends in spans if begins <= ends]


def _days_beside(
    taken: list[tuple[date, date]], report: Report, days: SchoolDays
) -> list[tuple[date, date | None]]:
    """Return the stretches of a report's days around those that are taken."""
    spans: list[tuple[date, date | None]] = []
    first, last = report.first_day, report.last_day
    for begins, ends in taken:
        if first < begins:
            spans.append((first, days.previous_school_day(begins)))
        first = days.next_school_day(ends)
    if last is None or first <= last:
        spans.append((first, last))
    return spans


def _school_days_in(spans: list[tuple[date, date]], days: SchoolDays) -> list[date]:
    within = [first + timedelta(days=n) for first, last in spans for n in range((last - first).days + 1)]
    return [day for day in within if days.is_school_day(day)]


def _let_wait(taken: list[date], made: list[Absence], visits: list[Absence], told: Telling) -> list[Absence]:
    """Let a visit wait on the days that whole days take, as if it was reported before them; return what does.

    What was made of it for other days is the same visit. Raises Refused where another one waits already.
    """
    known: dict[date, Absence] = {}
    for visit in visits:
        under = [day for day in taken if touches(visit, day, day)]
        if under and not is_same_visit(visit, told.report):
            raise visit_known(visit)
        known.update(dict.fromkeys(under, visit))
    for given, visit in waiting_visits(told.pupil.id, told.report.first_day, told.report.last_day, told.now):
        if given.day in taken and not is_same_visit(visit, told.report):
            raise waits_already(given, visit)
        known.setdefault(given.day, visit)
    waiting = [known[day] for day in taken if day in known]
    if left := [day for day in taken if day not in known]:
        parts = [visit for visit in made if visit not in visits]
        waiting.append(keep_waiting(left, parts or [waiting_absence(left[0], left[-1], told)], told.now))
    return list(dict.fromkeys(waiting))


def _instead(absence: Absence, told: Telling) -> Absence:
    """Let the absence of one day be the visit that school notes for it; raise Refused for more days."""
    report = told.report
    if not absence.first_day == absence.last_day == report.first_day == report.last_day:
        raise known_already(told, absence)
    if another_waiting(told.pupil.id, report, told.now):
        raise known_already(told, absence)
    replace_absence(absence, report, told.now)
    tell(absence, told)
    return absence


def _visit(first: date, last: date | None, visits: list[Absence], told: Telling) -> Absence:
    """Return the visit that is known already, or the actor's own and unseen one of that day, changed.

    Raises Refused for any other: of two visits none is lost unseen, and who reported it is not said (R22).
    """
    there = [visit for visit in visits if touches(visit, first, last)]
    if not there:
        return new_absence(first, last, told)
    said = (told.report.kind_id, first, last, told.report.from_time, told.report.until_time)
    same = next((visit for visit in there if _said_by(visit) == said), None)
    if same:
        return same
    if told.by_school:
        raise known_already(told, there[0])
    if len(there) > 1 or not could_become(there[0], told.report, told.actor, clock.today()):
        raise visit_known(there[0])
    return _changed(there[0], told)


def _changed(absence: Absence, told: Telling) -> Absence:
    change_part(absence, told.report, told.actor, told.now)
    take_place_of_waiting(absence, told.report, told.actor, told.now)
    replace_absence(absence, told.report, told.now)
    audit.record(told.actor, "correct_absence", "absence", absence.id)
    return absence


def _said_by(visit: Absence) -> tuple[object, ...]:
    return (visit.kind_id, visit.first_day, visit.last_day, visit.from_time, visit.until_time)
