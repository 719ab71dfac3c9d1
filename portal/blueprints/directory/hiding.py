"""A guardian hides from the other guardian of a child, or no longer."""

from flask import abort
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.directory.blueprint import bp
from portal.blueprints.directory.forms import HidingForm, number
from portal.blueprints.directory.visibility import back_to_the_choices, choices_page
from portal.domain import hiding
from portal.extensions import db, start_writing
from portal.models.roster import Guardianship, Pupil
from portal.words import gettext


@bp.post("/profile/hiding")
def choose_hiding() -> ResponseReturnValue:
    """Hide all of one's data from the other guardian of a child, at once and everywhere (R22).

    Without a child it is for all own children for which school has not fixed it; with `left` it ends what
    goes on because of children whom one has no more.
    """
    form = HidingForm()
    if not form.validate():
        return choices_page(gettext("Choose for which child.")), 422
    start_writing()
    if form.left.data:
        hiding.stop_hiding_still(viewer(), clock.now())
        db.session.commit()
        return back_to_the_choices("hiding-left", "hiding")
    chosen = _chosen(form)
    free = [own for own in chosen if access.may_hide(own)]
    if not free:
        abort(403 if chosen else 404)
    hiding.choose_hiding(free, form.hidden.data == "yes", viewer(), clock.now())
    db.session.commit()
    place = "all" if form.pupil.data is None else number(form.pupil)
    return back_to_the_choices(f"hiding-{place}", f"hide-{place}")


def _chosen(form: HidingForm) -> list[Guardianship]:
    if form.pupil.data is None:
        return hiding.own_guardianships(viewer())
    pupil = one_or_404(Pupil, number(form.pupil), access.pupils_guarded_by(viewer()))
    return [hiding.own_guardianship(viewer(), pupil)]
