"""Absences as pages show them, read in one query each."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from portal import access, clock, names
from portal.access import Viewer
from portal.domain.school_days import SchoolDays
from portal.extensions import db, fetch
from portal.models.absence import Absence, AbsenceNote, GivenUpDay
from portal.models.accounts import StaffMember, User
from portal.models.roster import Pupil
from portal.models.school import AbsenceKind
from portal.words import gettext, language


@dataclass(frozen=True, slots=True)
class AbsenceFacts:
    """One absence as its reader may know it.

    `note` is the reader's own. `seen_by` is the teacher as the group calls them, '' for who is not named to
    this reader: then school saw it, and no time is told. `time_known` and `withdrawal_known`: whether this
    reader is told at what time it was reported and taken back (R22).
    """

    id: int
    pupil_id: int
    pupil_name: str
    kind: str
    icon: str
    code: str
    whole_day: bool
    first_day: date
    last_day: date | None
    from_time: time | None
    until_time: time | None
    source: str
    reported_by: int
    reported_at: datetime
    seen_at: datetime | None
    seen_by: str
    recovered_at: datetime | None
    withdrawn_at: datetime | None
    note: str
    pupil_full_name: str
    present_at: datetime | None
    time_known: bool
    withdrawal_known: bool

    def holds_on(self, day: date) -> bool:
        """Whether the child is absent on a day."""
        return self.first_day <= day and (self.last_day is None or self.last_day >= day)

    def reporter(self, viewer: Viewer) -> str:
        """Return who reported it, in words for this reader: of another parent no more than that (R22)."""
        if self.source == "school":
            return gettext("by school")
        return gettext("by you") if self.reported_by == viewer.id else gettext("by a parent")

    def came_late(self, limit: time) -> bool:
        """Whether it came after the time until which school needs no phone call, for that same day."""
        local = clock.to_local(self.reported_at)
        return (
            self.source == "guardian"
            and self.withdrawn_at is None
            and local.date() == self.first_day
            and local.time() >= limit
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """A reason for absence that can be chosen; `label` is in the reader's language."""

    id: int
    code: str
    label: str
    icon: str
    whole_day: bool


def label_column() -> Any:
    """Return the column with the kinds' labels in the reader's language."""
    return AbsenceKind.label_en if language() == "en" else AbsenceKind.label_nl


def kinds(for_guardians: bool) -> list[Kind]:
    """Return the reasons that can be chosen, in the school's order (R12)."""
    return [Kind(*row) for row in fetch(_kinds_query(language(), for_guardians))]


@cache
def _kinds_query(_language: str, for_guardians: bool) -> Select[*tuple[Any, ...]]:
    query = select(
        AbsenceKind.id, AbsenceKind.code, label_column(), AbsenceKind.icon, AbsenceKind.whole_day
    ).order_by(AbsenceKind.position, AbsenceKind.id)
    return query.where(AbsenceKind.parent_selectable) if for_guardians else query


def running_absences(viewer: Viewer, today: date) -> list[AbsenceFacts]:
    """Return the absences of the reader's own children that hold today or later, the nearest first."""
    query = _running_query(access.anyone_with(viewer.role), language())
    return [_facts_of(row) for row in fetch(query, viewer_id=viewer.id, today=today)]


@cache
def _running_query(viewer: Viewer, _language: str) -> Select[*tuple[Any, ...]]:
    return _facts_query(
        viewer,
        access.absences_of_children(viewer),
        or_(Absence.last_day.is_(None), Absence.last_day >= bindparam("today")),
    )


def absences_of_pupil(viewer: Viewer, pupil_id: int, first: date, last: date) -> list[AbsenceFacts]:
    """Return a pupil's absences that touch a span of days, the newest first."""
    found = _facts(
        viewer,
        access.absences_visible_to(viewer),
        Absence.pupil_id == pupil_id,
        Absence.first_day <= last,
        or_(Absence.last_day.is_(None), Absence.last_day >= first),
    )
    return found[::-1]


def day_more(facts: AbsenceFacts, running: list[AbsenceFacts], days: SchoolDays) -> date | None:
    """Return the day that an absence can be made longer with, of those that run; None when there is none.

    Not when school has seen the child, nor when another absence holds on that day.
    """
    if facts.last_day is None or not facts.whole_day or facts.present_at:
        return None
    day = days.next_school_day(facts.last_day)
    others = (a for a in running if a.pupil_id == facts.pupil_id and a.id != facts.id and a.whole_day)
    return None if any(other.holds_on(day) for other in others) else day


