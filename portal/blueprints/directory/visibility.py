"""A guardian chooses which parents see what; each choice is kept at once."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import all_or_404, one_or_404, viewer
from portal.blueprints.directory.blueprint import bp
from portal.blueprints.directory.forms import LikeBeforeForm, VisibilityForm, number
from portal.domain import directory
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.roster import Group
from portal.words import gettext


def back_to_the_choices(saved: str, place: str) -> ResponseReturnValue:
    """Return to where the choice was made; the page says what was kept, at that place."""
    alone = request.form.get("alone") == "yes"
    page = "directory.show_visibility" if alone else "accounts.show_profile"
    return redirect(url_for(page, saved=saved, _anchor=place), 303)


@bp.get("/profile/visibility")
def show_visibility() -> ResponseReturnValue:
    """Show who sees what, on a page of its own."""
    return choices_page()


@bp.post("/profile/visibility")
def choose_visibility() -> ResponseReturnValue:
    """Show one field to the parents of a group, or of all groups of the own children, or to nobody."""
    form = VisibilityForm()
    if not form.validate():
        return choices_page(gettext("Choose who sees what.")), 422
    start_writing()
    groups = _chosen_groups(form)
    field = form.field.data or ""
    try:
        if form.audience.data == "group":
            directory.show_field(viewer(), field, groups, clock.now())
        else:
            directory.stop_showing_field(viewer(), field, groups)
    except Refused as refusal:
        db.session.rollback()
        return choices_page(refusal.sentence), 422
    db.session.commit()
    return back_to_the_choices(field, f"see-{field}")


def _chosen_groups(form: VisibilityForm) -> list[Group]:
    scope = access.groups_of_children(viewer())
    if form.group.data is not None:
        return [one_or_404(Group, number(form.group), scope)]
    return all_or_404(Group, [group.id for group in directory.visibility_of(viewer()).groups], scope)


@bp.post("/profile/visibility/copy")
def copy_visibility() -> ResponseReturnValue:
    """Show the parents of a child's new group the same as those of the group before."""
    form = LikeBeforeForm()
    if not form.validate():
        return choices_page(gettext("Choose who sees what.")), 422
    start_writing()
    group = one_or_404(Group, number(form.group), access.groups_of_children(viewer()))
    directory.show_the_same(viewer(), group, number(form.like), clock.now())
    db.session.commit()
    return back_to_the_choices("all", "visibility")


def choices_page(problem: str = "") -> str:
    """Return the page about who sees what, with what went wrong on top."""
    return render_template(
        "directory/visibility.html",
        visibility=directory.visibility_of(viewer()),
        problem=problem,
        alone=True,
    )
