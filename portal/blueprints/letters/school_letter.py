"""One letter as school has it: being written, waiting to go, or sent."""

from flask import render_template
from flask.typing import ResponseReturnValue

from portal import access
from portal.access import one_and_whether, viewer
from portal.blueprints.letters.blueprint import bp
from portal.blueprints.letters.delivery import delivery_page
from portal.blueprints.letters.mail_shown import mail_of, page_with_mail
from portal.blueprints.letters.reply_forms import look_at_slip
from portal.blueprints.letters.shown import as_it_will_be, files_of
from portal.blueprints.letters.writing import chosen_parts, edit_page
from portal.domain.letter_audience import parts_of, reach
from portal.models.letters import Letter


@bp.get("/staff/letters/<int:letter_id>")
def show_school_letter(letter_id: int) -> ResponseReturnValue:
    """Show a letter to its author to be written or taken back, and once it was sent what became of it."""
    person = viewer()
    waits = access.letters_approved_by(person) | access.notices_approved_by(person)
    letter, may_approve = one_and_whether(Letter, letter_id, access.letters_of_school(person), waits)
    if letter.sent_at is None and letter.send_at is None and letter.author_id == person.id:
        return edit_page(letter)
    if letter.sent_at is not None:
        return delivery_page(letter, may_approve)
    return _letter_page(letter, may_approve)


def _letter_page(letter: Letter, may_approve: bool) -> ResponseReturnValue:
    parts, with_it, person = parts_of(letter.id), files_of(letter.id), viewer()
    mail = mail_of(letter, parts, with_it)
    page = render_template(
        "letters/waiting.html",
        letter=letter,
        may_approve=may_approve,
        may_take_back=access.may_handle_letter(person, letter),
        **chosen_parts(parts),
        reach=reach(person, parts),
        is_checked=not with_it.is_waiting,
        **as_it_will_be(letter.text, with_it),
        reply=look_at_slip(letter),
        mail=mail,
    )
    return page_with_mail(page, mail)
