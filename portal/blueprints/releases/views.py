"""What school told a guardian without authority, and the way to ask."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_and_whether, one_or_404, viewer
from portal.blueprints.letters.shown import as_parents_see, files_of
from portal.blueprints.releases.files import as_attachment
from portal.blueprints.releases.forms import QuestionForm
from portal.domain import release_lists, releases
from portal.domain.roster_guardians import full_name
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.arrangements import Release
from portal.models.roster import Pupil
from portal.words import gettext

bp = Blueprint("releases", __name__)


@bp.get("/pupils/<int:pupil_id>/information")
def show_information(pupil_id: int) -> ResponseReturnValue:
    """Show everything that the reader asked about a child, and what school said and released."""
    told, asks = access.pupils_told_about(viewer()), access.pupils_informed_of(viewer())
    pupil, may_ask = one_and_whether(Pupil, pupil_id, told, asks)
    return render_template(
        "releases/information.html",
        pupil=pupil,
        may_ask=may_ask,
        called=pupil.given_name or full_name(pupil),
        information=release_lists.information_of(viewer())[pupil.id],
    )


@bp.get("/pupils/<int:pupil_id>/information/requests/new")
def show_new_question(pupil_id: int) -> ResponseReturnValue:
    """Show the form for a question to school."""
    return _question_page(pupil_id, QuestionForm())


@bp.post("/pupils/<int:pupil_id>/information/requests/new")
def ask(pupil_id: int) -> ResponseReturnValue:
    """Ask school about the child."""
    form = QuestionForm()
    if not form.validate():
        return _question_page(pupil_id, form), 422
    start_writing()
    try:
        releases.ask(_child(pupil_id), form.question.data or "", viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _question_page(pupil_id, form), 422
    db.session.commit()
    flash(gettext("School has your question. You get a mail when there is an answer."), "ok")
    return redirect(url_for(".show_information", pupil_id=pupil_id), 303)


def _child(pupil_id: int) -> Pupil:
    return one_or_404(Pupil, pupil_id, access.pupils_informed_of(viewer()))


def _question_page(pupil_id: int, form: QuestionForm) -> str:
    pupil = _child(pupil_id)
    return render_template(
        "releases/question.html", form=form, pupil=pupil, called=pupil.given_name or full_name(pupil)
    )


@bp.get("/releases/<int:release_id>")
def show_release(release_id: int) -> ResponseReturnValue:
    """Show a document that school released to the reader."""
    released = one_or_404(Release, release_id, access.releases_visible_to(viewer()))
    pupil = one_or_404(Pupil, released.pupil_id, access.pupils_guarded_by(viewer()))
    called = pupil.given_name or full_name(pupil)
    letter = release_lists.letter_in(released)
    if letter is None:
        return render_template("releases/release.html", released=released, called=called)
    shown = as_parents_see(letter.text, files_of(letter.id))
    return render_template("releases/letter.html", released=released, called=called, letter=letter, **shown)


@bp.post("/releases/<int:release_id>/file")
def download_file(release_id: int) -> Response:
    """Give the reader the PDF of a released document, and note that it was taken."""
    start_writing()
    released = one_or_404(Release, release_id, access.releases_visible_to(viewer()))
    content, name = releases.take_file(released, viewer(), clock.now()), released.file_name
    db.session.commit()
    return as_attachment(content, name)
