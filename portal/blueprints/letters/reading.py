"""The letters of a guardian: the list, one letter, and what its reader does with the own copy."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.letters.blueprint import bp
from portal.blueprints.letters.reply_forms import ReplyForm
from portal.blueprints.letters.shown import as_parents_see, files_of
from portal.domain import letter_lists, letter_receipts
from portal.domain.conversation_choices import choices_of
from portal.domain.conversations import may_answer
from portal.domain.letter_retention import is_forgotten
from portal.domain.letter_search import LONGEST, letters_with
from portal.domain.slip_answers import said
from portal.domain.slip_pages import slip_page
from portal.domain.slips import as_shown_to, slip_of
from portal.extensions import db, start_writing
from portal.models.letters import Letter
from portal.words import gettext


def own_letter(letter_id: int) -> Letter:
    """Return a letter that the viewer received, or answer 404."""
    return one_or_404(Letter, letter_id, access.letters_received_by(viewer(), clock.today()))


@bp.get("/letters")
def show_letters() -> str:
    """Show the reader's letters: all, those to read or to answer (`show`), or with words in them (`q`)."""
    reader, today = viewer(), clock.today()
    search = request.args.get("q", "").strip()[:LONGEST]
    show = request.args.get("show", "")
    show = show if show in (letter_lists.UNREAD, letter_lists.TO_ANSWER) else letter_lists.ALL
    lines = letter_lists.letters_of(reader, today, which=show)
    if search:
        found = letters_with(reader, search, today)
        lines = [line for line in lines if line.id in found]
    shelves = letter_lists.on_shelves(lines, today)
    return render_template(
        "letters/list.html", lines=lines, shelves=shelves, search=search, show=show, longest=LONGEST
    )


@bp.get("/letters/<int:letter_id>")
def show_letter(letter_id: int) -> str:
    """Show a letter to one of those who received it; that it was read is noted by another request."""
    return letter_page(own_letter(letter_id))


def letter_page(letter: Letter, form: ReplyForm | None = None) -> str:
    """Return the page of a letter for its reader; `form` is the reply slip as it was just sent."""
    children = letter_lists.children_in(viewer(), letter)
    slip = slip_of(letter.id)
    if slip and form is None:
        page = slip_page(viewer(), letter, as_shown_to(viewer(), slip), children, clock.today())
        form = ReplyForm(page, signed=page.signed)
    return render_template(
        "letters/letter.html",
        letter=letter,
        **as_parents_see(letter.text, files_of(letter.id)),
        receipt=letter_lists.receipt_of(viewer(), letter),
        may_answer=may_answer(letter, clock.now()) and bool(choices_of(viewer(), letter)),
        children=children,
        reply=form,
        is_forgotten=is_forgotten(letter, clock.now()),
        said=said,
    )


@bp.post("/letters/<int:letter_id>/receipt")
def change_receipt(letter_id: int) -> ResponseReturnValue:
    """Note that the reader has read a letter, or puts it among the unread again (`state`: read, unread)."""
    state = request.form.get("state")
    if state not in ("read", "unread"):
        abort(400)
    start_writing()
    letter = own_letter(letter_id)
    if state == "read":
        letter_receipts.mark_read(letter, viewer(), clock.now())
        db.session.commit()
        return redirect(url_for(".show_letter", letter_id=letter_id), 303)
    letter_receipts.mark_unread(letter, viewer(), clock.now())
    db.session.commit()
    flash(gettext("The letter is among the unread ones again."), "ok")
    return redirect(url_for(".show_letters"), 303)


@bp.post("/letters/<int:letter_id>/keeping")
def change_keeping(letter_id: int) -> ResponseReturnValue:
    """Keep a letter on top of the reader's list, or let it go (`state`: kept, let_go)."""
    state = request.form.get("state")
    if state not in ("kept", "let_go"):
        abort(400)
    start_writing()
    letter = own_letter(letter_id)
    if state == "kept":
        letter_receipts.keep(letter, viewer(), clock.now())
        flash(gettext("The letter stays on top of your list."), "ok")
    else:
        letter_receipts.let_go(letter, viewer())
        flash(gettext("The letter is back in its place in your list."), "ok")
    db.session.commit()
    return redirect(url_for(".show_letter", letter_id=letter_id), 303)
