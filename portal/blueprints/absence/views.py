"""A guardian reports a child absent, and follows and changes the report."""

from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import all_or_404, one_or_404, viewer
from portal.blueprints.absence.forms import ReportForm
from portal.blueprints.absence.pages import CorrectionPage, ReportPage, days_to_return
from portal.blueprints.absence.words import (
    back_words,
    beside_words,
    reported_words,
    shortened_words,
    withdrawn_words,
)
from portal.domain import absence as absences
from portal.domain import absence_changes, absence_lists
from portal.domain.absence_lists import AbsenceFacts
from portal.domain.absence_reports import report_absence
from portal.domain.absence_waiting import waits
from portal.domain.children import Child, children_of
from portal.domain.school import school_facts
from portal.domain.school_days import current_year, school_days, school_years
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import near_date
from portal.models.absence import Absence
from portal.models.roster import Pupil
from portal.navigation import STAFF, side_of
from portal.words import gettext

bp = Blueprint("absence", __name__)


@bp.get("/absence")
def show_absences() -> ResponseReturnValue:
    """Show a guardian what is reported now, and where the history of each child is."""
    return render_template(
        "absence/list.html",
        children=[child for child in children_of(viewer()) if child.decides],
        running=absence_lists.running_absences(viewer(), clock.today()),
    )


@bp.get("/absence/report")
def show_report() -> ResponseReturnValue:
    """Show the sick report with all that can be known filled in already."""
    page = ReportPage()
    return page.render(page.blank_form())


@bp.post("/absence/report")
def create_report() -> ResponseReturnValue:
    """Report one or more children absent, together."""
    page, form = ReportPage(), ReportForm()
    if not set(form.named_pupils()) <= {child.id for child in page.children}:
        abort(404)
    page.offer(form)
    if not form.validate():
        return page.render(form), 422
    try:
        report = page.report_of(form)
    except Refused as refusal:
        return page.refused(form, refusal), 422
    if not form.replaces.data and (known := page.known_otherwise(form, report)):
        return page.render(form, known), 422
    start_writing()
    scope = access.pupils_in_authority_of(viewer())
    pupils = all_or_404(Pupil, form.chosen_pupils(), scope)
    absences.take_turns([pupil.id for pupil in pupils])
    try:
        reported = report_absence(
            pupils, report, page.days, viewer(), clock.now(), replaces=form.replaces.data
        )
    except Refused as refusal:
        return page.refused(form, refusal), 422
    first, *others = [each.absence.id for each in reported]
    db.session.commit()
    for sentence in reported_words(reported, viewer()):
        flash(sentence, "warn")
    return redirect(url_for(".show_absence", absence_id=first, also=others), 303)


@bp.get("/absence/<int:absence_id>")
def show_absence(absence_id: int) -> ResponseReturnValue:
    """Show a report as it stands, with what can still be done about it."""
    numbers = [absence_id, *request.args.getlist("also", type=int)]
    children = {child.id: child for child in children_of(viewer()) if child.decides}
    reports = _reports_of(numbers, set(children))
    days = school_days(clock.today(), clock.today() + absences.AHEAD)
    running = absence_lists.running_absences(viewer(), clock.today())
    return render_template(
        "absence/show.html",
        reports=reports,
        late=_late_ones(reports),
        knowing=list(dict.fromkeys(name for one in reports for name in children[one.pupil_id].teachers)),
        instead=absence_lists.absence_instead_of(viewer(), reports[0]),
        waiting=absence_lists.waiting_visits_of(viewer(), {one.pupil_id for one in reports}),
        children=children,
        others=_others_to_ask_about(reports, children, running),
        longer={facts.id: day for facts in reports if (day := absence_lists.day_more(facts, running, days))},
        days=days,
        return_days=days_to_return(days, clock.today()),
        may_withdraw=access.may_withdraw,
        may_end=access.may_end,
        may_end_at_once=access.may_end_at_once,
    )


def _late_ones(reports: list[AbsenceFacts]) -> list[AbsenceFacts]:
    """Return the reports about today that came too late to be sure that the teacher saw them in time."""
    today, limit = clock.today(), school_facts().report_before
    return [one for one in reports if one.first_day == today and one.time_known and one.came_late(limit)]


def _others_to_ask_about(
    reports: list[AbsenceFacts], children: dict[int, Child], running: list[AbsenceFacts]
) -> list[Child]:
    """Return the siblings who may be ill too: asked about a sick child only, and not when known already."""
    if reports[0].code != "sick" or reports[0].withdrawn_at or not access.may_end(reports[0], clock.today()):
        return []
    known = {a.pupil_id for a in running if a.whole_day}
    known |= {report.pupil_id for report in reports}
    return [child for child in children.values() if child.id not in known]


def _reports_of(numbers: list[int], children: set[int]) -> list[AbsenceFacts]:
    found = absence_lists.absences_by_number(viewer(), numbers)
    reports = [report for report in found if report.pupil_id in children]
    if not any(report.id == numbers[0] for report in reports):
        abort(404)
    return sorted(reports, key=lambda report: numbers.index(report.id))


def _named(absence: access.ReportedAbsence) -> str:
    return next((child.called for child in children_of(viewer()) if child.id == absence.pupil_id), "")


def _own_report(absence_id: int) -> AbsenceFacts:
    children = {child.id for child in children_of(viewer()) if child.decides}
    facts = _reports_of([absence_id], children)[0]
    if facts.reported_by != viewer().id:
        abort(403)
    return facts


