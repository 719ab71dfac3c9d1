"""The screen in the hall at its secret address, and where the office opens and closes it."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.loading import kept_round
from portal.blueprints.refreshing import is_same
from portal.domain import hall
from portal.domain.holding import version_of
from portal.extensions import db, start_writing
from portal.words import gettext


@bp.get("/hall/<token>")
def show_hall(token: str) -> ResponseReturnValue:
    """Show who comes next at each table, to whoever has the secret address.

    A refresh that says which `version` it has gets 204 when nothing changed.
    """
    round_ = hall.round_of(token) or abort(404)
    doors = hall.doors(round_, clock.now())
    version = version_of(*doors)
    if is_same(version):
        return Response(status=204)
    return render_template("meetings/hall.html", round=round_, doors=doors, version=version, token=token)


@bp.get("/school/meetings/<int:round_id>/hall")
def show_hall_link(round_id: int) -> str:
    """Show the office the secret address of the screen."""
    round_ = kept_round(round_id)
    return render_template("meetings/hall_link.html", round=round_, address=hall.address_of(round_))


@bp.post("/school/meetings/<int:round_id>/hall")
def change_hall_link(round_id: int) -> ResponseReturnValue:
    """Make a new secret address, or close the screen (`state`: open, closed)."""
    state = request.form.get("state")
    if state not in ("open", "closed"):
        abort(400)
    start_writing()
    person, round_ = viewer(), kept_round(round_id)
    if state == "open":
        hall.open_hall(round_, person)
        flash(gettext("The screen has a new address. One from before shows nothing any more."), "ok")
    else:
        hall.close_hall(round_, person)
        flash(gettext("The screen shows nothing any more."), "ok")
    db.session.commit()
    return redirect(url_for(".show_hall_link", round_id=round_id), 303)
