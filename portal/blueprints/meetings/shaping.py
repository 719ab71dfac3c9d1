"""Blocking, opening and adding times, and giving one to a family."""

from collections.abc import Sequence
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import LARGEST_NUMBER, all_or_404, one_or_404
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.loading import asked_day, own_host, own_slot, own_table
from portal.blueprints.meetings.staff_forms import ExtraForm
from portal.domain import extra_times, meeting_schedule, meeting_talks_at_school, shaping
from portal.domain.bookings import Choice
from portal.domain.meeting_schedule import chosen_day
from portal.domain.meeting_tables import table_of
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import bare_time, clock_time, local_date, long_date, spoken_list
from portal.models.meetings import Invitee, Slot
from portal.words import gettext, ngettext


@bp.post("/staff/meetings/slots/<int:slot_id>/state")
def change_slot(slot_id: int) -> ResponseReturnValue:
    """Open or block one place (`state`), let every family choose one that was kept ('loose'), or take an
    extra one away ('gone').
    """
    state = request.form.get("state", "")
    if state not in (*shaping.STATES, "loose", "gone"):
        abort(400)
    start_writing()
    person, slot, table = own_slot(slot_id)
    now, day = clock.now(), local_date(slot.starts_at)
    shaping.check_may_shape(table, person, now)
    if state == "loose":
        shaping.let_go(slot, person, now)
    elif state == "gone":
        _tell_what_stays([] if extra_times.remove_extra(slot, person, now) else [slot])
    else:
        _tell_what_stays(shaping.set_state([slot], state, person, now))
    db.session.commit()
    return redirect(url_for(".show_table", host_id=table.host.id, day=day), 303)


def _tell_what_stays(slots: Sequence[Slot]) -> None:
    """Say kindly that somebody was just before the teacher."""
    if slots:
        times = spoken_list(bare_time(slot.starts_at) for slot in slots)
        flash(
            ngettext(
                "A parent has just taken %(times)s. That time stays; move the talk first.",
                "Parents have just taken %(times)s. Those times stay; move the talks first.",
                len(slots),
                times=times,
            ),
            "warn",
        )


@bp.get("/staff/meetings/tables/<int:host_id>/times")
def show_times(host_id: int) -> str:
    """Show the places of a day with a box each, to block them, make a break of them or open them."""
    return _times(host_id)


def _times(host_id: int, wrong: bool = False) -> str:
    person, host = own_host(host_id)
    found = meeting_schedule.schedule(person, host, clock.now())
    days = found.days
    day = chosen_day([one.day for one in days], asked_day(), clock.today())
    return render_template(
        "meetings/times.html", table=table_of(host), days=days, day=day, rows=found.of_day(day), wrong=wrong
    )


@bp.post("/staff/meetings/tables/<int:host_id>/times")
def change_times(host_id: int) -> ResponseReturnValue:
    """Change the chosen places (`slot`) into `state`."""
    state, numbers = request.form.get("state", ""), request.form.getlist("slot", type=int)
    if state not in shaping.STATES or not numbers:
        return _times(host_id, wrong=True), 422
    start_writing()
    person, table = own_table(host_id)
    now = clock.now()
    shaping.check_may_shape(table, person, now)
    slots = all_or_404(Slot, numbers, access.slots_kept_by(person))
    if any(slot.host_id != host_id for slot in slots):
        abort(404)
    day = local_date(slots[0].starts_at)
    stay = shaping.set_state(slots, state, person, now)
    changed = len(slots) - len(stay)
    db.session.commit()
    _tell_what_stays(stay)
    if changed:
        flash(_changed_words(state, changed), "ok")
    return redirect(url_for(".show_table", host_id=host_id, day=day), 303)


def _changed_words(state: str, number: int) -> str:
    if state == "open":
        return ngettext("%(num)s time is open.", "%(num)s times are open.", number)
    if state == "break":
        return ngettext("%(num)s time is a break.", "%(num)s times are breaks.", number)
    return ngettext("%(num)s time is blocked.", "%(num)s times are blocked.", number)


