"""The evening in one's own calendar, at a secret address."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.staff.blueprint import staff_viewer
from portal.domain import meeting_feeds
from portal.extensions import db, start_writing
from portal.words import gettext


@bp.get("/staff/meetings/feed")
def show_feed() -> str:
    """Show the secret address of the own calendar of talks."""
    return render_template("meetings/feed.html", address=meeting_feeds.address_of(staff_viewer()))


@bp.post("/staff/meetings/feed")
def change_feed() -> ResponseReturnValue:
    """Make a new secret address, or remove it (`state`: open, closed)."""
    state = request.form.get("state")
    if state not in ("open", "closed"):
        abort(400)
    person = staff_viewer()
    start_writing()
    if state == "open":
        meeting_feeds.make_feed(person, clock.now())
        flash(gettext("There is a new address. One from before no longer works."), "ok")
    else:
        meeting_feeds.remove_feed(person)
        flash(gettext("The address no longer works."), "ok")
    db.session.commit()
    return redirect(url_for(".show_feed"), 303)


@bp.get("/meetings/feed/<token>.ics")
def send_feed(token: str) -> Response:
    """Send the talks of whoever this secret address is of, to a calendar."""
    person = access.reader_of_feed(token) or abort(404)
    calendar = meeting_feeds.feed_of(person, clock.now())
    return Response(calendar, content_type="text/calendar; charset=utf-8")
