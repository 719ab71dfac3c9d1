"""The office looks at a round that runs: the whole evening, the families, and what is done by phone."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import LARGEST_NUMBER, one_or_404, viewer
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.loading import kept_round
from portal.domain import (
    bookings,
    meeting_families,
    meeting_overview,
    meeting_reminders,
    meeting_shortage,
    meeting_unsuited,
)
from portal.domain.bookings import Choice
from portal.domain.free_times import free_times
from portal.domain.meeting_families import SHOWN, Family, FamilyList
from portal.domain.meeting_talks_at_school import Talk
from portal.domain.shaping import check_running
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.paging import page_of
from portal.words import gettext, ngettext

FAMILIES_PER_PAGE = 60


@bp.get("/school/meetings/<int:round_id>/evening")
def show_overview(round_id: int) -> str:
    """Show all tables of a `day` side by side, or one of them (`table`)."""
    round_ = kept_round(round_id)
    day = request.args.get("day", type=date.fromisoformat)
    table = request.args.get("table", type=int)
    now = clock.now()
    found = meeting_overview.overview(viewer(), round_, day, table, clock.today(), now)
    runs = round_.published_at and not round_.withdrawn_at and found.to_come(clock.today())
    short = meeting_shortage.short_tables([round_id] if runs else [], now)
    return render_template(
        "meetings/overview.html", round=round_, overview=found, table_id=table, short=short.get(round_id, 0)
    )


@bp.get("/school/meetings/<int:round_id>/families")
def show_round_families(round_id: int) -> str:
    """Show the families to call, or those who have answered, or `all`; at one `table` or at all of them."""
    round_ = kept_round(round_id)
    which, table = request.args.get("show", ""), request.args.get("table", type=int)
    which = which if which in SHOWN else SHOWN[0]
    found = meeting_families.families_of(viewer(), round_)
    families = found.shown(which, table)
    at_once = max(1, len(families)) if "whole" in request.args else FAMILIES_PER_PAGE
    page, pages = page_of(request.args.get("page", 1, type=int), len(families), at_once)
    first = (page - 1) * at_once

    def address(**values: Any) -> str:
        return url_for(".show_round_families", round_id=round_.id, **{"show": which, "table": table} | values)

    return render_template(
        "meetings/families.html",
        round=round_,
        list=found,
        unsuited=meeting_unsuited.unsuited_at_school(viewer(), round_, clock.now()),
        to_remind=meeting_reminders.to_remind(viewer(), round_, clock.now()),
        families=families[first : first + at_once],
        count=len(families),
        which=which,
        table_id=table,
        page=page,
        page_count=pages,
        address=address,
        page_url=lambda number: address(page=number),
    )


@bp.post("/school/meetings/<int:round_id>/reminders")
def send_reminders(round_id: int) -> ResponseReturnValue:
    """Remind the families that have not answered, each at most once a day."""
    start_writing()
    count = meeting_reminders.remind(kept_round(round_id), viewer(), clock.now())
    db.session.commit()
    if count:
        words = ngettext("One reminder goes out now.", "%(num)s reminders go out now.", count)
        flash(words, "ok")
    else:
        flash(gettext("Nobody is reminded: who has not answered had a mail today already."), "info")
    return redirect(url_for(".show_round_families", round_id=round_id), 303)


@bp.get("/school/meetings/<int:round_id>/families/<int:invitee_id>")
def show_family(round_id: int, invitee_id: int) -> str:
    """Show the family of a talk: whom to call, when it comes, and what was done ('I did book')."""
    round_, found, family, _ = _family(round_id, invitee_id)
    return render_template(
        "meetings/family.html",
        round=round_,
        tables=found.tables,
        family=family,
        history=meeting_families.history_of(viewer(), round_, family),
    )


@bp.get("/school/meetings/<int:round_id>/families/<int:invitee_id>/booking")
def show_times_for_family(round_id: int, invitee_id: int) -> str:
    """Show the free times of a talk's table, to book one for a family on the phone or to move the talk."""
    return _times_page(round_id, invitee_id)


def _times_page(round_id: int, invitee_id: int, refusal: Refused | None = None) -> str:
    round_, found, family, talk = _family(round_id, invitee_id)
    now = clock.now()
    free = free_times(viewer(), _invitee(invitee_id), now)
    return render_template(
        "meetings/family_times.html",
        round=round_,
        table=found.tables[talk.host_id],
        family=family,
        talk=talk,
        times=[time for time in free.times if time.slot.starts_at > now],
        refusal=refusal,
    )


@bp.post("/school/meetings/<int:round_id>/families/<int:invitee_id>/booking")
def book_for_family(round_id: int, invitee_id: int) -> ResponseReturnValue:
    """Give a talk the time `slot` for a family on the phone; `was` is the booking that the page showed."""
    number = request.form.get("slot", default=0, type=int)
    if not 0 < number <= LARGEST_NUMBER:
        return _times_page(round_id, invitee_id, Refused(gettext("Choose a time."), "slot")), 422
    start_writing()
    check_running(kept_round(round_id))
    invitee = _invitee_of(round_id, invitee_id)
    slot = one_or_404(Slot, number, access.slots_kept_by(viewer()))
    choice = Choice(invitee, slot, instead_of=request.form.get("was", ""))
    try:
        meeting_families.book_by_phone(choice, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _times_page(round_id, invitee_id, refusal), 409
    db.session.commit()
    flash(gettext("The talk has its time. The family gets a mail."), "ok")
    return redirect(url_for(".show_family", round_id=round_id, invitee_id=invitee_id), 303)


@bp.post("/school/meetings/<int:round_id>/families/<int:invitee_id>/cancellation")
def cancel_by_phone(round_id: int, invitee_id: int) -> ResponseReturnValue:
    """Give up the time of a talk (`booking`) for a family that called; it can have another one."""
    start_writing()
    _invitee_of(round_id, invitee_id)
    number = request.form.get("booking", default=0, type=int)
    booking = one_or_404(Booking, number, access.bookings_of_school(viewer()))
    if booking.invitee_id != invitee_id:
        abort(404)
    bookings.cancel(booking, viewer(), clock.now(), shown=request.form.get("shown"))
    db.session.commit()
    flash(gettext("The talk is cancelled. The family can choose another time."), "ok")
    return redirect(url_for(".show_family", round_id=round_id, invitee_id=invitee_id), 303)


def _family(round_id: int, invitee_id: int) -> tuple[MeetingRound, FamilyList, Family, Talk]:
    round_ = kept_round(round_id)
    found = meeting_families.families_of(viewer(), round_)
    family = found.of_talk(invitee_id) or abort(404)
    talk = next(talk for talk in family.talks if talk.invitee_id == invitee_id)
    return round_, found, family, talk


def _invitee(invitee_id: int) -> Invitee:
    return one_or_404(Invitee, invitee_id, access.invitees_of_school(viewer()))


def _invitee_of(round_id: int, invitee_id: int) -> Invitee:
    invitee = _invitee(invitee_id)
    return invitee if invitee.round_id == kept_round(round_id).id else abort(404)
