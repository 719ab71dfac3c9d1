"""A family's rounds of talks: the list, one round, and what was done about the own talks."""

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.family_page import read_page
from portal.blueprints.meetings.wishes import WishPage
from portal.domain import meeting_choices, talk_notes
from portal.domain.meeting_history import history_of_family
from portal.domain.meeting_papers import calendar_file
from portal.domain.school import school_facts


@bp.get("/meetings")
def show_own_rounds() -> ResponseReturnValue:
    """Show a guardian the rounds that there are and were."""
    return render_template(
        "meetings/list.html",
        rounds=meeting_choices.all_rounds(viewer()),
        reports=talk_notes.reports_for(viewer()),
        moment=clock.now(),
    )


@bp.get("/meetings/<int:round_id>")
def show_own_round(round_id: int) -> ResponseReturnValue:
    """Show a family its talks in a round, or the places for one `talk` on a `day`.

    A refresh that says which `version` it has gets 204 when nothing changed.
    """
    page = read_page(round_id, request.args.get("talk", type=int), request.args.get("day", ""))
    if page is None:
        abort(404)
    if request.headers.get("HX-Request") and request.args.get("version") == page.version:
        return Response(status=204)
    if page.facts.kind == "wishes" and page.may_choose:
        return WishPage(page.round).render()
    return page.render()


@bp.get("/meetings/<int:round_id>/talks.ics")
def download_talks(round_id: int) -> ResponseReturnValue:
    """Send the family's talks as a file for its own calendar."""
    round_ = meeting_choices.family_round(viewer(), round_id) or abort(404)
    content = calendar_file(viewer(), round_, school_facts().called, clock.now())
    headers = {"Content-Disposition": "attachment; filename=gesprekken.ics"}
    return Response(content, content_type="text/calendar; charset=utf-8", headers=headers)


@bp.get("/meetings/<int:round_id>/history")
def show_own_history(round_id: int) -> ResponseReturnValue:
    """Show a guardian what was done about the own talks, by whom and when."""
    round_ = meeting_choices.family_round(viewer(), round_id) or abort(404)
    events = history_of_family(viewer(), round_id)
    return render_template("meetings/history.html", round=round_.facts, events=events)
