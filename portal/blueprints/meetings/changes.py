"""Changing a round that parents see: first what becomes of each talk, then accepting it in one press."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.blueprints.meetings.loading import kept_round
from portal.domain import meeting_change_work, meeting_rounds
from portal.domain.meeting_change_work import Preview, SetupChanged
from portal.domain.meeting_setup import Setup
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.meetings import MeetingRound
from portal.words import gettext, ngettext

OWN = ("csrf_token", "do", "accepted", "revision")
"""What a form sends beside the set-up itself."""

ShowAgain = Callable[[Refused, int], ResponseReturnValue]


def keep_or_preview(round_id: int, setup: Setup, show_again: ShowAgain) -> ResponseReturnValue:
    """Keep a changed set-up, after a look at what becomes of the talks where parents see the round.

    The form sends the `revision` that its page showed, and `accepted`, the fingerprint of what was looked at.
    `show_again` shows the form with a sentence, everything typed still in place.
    """
    round_ = kept_round(round_id)
    accepted = request.form.get("accepted", "")
    try:
        meeting_change_work.check_revision(round_, request.form.get("revision", type=int))
        if round_.published_at and not accepted:
            preview = meeting_change_work.preview(round_, setup, viewer(), clock.now())
            if preview.touched or preview.kept:
                return _preview_page(preview)
            accepted = preview.fingerprint
        start_writing()
        round_ = kept_round(round_id)
        meeting_change_work.check_revision(round_, request.form.get("revision", type=int))
        if round_.published_at:
            done = meeting_change_work.accept(round_, setup, viewer(), clock.now(), accepted)
            db.session.commit()
            flash(_told(done), "ok")
        else:
            meeting_rounds.save_concept(round_, setup, viewer(), clock.now())
            db.session.commit()
    except meeting_change_work.OtherOutcome as other:
        db.session.rollback()
        return _preview_page(
            meeting_change_work.preview(kept_round(round_id), setup, viewer(), clock.now()), other
        )
    except Refused as refusal:
        db.session.rollback()
        return show_again(refusal, 409 if isinstance(refusal, SetupChanged) else 422)
    return saved(round_)


def saved(round_: MeetingRound) -> ResponseReturnValue:
    """Go on after a round was kept: to see it as a parent, or back to the form."""
    if request.form.get("do") == "look":
        return redirect(url_for("meetings.show_look", round_id=round_.id), 303)
    if not round_.published_at:
        flash(gettext("Saved as a concept. Parents see nothing yet."), "ok")
    back = request.form.get("do", "")
    if back.startswith("table:") and back[6:].isdecimal():
        return redirect(url_for("meetings.show_round_table", round_id=round_.id, host_id=int(back[6:])), 303)
    return redirect(url_for("meetings.show_round", round_id=round_.id), 303)


def _preview_page(preview: Preview, other: Refused | None = None) -> ResponseReturnValue:
    fields = [(name, value) for name, values in request.form.lists() if name not in OWN for value in values]
    page = render_template("meetings/change.html", preview=preview, fields=fields, other=other)
    return page, 409 if other else 200


def _told(done: Preview) -> str:
    moved = len(done.touched)
    if not moved:
        return gettext("The change is made. All talks keep their time.")
    return ngettext(
        "The change is made. %(num)s talk is affected, and its parents are told.",
        "The change is made. %(num)s talks are affected, and their parents are told.",
        moved,
    )
