"""What a guardian may add to be reached by: address, languages, a line of one's own; each on its own page."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access import viewer
from portal.blueprints.accounts.forms import typed
from portal.blueprints.directory.blueprint import bp
from portal.blueprints.directory.forms import AddressForm, LineForm, SpokenForm
from portal.domain import directory
from portal.extensions import db, start_writing
from portal.forms import Form
from portal.words import gettext


def _update(form: Form, detail: str, *fields: str) -> ResponseReturnValue:
    """Show the page of a detail, whose fields these are, or keep what was filled in."""
    if not form.validate_on_submit():
        seeing = directory.visibility_of(viewer()).seeing(detail)
        page = render_template("directory/details.html", form=form, name=detail, seeing=seeing)
        return page, 422 if form.is_submitted() else 200
    start_writing()
    values = {field: typed(form[field]) for field in fields}
    directory.change_details(viewer(), **values)
    db.session.commit()
    flash(gettext("Your details are kept.") if any(values.values()) else gettext("It is taken away."))
    return redirect(url_for("accounts.show_profile"), 303)


@bp.route("/profile/address", methods=["GET", "POST"])
def update_address() -> ResponseReturnValue:
    """Change one's own address."""
    return _update(AddressForm(obj=directory.own_contact(viewer())), "address", "street", "postcode", "place")


@bp.route("/profile/spoken", methods=["GET", "POST"])
def update_spoken() -> ResponseReturnValue:
    """Change the languages that one speaks."""
    return _update(SpokenForm(obj=directory.own_contact(viewer())), "spoken", "spoken")


@bp.route("/profile/line", methods=["GET", "POST"])
def update_line() -> ResponseReturnValue:
    """Change the line of one's own."""
    return _update(LineForm(obj=directory.own_contact(viewer())), "line", "line")
