"""The families whom no mail reaches, and what the office does about each."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access import viewer
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.loading import managed_adult
from portal.domain import mail_trouble
from portal.domain.bounce_reasons import why_bounced
from portal.domain.roster_guardians import full_name
from portal.domain.unreachable import unreachable_families
from portal.extensions import db, start_writing
from portal.words import gettext


@bp.get("/unreachable")
def show_unreachable() -> str:
    """Show whom no mail reaches, first the children of whom it reaches nobody."""
    families = unreachable_families(viewer())
    return render_template(
        "school/unreachable.html",
        families=families,
        nobody=sum(family.nobody for family in families),
        why_bounced=why_bounced,
    )


@bp.post("/unreachable/<int:user_id>/trial")
def create_trial(user_id: int) -> ResponseReturnValue:
    """Let mail go to an address again that did not work: a mailbox that was full, a server that is mended."""
    start_writing()
    person = managed_adult(user_id)
    mail_trouble.try_again(person, viewer())
    name = full_name(person)
    db.session.commit()
    flash(gettext("The next mail to %(name)s goes to this address again.", name=name))
    return redirect(url_for(".show_unreachable"), 303)
