"""Times for all children of a family at once: proposed, looked at, and booked all or not at all."""

from datetime import date, timedelta

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import all_or_404, viewer
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.booking import answer_done, refuse_in_round
from portal.blueprints.meetings.family_page import PARTS, tell
from portal.domain import meeting_choices, meeting_choosing
from portal.domain.bookings import Choice, NotFree
from portal.domain.meeting_choices import FamilyRound, Talk
from portal.domain.meeting_choosing import WAYS, Closed
from portal.domain.meeting_grid import Place, grids_of
from portal.domain.meeting_hindrances import gap_between
from portal.domain.meeting_proposal import Seats, Seeking, Start, propose
from portal.errors import Refused
from portal.extensions import db, read_afresh, start_writing
from portal.formatting import clock_time, local_date, short_date
from portal.models.meetings import Invitee, Slot
from portal.words import gettext, ngettext

MOST_TALKS = 12


class ProposalPage:
    """What is proposed for the talks without a time, in the part of the day that the family prefers."""

    def __init__(self, round_: FamilyRound, part: str) -> None:
        self.round = round_
        self.problem = ""
        self.way = _way_sent() or "place"
        grids = grids_of(viewer(), round_, round_.to_choose, clock.now()) if round_.to_choose else {}
        self.seeking = [self._seeking(talk, grids[talk.id]) for talk in round_.to_choose]
        offered = {start.part for talk in self.seeking for start in talk.starts}
        self.parts = [name for name in PARTS if name in offered]
        self.part = part if part in offered else ""
        booked = [talk.booked.span for talk in round_.booked if talk.booked]
        self.seats: Seats | None = propose(self.seeking, self._gap, booked, self.part)

    @staticmethod
    def _seeking(talk: Talk, places: list[Place]) -> Seeking:
        starts = (Start(one.id, one.starts_at, one.ends_at, one.part) for one in places if one.choosable)
        return Seeking(talk.id, talk.host_id, talk.building, tuple(starts))

    def _gap(self, one: Seeking, other: Seeking) -> timedelta:
        if one.table == other.table:
            return timedelta()
        return timedelta(minutes=gap_between(self.round.facts, one.building, other.building))

    @property
    def without_places(self) -> list[str]:
        """The children for whom no place is left."""
        left = {talk.talk_id for talk in self.seeking if not talk.starts}
        return [talk.called for talk in self.round.to_choose if talk.id in left]

    @property
    def plan(self) -> list[tuple[date, list[tuple[Talk, Start | None]]]]:
        """All talks day by day in order of time: the proposed ones with their place, the others without."""
        entries: list[tuple[Talk, Start | None]] = [(talk, None) for talk in self.round.booked]
        entries += [(talk, (self.seats or {}).get(talk.id)) for talk in self.round.to_choose]
        days: dict[date, list[tuple[Talk, Start | None]]] = {}
        timed = [(span.starts_at, talk, start) for talk, start in entries if (span := start or talk.booked)]
        for starts_at, talk, start in sorted(timed, key=lambda one: (one[0], one[1].id)):
            days.setdefault(clock.to_local(starts_at).date(), []).append((talk, start))
        return list(days.items())

    def render(self, status: int = 200) -> ResponseReturnValue:
        return render_template("meetings/proposal.html", page=self), status


def _page(round_id: int) -> ProposalPage | None:
    round_ = meeting_choices.family_round(viewer(), round_id) or abort(404)
    open_ = round_.may_choose(clock.now()) and round_.facts.kind != "wishes" and len(round_.to_choose) > 0
    return ProposalPage(round_, request.values.get("part", "")) if open_ else None


@bp.get("/meetings/<int:round_id>/proposal")
def show_proposal(round_id: int) -> ResponseReturnValue:
    """Show times for all children that have none yet, in the part of the day (`part`) that is preferred."""
    page = _page(round_id)
    if page:
        return page.render()
    round_ = meeting_choices.family_round(viewer(), round_id) or abort(404)
    if round_.facts.kind != "wishes" and not round_.to_choose:
        return redirect(url_for(".show_own_round", round_id=round_id), 303)
    return refuse_in_round(round_id, Closed())


@bp.post("/meetings/<int:round_id>/proposal")
def book_proposal(round_id: int) -> ResponseReturnValue:
    """Book what was proposed, all or nothing: each `seat` is a talk and a place, '12:345'."""
    seats = _seats_sent()
    start_writing()
    invitees = all_or_404(Invitee, seats, access.invitees_of(viewer())) or abort(404)
    if any(invitee.round_id != round_id for invitee in invitees):
        abort(404)
    try:
        meeting_choosing.wait_for_turn(invitees)
        now = clock.now()
        round_ = meeting_choosing.open_round(round_id, viewer(), now)
        way = _way_sent() if round_.way == "choice" else round_.way
        choices = [Choice(one, _place(one, seats[one.id]), way, instead_of="") for one in invitees]
        made = meeting_choosing.choose(choices, viewer(), round_, now)
    except Refused as refusal:
        return _refuse(round_id, refusal)
    number = len(made)
    db.session.commit()
    tell(
        ngettext(
            "The talk is booked. You get an e-mail about it.",
            "All %(num)s talks are booked. You get an e-mail about them.",
            number,
        )
    )
    return answer_done(round_id)


def _place(invitee: Invitee, slot_id: int) -> Slot:
    place = meeting_choosing.place_at_table(viewer(), invitee, slot_id)
    if place is None:
        raise Refused(gettext("This time is no longer there. Choose another one."), "slot")
    return place


def _refuse(round_id: int, refusal: Refused) -> ResponseReturnValue:
    """Show what is proposed now; of a place that cannot be had it is not said what hinders."""
    read_afresh()
    if not isinstance(refusal, Closed) and (page := _page(round_id)):
        page.problem = _problem(page.round, refusal)
        return page.render(409)
    return refuse_in_round(round_id, refusal)


def _problem(round_: FamilyRound, refusal: Refused) -> str:
    """Return why nothing was booked: for which child which time is lost, where that is known."""
    if refusal.field != "slot":
        return gettext("Nothing was booked. %(why)s", why=refusal.sentence)
    lost = round_.talk(refusal.invitee_id) if isinstance(refusal, NotFree) else None
    if not isinstance(refusal, NotFree) or lost is None:
        return gettext("One of these times is no longer free, so nothing was booked. Look at the new one.")
    return gettext(
        "For %(name)s, %(day)s at %(time)s is no longer free, so nothing was booked. Look at the new one.",
        name=lost.called,
        day=short_date(local_date(refusal.starts_at)),
        time=clock_time(refusal.starts_at),
    )


def _way_sent() -> str:
    """Return how the family wants to meet, where the round leaves that to it; '' when nothing was sent."""
    way = request.form.get("way", "")
    return way if way in WAYS else ""


def _seats_sent() -> dict[int, int]:
    """Return the place that was sent for each talk."""
    seats = {}
    for sent in request.form.getlist("seat")[:MOST_TALKS]:
        talk, _, slot = sent.partition(":")
        if not (talk.isdecimal() and slot.isdecimal() and max(len(talk), len(slot)) <= access.LONGEST_NUMBER):
            abort(404)
        seats[int(talk)] = int(slot)
    return seats
