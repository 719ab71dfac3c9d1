"""The evening on the teacher's phone, and what who waits sees of it."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.loading import asked_day, own_host
from portal.blueprints.refreshing import is_same
from portal.blueprints.staff.blueprint import staff_viewer
from portal.domain import evening, talk_notes
from portal.domain.holding import version_of
from portal.domain.meeting_tables import MOST_LATE, table_of
from portal.extensions import db, start_writing
from portal.formatting import local_date
from portal.models.meeting_talks import TalkReport
from portal.models.meetings import Booking, MeetingRound
from portal.words import gettext


@bp.get("/staff/meetings/tables/<int:host_id>/evening")
def show_evening(host_id: int) -> ResponseReturnValue:
    """Show the talk that is on with one big button, who comes next and how late it is.

    A refresh that says which `version` it has gets 204 when nothing changed.
    """
    person, host = own_host(host_id)
    found = evening.evening(person, host, asked_day(), clock.now())
    if found is None:
        return redirect(url_for(".show_table", host_id=host_id), 303)
    if is_same(found.version):
        return Response(status=204)
    talk = found.current
    return render_template(
        "meetings/evening.html",
        table=table_of(host),
        evening=found,
        note=talk_notes.own_note(person, talk.invitee_id) if talk else None,
        joined_notes=talk_notes.notes_on_joined(person, talk.invitee_id) if talk else [],
        lateness=evening.LATENESS,
    )


@bp.post("/staff/meetings/tables/<int:host_id>/lateness")
def say_late(host_id: int) -> ResponseReturnValue:
    """Tell who waits how many minutes (`minutes`) the table is behind on a day."""
    minutes, day = request.form.get("minutes", type=int), asked_day()
    if minutes is None or not 0 <= minutes <= MOST_LATE or day is None:
        abort(400)
    start_writing()
    person, host = own_host(host_id)
    evening.say_late(host, day, minutes, person, clock.now())
    db.session.commit()
    return redirect(url_for(".show_evening", host_id=host_id, day=day), 303)


@bp.post("/staff/meetings/bookings/<int:booking_id>/outcome")
def note_outcome(booking_id: int) -> ResponseReturnValue:
    """Note how a talk went (`outcome`, '' takes it back); `back` is 'talk' for who comes from its page."""
    outcome = request.form.get("outcome")
    if outcome not in evening.OUTCOMES:
        abort(400)
    start_writing()
    person = staff_viewer()
    booking = one_or_404(Booking, booking_id, access.bookings_of_school(person))
    evening.note_outcome(booking, outcome, person, clock.now())
    invitee_id, host_id, day = booking.invitee_id, booking.host_id, local_date(booking.starts_at)
    db.session.commit()
    if request.form.get("back") == "talk":
        flash(gettext("Saved."), "ok")
        return redirect(url_for(".show_talk", invitee_id=invitee_id), 303)
    return redirect(url_for(".show_evening", host_id=host_id, day=day), 303)


@bp.get("/meetings/<int:round_id>/now")
def show_now(round_id: int) -> ResponseReturnValue:
    """Show a guardian the own talks of today and how late each table is.

    A refresh that says which `version` it has gets 204 when nothing changed.
    """
    person = viewer()
    round_ = one_or_404(MeetingRound, round_id, access.rounds_of_children(person))
    talks = evening.talks_today(person, round_.id, clock.now())
    version = version_of(*talks)
    if is_same(version):
        return Response(status=204)
    return render_template("meetings/now.html", round=round_, talks=talks, version=version)


@bp.get("/meetings/reports/<int:report_id>")
def show_report(report_id: int) -> ResponseReturnValue:
    """Show a guardian the report of a talk of their own."""
    person = viewer()
    one_or_404(TalkReport, report_id, access.talk_reports_read_by(person))
    (report,) = talk_notes.reports_for(person, report_id)
    return render_template("meetings/report.html", report=report)
