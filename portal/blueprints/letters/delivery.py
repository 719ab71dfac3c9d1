"""What became of a letter, for who has it at school: who read it, whom it did not reach, and what to do."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.letters.blueprint import bp
from portal.blueprints.letters.loading import followed_letter
from portal.blueprints.letters.mail_shown import mail_of, page_with_mail
from portal.blueprints.letters.shown import as_parents_see, files_of
from portal.domain import letter_choices
from portal.domain.bounce_reasons import why_bounced
from portal.domain.letter_audience import parts_of
from portal.domain.letter_delivery import (
    CLOSED,
    DELIVERED,
    FAILED,
    HELD,
    NO_MAIL,
    PORTAL,
    READ,
    UNTOLD,
    WAITING,
    delivery,
)
from portal.domain.letter_reminders import remind, send_again
from portal.domain.letter_retention import is_forgotten
from portal.domain.slip_results import results
from portal.domain.slips import slip_of
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.letters import Letter
from portal.words import gettext, ngettext


def delivery_page(letter: Letter, may_approve: bool) -> ResponseReturnValue:
    """Return the page of a letter that was sent, for who has it at school.

    `may_approve`: a mail about a correction of it waits for this reader, who sees it too.
    """
    parts = parts_of(letter.id)
    found = delivery(viewer(), letter, parts, clock.now())
    handles = access.may_handle_letter(viewer(), letter)
    may_change = handles and letter.withdrawn_at is None
    is_old = is_forgotten(letter, clock.now())
    slip = slip_of(letter.id) if handles and not is_old else None
    mail = mail_of(letter, parts, files_of(letter.id).shown) if may_approve else None
    page = render_template(
        "letters/delivery.html",
        letter=letter,
        mail=mail,
        mails=True,
        may_change=may_change,
        may_correct=may_change and access.may_correct_letter(viewer(), letter),
        may_approve=may_approve,
        is_forgotten=is_old,
        found=results(viewer(), letter, slip, clock.now()) if slip else None,
        parts=parts,
        named=letter_choices.names_of(viewer(), parts, sent=True),
        as_text=letter_choices.as_text,
        total=len(found.copies) - len(found.of(CLOSED)),
        seen=found.of(READ),
        lost=found.of(FAILED, NO_MAIL, UNTOLD),
        unread=found.of(DELIVERED, WAITING, HELD, PORTAL),
        waiting=len(found.of(WAITING)),
        held=len(found.of(HELD)),
        in_portal=len(found.of(PORTAL)),
        to_remind=found.to_remind,
        unreached=found.unreached,
        why=_why,
    )
    return page_with_mail(page, mail) if mail else page


def _why(state: str, failure: str) -> str:
    if state == UNTOLD:
        return gettext("No mail has gone about this letter yet.")
    return gettext("Has no e-mail address.") if state == NO_MAIL else why_bounced(failure)


@bp.get("/staff/letters/<int:letter_id>/paper")
def show_letter_on_paper(letter_id: int) -> str:
    """Show a letter as parents read it, to be printed for whom no mail reaches."""
    letter = one_or_404(Letter, letter_id, access.letters_of_school(viewer()))
    if letter.sent_at is None:
        abort(404)
    slip = slip_of(letter.id)
    return render_template(
        "letters/paper.html",
        letter=letter,
        slip=slip if slip and slip.is_open(clock.today()) else None,
        **as_parents_see(letter.text, files_of(letter.id)),
    )


@bp.post("/staff/letters/<int:letter_id>/reminders")
def create_reminders(letter_id: int) -> ResponseReturnValue:
    """Remind by mail who has not opened the letter; with `guardian`, send it once more to that one."""
    start_writing()
    person, guardian = viewer(), request.form.get("guardian", type=int)
    letter = followed_letter(letter_id)
    try:
        if guardian:
            count = send_again(person, letter, guardian, clock.now())
        else:
            count = remind(person, letter, clock.now())
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "warn")
        return redirect(url_for("letters.show_school_letter", letter_id=letter_id), 303)
    db.session.commit()
    flash(*_said(count, bool(guardian)))
    return redirect(url_for("letters.show_school_letter", letter_id=letter_id), 303)


def _said(count: int, again: bool) -> tuple[str, str]:
    if not count and again:
        return gettext("No mail was sent: something has changed since you opened the page."), "info"
    if not count:
        return gettext("Nobody needs a mail now. Each guardian gets one a day at most."), "info"
    if again:
        return gettext("The mail about this letter is sent again."), "ok"
    return ngettext("%(num)s guardian gets a reminder.", "%(num)s guardians get a reminder.", count), "ok"
