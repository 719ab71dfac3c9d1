"""A family chooses a time, moves or cancels it, and says what about, how, or that no talk is needed."""

from collections.abc import Callable
from datetime import datetime

from flask import abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.family_page import FamilyPage, closed_words, day_of, fresh_page, tell
from portal.blueprints.meetings.forms import DetailsForm, number_sent
from portal.domain import meeting_choosing, meeting_joining
from portal.domain.bookings import Choice, NotFree, SlotTaken, TooTight
from portal.domain.holding import Overtaken, version_of
from portal.domain.meeting_choices import RoundFacts
from portal.domain.meeting_choosing import WAYS, Closed
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.meetings import Booking, Invitee, Slot
from portal.words import gettext


@bp.post("/meetings/slots/<int:slot_id>/booking")
def create_booking(slot_id: int) -> ResponseReturnValue:
    """Book or move the talk about a child (`pupil`) to a place.

    `instead_of` is the time that the page showed, '' for none; without that field the place takes the place
    of whatever is booked. 409 with the places free now when somebody else was first.
    """
    return _book(lambda: _by_place(slot_id))


def _by_place(slot_id: int) -> tuple[Invitee, Slot | None]:
    return meeting_choosing.talk_and_place(viewer(), slot_id, number_sent("pupil") or 0) or abort(404)


@bp.post("/meetings/<int:round_id>/booking")
def create_booking_in_round(round_id: int) -> ResponseReturnValue:
    """Book or move the talk `talk` to the place chosen in a list: `slot`, or `near` of a button beside it."""
    return _book(lambda: _by_form(round_id))


def _by_form(round_id: int) -> tuple[Invitee, Slot | None]:
    invitee = one_or_404(Invitee, number_sent("talk") or 0, access.invitees_of(viewer()))
    if invitee.round_id != round_id:
        abort(404)
    slot_id = number_sent("near") or number_sent("slot") or 0
    return invitee, meeting_choosing.place_at_table(viewer(), invitee, slot_id)


def _book(find: Callable[[], tuple[Invitee, Slot | None]]) -> ResponseReturnValue:
    """Book the talk and the place that `find` reads under the lock, or say why not on the family's page."""
    form = DetailsForm()
    form.validate()
    start_writing()
    invitee, slot = find()
    if slot is None:
        return _choose_again(invitee, form)
    starts_at, slot_id = slot.starts_at, slot.id
    if form.errors:
        return _choose_again(invitee, form, starts_at, slot_id)
    try:
        meeting_choosing.wait_for_turn([invitee])
        now = clock.now()
        round_ = meeting_choosing.open_round(invitee.round_id, viewer(), now)
        (booking,) = meeting_choosing.choose([_choice(invitee, slot, form, round_)], viewer(), round_, now)
    except Refused as refusal:
        return _refuse(invitee, starts_at, refusal, form)
    moved = booking.sequence > 0 and booking.changed_at == now
    round_id, name = round_.id, meeting_choosing.called(invitee)
    db.session.commit()
    if moved:
        tell(gettext("The talk about %(name)s has been moved. You get an e-mail about it.", name=name))
    else:
        tell(gettext("The talk about %(name)s is booked. You get an e-mail about it.", name=name))
    return answer_done(round_id)


def _choice(invitee: Invitee, slot: Slot, form: DetailsForm, round_: RoundFacts) -> Choice:
    way = round_.way
    if way == "choice":
        way = form.way.data if form.way.data in WAYS else ""
    subjects = form.subjects.data or "" if "subjects" in request.form else None
    shown = request.form.get("subjects_version")
    if subjects is not None and shown == version_of(subjects):
        subjects = None
    return Choice(invitee, slot, way, subjects, request.form.get("instead_of"), shown)


def _refuse(
    invitee: Invitee, starts_at: datetime, refusal: Refused, form: DetailsForm
) -> ResponseReturnValue:
    """Show what is free now, and that nothing has changed; what hinders unseen reads as 'booked'."""
    page = fresh_page(invitee.round_id, invitee.id, day_of(starts_at))
    if page is None:
        raise refusal
    _keep_typed(page, form, refusal)
    unseen = isinstance(refusal, TooTight) and page.round.talk(refusal.talk.invitee_id) is None
    if isinstance(refusal, SlotTaken) or unseen:
        page.lost = starts_at
        page.withdrawn = isinstance(refusal, NotFree) and refusal.withdrawn
    else:
        page.problem = closed_words(page) if isinstance(refusal, Closed) else refusal.sentence
    return page.render(409)


def _keep_typed(page: FamilyPage, form: DetailsForm, refusal: Refused | None = None) -> None:
    """Show again what was typed, over the same version until somebody else's words are shown beside it.

    A field that was left as it was shows what stands there now.
    """
    shown = request.form.get("subjects_version")
    if "subjects" not in request.form or shown == version_of(form.subjects.data or ""):
        form.subjects.data = page.subjects
    elif not isinstance(refusal, Overtaken):
        page.typed_over = shown
    page.form = form


def _choose_again(
    invitee: Invitee, form: DetailsForm, starts_at: datetime | None = None, slot_id: int = 0
) -> ResponseReturnValue:
    """Show the page as it was sent when something is still needed, or when the place is no longer there."""
    day = day_of(starts_at) if starts_at else request.form.get("day", "")
    gone = starts_at is None and (number_sent("near") or number_sent("slot"))
    page = fresh_page(invitee.round_id, invitee.id, day) or abort(404)
    _keep_typed(page, form)
    page.picked = slot_id
    if gone:
        page.problem = gettext("This time is no longer there. Choose another one.")
    elif starts_at is None:
        page.problem = gettext("Choose a time.")
    return page.render(409 if gone else 422)


