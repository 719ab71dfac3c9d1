"""Answering the reply slip of a letter, as one of its readers."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.blueprints.letters.blueprint import bp
from portal.blueprints.letters.reading import letter_page, own_letter
from portal.blueprints.letters.reply_forms import ReplyForm
from portal.domain import letter_receipts
from portal.domain.letter_lists import children_in
from portal.domain.slip_answers import Full, Reply, give_answer, withdraw_answer
from portal.domain.slip_pages import SlipPage, slip_page
from portal.domain.slips import as_shown_to, slip_of
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import spoken_list
from portal.models.letters import Letter
from portal.words import gettext


@bp.post("/letters/<int:letter_id>/reply")
def send_reply(letter_id: int) -> ResponseReturnValue:
    """Keep what the reader answers about all children at once; `withdraw` takes one answer back."""
    start_writing()
    letter = own_letter(letter_id)
    form = ReplyForm(_page(letter), request.form)
    try:
        if request.form.get("withdraw"):
            said = _withdraw(letter, form.page, request.form["withdraw"])
        else:
            reply = form.read()
            if reply is None:
                db.session.rollback()
                return letter_page(own_letter(letter_id), form), 422
            give_answer(letter.id, viewer().id, reply, clock.now())
            letter_receipts.mark_read(letter, viewer(), clock.now())
            said = _sent(form.page, reply)
    except Refused as refusal:
        return _refused(letter_id, refusal)
    db.session.commit()
    flash(said, "ok")
    return redirect(url_for(".show_letter", letter_id=letter_id) + "#slip", 303)


def _refused(letter_id: int, refusal: Refused) -> ResponseReturnValue:
    """Show the slip as it is now, with what was typed and why it cannot be kept."""
    db.session.rollback()
    letter = own_letter(letter_id)
    form = ReplyForm(_page(letter), request.form)
    if isinstance(refusal, Full):
        form.refuse(refusal)
    if not form.errors:
        form.problems.append(refusal.sentence)
    return letter_page(letter, form), 422


def _page(letter: Letter) -> SlipPage:
    slip = slip_of(letter.id)
    if slip is None:
        abort(404)
    return slip_page(
        viewer(), letter, as_shown_to(viewer(), slip), children_in(viewer(), letter), clock.today()
    )


def _withdraw(letter: Letter, page: SlipPage, key: str) -> str:
    block: Any = next((one for one in page.blocks if one.key == key), None)
    if block is None:
        abort(404)
    withdraw_answer(letter.id, viewer().id, block.pupil_id, clock.now())
    return gettext("Your answer is withdrawn.")


def _sent(page: SlipPage, reply: Reply) -> str:
    rest = [
        block.name
        for block in page.blocks
        if block.pupil_id not in reply.blocks and not block.given and not block.is_answered_for
    ]
    if rest:
        return gettext("Your answer is sent. Not yet answered: %(names)s.", names=spoken_list(rest))
    return gettext("Your answer is sent.")