def _refuse_when_settled(report: access.ReportedAbsence) -> None:
    """Raise Refused for a report that cannot be corrected any more."""
    if waits(report):
        raise Refused(
            gettext(
                "This report holds when %(name)s is not absent all day after all."
                " Must it be different? Take it back and make a new report.",
                name=_named(report),
            )
        )
    if report.withdrawn_at:
        raise Refused(gettext("This report is taken back. Make a new report."))
    if not access.may_correct(viewer(), report, clock.today()):
        raise Refused(gettext("School has already acted on this report. Please call the school."))


@bp.get("/pupils/<int:pupil_id>/absences")
def show_history(pupil_id: int) -> ResponseReturnValue:
    """Show a pupil's absences of a school year (`year`, its number), to guardians and to school."""
    pupil = one_or_404(Pupil, pupil_id, access.pupils_visible_to(viewer()))
    years = school_years()
    year = next((year for year in years if year.id == request.args.get("year", type=int)), None)
    year = year or current_year(years, clock.today())
    return render_template(
        "absence/history.html",
        pupil=pupil,
        years=years,
        year=year,
        absences=absence_lists.absences_of_pupil(viewer(), pupil.id, year.first_day, year.last_day)
        if year
        else [],
        for_school=side_of(viewer()) == STAFF,
    )


@bp.get("/absence/<int:absence_id>/correction")
def show_correction(absence_id: int) -> ResponseReturnValue:
    """Show the report again, filled in, to change it."""
    facts = _own_report(absence_id)
    _refuse_when_settled(facts)
    page = CorrectionPage(facts)
    return page.render(page.filled_form())


@bp.post("/absence/<int:absence_id>/correction")
def correct_report(absence_id: int) -> ResponseReturnValue:
    """Change kind, days, times or note of a report; a visit that waits by the same report was sent twice."""
    facts, form = _own_report(absence_id), ReportForm()
    page, shown = CorrectionPage(facts), redirect(url_for(".show_absence", absence_id=absence_id), 303)
    page.offer(form)
    form.pupil.data = [facts.pupil_id]
    if not form.validate():
        _refuse_when_settled(facts)
        return page.render(form), 422
    try:
        report = page.report_of(form)
        start_writing()
        absence = one_or_404(Absence, absence_id, access.absences_of_children(viewer()))
        absences.take_turn(absence)
        if waits(absence) and absences.says_the_same(absence, report):
            return shown
        _refuse_when_settled(absence)
        corrected = absence_changes.correct_absence(absence, report, page.days, viewer(), clock.now())
    except Refused as refusal:
        return page.refused(form, refusal), 422
    db.session.commit()
    flash(gettext("Your report is changed."), "ok")
    for sentence in (
        *beside_words(corrected.standing, viewer()),
        *shortened_words(corrected.shortened, report.first_day, viewer()),
        *back_words(corrected.back, viewer()),
    ):
        flash(sentence, "warn")
    return shown


@bp.post("/absence/<int:absence_id>/withdrawal")
def withdraw_report(absence_id: int) -> ResponseReturnValue:
    """Take a report back, while nobody at school has acted on it."""
    start_writing()
    absence = one_or_404(Absence, absence_id, access.absences_of_children(viewer()))
    absences.take_turn(absence)
    if absence.reported_by != viewer().id:
        abort(403)
    if absence.withdrawn_at is None and not access.may_withdraw(viewer(), absence, clock.today()):
        raise Refused(gettext("School has already acted on this report. Please call the school."))
    held = absence.withdrawn_at is None
    back = absence_changes.withdraw_absence(absence, viewer(), clock.now())
    db.session.commit()
    flash(withdrawn_words(_named(absence), held), "ok")
    for sentence in back_words(back, viewer()):
        flash(sentence, "warn")
    return redirect(url_for("home.show_today"), 303)


@bp.post("/absence/<int:absence_id>/recovery")
def end_report(absence_id: int) -> ResponseReturnValue:
    """Say that the child is back from today or the next school day (`back_on`, a date)."""
    days = school_days(clock.today())
    allowed = days_to_return(days, clock.today())
    back_on = request.form.get("back_on", type=date.fromisoformat)
    start_writing()
    absence = one_or_404(Absence, absence_id, access.absences_of_children(viewer()))
    absences.take_turn(absence)
    if not access.may_end(absence, clock.today()):
        raise Refused(gettext("This absence is already over."))
    if back_on is None or back_on not in allowed:
        raise Refused(gettext("Choose today or the next school day."))
    back = absence_changes.end_absence(absence, back_on, days, viewer(), clock.now())
    db.session.commit()
    sentence = gettext(
        "Good news. School expects %(name)s again: %(day)s.", name=_named(absence), day=near_date(back_on)
    )
    flash(sentence, "ok")
    for sentence in back_words(back, viewer()):
        flash(sentence, "warn")
    return redirect(url_for(".show_absence", absence_id=absence_id), 303)


@bp.post("/absence/<int:absence_id>/extension")
def extend_report(absence_id: int) -> ResponseReturnValue:
    """Let an absence last until a later day (`until`, a date), as 'also tomorrow' does."""
    until = request.form.get("until", type=date.fromisoformat)
    start_writing()
    absence = one_or_404(Absence, absence_id, access.absences_of_children(viewer()))
    absences.take_turn(absence)
    if not access.may_end(absence, clock.today()):
        raise Refused(gettext("This absence is already over. Make a new report."))
    if until is None or until > clock.today() + timedelta(days=60):
        raise Refused(gettext("Choose a day within two months."))
    days = school_days(clock.today(), until)
    shortened = absence_changes.extend_absence(absence, until, days, viewer(), clock.now())
    first_day = absence.first_day
    db.session.commit()
    flash(gettext("School knows that it takes longer."), "ok")
    for sentence in shortened_words(shortened, first_day, viewer()):
        flash(sentence, "warn")
    return redirect(url_for(".show_absence", absence_id=absence_id), 303)
