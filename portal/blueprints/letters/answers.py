"""What parents answered on the slip of a letter, for who handles it; and filling it in for who calls."""

from dataclasses import replace

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import Viewer, viewer
from portal.blueprints.downloads import plain_name
from portal.blueprints.letters.blueprint import bp
from portal.blueprints.letters.loading import followed_letter
from portal.blueprints.letters.reply_forms import ReplyForm
from portal.domain import slip_reminders, spreadsheets
from portal.domain.letter_lists import children_in
from portal.domain.letter_retention import is_forgotten
from portal.domain.slip_answers import Full, give_answer, said, withdraw_answer
from portal.domain.slip_pages import SlipPage, named_for_school, slip_page
from portal.domain.slip_results import Results, results
from portal.domain.slips import CHILD, Slip, as_shown_to, slip_of
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import full_date, group_label
from portal.logs import note_export
from portal.models.letters import Letter
from portal.words import gettext, ngettext


@bp.get("/staff/letters/<int:letter_id>/answers")
def show_answers(letter_id: int) -> str:
    """Show what came in: per question, and per child or family; and from whom there is nothing yet."""
    letter, slip = _answered(letter_id)
    return render_template(
        "letters/answers.html",
        letter=letter,
        slip=slip,
        found=results(viewer(), letter, slip, clock.now()),
        may_correct=access.may_correct_letter(viewer(), letter),
        is_open=slip.is_open(clock.today()) and not letter.withdrawn_at,
        to_remind=slip_reminders.to_remind(viewer(), letter, clock.now()),
    )


@bp.get("/staff/letters/<int:letter_id>/answers.xlsx")
def download_answers(letter_id: int) -> Response:
    """Return what came in as a workbook, in which every cell is text."""
    letter, slip = _answered(letter_id)
    book = spreadsheets.xlsx_of(_cells(letter, results(viewer(), letter, slip, clock.now())), letter.title)
    plain = plain_name(letter.title, str(letter_id), longest=60)
    disposition = f'attachment; filename="{plain}.xlsx"'
    note_export("answers to letter", letter.id, viewer().id)
    return Response(book, mimetype=spreadsheets.XLSX, headers={"Content-Disposition": disposition})


@bp.post("/staff/letters/<int:letter_id>/answers/reminders")
def remind_of_slip(letter_id: int) -> ResponseReturnValue:
    """Remind by mail those whose answer is still to come."""
    start_writing()
    letter, _slip = _asked(letter_id)
    try:
        count = slip_reminders.remind(viewer(), letter, clock.now())
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.sentence, "warn")
        return redirect(url_for(".show_answers", letter_id=letter_id), 303)
    db.session.commit()
    if count:
        words = ngettext("%(num)s guardian gets a reminder.", "%(num)s guardians get a reminder.", count)
        flash(words, "ok")
    else:
        flash(gettext("Nobody needs a mail now. Each guardian gets one a day at most."), "info")
    return redirect(url_for(".show_answers", letter_id=letter_id), 303)


@bp.get("/staff/letters/<int:letter_id>/answers/<int:user_id>")
def show_answer_of(letter_id: int, user_id: int) -> str:
    """Show the slip of one guardian, to be filled in by who has that guardian on the phone."""
    letter, slip = _asked(letter_id)
    page = _page_of(letter, slip, user_id)
    return _answer_page(letter, user_id, ReplyForm(page, signed=page.signed))


@bp.post("/staff/letters/<int:letter_id>/answers/<int:user_id>")
def answer_for_guardian(letter_id: int, user_id: int) -> ResponseReturnValue:
    """Keep what a guardian says on the phone; it says so, also to that guardian."""
    start_writing()
    letter, slip = _asked(letter_id)
    form = ReplyForm(_page_of(letter, slip, user_id), request.form)
    try:
        if key := request.form.get("withdraw"):
            block = next((one for one in form.page.blocks if one.key == key), None) or abort(404)
            withdraw_answer(letter.id, user_id, block.pupil_id, clock.now(), viewer())
            done = gettext("The answer is withdrawn.")
        else:
            reply = form.read()
            if reply is None:
                return _answer_page(letter, user_id, form), 422
            give_answer(letter.id, user_id, reply, clock.now(), viewer())
            done = gettext("The answer is kept. The parent sees that school filled it in.")
    except Full as refusal:
        db.session.rollback()
        letter, slip = _asked(letter_id)
        form = ReplyForm(_page_of(letter, slip, user_id), request.form)
        form.refuse(refusal)
        return _answer_page(letter, user_id, form), 422
    db.session.commit()
    flash(done, "ok")
    return redirect(url_for(".show_answers", letter_id=letter_id), 303)


def _asked(letter_id: int) -> tuple[Letter, Slip]:
    """Return a letter of which answers still come in, else answer as `_answered` does."""
    letter, slip = _answered(letter_id)
    return (letter, as_shown_to(viewer(), slip)) if letter.withdrawn_at is None else abort(404)


def _answered(letter_id: int) -> tuple[Letter, Slip]:
    """Return a letter that was sent with a slip and that the viewer handles, else answer 404 or 403.

    Also one that was withdrawn since: school still has its answers. 404 too when they are so old that they
    are not kept.
    """
    letter = followed_letter(letter_id)
    slip = slip_of(letter.id) if letter.sent_at else None
    if slip is None or is_forgotten(letter, clock.now()):
        abort(404)
    return letter, slip


def _page_of(letter: Letter, slip: Slip, user_id: int) -> SlipPage:
    """Return the slip of a guardian whom the viewer knows, about the children the viewer has at school."""
    if not access.possible_number(user_id):
        abort(404)
    guardian = Viewer(id=user_id)
    known = named_for_school(viewer(), letter.id, user_id)
    children = [child for child in children_in(guardian, letter) if child.id in known]
    if not children:
        abort(404)
    page = slip_page(guardian, letter, slip, children, slip.deadline)
    return replace(page, blocks=tuple(replace(block, is_answered_for=False) for block in page.blocks))


def _answer_page(letter: Letter, user_id: int, form: ReplyForm) -> str:
    return render_template(
        "letters/answer.html",
        letter=letter,
        reply=form,
        said=said,
        guardian=named_for_school(viewer(), letter.id, user_id).name,
        action=url_for(".answer_for_guardian", letter_id=letter.id, user_id=user_id),
    )


def _cells(letter: Letter, found: Results) -> list[list[str]]:
    questions = [question.words for question in found.slip.questions]
    heading = [
        gettext("Child") if found.slip.per == CHILD else gettext("Family"),
        gettext("Group"),
        gettext("Parent"),
        *questions,
        *([gettext("Signed")] if found.slip.is_signed else []),
        gettext("Answered"),
        gettext("Filled in by"),
    ]
    lines = [[letter.title], heading]
    for unit in found.units:
        groups = ", ".join(group_label(group) for group in unit.groups)
        for answer in unit.answers:
            day = clock.to_local(answer.at)
            lines.append(
                [
                    unit.name,
                    groups,
                    answer.guardian,
                    *answer.words,
                    *([answer.signed] if found.slip.is_signed else []),
                    f"{full_date(day.date())} {day:%H:%M}",
                    gettext("School") if answer.by_staff else gettext("Parent"),
                ]
            )
        for _number, name in unit.waits:
            lines.append([unit.name, groups, name, *[""] * (len(heading) - 5), gettext("No answer yet"), ""])
    for unit in found.unreached:
        groups = ", ".join(group_label(group) for group in unit.groups)
        lines.append([unit.name, groups, *[""] * (len(heading) - 4), gettext("Not reached"), ""])
    return lines