@bp.get("/staff/meetings/tables/<int:host_id>/extra")
def show_extra(host_id: int) -> str:
    """Ask when extra times begin and how many there are."""
    _, table = own_table(host_id)
    form = ExtraForm(formdata=None, data={"count": 1, "day": asked_day()})
    return render_template("meetings/extra.html", table=table, form=form)


@bp.post("/staff/meetings/tables/<int:host_id>/extra")
def open_extra(host_id: int) -> ResponseReturnValue:
    """Open extra times at a table."""
    form = ExtraForm()
    day, starts = form.day.data, form.starts.data
    if not form.validate() or day is None or starts is None:
        return render_template("meetings/extra.html", table=own_table(host_id)[1], form=form), 422
    start_writing()
    person, host = own_host(host_id)
    table = table_of(host)
    try:
        shaping.check_may_shape(table, person, clock.now())
        number = extra_times.open_extra(host, table, day, starts, form.count.data or 1, person, clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return render_template("meetings/extra.html", table=own_table(host_id)[1], form=form), 422
    db.session.commit()
    flash(
        ngettext(
            "There is %(num)s extra time on %(day)s from %(time)s.",
            "There are %(num)s extra times on %(day)s from %(time)s.",
            number,
            day=long_date(day),
            time=clock_time(starts),
        ),
        "ok",
    )
    return redirect(url_for(".show_table", host_id=host_id, day=day), 303)


@bp.get("/staff/meetings/slots/<int:slot_id>/booking")
def show_plan_in(slot_id: int) -> str:
    """Ask which family gets a place."""
    return _plan_in(slot_id)


def _plan_in(slot_id: int, refusal: Refused | None = None) -> str:
    person, slot, table = own_slot(slot_id)
    talks = meeting_talks_at_school.talks_of(person, [table.host.id])
    return render_template(
        "meetings/plan_in.html",
        slot=slot,
        table=table,
        open_talks=[talk for talk in talks if not talk.booking_id],
        other_talks=[talk for talk in talks if talk.booking_id],
        chosen=request.form.get("talk", type=int),
        how=request.form.get("how", shaping.BOOK),
        refusal=refusal,
    )


@bp.post("/staff/meetings/slots/<int:slot_id>/booking")
def plan_in(slot_id: int) -> ResponseReturnValue:
    """Give a place to a family (`talk`): `how` is one of shaping.WAYS_TO_PLAN.

    `was-12` is the time of talk 12 that the page showed.
    """
    number, how = request.form.get("talk", default=0, type=int), request.form.get("how", shaping.BOOK)
    if how not in shaping.WAYS_TO_PLAN:
        abort(400)
    if not 0 < number <= LARGEST_NUMBER:
        return _plan_in(slot_id, Refused(gettext("Choose a family."), "talk")), 422
    start_writing()
    person, slot, table = own_slot(slot_id)
    invitee = one_or_404(Invitee, number, access.invitees_of_school(person))
    try:
        shaping.check_may_shape(table, person, clock.now())
        choice = Choice(invitee, slot, instead_of=request.form.get(f"was-{number}"))
        shaping.plan_talk(choice, how, person, clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _plan_in(slot_id, refusal), 409
    starts_at = slot.starts_at
    db.session.commit()
    flash(planned_words(how, starts_at), "ok")
    return redirect(url_for(".show_table", host_id=table.host.id, day=local_date(starts_at)), 303)


def planned_words(how: str, starts_at: datetime) -> str:
    """Return what became of a time that was given to a family."""
    slots = {"day": long_date(local_date(starts_at)), "time": clock_time(starts_at)}
    if how == shaping.KEEP:
        return gettext("%(time)s on %(day)s is kept for this family. They choose it themselves.", **slots)
    if how == shaping.FIX:
        return gettext("Booked for %(day)s at %(time)s. The family does not move it.", **slots)
    return gettext("Booked for %(day)s at %(time)s.", **slots)
