"""How the parents of the own groups reach a member of staff, as that person says it."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field, StringField

from portal.access import viewer
from portal.blueprints.accounts.blueprint import bp
from portal.domain import roster_staff
from portal.domain.contact import MAX_EMAIL, email_typed
from portal.domain.roster_staff import REACH_LENGTH
from portal.extensions import db, start_writing
from portal.forms import Form, refuse_by, text_field
from portal.words import gettext, lazy_gettext


class ReachForm(Form):
    """An address and a sentence for parents; either may be empty."""

    work_email: StringField = text_field(lazy_gettext("E-mail for parents"), MAX_EMAIL)
    reach: StringField = text_field(lazy_gettext("How and when parents reach you"), REACH_LENGTH)

    def validate_work_email(self, field: Field) -> None:
        """Refuse what cannot be an address."""
        refuse_by(email_typed, field)


@bp.route("/profile/reach", methods=["GET", "POST"])
def update_reach() -> ResponseReturnValue:
    """Change how parents reach oneself; for who works at school."""
    known = roster_staff.reach_of(viewer()) or abort(404)
    form = ReachForm(obj=known)
    if not form.validate_on_submit():
        page = render_template("accounts/reach.html", form=form)
        return page, 422 if form.is_submitted() else 200
    start_writing()
    roster_staff.change_own_reach(viewer(), email_typed(form.work_email.data or ""), form.reach.data or None)
    db.session.commit()
    flash(gettext("This is what the parents of your groups see now."))
    return redirect(url_for(".show_profile"), 303)
