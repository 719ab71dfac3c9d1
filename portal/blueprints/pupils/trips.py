"""The list that a teacher takes along: whom to call about whom, and what to know."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.pupils.blueprint import bp
from portal.blueprints.pupils.words import care_kinds
from portal.domain import care, trips
from portal.extensions import db, start_writing
from portal.models.roster import Group


@bp.get("/groups/<int:group_id>/trip")
def show_trip(group_id: int) -> ResponseReturnValue:
    """Show the list of a group, or of who goes along (`pupil`), with care information when it was opened."""
    group = one_or_404(Group, group_id, access.groups_of_school(viewer()))
    everybody = trips.pupils_of_group(viewer(), group)
    chosen = set(request.args.getlist("pupil", type=int))
    going = [pupil for pupil in everybody if pupil.id in chosen] or everybody
    wants_care = request.args.get("care") == "1"
    return render_template(
        "pupils/trip.html",
        group=group,
        everybody=everybody,
        going=going,
        trip=trips.trip(viewer(), going, wants_care, clock.now()),
        kinds=dict(care_kinds()),
        minutes=care.OPEN_FOR.seconds // 60,
    )


@bp.post("/groups/<int:group_id>/trip/readings")
def open_care_for_trip(group_id: int) -> ResponseReturnValue:
    """Open the care information of who goes along (`pupil`), as far as the reader may read it (R15)."""
    numbers = request.form.getlist("pupil", type=int)
    start_writing()
    group = one_or_404(Group, group_id, access.groups_of_school(viewer()))
    going = [pupil.id for pupil in trips.pupils_of_group(viewer(), group) if pupil.id in numbers]
    care.open_care(care.pupils_with_care(viewer(), going), viewer(), clock.now())
    db.session.commit()
    return redirect(url_for(".show_trip", group_id=group_id, pupil=going or None, care=1), 303)
