"""One talk, as its teacher handles it: whether it is needed, its time, and what is done by phone."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import LARGEST_NUMBER, one_or_404
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.loading import lead_of, own_invitee, own_slot, talk_of
from portal.blueprints.meetings.shaping import planned_words
from portal.blueprints.meetings.staff_forms import NotesForm, TalkReportForm
from portal.blueprints.staff.blueprint import staff_viewer
from portal.domain import bookings, ended_talks, shaping, talk_notes
from portal.domain.bookings import Choice
from portal.domain.free_times import free_times
from portal.domain.holding import Overtaken
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.meetings import Booking
from portal.words import gettext


@bp.get("/staff/meetings/talks/<int:invitee_id>")
def show_talk(invitee_id: int) -> ResponseReturnValue:
    """Show a talk with all that can be done about it; of a child that is talked about with a brother or
    sister that is the talk about both. Of one that ended, what the viewer wrote about it.
    """
    written = ended_talks.written_by(staff_viewer(), invitee_id)
    if written:
        return render_template("meetings/ended_talk.html", written=written[0])
    lead = lead_of(invitee_id)
    return redirect(url_for(".show_talk", invitee_id=lead)) if lead else _talk_page(invitee_id)


def _talk_page(invitee_id: int, notes: NotesForm | None = None, changed: bool = False) -> str:
    """Return the page; `changed`: with the own notes as they are now beside what was typed."""
    person, invitee, table = own_invitee(invitee_id)
    talk = talk_of(person, invitee)
    note = talk_notes.own_note(person, invitee.id)
    data = {"before": note.before, "after": note.after} if note else {}
    return render_template(
        "meetings/talk.html",
        table=table,
        talk=talk,
        sits=person.id in table.teacher_ids,
        double=talk.minutes == table.minutes * 2,
        notes=notes or NotesForm(formdata=None, data=data),
        notes_version=talk_notes.version_of_note(note),
        note_now=note if changed else None,
        joined_notes=talk_notes.notes_on_joined(person, invitee.id),
        report=talk_notes.report_of(person, invitee),
    )


def _back(invitee_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show_talk", invitee_id=invitee_id), 303)


@bp.post("/staff/meetings/talks/<int:invitee_id>/wish")
def change_wish(invitee_id: int) -> ResponseReturnValue:
    """Note whether the teacher would like this talk (`wish`) and whether it gets double time (`double`).

    `shown_double` is what the page showed: with the same box the talk keeps the length that it has.
    """
    wish = request.form.get("wish", "")
    if wish not in shaping.WISHES:
        abort(400)
    start_writing()
    person, invitee, table = own_invitee(invitee_id)
    now = clock.now()
    shaping.check_may_shape(table, person, now)
    shaping.say_wish(invitee, wish, person, now)
    double = request.form.get("double", "")
    if double != request.form.get("shown_double"):
        shaping.set_double(invitee, double != "", table, person, now)
    db.session.commit()
    flash(gettext("Saved."), "ok")
    return _back(invitee_id)


@bp.get("/staff/meetings/talks/<int:invitee_id>/booking")
def show_times_of_talk(invitee_id: int) -> str:
    """Show the free times for a family, to book one or to move the talk."""
    return _choose(invitee_id)


def _choose(invitee_id: int, refusal: Refused | None = None) -> str:
    person, invitee, table = own_invitee(invitee_id)
    talk = talk_of(person, invitee)
    return render_template(
        "meetings/choose_time.html",
        table=table,
        talk=talk,
        free=free_times(person, invitee, clock.now()),
        how=request.form.get("how", shaping.FIX if talk.fixed else shaping.BOOK),
        refusal=refusal,
    )


@bp.post("/staff/meetings/talks/<int:invitee_id>/booking")
def plan_talk(invitee_id: int) -> ResponseReturnValue:
    """Give a family the time `slot`; `was` is the time that the page showed, '' for none."""
    number, how = request.form.get("slot", default=0, type=int), request.form.get("how", shaping.BOOK)
    if how not in shaping.WAYS_TO_PLAN:
        abort(400)
    if not 0 < number <= LARGEST_NUMBER:
        return _choose(invitee_id, Refused(gettext("Choose a time."), "slot")), 422
    start_writing()
    person, invitee, table = own_invitee(invitee_id)
    slot = own_slot(number)[1]
    try:
        shaping.check_may_shape(table, person, clock.now())
        choice = Choice(invitee, slot, instead_of=request.form.get("was"))
        shaping.plan_talk(choice, how, person, clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _choose(invitee_id, refusal), 409
    starts_at = slot.starts_at
    db.session.commit()
    flash(planned_words(how, starts_at), "ok")
    return _back(invitee_id)


@bp.post("/staff/meetings/bookings/<int:booking_id>/cancellation")
def cancel_for_family(booking_id: int) -> ResponseReturnValue:
    """Give up the time of a talk because the family called; they may choose again."""
    person = staff_viewer()
    start_writing()
    booking = one_or_404(Booking, booking_id, access.bookings_of_school(person))
    invitee_id = booking.invitee_id
    bookings.cancel(booking, person, clock.now(), shown=request.form.get("shown"))
    db.session.commit()
    flash(gettext("The talk is cancelled. The family can choose another time."), "ok")
    return _back(invitee_id)


@bp.post("/staff/meetings/talks/<int:invitee_id>/notes")
def write_notes(invitee_id: int) -> ResponseReturnValue:
    """Keep the own notes on a talk (`before`, `after`)."""
    form = NotesForm()
    if not form.validate():
        return _talk_page(invitee_id, form), 422
    start_writing()
    person, invitee, _ = own_invitee(invitee_id)
    before, after, version = form.before.data or "", form.after.data or "", request.form.get("version")
    try:
        talk_notes.write_note(invitee, before, after, version, person, clock.now())
    except Overtaken:
        db.session.rollback()
        form.before.errors = [
            gettext("You changed these notes in another window. Nothing of yours is saved yet.")
        ]
        return _talk_page(invitee_id, form, changed=True), 409
    db.session.commit()
    flash(gettext("Your notes are saved. Only you read them."), "ok")
    return _back(invitee_id)


@bp.get("/staff/meetings/talks/<int:invitee_id>/report")
def show_report_form(invitee_id: int) -> str:
    """Show the report of a talk in a form; a new one begins with the own notes after it."""
    person, invitee, _ = own_invitee(invitee_id)
    report = talk_notes.report_of(person, invitee)
    text = report.text if report else talk_notes.first_text(person, invitee)
    return _report_page(invitee_id, TalkReportForm(formdata=None, data={"text": text}))


def _report_page(invitee_id: int, form: TalkReportForm) -> str:
    person, invitee, table = own_invitee(invitee_id)
    return render_template(
        "meetings/report_form.html",
        table=table,
        talk=talk_of(person, invitee),
        report=talk_notes.report_of(person, invitee),
        form=form,
    )


@bp.post("/staff/meetings/talks/<int:invitee_id>/report")
def write_report(invitee_id: int) -> ResponseReturnValue:
    """Keep the report; `for` is 'parents' (they read it), 'me' (not yet) or 'hide' (no more)."""
    form, audience = TalkReportForm(), request.form.get("for", "me")
    if not form.validate():
        return _report_page(invitee_id, form), 422
    start_writing()
    person, invitee, _ = own_invitee(invitee_id)
    try:
        report = talk_notes.write_report(
            invitee, form.text.data or "", audience == "parents", person, clock.now()
        )
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _report_page(invitee_id, form), 422
    if audience == "hide":
        talk_notes.stop_sharing(report, person)
    shared = report.shared_at is not None
    db.session.commit()
    words = (
        gettext("Saved. The parents of this talk can read it.")
        if shared
        else gettext("Saved. Only you read it.")
    )
    flash(words, "ok")
    return _back(invitee_id)
