"""What the school says of itself, and its reasons for absence."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access
from portal.access import one_or_404, viewer
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.settings_forms import HUES, KindForm, NewKindForm, SettingsForm
from portal.domain import settings
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.school import AbsenceKind
from portal.words import gettext


@bp.get("/settings")
def show_settings() -> ResponseReturnValue:
    """Show the school's settings."""
    school = settings.school_row()
    form = SettingsForm(obj=school)
    return _settings_page(form)


@bp.post("/settings")
def update_settings() -> ResponseReturnValue:
    """Change the school's settings."""
    form = SettingsForm()
    form.offer_hues(settings.school_row().hue)
    if not form.validate():
        return _settings_page(form), 422
    start_writing()
    settings.change_settings(form.settings, viewer())
    db.session.commit()
    flash(gettext("The settings of the school are saved."), "ok")
    return redirect(url_for(".show_settings"), 303)


def _settings_page(form: SettingsForm) -> str:
    form.offer_hues(settings.school_row().hue)
    return render_template("school/settings.html", form=form)


@bp.get("/settings/hues.css")
def show_hues() -> ResponseReturnValue:
    """Return the rules that let the page take on a colour as soon as it is chosen, without script."""
    rules = (f":root:has([name=hue][value='{hue}']:checked){{--hue:{hue}}}" for hue in HUES)
    return Response(
        "\n".join(rules) + "\n", mimetype="text/css", headers={"Cache-Control": "private, max-age=3600"}
    )


@bp.get("/settings/kinds")
def show_kinds() -> ResponseReturnValue:
    """Show the reasons for absence in their order."""
    return render_template("school/kinds.html", kinds=settings.absence_kinds())


@bp.get("/settings/kinds/new")
def show_new_kind() -> ResponseReturnValue:
    """Show the form for another reason."""
    return render_template("school/kind.html", form=NewKindForm(), kind=None)


@bp.post("/settings/kinds/new")
def create_kind() -> ResponseReturnValue:
    """Add a reason for absence."""
    form = NewKindForm()
    if not form.validate():
        return render_template("school/kind.html", form=form, kind=None), 422
    start_writing()
    try:
        settings.add_kind(form.code.data or "", form.words, viewer())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return render_template("school/kind.html", form=form, kind=None), 422
    db.session.commit()
    flash(gettext("'%(name)s' is in the list of reasons now.", name=form.label_nl.data), "ok")
    return redirect(url_for(".show_kinds"), 303)


@bp.get("/settings/kinds/<int:kind_id>")
def show_kind(kind_id: int) -> ResponseReturnValue:
    """Show the form of a reason."""
    kind = _kind(kind_id)
    return render_template("school/kind.html", form=KindForm(obj=kind), kind=kind)


@bp.post("/settings/kinds/<int:kind_id>")
def update_kind(kind_id: int) -> ResponseReturnValue:
    """Change a reason for absence."""
    form = KindForm()
    if not form.validate():
        return render_template("school/kind.html", form=form, kind=_kind(kind_id)), 422
    start_writing()
    try:
        settings.edit_kind(_kind(kind_id), form.words, viewer())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return render_template("school/kind.html", form=form, kind=_kind(kind_id)), 422
    db.session.commit()
    flash(gettext("What you changed of '%(name)s' is saved.", name=form.label_nl.data), "ok")
    return redirect(url_for(".show_kinds"), 303)


@bp.post("/settings/kinds/<int:kind_id>/position")
def move_kind(kind_id: int) -> ResponseReturnValue:
    """Move a reason up or down in the list."""
    start_writing()
    settings.move_kind(_kind(kind_id), request.form.get("to") == "up", viewer())
    db.session.commit()
    return redirect(url_for(".show_kinds"), 303)


@bp.get("/settings/kinds/<int:kind_id>/removal")
def show_kind_removal(kind_id: int) -> ResponseReturnValue:
    """Ask whether a reason goes away."""
    return render_template("school/kind_removal.html", kind=_kind(kind_id))


@bp.post("/settings/kinds/<int:kind_id>/removal")
def remove_kind(kind_id: int) -> ResponseReturnValue:
    """Take away a reason that no report uses."""
    start_writing()
    kind = _kind(kind_id)
    name = kind.label_nl
    try:
        settings.remove_kind(kind, viewer())
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.sentence, "bad")
        return redirect(url_for(".show_kind", kind_id=kind_id), 303)
    db.session.commit()
    flash(gettext("'%(name)s' is no reason any more.", name=name), "ok")
    return redirect(url_for(".show_kinds"), 303)


def _kind(kind_id: int) -> AbsenceKind:
    return one_or_404(AbsenceKind, kind_id, access.of_office(viewer()))
