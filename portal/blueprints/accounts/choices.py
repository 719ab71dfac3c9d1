"""Choices that are kept on the device: the language, and the side of who is parent and teacher."""

from datetime import timedelta

from flask import current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.access import viewer, viewer_or_none
from portal.blueprints.accounts.blueprint import bp
from portal.blueprints.accounts.returning import own_path
from portal.config import LANGUAGES
from portal.domain import accounts
from portal.extensions import db, start_writing
from portal.navigation import PARENT, STAFF


@bp.post("/language")
def set_language() -> ResponseReturnValue:
    """Remember the reader's language on this device, and with the person who is signed in."""
    chosen = request.form.get("language", "")
    response = redirect(own_path(request.form.get("next")), 303)
    if chosen not in LANGUAGES:
        return response
    person = viewer_or_none()
    if person:
        start_writing()
        accounts.choose_language(person, chosen)
        db.session.commit()
    response.set_cookie(
        "language",
        chosen,
        max_age=timedelta(days=365),
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
    )
    return response


@bp.post("/side")
def switch_side() -> ResponseReturnValue:
    """Go to the other side of the portal: one's children, or one's class."""
    if viewer().is_staff and viewer().is_guardian:
        session["side"] = PARENT if request.form.get("side") == PARENT else STAFF
    return redirect(url_for("home.show_today"), 303)
