"""From concept to a round that parents see: looking first, publishing, copying, calling off."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.loading import kept_round
from portal.domain import meeting_capacity, meeting_copies, meeting_round_lists, meeting_rounds
from portal.domain.meeting_phases import chooses_from, phase_of
from portal.domain.meeting_setup import setup_by_host, setup_of
from portal.domain.meeting_wishes import half_hours
from portal.domain.slot_times import Span
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import group_label, spoken_list
from portal.models.meetings import MeetingRound
from portal.words import gettext, ngettext


@bp.get("/school/meetings/<int:round_id>/look")
def show_look(round_id: int) -> str:
    """Show a round as a parent would see it, before anybody does; `table` is the table to look at."""
    return _look_page(kept_round(round_id))


@bp.post("/school/meetings/<int:round_id>/publication")
def publish_round(round_id: int) -> ResponseReturnValue:
    """Let teachers and parents see a round, each from their own moment on."""
    start_writing()
    round_ = kept_round(round_id)
    try:
        meeting_rounds.publish(round_, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _look_page(kept_round(round_id), refusal), 422
    db.session.commit()
    flash(gettext("The round is published."), "ok")
    return redirect(url_for(".show_round", round_id=round_id), 303)


@bp.post("/school/meetings/<int:round_id>/copy")
def copy_round(round_id: int) -> ResponseReturnValue:
    """Make the next round like this one, as a concept with days at least three weeks ahead."""
    earlier = kept_round(round_id)
    groups = meeting_round_lists.group_choices(viewer())
    was = setup_of(earlier)
    setup = meeting_copies.next_setup(was, groups, clock.today())
    gone = meeting_copies.left_out(was, setup)
    start_writing()
    earlier = kept_round(round_id)
    try:
        round_ = meeting_rounds.create_round(setup, viewer(), clock.now(), copied_from=earlier)
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.sentence, "bad")
        return redirect(url_for(".show_rounds"), 303)
    db.session.commit()
    flash(gettext("This is the copy. Check the days, and give it a name."), "ok")
    if gone:
        names = spoken_list(group_label(name, inside=True) for name in gone)
        flash(gettext("Not in the copy, because nobody teaches there now: %(groups)s.", groups=names), "warn")
    return redirect(url_for(".show_round", round_id=round_.id), 303)


@bp.get("/school/meetings/<int:round_id>/withdrawal")
def ask_withdrawal(round_id: int) -> str:
    """Ask whether a round is called off, and say how many talks that cancels."""
    round_ = kept_round(round_id)
    booked = next(
        (line.booked for line in meeting_round_lists.round_lines(viewer()) if line.round_.id == round_.id), 0
    )
    return render_template("meetings/withdrawal.html", round=round_, booked=booked)


@bp.post("/school/meetings/<int:round_id>/withdrawal")
def withdraw_round(round_id: int) -> ResponseReturnValue:
    """Call a round off; the talks that were booked are cancelled and their parents are told."""
    start_writing()
    cancelled = meeting_rounds.withdraw(kept_round(round_id), viewer(), clock.now())
    db.session.commit()
    if cancelled:
        said = ngettext(
            "The round is withdrawn. %(num)s talk is cancelled.",
            "The round is withdrawn. %(num)s talks are cancelled.",
            cancelled,
        )
    else:
        said = gettext("The round is withdrawn.")
    flash(said, "ok")
    return redirect(url_for(".show_rounds"), 303)


def _look_page(round_: MeetingRound, refusal: Refused | None = None) -> str:
    setup, hosts = setup_by_host(round_)
    fits = meeting_capacity.fit_of(viewer(), setup, hosts)
    chosen = request.args.get("table", type=int) or next(iter(hosts), 0)
    if hosts and chosen not in hosts:
        abort(404)
    times = meeting_round_lists.times_at(chosen)
    return render_template(
        "meetings/look.html",
        round=round_,
        fits=fits,
        chosen=chosen,
        table=dict(zip(hosts, setup.tables, strict=True)).get(chosen),
        times=times,
        half_hours=half_hours(Span(slot.starts_at, slot.ends_at) for slot in times),
        phase=phase_of(round_, clock.now()),
        early=chooses_from(round_, True),
        refusal=refusal,
    )
