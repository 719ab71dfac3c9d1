"""A letter once it is on its way: taken back, approved, corrected, withdrawn."""

from dataclasses import asdict
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_to_change, viewer
from portal.blueprints.letters.blueprint import bp
from portal.blueprints.letters.letter_files import (
    ABOUT_FILES,
    act_on_file,
    put_with,
    take_files,
    with_marks,
)
from portal.blueprints.letters.loading import written_letter
from portal.blueprints.letters.look import look_page
from portal.blueprints.letters.shown import files_of
from portal.blueprints.letters.writing_forms import CorrectionForm
from portal.domain import letter_approval, letters
from portal.domain.holding import Overtaken
from portal.domain.letter_audience import parts_of
from portal.domain.slips import slip_of
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import clock_time, near_date
from portal.models.letters import Letter
from portal.names import clean
from portal.words import gettext


@bp.post("/staff/letters/<int:letter_id>/return")
def take_back_letter(letter_id: int) -> ResponseReturnValue:
    """Make a draft again of a letter that nobody has yet."""
    start_writing()
    letter = written_letter(letter_id)
    is_author = letter.author_id == viewer().id
    letters.take_back(letter, viewer(), clock.now())
    db.session.commit()
    flash(gettext("The letter is a draft again. Nobody received it."), "ok")
    if not is_author:
        return redirect(url_for(".show_staff_letters"), 303)
    return redirect(url_for(".show_school_letter", letter_id=letter_id), 303)


@bp.post("/staff/letters/<int:letter_id>/approval")
def approve_letter(letter_id: int) -> ResponseReturnValue:
    """Let a letter to the whole school go as the second pair of eyes, or give it back (`answer` 'no')."""
    start_writing()
    person = viewer()
    letter = one_to_change(
        Letter, letter_id, access.letters_of_school(person), access.letters_approved_by(person)
    )
    if request.form.get("answer") == "no":
        letters.send_back(letter, clean(request.form.get("why", "")), viewer(), clock.now())
        words = gettext("The letter is back with its author.")
    else:
        letter_approval.approve(letter, _revision(), _asked_at(), viewer(), clock.now())
        words = _approved(letter)
    db.session.commit()
    flash(words, "ok")
    return redirect(url_for(".show_staff_letters"), 303)


def _approved(letter: Letter) -> str:
    leaves = letter.send_at or clock.now()
    return gettext(
        "You approved the letter. It goes %(day)s at %(time)s.",
        day=near_date(clock.to_local(leaves).date()),
        time=clock_time(leaves),
    )


@bp.post("/staff/letters/<int:letter_id>/notice")
def approve_notice(letter_id: int) -> ResponseReturnValue:
    """Let the mail about a correction go as the second pair of eyes, or not (`answer` 'no')."""
    start_writing()
    person = viewer()
    letter = one_to_change(
        Letter, letter_id, access.letters_of_school(person), access.notices_approved_by(person)
    )
    if request.form.get("answer") == "no":
        letter_approval.refuse_notice(letter, person)
        words = gettext("The mail about the change does not go.")
    else:
        letter_approval.approve_notice(letter, _revision(), person, clock.now())
        words = gettext("You approved the mail about the change. It goes now.")
    db.session.commit()
    flash(words, "ok")
    return redirect(url_for(".show_school_letter", letter_id=letter_id), 303)


def _revision() -> int:
    return request.form.get("revision", 0, type=int)


def _asked_at() -> datetime | None:
    """Return when approval was asked for of the letter that was read; None for no moment."""
    asked_at = request.form.get("asked_at", type=datetime.fromisoformat)
    return asked_at if asked_at and asked_at.tzinfo else None


