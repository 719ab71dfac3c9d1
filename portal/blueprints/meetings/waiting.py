"""Waiting for a time that is taken, and answering when it comes free."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import all_or_404, one_or_404, viewer
from portal.blueprints.meetings.blueprint import bp
from portal.domain import waiting
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import clock_time, local_date, long_date
from portal.models.meeting_talks import SlotOffer
from portal.models.meetings import Invitee, Slot
from portal.words import gettext, ngettext


@bp.get("/meetings/talks/<int:invitee_id>/waiting")
def show_waiting(invitee_id: int) -> str:
    """Show the times that are taken, with a box each to wait for it."""
    return _waiting_page(one_or_404(Invitee, invitee_id, access.invitees_of(viewer())))


@bp.post("/meetings/talks/<int:invitee_id>/waiting")
def change_waiting(invitee_id: int) -> ResponseReturnValue:
    """Wait for the ticked times (`slot`) and no others; one that is no longer there is left out."""
    person, now = viewer(), clock.now()
    start_writing()
    invitee = one_or_404(Invitee, invitee_id, access.invitees_of(person))
    ticked = all_or_404(Slot, request.form.getlist("slot", type=int), access.slots_at_tables_of(person))
    places = [place for place in ticked if place.state == "open"]
    try:
        waited = waiting.wait_for(invitee, places, person, now)
    except Refused as refusal:
        db.session.rollback()
        invitee = one_or_404(Invitee, invitee_id, access.invitees_of(person))
        return _waiting_page(invitee, refusal), 422
    gone = len(ticked) - len(places)
    db.session.commit()
    if gone:
        words = ngettext(
            "One of the times is no longer there. The others stay as you ticked them.",
            "%(num)s of the times are no longer there. The others stay as you ticked them.",
            gone,
        )
        flash(words, "warn")
    if places:
        flash(gettext("You are on the waiting list. You get a mail when a time comes free."), "ok")
    elif waited and not gone:
        flash(gettext("You wait for no time any more."), "ok")
    elif not gone:
        flash(gettext("You ticked no time, so you are not on the waiting list."), "warn")
    return redirect(url_for(".show_waiting", invitee_id=invitee_id), 303)


def _waiting_page(invitee: Invitee, refusal: Refused | None = None) -> str:
    now = clock.now()
    return render_template(
        "meetings/waiting.html",
        about=waiting.about(invitee, viewer(), now),
        days=waiting.taken_times(invitee, viewer(), now),
        refusal=refusal,
    )


@bp.get("/meetings/offers/<int:offer_id>")
def show_offer(offer_id: int) -> str:
    """Show the time that is held, to take it or to pass."""
    return _offer_page(one_or_404(SlotOffer, offer_id, access.offers_made_to(viewer())))


@bp.post("/meetings/offers/<int:offer_id>/acceptance")
def accept_offer(offer_id: int) -> ResponseReturnValue:
    """Take the time; an earlier one of this talk is given up."""
    person, now = viewer(), clock.now()
    start_writing()
    offer = one_or_404(SlotOffer, offer_id, access.offers_made_to(person))
    try:
        booking = waiting.accept(offer, person, now)
    except Refused as refusal:
        db.session.rollback()
        return _offer_page(one_or_404(SlotOffer, offer_id, access.offers_made_to(person)), refusal), 409
    day, time = long_date(local_date(booking.starts_at)), clock_time(booking.starts_at)
    db.session.commit()
    flash(gettext("The talk is on %(day)s at %(time)s.", day=day, time=time), "ok")
    return redirect(url_for(".show_offer", offer_id=offer_id), 303)


@bp.post("/meetings/offers/<int:offer_id>/refusal")
def refuse_offer(offer_id: int) -> ResponseReturnValue:
    """Pass; the time goes to the next one that waits."""
    start_writing()
    offer = one_or_404(SlotOffer, offer_id, access.offers_made_to(viewer()))
    try:
        waiting.refuse(offer, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _offer_page(one_or_404(SlotOffer, offer_id, access.offers_made_to(viewer())), refusal), 409
    db.session.commit()
    return redirect(url_for(".show_offer", offer_id=offer_id), 303)


def _offer_page(offer: SlotOffer, refusal: Refused | None = None) -> str:
    now = clock.now()
    return render_template(
        "meetings/offer.html",
        offer=offer,
        about=waiting.about(waiting.talk_of(offer), viewer(), now),
        open=offer.answered_at is None and min(offer.expires_at, offer.starts_at) > now,
        refusal=refusal,
    )
