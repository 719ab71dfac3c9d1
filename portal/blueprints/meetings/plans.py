"""'Fill in': the office has the planner place the talks without a time, looks at the plan and accepts it."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.loading import kept_round
from portal.domain import meeting_plans, meeting_unsuited, plan_pages
from portal.domain.meeting_phases import phase_of
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingPlan
from portal.words import gettext


@bp.get("/school/meetings/<int:round_id>/plan")
def show_plan(round_id: int) -> str:
    """Show the plan that was asked for last, or what one would be for."""
    return _plan_page(round_id)


def _plan_page(round_id: int, refusal: Refused | None = None) -> str:
    round_, now = kept_round(round_id), clock.now()
    plan = meeting_plans.latest_plan(round_)
    at_work = plan is not None and meeting_plans.is_with_worker(plan)
    made = plan is not None and plan.state in ("ready", "accepted")
    talks, cannot = (0, []) if at_work else meeting_plans.to_plan(round_, now)
    return render_template(
        "meetings/plan.html",
        round=round_,
        phase=phase_of(round_, now),
        plan=plan,
        at_work=at_work,
        progress=plan_pages.progress_of(plan, now) if plan and at_work else None,
        page=plan_pages.plan_page(viewer(), round_, plan) if plan and made else None,
        out_of_date=plan is not None and meeting_plans.is_out_of_date(plan, round_),
        talks=talks,
        unsuited=[] if at_work else meeting_unsuited.unsuited_at_school(viewer(), round_, now),
        shortages=plan_pages.shortages_beforehand(viewer(), round_, cannot),
        seconds=meeting_plans.SECONDS,
        refusal=refusal,
    )


@bp.get("/school/meetings/<int:round_id>/plan/progress")
def show_plan_progress(round_id: int) -> ResponseReturnValue:
    """Answer how far the worker is; once it is done the browser is told to show the whole page again."""
    round_ = kept_round(round_id)
    plan = meeting_plans.latest_plan(round_)
    if plan is None or not meeting_plans.is_with_worker(plan):
        return Response(status=204, headers={"HX-Refresh": "true"})
    progress = plan_pages.progress_of(plan, clock.now())
    return render_template("meetings/_plan_progress.html", round=round_, progress=progress)


@bp.post("/school/meetings/<int:round_id>/plan")
def ask_for_plan(round_id: int) -> ResponseReturnValue:
    """Have a plan made, for which the planner may search so many `seconds`."""
    seconds = request.form.get("seconds", type=int)
    if seconds not in meeting_plans.SECONDS:
        seconds = meeting_plans.SECONDS[0]
    start_writing()
    try:
        meeting_plans.ask_for_plan(kept_round(round_id), seconds, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _plan_page(round_id, refusal), 409
    db.session.commit()
    return redirect(url_for(".show_plan", round_id=round_id), 303)


@bp.post("/school/meetings/<int:round_id>/plan/enough")
def stop_plan(round_id: int) -> ResponseReturnValue:
    """Let the planner stop with what it has."""
    start_writing()
    try:
        meeting_plans.say_enough(_shown_plan(round_id), viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _plan_page(round_id, refusal), 409
    db.session.commit()
    return redirect(url_for(".show_plan", round_id=round_id), 303)


@bp.post("/school/meetings/<int:round_id>/plan/acceptance")
def accept_plan(round_id: int) -> ResponseReturnValue:
    """Book every talk of the plan that was shown."""
    start_writing()
    try:
        meeting_plans.accept_plan(_shown_plan(round_id), viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _plan_page(round_id, refusal), 409
    db.session.commit()
    return redirect(url_for(".show_plan", round_id=round_id), 303)


@bp.post("/school/meetings/<int:round_id>/plan/removal")
def drop_plan(round_id: int) -> ResponseReturnValue:
    """Do nothing with the plan that was shown."""
    start_writing()
    try:
        meeting_plans.drop_plan(_shown_plan(round_id), viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _plan_page(round_id, refusal), 409
    db.session.commit()
    flash(gettext("The plan is gone. Nothing was booked."), "ok")
    return redirect(url_for(".show_plan", round_id=round_id), 303)


def _shown_plan(round_id: int) -> MeetingPlan:
    """Return the plan that the page showed (`plan`). Raises Refused when it is not the last one any more."""
    plan = meeting_plans.latest_plan(kept_round(round_id))
    if plan is None or plan.id != request.form.get("plan", type=int):
        raise Refused(gettext("There is another plan by now. Look at it again."))
    return plan