@bp.post("/staff/letters/<int:letter_id>/removal")
def discard_letter(letter_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    start_writing()
    letters.discard(written_letter(letter_id), viewer())
    db.session.commit()
    flash(gettext("The draft is thrown away."), "ok")
    return redirect(url_for(".show_staff_letters"), 303)


@bp.get("/staff/letters/<int:letter_id>/correction")
def show_letter_correction(letter_id: int) -> str:
    """Show the words of a letter that was sent, to change them."""
    letter = _sent(letter_id)
    form = CorrectionForm(formdata=None)
    form.show(letter)
    return _correction_page(form, letter)


@bp.post("/staff/letters/<int:letter_id>/correction")
def correct_letter(letter_id: int) -> ResponseReturnValue:
    """Change a letter that parents have; `notify` lets them know by mail."""
    letter = _sent(letter_id)
    form = CorrectionForm()
    if not form.validate():
        return _correction_page(form, letter), 422
    changed = _change_files(letter_id, form)
    if form.errors or changed or not form.ask_for_words():
        return _correction_page(form, _sent(letter_id)), 422 if form.errors else 200
    start_writing()
    letter = _sent(letter_id)
    words, gone = form.words_of(letter), form.removed_files
    try:
        letters.correct(letter, words, form.opened, viewer(), clock.now(), form.notify.data, gone)
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        letter = _sent(letter_id)
        if not isinstance(refusal, Overtaken):
            return _correction_page(form, letter), 422
        form.revision.data = str(letter.revision)
        return _correction_page(form, letter), 409
    waits = form.notify.data and letter.notice_asked_at
    db.session.commit()
    if waits:
        said = gettext(
            "The letter is changed. The mail goes when somebody else of the office has approved it."
        )
    else:
        said = gettext("The letter is changed. It says so to the parents.")
    flash(said, "ok")
    return redirect(url_for(".show_school_letter", letter_id=letter_id), 303)


@bp.post("/staff/letters/<int:letter_id>/correction/look")
def look_at_correction(letter_id: int) -> ResponseReturnValue:
    """Show a correction as it is typed the way a parent reads it, and the mail; nothing of it is kept."""
    kept, form = _sent(letter_id), CorrectionForm()
    words = asdict(form.words_of(kept))
    letter = Letter(id=kept.id, sent_at=kept.sent_at, corrected_at=clock.now(), **words)
    with_it = files_of(letter_id).without(form.removed_files)
    return look_page(letter, parts_of(letter_id), with_it, kept, mails=form.notify.data)


def _change_files(letter_id: int, form: CorrectionForm) -> bool:
    """Keep the files that came with a correction until it is saved; True when only they were to change."""
    sent, act = take_files(), request.form.get("do", "").startswith(ABOUT_FILES)
    if not (sent.taken or sent.problems or act):
        return False
    start_writing()
    letter = _sent(letter_id)
    form.text.data = with_marks(form.text.data or "", put_with(letter, sent))
    act_on_file(letter)
    db.session.commit()
    sent.say_at(form)
    return act


@bp.get("/staff/letters/<int:letter_id>/withdrawal")
def show_letter_withdrawal(letter_id: int) -> str:
    """Ask whether the letter is taken away from the parents."""
    letter = _sent(letter_id)
    return render_template("letters/withdrawal.html", letter=letter, slip=slip_of(letter.id))


@bp.post("/staff/letters/<int:letter_id>/withdrawal")
def withdraw_letter(letter_id: int) -> ResponseReturnValue:
    """Take a letter away from everybody who received it."""
    start_writing()
    letters.withdraw(_sent(letter_id), viewer(), clock.now())
    db.session.commit()
    flash(gettext("The letter is withdrawn. Parents do not find it any more."), "ok")
    return redirect(url_for(".show_school_letter", letter_id=letter_id), 303)


def _sent(letter_id: int) -> Letter:
    """Return a letter that parents have and that the viewer may change, else answer 404."""
    letter = written_letter(letter_id)
    if letter.sent_at is None or letter.withdrawn_at is not None:
        abort(404)
    return letter


def _correction_page(form: CorrectionForm, letter: Letter) -> str:
    return render_template(
        "letters/correction.html",
        form=form,
        letter=letter,
        with_it=files_of(letter.id),
        needs_approval=letter_approval.correction_needs_second_eyes(letter),
    )
