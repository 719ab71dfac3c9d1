"""Whose absence somebody may read and change, and who reads what was written with it."""

from datetime import date, datetime
from typing import Protocol

from sqlalchemy import ColumnElement, and_, false, or_, true

from portal.access.directory import guarded_by_unknown, unknown_as_staff
from portal.access.pupils import at_school, barred, has_pupil_as_guardian, is_family, taught
from portal.access.viewers import Viewer
from portal.models.absence import Absence, AbsenceNote
from portal.models.roster import Guardianship


def absences_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """Absences of the pupils whom the viewer may read about; both guardians see the same facts (R22)."""
    return or_(absences_of_children(viewer), absences_of_school(viewer))


def absences_of_children(viewer: Viewer) -> ColumnElement[bool]:
    """Absences that the viewer may change as a guardian."""
    return has_pupil_as_guardian(viewer, Absence.pupil_id)


def absences_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """Absences that the viewer keeps as a member of staff."""
    kept = ~barred(viewer.id, Absence.pupil_id)
    if viewer.is_office:
        return kept
    if viewer.is_staff:
        return and_(at_school(Absence.pupil_id), taught(viewer, Absence.pupil_id), kept)
    return false()


def guardians_called_by(viewer: Viewer) -> ColumnElement[bool]:
    """Guardianships whose phone number the viewer has as a member of staff.

    The other guardian of the own child stays that: school's list shows nobody the other parent (R22).
    """
    return and_(
        true() if viewer.is_office else taught(viewer, Guardianship.pupil_id),
        ~unknown_as_staff(viewer.id, Guardianship.user_id),
    )


def notes_readable_by(viewer: Viewer) -> ColumnElement[bool]:
    """Notes on an absence: for the group's teachers, the office, and who wrote it; no other parent (R15).

    A teacher who is the other guardian of a child stays a guardian here: nobody reads the other parent's note
    about the own child, nor about a child that this parent has with somebody else.
    """
    return or_(
        AbsenceNote.author_id == viewer.id,
        and_(
            absences_of_school(viewer),
            ~is_family(viewer.id, Absence.pupil_id),
            ~unknown_as_staff(viewer.id, AbsenceNote.author_id),
        ),
    )


def _times_known_as_school(viewer: Viewer) -> ColumnElement[bool]:
    """Absences of which the viewer reads every time: of no child whose guardian is kept from the viewer.

    Whoever of its guardians reported: that a time is missing must not say who did.
    """
    return and_(
        absences_of_school(viewer),
        ~is_family(viewer.id, Absence.pupil_id),
        ~guarded_by_unknown(viewer.id, Absence.pupil_id),
    )


def report_times_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """Of which absences the viewer reads when they were reported: school's own, one's own, and as school all.

    Not when another parent reported the own child, also not on school's pages: beside it who works here is
    a guardian (R22).
    """
    return or_(
        Absence.source == "school",
        Absence.reported_by == viewer.id,
        _times_known_as_school(viewer),
    )


def withdrawal_times_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """Of which absences the viewer reads when they were taken back: by the same line as the report's time."""
    return or_(
        Absence.withdrawn_by == viewer.id,
        _times_known_as_school(viewer),
    )


def seers_named_to(viewer: Viewer) -> ColumnElement[bool]:
    """Of which absences the viewer reads who at school saw them and when, not only that school did.

    Not of the other guardian of the own child who works here, whether or not that one hides (R22).
    """
    return ~unknown_as_staff(viewer.id, Absence.seen_by)


class ReportedAbsence(Protocol):
    """What the rules below need to know of an absence, as a row or as an object."""

    @property
    def id(self) -> int: ...
    @property
    def pupil_id(self) -> int: ...
    @property
    def first_day(self) -> date: ...
    @property
    def last_day(self) -> date | None: ...
    @property
    def reported_by(self) -> int: ...
    @property
    def seen_at(self) -> datetime | None: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...
    @property
    def source(self) -> str: ...
    @property
    def present_at(self) -> datetime | None: ...


def may_withdraw(viewer: Viewer, absence: ReportedAbsence, today: date) -> bool:
    """Whether the report can still be taken back: by who made it, before it began or school acted on it."""
    return (
        absence.withdrawn_at is None
        and absence.reported_by == viewer.id
        and (absence.first_day > today or (absence.seen_at is None and may_end(absence, today)))
    )


def may_correct(viewer: Viewer, absence: ReportedAbsence, today: date) -> bool:
    """Whether kind, days and note can still be changed: by who reported, before school acted on it."""
    return may_withdraw(viewer, absence, today)


def may_end(absence: ReportedAbsence, today: date) -> bool:
    """Whether it can still be said when the child is back: while the absence runs."""
    return absence.withdrawn_at is None and (absence.last_day is None or absence.last_day >= today)


def may_end_at_once(absence: ReportedAbsence, today: date) -> bool:
    """Whether a guardian can say that the child comes after all on the day on which the absence began.

    What school noted itself is school's to change, and whom it has seen is at school already.
    """
    return (
        absence.first_day == today
        and may_end(absence, today)
        and absence.source == "guardian"
        and absence.present_at is None
    )
