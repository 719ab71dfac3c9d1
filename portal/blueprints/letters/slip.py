"""The reply slip of a letter as its author makes it."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.blueprints.letters.blueprint import bp
from portal.blueprints.letters.loading import written_letter
from portal.blueprints.letters.slip_forms import SlipForm
from portal.domain import slip_writing
from portal.domain.holding import Overtaken
from portal.domain.slips import KINDS, fingerprint, slip_of
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.letters import Letter
from portal.words import gettext


@bp.get("/staff/letters/<int:letter_id>/slip")
def show_slip(letter_id: int) -> str:
    """Show the form for the reply slip; once somebody answered, for its last day and its places."""
    letter = _letter(letter_id)
    slip = slip_of(letter.id)
    form = SlipForm.of(slip) if slip else SlipForm.empty(clock.today())
    form.opened = fingerprint(slip)
    return _slip_page(form, letter)


@bp.post("/staff/letters/<int:letter_id>/slip")
def save_slip(letter_id: int) -> ResponseReturnValue:
    """Keep the reply slip; `do` may only ask for another row of the form, or take the slip away."""
    letter, form, do = _letter(letter_id), SlipForm.typed(request.form), request.form.get("do", "")
    if form.change_rows(do):
        return _slip_page(form, letter)
    slip = None if do == "discard" else form.read(clock.today())
    if slip is None and do != "discard":
        return _slip_page(form, letter), 422
    start_writing()
    try:
        if slip is None:
            slip_writing.remove_slip(_letter(letter_id), form.opened, viewer())
        else:
            slip_writing.save_slip(_letter(letter_id), slip, form.opened, viewer())
    except Refused as refusal:
        db.session.rollback()
        letter = _letter(letter_id)
        if refusal.field:
            form.errors[refusal.field] = refusal.sentence
        else:
            form.problems.append(refusal.sentence)
        if isinstance(refusal, Overtaken):
            form.opened = fingerprint(slip_of(letter.id))
        return _slip_page(form, letter), 409 if isinstance(refusal, Overtaken) else 422
    db.session.commit()
    flash(gettext("The reply slip is saved.") if slip else gettext("The reply slip is taken away."), "ok")
    return redirect(url_for(".show_school_letter", letter_id=letter_id), 303)


def _letter(letter_id: int) -> Letter:
    """Return a letter that the viewer writes and that is no more than a draft, or that parents have."""
    letter = written_letter(letter_id)
    if letter.withdrawn_at or (letter.send_at and not letter.sent_at):
        abort(404)
    return letter


def _slip_page(form: SlipForm, letter: Letter) -> str:
    return render_template(
        "letters/slip.html",
        form=form,
        letter=letter,
        kinds=KINDS,
        is_kept=bool(form.opened),
        questions_stay=slip_writing.why_questions_stay(letter, viewer()) if form.opened else "",
    )
