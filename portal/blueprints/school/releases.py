"""Information for guardians without authority: their questions, and what school gives one by one (R21)."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.releases.files import as_attachment
from portal.blueprints.school.arrangement_forms import AnswerForm, ReasonForm, ReleaseForm
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.loading import arranged_pupil
from portal.blueprints.uploads import allow_files
from portal.domain import release_lists, releases
from portal.domain.roster_guardians import full_name
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.arrangements import InformationRequest, Release
from portal.models.letters import Letter
from portal.models.roster import Pupil
from portal.words import gettext

UPLOADING = ("school.create_release", "school.answer_question")
AROUND_THE_FILE = 1_000_000


allow_files(bp, releases.MAX_FILE, *UPLOADING, who=lambda person: person.is_office, around=AROUND_THE_FILE)


@bp.get("/information")
def show_questions() -> ResponseReturnValue:
    """Show what guardians without authority asked, the open questions first."""
    page = release_lists.question_page(viewer(), request.args.get("page", 1, type=int))
    return render_template(
        "school/questions.html", page=page, page_url=lambda number: url_for(".show_questions", page=number)
    )


@bp.get("/information/<int:request_id>")
def show_question(request_id: int) -> ResponseReturnValue:
    """Show one question, with the form to answer it as long as it is open."""
    return _question_page(request_id, AnswerForm(formdata=None))


@bp.post("/information/<int:request_id>")
def answer_question(request_id: int) -> ResponseReturnValue:
    """Answer a question with words, a PDF or both, or refuse it with the reason."""
    form = AnswerForm()
    form.offer()
    if not form.validate():
        return _question_page(request_id, form), 422
    start_writing()
    question = _question(request_id)
    now, words = clock.now(), form.answer.data or ""
    try:
        if form.decision.data == "refuse":
            releases.refuse(question, words, viewer(), now)
        else:
            document = form.document_about(gettext("Answer of school"))
            releases.answer(question, words, document, viewer(), now)
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _question_page(request_id, form), 422
    db.session.commit()
    flash(gettext("The answer is there to read, and a mail says that there is one."), "ok")
    return redirect(url_for(".show_questions"), 303)


def _question(request_id: int) -> InformationRequest:
    scope = access.information_requests_answered_by(viewer())
    return one_or_404(InformationRequest, request_id, scope)


def _question_page(request_id: int, form: AnswerForm) -> str:
    _question(request_id)
    form.offer()
    return render_template(
        "school/question.html",
        form=form,
        question=release_lists.question_of(viewer(), request_id),
        documents=release_lists.documents_for(viewer(), request_id),
    )


@bp.get("/pupils/<int:pupil_id>/releases/new")
def show_new_release(pupil_id: int) -> ResponseReturnValue:
    """Show the form for a document to a guardian without authority."""
    form = ReleaseForm(formdata=None)
    return _release_page(pupil_id, form, request.args.get("to", type=int))


@bp.post("/pupils/<int:pupil_id>/releases/new")
def create_release(pupil_id: int) -> ResponseReturnValue:
    """Give a guardian without authority a letter that was sent, or another document, about the child."""
    form = ReleaseForm()
    _offer(form, *_informed(pupil_id))
    if not form.validate():
        return _release_page(pupil_id, form), 422
    start_writing()
    pupil, informed = _informed(pupil_id)
    person = next((one for one in informed if one.id == form.to.data), None) or abort(404)
    name = full_name(person)
    if form.letter.data:
        letter = one_or_404(Letter, form.letter.data, access.letters_released_by(viewer(), pupil.id))
        releases.release_letter(pupil, person, letter, viewer(), clock.now())
    else:
        releases.release(pupil, person, form.document, viewer(), clock.now())
    db.session.commit()
    flash(gettext("Released to %(name)s, who is told by mail that there is something.", name=name), "ok")
    return redirect(url_for(".show_arrangement", pupil_id=pupil_id), 303)


def _informed(pupil_id: int) -> tuple[Pupil, list[User]]:
    pupil = arranged_pupil(pupil_id)
    return pupil, release_lists.informed_guardians(viewer(), pupil)


def _offer(form: ReleaseForm, pupil: Pupil, informed: list[User]) -> None:
    form.offer(informed, release_lists.letters_about(viewer(), pupil, clock.today()))


def _release_page(pupil_id: int, form: ReleaseForm, to: int | None = None) -> str:
    pupil, informed = _informed(pupil_id)
    _offer(form, pupil, informed)
    if not form.is_submitted():
        form.to.data = informed[0].id if len(informed) == 1 else to
    return render_template(
        "school/release.html", form=form, pupil=pupil, name=full_name(pupil), informed=informed
    )


@bp.get("/releases/<int:release_id>/withdrawal")
def show_withdrawal(release_id: int) -> ResponseReturnValue:
    """Show the form with which a document is taken back."""
    return _withdrawal_page(release_id, ReasonForm())


@bp.post("/releases/<int:release_id>/withdrawal")
def withdraw_release(release_id: int) -> ResponseReturnValue:
    """Take a document back, from this moment."""
    form = ReasonForm()
    if not form.validate():
        return _withdrawal_page(release_id, form), 422
    start_writing()
    released = _released(release_id)
    try:
        releases.withdraw(released, form.why, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _withdrawal_page(release_id, form), 422
    pupil_id = released.pupil_id
    db.session.commit()
    flash(gettext("Taken back, from this moment."), "ok")
    return redirect(url_for(".show_arrangement", pupil_id=pupil_id), 303)


def _released(release_id: int) -> Release:
    return one_or_404(Release, release_id, access.releases_kept_by(viewer()))


def _withdrawal_page(release_id: int, form: ReasonForm) -> str:
    released = _released(release_id)
    person = one_or_404(User, released.user_id, access.adults_known_to(viewer()))
    return render_template("school/withdrawal.html", form=form, released=released, name=full_name(person))


@bp.post("/releases/<int:release_id>/file")
def download_released_file(release_id: int) -> Response:
    """Give the office the PDF that was released, and note that it was taken."""
    start_writing()
    released = _released(release_id)
    content, name = releases.take_file(released, viewer(), clock.now()), released.file_name
    db.session.commit()
    return as_attachment(content, name)