def absence_instead_of(viewer: Viewer, facts: AbsenceFacts) -> AbsenceFacts | None:
    """Return what holds on the days of an absence that gave way or was taken back; None for nothing."""
    if facts.withdrawn_at is None:
        return None
    last = facts.last_day or facts.first_day
    return next(iter(absences_of_pupil(viewer, facts.pupil_id, facts.first_day, last)[::-1]), None)


def absences_by_number(viewer: Viewer, numbers: list[int]) -> list[AbsenceFacts]:
    """Return these absences, as far as the reader may see them; also withdrawn ones."""
    possible = [number for number in numbers if access.possible_number(number)]
    return _facts(viewer, access.absences_visible_to(viewer), Absence.id.in_(possible), withdrawn=True)


def waiting_visits_of(viewer: Viewer, pupil_ids: set[int]) -> list[AbsenceFacts]:
    """Return the visits of pupils that may hold again today or later, on the days on which they wait."""
    waiting = (
        select(GivenUpDay.absence_id, func.min(GivenUpDay.day), func.max(GivenUpDay.day))
        .join(Absence, Absence.id == GivenUpDay.absence_id)
        .where(
            access.absences_visible_to(viewer),
            Absence.pupil_id.in_(pupil_ids),
            GivenUpDay.day >= clock.today(),
        )
        .group_by(GivenUpDay.absence_id)
    )
    days = {number: (first, last) for number, first, last in db.session.execute(waiting)}
    if not days:
        return []
    visits = _facts(viewer, access.absences_visible_to(viewer), Absence.id.in_(days), withdrawn=True)
    return [replace(visit, first_day=days[visit.id][0], last_day=days[visit.id][1]) for visit in visits]


def notes_on(viewer: Viewer, absence_id: int) -> list[str]:
    """Return the notes on an absence that the reader may read, the oldest first (R15)."""
    return list(
        db.session.scalars(
            select(AbsenceNote.text)
            .join(Absence, Absence.id == AbsenceNote.absence_id)
            .where(AbsenceNote.absence_id == absence_id, access.notes_readable_by(viewer))
            .order_by(AbsenceNote.written_at)
        )
    )


def _facts(viewer: Viewer, *conditions: ColumnElement[bool], withdrawn: bool = False) -> list[AbsenceFacts]:
    query = _facts_query(viewer, *conditions, withdrawn=withdrawn)
    return [_facts_of(tuple(row)) for row in db.session.execute(query)]


def _facts_query(
    viewer: Viewer, *conditions: ColumnElement[bool], withdrawn: bool = False
) -> Select[*tuple[Any, ...]]:
    seen = aliased(User)
    query = (
        select(
            Absence.id,
            Absence.pupil_id,
            Pupil.given_name,
            Pupil.surname,
            label_column(),
            AbsenceKind.icon,
            AbsenceKind.code,
            AbsenceKind.whole_day,
            Absence.first_day,
            Absence.last_day,
            Absence.from_time,
            Absence.until_time,
            Absence.source,
            Absence.reported_by,
            Absence.reported_at,
            Absence.seen_at,
            StaffMember.called,
            seen.given_name,
            seen.prefix,
            seen.surname,
            Absence.recovered_at,
            Absence.withdrawn_at,
            AbsenceNote.text,
            Pupil.prefix,
            Absence.present_at,
            access.report_times_known_to(viewer).label("time_known"),
            access.withdrawal_times_known_to(viewer).label("withdrawal_known"),
            access.seers_named_to(viewer).label("seer_named"),
        )
        .join(Pupil, Pupil.id == Absence.pupil_id)
        .join(AbsenceKind, AbsenceKind.id == Absence.kind_id)
        .outerjoin(seen, seen.id == Absence.seen_by)
        .outerjoin(StaffMember, StaffMember.user_id == Absence.seen_by)
        .outerjoin(
            AbsenceNote,
            and_(AbsenceNote.absence_id == Absence.id, AbsenceNote.author_id == viewer.id),
        )
        .where(*conditions)
        .order_by(Absence.first_day, Absence.id)
    )
    return query if withdrawn else query.where(Absence.withdrawn_at.is_(None))


def _facts_of(row: tuple[Any, ...]) -> AbsenceFacts:
    seen_by = (row[16] or names.full(row[17] or "", row[18] or "", row[19] or "")) if row[27] else ""
    full_name = names.full(row[2], row[23], row[3])
    name, note = row[2] or row[3], row[22] or ""
    fields = (*row[:2], name, *row[4:16], seen_by, *row[20:22], note, full_name, *row[24:27])
    return AbsenceFacts(*fields)
