"""A report of a visit to the doctor, or of coming later, meets what is known of those days."""

from datetime import date

from portal import clock
from portal.domain import audit
from portal.domain.absence import could_become, replace_absence
from portal.domain.absence_giving_back import leave_parts
from portal.domain.absence_tellings import (
    Telling,
    days_left,
    known_already,
    new_absence,
    tell,
    touches,
    visit_known,
)
from portal.domain.absence_waiting import another_waiting, take_place_of_waiting
from portal.models.absence import Absence


def report_visits(
    whole: list[Absence], visits: list[Absence], told: Telling
) -> tuple[list[Absence], list[Absence]]:
    """Return the visits that a report became, and the whole-day absences that stand where it adds nothing.

    Who is ill until better may be well again before a later visit, so that stands beside the illness.
    Raises Refused where another report is known that is not the actor's to change.
    """
    report, today = told.report, clock.today()
    standing = [a for a in whole if a.last_day is not None or not today < report.first_day > a.first_day]
    if standing and told.by_school:
        return [_instead(standing[0], told)], []
    if standing and told.replaces and could_become(standing[0], report, told.actor, today):
        return [_changed(standing[0], told)], []
    return [_visit(*span, visits, told) for span in days_left(told, standing)], standing


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
    leave_parts(absence)
    take_place_of_waiting(told.pupil.id, told.report, told.actor, told.now)
    replace_absence(absence, told.report, told.now)
    audit.record(told.actor, "correct_absence", "absence", absence.id)
    return absence


def _said_by(visit: Absence) -> tuple[object, ...]:
    return (visit.kind_id, visit.first_day, visit.last_day, visit.from_time, visit.until_time)
