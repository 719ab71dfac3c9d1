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
from portal.models.roster import Pupil
from portal.words import gettext


@bp.post("/profile/hiding")
def choose_hiding() -> ResponseReturnValue:
    """Hide all of one's data from the other guardian of a child, at once and everywhere (R22)."""
    form = HidingForm()
    if not form.validate():
        return choices_page(gettext("Choose for which child.")), 422
    start_writing()
    pupil = one_or_404(Pupil, number(form.pupil), access.pupils_guarded_by(viewer()))
    own = hiding.own_guardianship(viewer(), pupil)
    if not access.may_hide(own):
        abort(403)
    hiding.choose_hiding(own, form.hidden.data == "yes", viewer(), clock.now())
    db.session.commit()
    return back_to_the_choices(f"hiding-{pupil.id}", f"hide-{pupil.id}")
