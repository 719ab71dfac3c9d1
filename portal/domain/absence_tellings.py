"""One report on its way in, and what it needs wherever it lands."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.access import Viewer
from portal.domain import audit
from portal.domain.absence import Report
from portal.domain.absence_lists import label_column
from portal.domain.school_days import SchoolDays
from portal.errors import Refused
from portal.extensions import db
from portal.formatting import long_date
from portal.models.absence import Absence
from portal.models.roster import Pupil
from portal.models.school import AbsenceKind
from portal.words import gettext


@dataclass(frozen=True, slots=True)
class Telling:
    """One report on its way in: of which pupil, by whom, when, and by which calendar its days are read."""

    pupil: Pupil
    report: Report
    days: SchoolDays
    actor: Viewer
    now: datetime
    source: str
    replaces: bool

    @property
    def by_school(self) -> bool:
        """Whether somebody at school tells it."""
        return self.source == "school"

    @property
    def called(self) -> str:
        """The pupil's first name, or the only name there is."""
        return self.pupil.given_name or self.pupil.surname


def new_absence(first: date, last: date | None, told: Telling) -> Absence:
    """Keep these days of a report as an absence of its own."""
    absence = _absence(first, last, told)
    tell(absence, told)
    return absence


def waiting_absence(first: date, last: date, told: Telling) -> Absence:
    """Keep these days of a report as an absence that does not hold yet, because another one does."""
    absence = _absence(first, last, told)
    absence.withdrawn_at, absence.withdrawn_by = told.now, told.actor.id
    tell(absence, told)
    return absence


def _absence(first: date, last: date | None, told: Telling) -> Absence:
    report = told.report
    absence = Absence(
        pupil_id=told.pupil.id,
        kind_id=report.kind_id,
        first_day=first,
        last_day=last,
        from_time=report.from_time,
        until_time=report.until_time,
    )
    db.session.add(absence)
    return absence


def tell(absence: Absence, told: Telling) -> None:
    """Let an absence be what this reporter says now: what school says itself it has seen."""
    absence.source, absence.reported_by, absence.reported_at = told.source, told.actor.id, told.now
    absence.seen_by = told.actor.id if told.by_school else None
    absence.seen_at = told.now if told.by_school else None
    db.session.flush()
    audit.record(told.actor, "report_absence", "absence", absence.id)


def days_left(told: Telling, standing: list[Absence]) -> list[tuple[date, date | None]]:
    """Return the stretches of a report's days for which nothing else stands: first and last day of each.

    Until better is not beyond the first thing that stands: nobody knows yet how long it will take.
    """
    spans: list[tuple[date, date | None]] = []
    first, last = told.report.first_day, told.report.last_day
    for absence in standing:
        if first < absence.first_day:
            spans.append((first, told.days.previous_school_day(absence.first_day)))
        if absence.last_day is None or (spans and last is None):
            return spans
        first = max(first, told.days.next_school_day(absence.last_day))
    if last is None or first <= last:
        spans.append((first, last))
    return spans


def touches(absence: Absence, first: date, last: date | None) -> bool:
    """Whether an absence holds on one of these days; no `last` is for ever."""
    begins_in_time = last is None or absence.first_day <= last
    return begins_in_time and (absence.last_day is None or absence.last_day >= first)


def known_already(told: Telling, absence: Absence) -> Refused:
    """Return what school reads when it cannot note this without losing days of another report."""
    return Refused(
        gettext(
            "School already has a report about %(name)s from %(day)s: %(kind)s."
            " End that report or take it back first, and then note this.",
            name=told.called,
            day=long_date(absence.first_day),
            kind=kind_label(absence),
        )
    )


def visit_known(visit: Absence) -> Refused:
    """Return what a parent reads who would let another visit hold on a day of this one."""
    return Refused(
        gettext(
            "School already has a report about %(name)s for %(day)s: %(kind)s."
            " Change that report, or call the school.",
            name=first_name(visit.pupil_id),
            day=long_date(visit.first_day),
            kind=kind_label(visit),
        ),
        "days",
    )


def first_name(pupil_id: int) -> str:
    """Return a pupil's first name, or the only name there is."""
    pupil = db.session.get_one(Pupil, pupil_id)
    return pupil.given_name or pupil.surname


def kind_label(absence: Absence) -> str:
    """Return the reason of an absence in the reader's language."""
    return str(db.session.scalar(select(label_column()).where(AbsenceKind.id == absence.kind_id)))
