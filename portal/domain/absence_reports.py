"""A report comes in, and meets what is known of those days (docs/decisions/006).

Reports for the same reason become one absence over all their days. For another reason each keeps its own
days: what a parent reports leaves the days alone for which another reason is known, unless it is the parent's
own and nobody saw it. What school notes counts, and what stands beside it keeps the days before or after.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy import select

from portal import access, clock
from portal.access import Viewer
from portal.domain import audit
from portal.domain.absence import (
    Report,
    close_absence,
    forget_mark,
    overlapping,
    still_there,
    write_note,
)
from portal.domain.absence_giving_back import give_back
from portal.domain.absence_giving_way import give_way
from portal.domain.absence_tellings import Telling, days_left, known_already, new_absence, tell, touches
from portal.domain.absence_visits import report_visits
from portal.domain.school_days import SchoolDays
from portal.extensions import db
from portal.models.absence import Absence, AbsenceNote
from portal.models.roster import Pupil


@dataclass(frozen=True, slots=True)
class Reported:
    """What became of a report about one pupil.

    `made` holds its days, the earliest first; `standing` was known already and keeps some of them, or all:
    then nothing is made; `shortened` was known too and keeps only the days before or after, of a visit
    perhaps none. `is_cut`: it was to last until better, and ends before what stands. Of what `is_visit`,
    `waiting` holds only once what stands does not any more. `back` are visits that hold again by it.
    """

    made: list[Absence]
    standing: list[Absence] = field(default_factory=list)
    shortened: list[Absence] = field(default_factory=list)
    is_cut: bool = False
    waiting: list[Absence] = field(default_factory=list)
    is_visit: bool = False
    back: list[Absence] = field(default_factory=list)

    @property
    def absence(self) -> Absence:
        """The absence to show to who reported."""
        return (self.made or self.standing)[0]


def report_absence(
    pupils: Iterable[Pupil],
    report: Report,
    days: SchoolDays,
    actor: Viewer,
    now: datetime,
    source: str = "guardian",
    *,
    replaces: bool = False,
) -> list[Reported]:
    """Report pupils absent, together or not at all; return what became of it, in that order.

    `now` is a moment after their turns were taken (`take_turns`). The same report again changes nothing, and
    a longer one for the same reason stretches the first. A whole day takes the place of a visit on that day;
    a visit inside an absence waits for that to hold no more, unless it `replaces` the actor's own report of
    that day. Raises Refused where another report is known that is not the actor's to change: for a visit
    beside another one, and for what school cannot note without losing days of it.
    """
    return [
        _report_one(Telling(pupil, report, days, actor, now, source, replaces), report) for pupil in pupils
    ]


def _report_one(told: Telling, report: Report) -> Reported:
    found = still_there(told.pupil.id, report, told.actor, told.now)
    db.session.flush()
    whole = [absence for absence, kind in found if kind.whole_day]
    visits = [absence for absence, kind in found if not kind.whole_day]
    reported = (_report_days if report.whole_day else _report_visits)(whole, visits, told)
    for absence in dict.fromkeys([*reported.made, *reported.waiting]) or [reported.absence]:
        write_note(absence, report.note, told.actor, told.now)
    # What lasts until better from now on lets a later visit stand beside it again.
    return replace(reported, back=give_back(told.pupil.id, told.actor, told.now))


def _report_days(whole: list[Absence], visits: list[Absence], told: Telling) -> Reported:
    joined = [a for a in whole if a.kind_id == told.report.kind_id or _gives_in(a, told)]
    others = [a for a in whole if a not in joined]
    shortened = [changed for a in others for changed in _make_room(a, told)]
    standing = [a for a in others if a not in shortened]
    if told.by_school and standing:
        raise known_already(told, standing[0])
    db.session.flush()
    spans = days_left(told, standing)
    made = []
    for first, last in spans:
        there = [a for a in visits if touches(a, first, last) and a.withdrawn_at is None]
        shortened += give_way(there, first, last, told.days, told.actor, told.now)
        made.append(_hold(first, last, joined, told))
    is_cut = told.report.last_day is None and made != [] and spans[-1][1] is not None
    return Reported(made, standing, shortened, is_cut)


def _gives_in(absence: Absence, told: Telling) -> bool:
    """Whether an absence takes the reason of a report that covers all of its days.

    For school always; for a parent while it is the parent's own report and nobody at school saw it.
    """
    first, last = told.report.first_day, told.report.last_day
    if absence.first_day < first:
        return False
    if last is not None and (absence.last_day is None or absence.last_day >= told.days.next_school_day(last)):
        return False
    if told.by_school:
        return True
    return absence.seen_at is None and access.may_correct(told.actor, absence, clock.today())


def _make_room(absence: Absence, told: Telling) -> list[Absence]:
    """Let an absence for another reason keep only the days before or after a report; return it if it did,
    and the visits that give way where it begins now.
    """
    first, last, gone = told.report.first_day, told.report.last_day, []
    if absence.first_day < first and _may_end_before(absence, told):
        absence.last_day = max(absence.first_day, told.days.previous_school_day(first))
    elif told.by_school and last is not None and absence.first_day >= first:
        following = told.days.next_school_day(last)
        visits = [
            visit for visit, kind in overlapping(told.pupil.id, following, following) if not kind.whole_day
        ]
        gone = give_way(visits, following, None, told.days, told.actor, told.now)
        absence.first_day = following
    else:
        return []
    absence.changed_at = told.now
    forget_mark(absence)
    audit.record(told.actor, "shorten_absence", "absence", absence.id)
    return [absence, *gone]


def _may_end_before(absence: Absence, told: Telling) -> bool:
    """Whether no day after the report is lost; for a parent an absence without an end, on a day ahead."""
    if absence.last_day is None:
        return told.by_school or told.report.first_day > clock.today()
    return told.by_school and (told.report.last_day is None or absence.last_day <= told.report.last_day)


def _hold(first: date, last: date | None, joined: list[Absence], told: Telling) -> Absence:
    """Let one absence hold these days, with those it joins; return it."""
    same = [a for a in joined if touches(a, first, last) and a.withdrawn_at is None]
    return _join(same, first, last, told) if same else new_absence(first, last, told)


def _join(joined: list[Absence], first: date, last: date | None, told: Telling) -> Absence:
    """Let the days of a report and the absences that it joins be one, over all their days; return it.

    The one with the same reason stays, or else the first. What school did not know, of a child that it
    expected, is reported now and by this reporter; so is what school itself changes.
    """
    kind_id = told.report.kind_id
    kept = next((absence for absence in joined if absence.kind_id == kind_id), joined[0])
    for absence in joined:
        if absence is not kept:
            close_absence(absence, told.actor, told.now)
    _move_notes([absence.id for absence in joined if absence is not kept], kept)
    db.session.flush()
    first, last = _all_days(joined, first, last)
    is_news = first < kept.first_day or kept.present_at is not None
    if is_changed := (first, last, kind_id) != (kept.first_day, kept.last_day, kept.kind_id):
        kept.first_day, kept.last_day, kept.kind_id, kept.changed_at = first, last, kind_id, told.now
    if is_news or (is_changed and told.by_school):
        tell(kept, told)
    elif is_changed:
        audit.record(told.actor, "report_absence", "absence", kept.id)
    elif told.by_school and kept.seen_at is None:
        kept.seen_by, kept.seen_at = told.actor.id, told.now
    forget_mark(kept)
    kept.present_at = None
    return kept


def _move_notes(numbers: list[int], kept: Absence) -> None:
    """Let what was written with these absences stand with the one that is kept; there each has one note."""
    notes = select(AbsenceNote).order_by(AbsenceNote.written_at.desc(), AbsenceNote.id.desc())
    there = set(
        db.session.scalars(
            notes.where(AbsenceNote.absence_id == kept.id).with_only_columns(AbsenceNote.author_id)
        )
    )
    for note in db.session.scalars(notes.where(AbsenceNote.absence_id.in_(numbers))):
        if note.author_id not in there:
            there.add(note.author_id)
            note.absence_id = kept.id


def _all_days(absences: list[Absence], first: date, last: date | None) -> tuple[date, date | None]:
    ends = [last, *(absence.last_day for absence in absences)]
    until = None if None in ends else max(end for end in ends if end is not None)
    return min(first, *(absence.first_day for absence in absences)), until


def _report_visits(whole: list[Absence], visits: list[Absence], told: Telling) -> Reported:
    made, standing, waiting = report_visits(whole, visits, told)
    return Reported(made, standing, waiting=waiting, is_visit=True)
