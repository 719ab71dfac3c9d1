"""What guardians say is not right: the office takes it over or says why not (R28)."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.pupils.words import request_fields
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.loading import arranged_pupil
from portal.blueprints.school.request_forms import RefusalForm
from portal.domain import change_requests
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.pupils import ChangeRequest
from portal.words import gettext


@bp.app_context_processor
def let_tabs_count() -> dict[str, object]:
    """Let the tabs of the roster say how many requests wait; asked only where the tabs stand."""
    return {"count_requests": lambda: change_requests.count_open(viewer())}


@bp.get("/requests")
def show_requests() -> ResponseReturnValue:
    """Show what waits for a decision, beside what the list has now, and what was decided last."""
    return render_template(
        "school/requests.html",
        waiting=change_requests.open_requests(viewer()),
        decided=change_requests.decided_requests(viewer()),
        fields=dict(request_fields()),
    )


@bp.post("/requests/<int:change_id>/acceptance")
def accept_request(change_id: int) -> ResponseReturnValue:
    """Take over what a guardian says."""
    start_writing()
    request = _request(change_id)
    pupil = arranged_pupil(request.pupil_id)
    change_requests.accept_request(request, pupil, viewer(), clock.now())
    db.session.commit()
    flash(gettext("It is taken over. The parent gets a mail that there is an answer."), "ok")
    return redirect(url_for(".show_requests"), 303)


@bp.get("/requests/<int:change_id>/refusal")
def show_refusal(change_id: int) -> ResponseReturnValue:
    """Ask why it stays as it is."""
    return _refusal_page(change_id, RefusalForm())


@bp.post("/requests/<int:change_id>/refusal")
def refuse_request(change_id: int) -> ResponseReturnValue:
    """Leave it as it is, for a reason that the guardian reads (`reason`)."""
    form = RefusalForm()
    if not form.validate():
        return _refusal_page(change_id, form), 422
    start_writing()
    try:
        change_requests.refuse_request(_request(change_id), form.reason.data or "", viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _refusal_page(change_id, form), 422
    db.session.commit()
    flash(gettext("It stays as it is. The parent gets a mail that there is an answer."), "ok")
    return redirect(url_for(".show_requests"), 303)


def _refusal_page(change_id: int, form: RefusalForm) -> str:
    return render_template(
        "school/request_refusal.html",
        form=form,
        request_shown=change_requests.request_as_shown(_request(change_id)),
        fields=dict(request_fields()),
    )


def _request(change_id: int) -> ChangeRequest:
    return one_or_404(ChangeRequest, change_id, access.requests_decided_by(viewer()))
