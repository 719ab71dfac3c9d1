"""'Not right?': a guardian says what should be different, and follows what school decides (R28)."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.pupils.blueprint import bp
from portal.blueprints.pupils.forms import RequestForm, blank
from portal.blueprints.pupils.words import request_fields
from portal.domain import change_requests
from portal.domain.roster_guardians import full_name
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.pupils import ChangeRequest
from portal.models.roster import Pupil
from portal.words import gettext


@bp.get("/pupils/<int:pupil_id>/requests")
def show_requests(pupil_id: int) -> ResponseReturnValue:
    """Show a guardian what can be said to be not right, and what was said before."""
    return _page(pupil_id, blank(RequestForm))


@bp.post("/pupils/<int:pupil_id>/requests")
def create_request(pupil_id: int) -> ResponseReturnValue:
    """Say that something is not right (`field`) and what it should be (`wanted`, or `birth_date`)."""
    form = RequestForm()
    if not form.validate():
        return _page(pupil_id, form), 422
    start_writing()
    pupil = one_or_404(Pupil, pupil_id, access.pupils_in_authority_of(viewer()))
    try:
        change_requests.ask_change(pupil, form.field.data, form.said, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(pupil_id, form), 422
    db.session.commit()
    flash(gettext("School looks at it. You get a mail when there is an answer."), "ok")
    return redirect(url_for(".show_requests", pupil_id=pupil_id), 303)


def _page(pupil_id: int, form: RequestForm) -> str:
    pupil = one_or_404(Pupil, pupil_id, access.pupils_in_authority_of(viewer()))
    return render_template(
        "pupils/requests.html",
        form=form,
        pupil=pupil,
        name=full_name(pupil),
        fields=dict(request_fields()),
        requests=change_requests.own_requests(viewer(), pupil),
    )


@bp.post("/requests/<int:change_id>/withdrawal")
def withdraw_request(change_id: int) -> ResponseReturnValue:
    """Take back what school has not decided about yet."""
    start_writing()
    request = one_or_404(ChangeRequest, change_id, access.requests_made_by(viewer()))
    pupil_id = request.pupil_id
    change_requests.withdraw_request(request, viewer())
    db.session.commit()
    flash(gettext("Your request is taken back."), "ok")
    return redirect(url_for(".show_requests", pupil_id=pupil_id), 303)