def answer_done(round_id: int) -> ResponseReturnValue:
    """Show the talks that the family has now: as the part that changes, or by sending the browser there."""
    page = fresh_page(round_id) if request.headers.get("HX-Request") else None
    if page is None:
        return redirect(url_for(".show_own_round", round_id=round_id), 303)
    answer = make_response(page.render())
    answer.headers["HX-Replace-Url"] = url_for(".show_own_round", round_id=round_id)
    return answer


@bp.post("/meetings/bookings/<int:booking_id>/cancellation")
def cancel_booking(booking_id: int) -> ResponseReturnValue:
    """Give a talk's time up, until the deadline; the invitation is open again."""
    start_writing()
    booking = one_or_404(Booking, booking_id, access.bookings_of_children(viewer()))
    invitee = meeting_choosing.talk_of(booking)
    round_id, name = invitee.round_id, meeting_choosing.called(invitee)
    try:
        meeting_choosing.wait_for_turn([invitee])
        now = clock.now()
        meeting_choosing.open_round(round_id, viewer(), now)
        meeting_choosing.give_up(booking, request.form.get("shown"), viewer(), now)
    except Refused as refusal:
        return refuse_in_round(round_id, refusal)
    db.session.commit()
    tell(gettext("The talk about %(name)s is cancelled. The time is free for others.", name=name))
    return answer_done(round_id)


def refuse_in_round(
    round_id: int, refusal: Refused, typed: dict[int, str] | None = None
) -> ResponseReturnValue:
    """Say above the family's talks why something was not done; nothing of it stays but what was `typed`."""
    page = fresh_page(round_id)
    if page is None:
        raise refusal
    page.problem = closed_words(page) if isinstance(refusal, Closed) else refusal.sentence
    page.typed = typed or {}
    return page.render(409)


@bp.post("/meetings/bookings/<int:booking_id>/details")
def change_details(booking_id: int) -> ResponseReturnValue:
    """Keep what the family wants to discuss, and how it wants to meet (`way`) as long as it may choose."""
    form = DetailsForm()
    valid = form.validate()
    start_writing()
    booking = one_or_404(Booking, booking_id, access.bookings_of_children(viewer()))
    invitee = meeting_choosing.talk_of(booking)
    round_id = invitee.round_id
    try:
        if not valid:
            raise Refused(form.subjects.errors[0])
        meeting_choosing.wait_for_turn([invitee])
        now = clock.now()
        if "subjects" in request.form:
            shown = request.form.get("subjects_version")
            meeting_choosing.say_what_about(booking, form.subjects.data or "", shown, viewer(), now)
        if form.way.data in WAYS and form.way.data != booking.way:
            meeting_choosing.choose_way(
                booking, form.way.data, meeting_choosing.open_round(round_id, viewer(), now), viewer(), now
            )
    except Refused as refusal:
        return refuse_in_round(round_id, refusal, {booking_id: form.subjects.data or ""})
    db.session.commit()
    tell(gettext("Saved."))
    return answer_done(round_id)


@bp.post("/meetings/talks/<int:invitee_id>/need")
def answer_invitation(invitee_id: int) -> ResponseReturnValue:
    """Say that no talk is needed (`needed` is 'no'), or take that back ('yes')."""
    start_writing()
    invitee = one_or_404(Invitee, invitee_id, access.invitees_of(viewer()))
    round_id, name, needed = (
        invitee.round_id,
        meeting_choosing.called(invitee),
        request.form.get("needed") == "yes",
    )
    try:
        meeting_choosing.wait_for_turn([invitee])
        now = clock.now()
        meeting_choosing.open_round(round_id, viewer(), now)
        if needed:
            meeting_choosing.take_back_declining(invitee, viewer(), now)
        else:
            meeting_choosing.decline(invitee, viewer(), now)
    except Refused as refusal:
        return refuse_in_round(round_id, refusal)
    db.session.commit()
    if needed:
        return redirect(url_for(".show_own_round", round_id=round_id, talk=invitee_id), 303)
    tell(gettext("The teacher knows that no talk about %(name)s is needed.", name=name))
    return answer_done(round_id)


@bp.post("/meetings/talks/<int:invitee_id>/joining")
def join_talks(invitee_id: int) -> ResponseReturnValue:
    """Make one talk of this one and that about a brother or sister (`with`), or two again ('')."""
    start_writing()
    scope = access.invitees_of(viewer())
    invitee = one_or_404(Invitee, invitee_id, scope)
    other_id = number_sent("with")
    other = one_or_404(Invitee, other_id, scope) if other_id else None
    round_id, chosen = invitee.round_id, invitee_id
    try:
        meeting_choosing.wait_for_turn([invitee, other] if other else [invitee])
        now = clock.now()
        round_ = meeting_choosing.open_round(round_id, viewer(), now)
        if other:
            chosen = meeting_joining.join(invitee, other, round_, viewer(), now).id
        else:
            meeting_joining.part(invitee, viewer(), now)
    except Refused as refusal:
        return refuse_in_round(round_id, refusal)
    db.session.commit()
    return redirect(url_for(".show_own_round", round_id=round_id, talk=chosen), 303)
