"""A round by wishes: a family says which half hours suit, for all its children at once, and gets a plan."""

from datetime import date, datetime

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import all_or_404, one_or_404, viewer
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.booking import answer_done, refuse_in_round
from portal.blueprints.meetings.family_page import FamilyPage, tell
from portal.domain import meeting_choices, meeting_choosing, meeting_unsuited, meeting_wishes
from portal.domain.bookings import Stale
from portal.domain.meeting_choices import FamilyRound
from portal.domain.meeting_choosing import CAN, CANNOT, PREFERS, Closed
from portal.domain.slot_times import Span
from portal.errors import Refused
from portal.extensions import db, read_afresh, start_writing
from portal.models.meetings import Booking, Invitee
from portal.words import gettext

ANSWERS = {"0": CANNOT, "1": CAN, "2": PREFERS}


class WishPage:
    """The half hours of a round and what a family says of each; `problem`: why that cannot be kept.

    `new`: those that were not there yet when it answered.
    """

    def __init__(self, round_: FamilyRound, problem: str = "") -> None:
        self.round = round_
        self.problem = problem
        self.blocks = meeting_wishes.blocks_of(viewer(), round_)
        said = meeting_wishes.wishes_of(viewer(), round_)
        self.before = {block: said[block.starts_at] for block in self.blocks if block.starts_at in said}
        self.answered = bool(said)
        self.new = {block for block in self.blocks if said and block.starts_at not in said}
        # Like the planner: who has answered, does not come at a time that was added since.
        unsaid = CANNOT if said else CAN
        self.said = {block: self.before.get(block, unsaid) for block in self.blocks}
        if request.method == "POST":
            self.said |= self.sent()

    @property
    def days(self) -> list[tuple[date, list[Span]]]:
        """The half hours day by day."""
        days: dict[date, list[Span]] = {}
        for block in self.blocks:
            days.setdefault(clock.to_local(block.starts_at).date(), []).append(block)
        return list(days.items())

    @staticmethod
    def name_of(block: Span) -> str:
        """Return the name of the field of a half hour."""
        return f"wish-{block.starts_at:%Y%m%d%H%M}"

    def sent(self) -> dict[Span, int]:
        """Return what the form says; nothing of a half hour that was not there yet when it was shown."""
        given = {block: request.form.get(self.name_of(block), "") for block in self.blocks}
        return {block: ANSWERS[value] for block, value in given.items() if value in ANSWERS}

    def to_keep(self) -> dict[Span, int]:
        """Return what the family said of each half hour, now or before."""
        return self.before | self.sent()

    def render(self, status: int = 200) -> ResponseReturnValue:
        page = FamilyPage(self.round, clock.now())
        return render_template("meetings/wishes.html", wishes=self, page=page), status


@bp.post("/meetings/<int:round_id>/wishes")
def give_wishes(round_id: int) -> ResponseReturnValue:
    """Keep which half hours suit; they can be changed as long as the round is open."""
    start_writing()
    round_ = meeting_choices.family_round(viewer(), round_id) or abort(404)
    invitees = _invitees(round_)
    wishes = WishPage(round_).to_keep()
    try:
        meeting_choosing.wait_for_turn(invitees)
        now = clock.now()
        if meeting_choosing.open_round(round_id, viewer(), now).kind != "wishes":
            raise Closed()
        meeting_choosing.give_wishes(invitees, wishes, viewer(), now)
    except (Closed, Stale) as refusal:
        return refuse_in_round(round_id, refusal)
    except Refused as refusal:
        read_afresh()
        return WishPage(round_, refusal.sentence).render(422)
    kept = _kept_words(round_, now)
    db.session.commit()
    tell(kept)
    return redirect(url_for(".show_own_round", round_id=round_id), 303)


def _invitees(round_: FamilyRound) -> list[Invitee]:
    """Return the talks for which the family says what suits: all, but those that it needs not."""
    wanted = [talk.id for talk in round_.talks if not talk.declined] or [talk.id for talk in round_.talks]
    return all_or_404(Invitee, wanted, access.invitees_of(viewer()))


def _kept_words(round_: FamilyRound, now: datetime) -> str:
    """Return what becomes of what the family said: nothing is planned yet, all stays, or school looks on."""
    if not round_.booked:
        return gettext("School knows what suits you. You get the plan when it is ready.")
    if meeting_unsuited.unsuited_of(viewer(), round_.facts.id, now):
        return gettext(
            "School sees that a planned time does not suit you and looks for another. "
            "Until you hear of it, the talk stays at that time."
        )
    return gettext("School knows what suits you. The planned times stay.")


@bp.post("/meetings/bookings/<int:booking_id>/objection")
def object_to_time(booking_id: int) -> ResponseReturnValue:
    """Say that the planned time does not suit (`shown`: which); school then looks for another."""
    start_writing()
    booking = one_or_404(Booking, booking_id, access.bookings_of_children(viewer()))
    round_id = meeting_choosing.talk_of(booking).round_id
    round_ = meeting_choices.family_round(viewer(), round_id) or abort(404)
    invitees = _invitees(round_)
    try:
        meeting_choosing.wait_for_turn(invitees)
        now = clock.now()
        shown = request.form.get("shown")
        meeting_wishes.object_to_time(booking, round_, invitees, shown, viewer(), now)
    except Refused as refusal:
        return refuse_in_round(round_id, refusal)
    kept = _kept_words(round_, now)
    db.session.commit()
    tell(kept)
    return answer_done(round_id)
