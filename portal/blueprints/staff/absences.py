"""Absence that school notes itself, after a phone call or when a pupil goes home."""

from datetime import date, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404
from portal.blueprints.absence.forms import ReportForm
from portal.blueprints.absence.pages import ReportPage, days_to_return
from portal.blueprints.absence.words import back_words, reported_words
from portal.blueprints.staff.blueprint import bp, staff_viewer
from portal.domain import absence as absences
from portal.domain import absence_changes, absence_lists, attendance_marks
from portal.domain.absence_reports import report_absence
from portal.domain.absence_waiting import waits
from portal.domain.attendance_board import UNKNOWN
from portal.domain.children import Child, child_of_school
from portal.domain.school_days import school_days
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import group_label
from portal.models.absence import Absence
from portal.models.roster import Pupil
from portal.words import gettext

LOOK_BACK = timedelta(days=14)


class SchoolReportPage(ReportPage):
    """The report form for one pupil, with every reason that the school has, and days that are just past."""

    template = "staff/report.html"

    def __init__(self, child: Child) -> None:
        self.child = child
        super().__init__()
        until = self.today + absences.AHEAD
        self.reported = absence_lists.absences_of_pupil(staff_viewer(), child.id, self.today, until)[::-1]

    def _read_children(self) -> list[Child]:
        return [self.child]

    def _read_kinds(self) -> list[absence_lists.Kind]:
        return absence_lists.kinds(for_guardians=False)

    def known(self, child: Child) -> str:
        """Return the group; what is reported already stands above the questions."""
        return group_label(child.group)

    @property
    def earliest(self) -> date:
        """The first day that may be chosen."""
        return self.today - LOOK_BACK

    def reassurance(self, late: bool) -> str:
        """Return the line under the button: who will see it."""
        return gettext("The parents see in the portal that their child is absent, not your message.")


def _page_for(pupil_id: int) -> SchoolReportPage:
    pupil = one_or_404(Pupil, pupil_id, access.pupils_of_school(staff_viewer()))
    return SchoolReportPage(child_of_school(pupil))


@bp.get("/pupils/<int:pupil_id>/absences/new")
def show_school_report(pupil_id: int) -> ResponseReturnValue:
    """Show the form with which school notes a pupil absent."""
    page = _page_for(pupil_id)
    return page.render(page.blank_form())


@bp.post("/pupils/<int:pupil_id>/absences/new")
def create_school_report(pupil_id: int) -> ResponseReturnValue:
    """Note a pupil absent; for today that takes back an earlier mark as present."""
    page, form = _page_for(pupil_id), ReportForm()
    page.offer(form)
    form.pupil.data = [pupil_id]
    if not form.validate():
        return page.render(form), 422
    try:
        report = page.report_of(form)
    except Refused as refusal:
        return page.refused(form, refusal), 422
    person, today = staff_viewer(), clock.today()
    start_writing()
    pupil = one_or_404(Pupil, pupil_id, access.pupils_of_school(person))
    absences.take_turns([pupil.id])
    now = clock.now()
    try:
        reported = report_absence([pupil], report, page.days, person, now, source="school")
    except Refused as refusal:
        return page.refused(form, refusal), 422
    absence = reported[0].absence
    if report.whole_day and absence.first_day <= today <= (absence.last_day or today):
        attendance_marks.mark_attendance([pupil], UNKNOWN, page.days, today, person, now, was_unknown=False)
    db.session.commit()
    flash(_noted(page.child.called, report.whole_day), "ok")
    for sentence in reported_words(reported, person):
        flash(sentence, "warn")
    return redirect(url_for(".show_school_absence", absence_id=absence.id), 303)


def _noted(name: str, whole_day: bool) -> str:
    if whole_day:
        return gettext("%(name)s is noted as absent.", name=name)
    return gettext("The absence of %(name)s is noted.", name=name)


@bp.get("/absences/<int:absence_id>")
def show_school_absence(absence_id: int) -> ResponseReturnValue:
    """Show one absence to school, with what can be done about it."""
    person = staff_viewer()
    absence = one_or_404(Absence, absence_id, access.absences_of_school(person))
    facts = absence_lists.absences_by_number(person, [absence.id])[0]
    days = school_days(clock.today())
    return render_template(
        "staff/absence.html",
        facts=facts,
        notes=absence_lists.notes_on(person, absence.id),
        waiting=absence_lists.waiting_visits_of(person, {absence.pupil_id}),
        is_taken_back=absence.withdrawn_at is not None and not waits(absence),
        days=days,
        return_days=days_to_return(days, clock.today()),
        may_end=access.may_end,
    )


@bp.post("/absences/<int:absence_id>/withdrawal")
def withdraw_school_absence(absence_id: int) -> ResponseReturnValue:
    """Take back an absence that was noted or reported by mistake."""
    person = staff_viewer()
    start_writing()
    absence = one_or_404(Absence, absence_id, access.absences_of_school(person))
    absences.take_turn(absence)
    back = absence_changes.withdraw_absence(absence, person, clock.now())
    db.session.commit()
    flash(gettext("The report is taken back."), "ok")
    for sentence in back_words(back, person):
        flash(sentence, "warn")
    return redirect(url_for(".show_board"), 303)


@bp.post("/absences/<int:absence_id>/recovery")
def end_school_absence(absence_id: int) -> ResponseReturnValue:
    """Note that the pupil is back from today or the next school day (`back_on`, a date)."""
    person, days = staff_viewer(), school_days(clock.today())
    allowed = days_to_return(days, clock.today())
    back_on = request.form.get("back_on", default=allowed[0], type=date.fromisoformat)
    start_writing()
    absence = one_or_404(Absence, absence_id, access.absences_of_school(person))
    absences.take_turn(absence)
    if not access.may_end(absence, clock.today()):
        raise Refused(gettext("This absence is already over."))
    if back_on not in allowed:
        raise Refused(gettext("Choose today or the next school day."))
    back = absence_changes.end_absence(absence, back_on, days, person, clock.now())
    db.session.commit()
    flash(gettext("The pupil is expected again."), "ok")
    for sentence in back_words(back, person):
        flash(sentence, "warn")
    return redirect(url_for(".show_school_absence", absence_id=absence_id), 303)
