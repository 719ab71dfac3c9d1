"""Writing a letter: the list of school's letters, and the page on which one is written and saves itself."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import viewer
from portal.blueprints.letters.blueprint import bp
from portal.blueprints.letters.letter_files import ABOUT_FILES, FilesSent, put_along, take_files
from portal.blueprints.letters.loading import written_letter
from portal.blueprints.letters.look import look_page
from portal.blueprints.letters.shown import files_of
from portal.blueprints.letters.writing_forms import LetterForm, parts_sent, texts_of
from portal.blueprints.staff.blueprint import staff_viewer
from portal.domain import letter_approval, letter_choices, letter_recipients, letters, staff_letters
from portal.domain.bounce_reasons import why_bounced
from portal.domain.conversation_lists import unread_at_school
from portal.domain.holding import Overtaken
from portal.domain.letter_audience import Part, parts_of, reach
from portal.domain.letter_text import first_words
from portal.domain.school import school_facts
from portal.domain.slips import slip_of
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.letters import Letter
from portal.words import gettext

FIRST_WORDS = 18


@bp.get("/staff/letters")
def show_staff_letters() -> str:
    """Show what is being written, what waits and what was sent."""
    person = staff_viewer()
    page = request.args.get("page", 1, type=int)
    mine = staff_letters.staff_letters(person, clock.now(), page)
    return render_template(
        "letters/staff_list.html", mine=mine, page_url=_page_url, waiting=unread_at_school(person)
    )


def _page_url(page: int) -> str:
    return url_for(".show_staff_letters", page=page)


@bp.get("/staff/letters/new")
def show_new_letter() -> str:
    """Show the page of a new letter; nothing is kept until something is saved."""
    person = staff_viewer()
    form = LetterForm(formdata=None)
    form.sender.data = letter_choices.usual_sender(person)
    form.propose(school_facts())
    return _editor(form, letter_choices.usual_parts(person))


@bp.post("/staff/letters/new")
def create_letter() -> ResponseReturnValue:
    """Keep a new letter as a draft; `letter` is the draft that it has become meanwhile."""
    staff_viewer()
    return _keep(LetterForm())


@bp.post("/staff/letters/<int:letter_id>")
def update_letter(letter_id: int) -> ResponseReturnValue:
    """Keep a draft as it is typed; `do` 'send' lets it go."""
    written_letter(letter_id)
    form = LetterForm()
    form.letter.data = str(letter_id)
    return _keep(form)


@bp.post("/staff/letters/look")
def look_at_letter() -> ResponseReturnValue:
    """Show the letter as it is typed the way a parent reads it, and the mail; nothing of it is kept."""
    staff_viewer()
    form = LetterForm()
    kept = written_letter(form.draft) if form.draft else None
    typed = form.words(viewer(), school_facts().urgent_by)
    letter = Letter(id=kept and kept.id, sent_at=_moment(form), **asdict(typed))
    parts, with_it = letter_choices.allowed(viewer(), parts_sent()), files_of(form.draft)
    return look_page(letter, parts, with_it, kept)


@bp.get("/staff/letters/people")
def find_people() -> str:
    """Show the pupils that were looked for, to choose them or one of their guardians."""
    staff_viewer()
    chosen, excluded = request.args.getlist("part"), request.args.getlist("without")
    parts = letter_choices.read_parts(chosen, excluded)
    return render_template(
        "letters/_found.html",
        found=letter_choices.find(viewer(), request.args.get("q", "")[:80]),
        searched=True,
        **chosen_parts(parts),
    )


@bp.get("/staff/letters/recipients")
def list_recipients() -> str:
    """Show to whom a letter for these parts would go, child by child, and whom no mail reaches."""
    staff_viewer()
    sent = letter_choices.read_parts(request.args.getlist("part"), request.args.getlist("without"))
    parts = letter_choices.allowed(viewer(), sent)
    page = "letters/_recipients.html" if _saves_itself() else "letters/recipients.html"
    return render_template(page, **_listed(parts), **chosen_parts(parts))


def _listed(parts: Sequence[Part]) -> dict[str, Any]:
    return {"listed": letter_recipients.list_recipients(viewer(), parts), "why": why_bounced}


def edit_page(letter: Letter) -> str:
    """Return the page of a draft, for its author."""
    form = LetterForm(formdata=None)
    form.show(letter)
    form.propose(school_facts(), letter.planned_at)
    parts = letter_choices.allowed(viewer(), parts_of(letter.id))
    try:
        letters.refuse_vain_exceptions(parts)
    except Refused as refusal:
        form.refuse(refusal)
    return _editor(form, parts, letter)


def _keep(form: LetterForm) -> ResponseReturnValue:
    parts, sent, sends = list[Part](), FilesSent(), request.form.get("do") == "send"
    try:
        parts = parts_sent(letter_choices.MOST_SHOWN)
        letter_choices.refuse_too_many(parts)
        if not form.validate():
            return _refused(form, parts, 422)
        send_at = form.send_at() if sends else None
        if not form.draft and _is_empty(form):
            return _saved(form, parts, None)
        sent = take_files()
        start_writing()
        letter = _save(form, parts)
        if not letter.send_at:
            put_along(letter, sent, form)
        if sends and not sent.problems and not letter.send_at:
            letters.set_out(letter, send_at, viewer(), clock.now())
        db.session.commit()
        form.letter.data = str(letter.id)
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        sent.ask_again(form)
        return _refused(form, parts, 409 if isinstance(refusal, Overtaken) else 422)
    return _refused(form, parts, 422) if sent.problems else _saved(form, parts, letter)


def _save(form: LetterForm, parts: Sequence[Part]) -> Letter:
    """Return the letter with what the form says; one that is on its way when the form was sent before."""
    now, is_begun = clock.now(), bool(form.draft)
    letter = written_letter(form.draft) if is_begun else letters.begin(viewer(), now, form.key.data or None)
    revision = form.opened if is_begun else min(letter.revision, 1)
    words = form.words(viewer(), school_facts().urgent_by)
    if not is_begun and letter.revision:
        form.letter.data = str(letter.id)
        if letters.is_kept(letter, words, parts):
            return letter
    letter_choices.check(viewer(), parts)
    letters.save(letter, words, parts, revision, now)
    return letter


def _is_empty(form: LetterForm) -> bool:
    """Whether a page that saves itself has nothing yet that is worth a draft."""
    wants_files = request.form.get("do") == "attach"
    return _saves_itself() and not (form.title.data or form.text.data or wants_files)


def _saves_itself() -> bool:
    return bool(request.headers.get("HX-Request"))


def _saved(form: LetterForm, parts: Sequence[Part], letter: Letter | None) -> ResponseReturnValue:
    """Answer a saving: the parts of the page that changed, or the page again."""
    if _saves_itself():
        answer = make_response(render_template("letters/_saved.html", **_facts(form, parts, letter)))
        if letter:
            answer.headers["HX-Replace-Url"] = url_for(".show_school_letter", letter_id=letter.id)
        return answer
    if letter is None:
        abort(400)
    if request.form.get("do") == "save":
        flash(gettext("The draft is saved."), "ok")
    if request.form.get("do") == "slip":
        return redirect(url_for(".show_slip", letter_id=letter.id), 303)
    return redirect(url_for(".show_school_letter", letter_id=letter.id, **_place_on_page()), 303)


def _place_on_page() -> dict[str, Any]:
    """Return what of the page is open after a button that looks something up, and where one then is."""
    do = request.form.get("do", "")
    if do == "find":
        return {"q": request.form.get("q", "")[:80]}
    if do == "list":
        return {"list": 1, "_anchor": "recipients"}
    return {"_anchor": "files-field"} if do.startswith(ABOUT_FILES) else {}


def _refused(form: LetterForm, parts: Sequence[Part], status: int) -> ResponseReturnValue:
    """Show what is wrong with everything typed still there; after an overtaking one may save all the same."""
    letter = written_letter(form.draft) if form.draft else None
    if status == 409 and letter:
        form.revision.data = str(letter.revision)
    if _saves_itself():
        return render_template("letters/_unsaved.html", form=form, overtaken=status == 409), status
    return _editor(form, letter_choices.allowed(viewer(), parts), letter, overtaken=status == 409), status


def _editor(
    form: LetterForm, parts: Sequence[Part], letter: Letter | None = None, overtaken: bool = False
) -> str:
    search = request.values.get("q", "")[:80] if request.method == "GET" else ""
    return render_template(
        "letters/editor.html",
        choices=letter_choices.choices(viewer()),
        found=letter_choices.find(viewer(), search),
        searched=bool(search.strip()),
        search=search,
        overtaken=overtaken,
        returned_by=staff_letters.returned_by([letter]).get(letter.id) if letter else None,
        **(_listed(parts) if "list" in request.args else {}),
        **_facts(form, parts, letter),
    )


def _facts(form: LetterForm, parts: Sequence[Part], letter: Letter | None) -> dict[str, Any]:
    """Return what the page says beside the fields: for whom, how many that are, and how a parent sees it.

    Of more than a letter may be for it counts nothing.
    """
    counted = parts if len(parts) <= letter_choices.MOST_PARTS else ()
    return {
        "form": form,
        "letter": letter,
        "with_it": files_of(letter.id if letter else 0),
        **chosen_parts(parts),
        "reach": reach(viewer(), counted) if counted else None,
        "slip": slip_of(letter.id) if letter else None,
        "beginning": first_words(form.text.data or "", FIRST_WORDS),
        "moment": _moment(form),
        "may_be_urgent": access.may_write_urgently(viewer(), school_facts().urgent_by),
        "needs_approval": letter_approval.needs_second_eyes(counted),
    }


def chosen_parts(parts: Sequence[Part]) -> dict[str, Any]:
    """Return what a template names the parts by, and how a form sends those meant and those left out."""
    return {
        "parts": parts,
        "named": letter_choices.names_of(viewer(), parts),
        "as_text": letter_choices.as_text,
        "chosen": texts_of(parts, excluded=False),
        "excluded": texts_of(parts, excluded=True),
    }


def _moment(form: LetterForm) -> Any:
    """Return the moment at which the letter goes as the form says it, else this one."""
    try:
        return form.send_at() or clock.now()
    except Refused:
        return clock.now()
