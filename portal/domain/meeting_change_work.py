"""Changing a round that parents see: what becomes of every talk, shown first and then done as shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from portal import clock
from portal.access import Viewer
from portal.domain import (
    audit,
    bookings,
    meeting_history,
    meeting_invitees,
    meeting_offers,
    meeting_rounds,
    meeting_tidings,
)
from portal.domain.holding import hold
from portal.domain.meeting_change_data import (
    Known,
    Situation,
    known_families,
    known_talks,
    situation_of,
    turn_of,
)
from portal.domain.meeting_changes import CHANGES, LEAVES, MOVES, STAYS, Outcome, Result, work_out
from portal.domain.meeting_people import take_turn
from portal.domain.meeting_places import write_places
from portal.domain.meeting_setup import COLUMNS, Setup, check, check_new_days, setup_of
from portal.errors import Refused
from portal.extensions import db
from portal.models.meetings import MeetingRound
from portal.words import gettext

LAPSES = "lapses"
"""What LEAVES and has no table in the round any more, so that nobody can choose another time."""
ORDER = (LAPSES, LEAVES, MOVES, CHANGES, STAYS)


class SetupChanged(Refused):
    """Somebody else changed the set-up since the page was shown."""

    def __init__(self) -> None:
        super().__init__(
            gettext("Somebody else has just changed this round. Look whether your change still fits.")
        )


class OtherOutcome(Refused):
    """Talks were booked or moved since the outcome was shown, so that it is another one now."""

    def __init__(self) -> None:
        super().__init__(gettext("Meanwhile a talk was booked or changed. This is what would happen now."))


@dataclass(frozen=True, slots=True)
class Line:
    """What becomes of a talk. `known` None: a talk of a child whom the viewer does not have as school.

    `invited`: its child still has a table in the round.
    """

    outcome: Outcome
    known: Known | None
    invited: bool = True

    @property
    def what(self) -> str:
        """What becomes of it in a word: one of ORDER."""
        return LAPSES if self.outcome.what == LEAVES and not self.invited else self.outcome.what


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do: a line for each talk, those that suffer most first.

    `kept`: a line for each place that a teacher keeps for a family and that lapses or moves.
    """

    round_: MeetingRound
    setup: Setup
    lines: tuple[Line, ...]
    kept: tuple[Line, ...]
    fingerprint: str

    def those(self, what: str) -> list[Line]:
        """Return the talks of which this becomes: LAPSES, LEAVES, MOVES, CHANGES or STAYS."""
        return [line for line in self.lines if line.what == what]

    @property
    def touched(self) -> list[Line]:
        """The talks that do not stay as they are."""
        return [line for line in self.lines if line.outcome.what != STAYS]


def check_revision(round_: MeetingRound, revision: int | None) -> None:
    """Refuse a form that was filled in before somebody else's change. Raises SetupChanged."""
    if revision is not None and revision != round_.revision:
        raise SetupChanged()


def preview(round_: MeetingRound, setup: Setup, viewer: Viewer, now: datetime) -> Preview:
    """Return what would become of the talks of a round. Raises Refused when it cannot be held like that."""
    _check(round_, setup, now)
    situation = situation_of(round_, setup, now)
    return _preview(round_, setup, situation, _result(situation), viewer)


def accept(round_: MeetingRound, setup: Setup, actor: Viewer, now: datetime, fingerprint: str) -> Preview:
    """Change a published round as the preview with this fingerprint showed it, and return what was done.

    Talks that stay are not touched. Raises OtherOutcome when the outcome is no longer the one shown.
    """
    hold(round_)
    if round_.withdrawn_at:
        raise Refused(gettext("This round was withdrawn."))
    _check(round_, setup, now)
    take_turn(turn_of(round_, setup))
    situation = situation_of(round_, setup, now)
    result = _result(situation)
    shown = _preview(round_, setup, situation, result, actor)
    if shown.fingerprint != fingerprint:
        raise OtherOutcome()
    _give_up(situation, result, actor, now)
    _rearrange(round_, setup, situation, result, actor, now)
    # Who is told the same as before, gets no mail.
    meeting_tidings.tell([booking.invitee_id for booking in situation.bookings.values()], now)
    meeting_offers.forget_gone(round_)
    meeting_offers.pass_on(now)
    audit.record(actor, "change_round", "meeting_round", round_.id)
    return shown


def _check(round_: MeetingRound, setup: Setup, now: datetime) -> None:
    check(setup)
    check_new_days(setup, setup_of(round_), clock.to_local(now).date())


def _give_up(situation: Situation, result: Result, actor: Viewer, now: datetime) -> None:
    """Give up the times that cannot stay. A talk without a table ends while it is known who sat there."""
    for outcome in result.outcomes:
        booking = situation.bookings.get(outcome.booking_id)
        if outcome.what != LEAVES or booking is None:
            continue
        if booking.invitee_id in situation.tables:
            bookings.cancel(booking, actor, now, offer=False)
        else:
            meeting_invitees.end_talk(situation.invitees[booking.invitee_id], now, actor, offer=False)


def _result(situation: Situation) -> Result:
    return work_out(situation.talks, situation.grounds, situation.gaps, situation.others)


def _preview(
    round_: MeetingRound, setup: Setup, situation: Situation, result: Result, viewer: Viewer
) -> Preview:
    known = known_talks(viewer, [outcome.booking_id for outcome in result.outcomes])
    lines = [
        Line(outcome, known.get(outcome.booking_id), booking.invitee_id in situation.tables)
        for outcome in result.outcomes
        if (booking := situation.bookings.get(outcome.booking_id))
    ]
    lines.sort(key=lambda line: (ORDER.index(line.what), line.outcome.was, line.outcome.booking_id))
    return Preview(round_, setup, tuple(lines), _kept(result, viewer), _fingerprint(result.outcomes))


def _kept(result: Result, viewer: Viewer) -> tuple[Line, ...]:
    touched = [one for one in result.outcomes if one.booking_id < 0 and one.what in (LEAVES, MOVES)]
    known = known_families(viewer, [-one.booking_id for one in touched]) if touched else {}
    return tuple(Line(one, known.get(-one.booking_id)) for one in touched)


def _fingerprint(outcomes: Iterable[Outcome]) -> str:
    told = repr(sorted(outcomes, key=lambda outcome: outcome.booking_id))
    return sha256(told.encode()).hexdigest()[:32]


def _rearrange(
    round_: MeetingRound,
    setup: Setup,
    situation: Situation,
    result: Result,
    actor: Viewer,
    now: datetime,
) -> None:
    """Write the set-up, give every talk that does not stay its new time, and cut the places anew."""
    placed = meeting_rounds.lay_out(round_, setup)
    hosts = dict(zip(situation.grounds, placed, strict=True))
    for name in COLUMNS:
        setattr(round_, name, getattr(setup, name))
    round_.revision += 1
    for invitee_id, place in situation.tables.items():
        invitee = situation.invitees[invitee_id]
        if invitee.host_id != hosts[place]:
            invitee.host_id = hosts[place]
    db.session.flush()
    write_places(round_, situation, result, hosts, now)
    _tell(round_, situation, result, actor, now)
    meeting_rounds.invite(round_, placed, now)
    db.session.flush()


def _tell(round_: MeetingRound, situation: Situation, result: Result, actor: Viewer, now: datetime) -> None:
    """Write the new times to the talks that changed, so that calendars and parents follow."""
    for outcome in result.outcomes:
        booking = situation.bookings.get(outcome.booking_id)
        if booking is None or outcome.span is None or outcome.what == STAYS:
            continue
        if round_.way != "choice":
            booking.way = round_.way
        invitee = situation.invitees[booking.invitee_id]
        booking.host_id = invitee.host_id
        bookings.give_time(booking, outcome.span, now)
        what, span, was = "moved" if outcome.what == MOVES else "changed", outcome.span, outcome.was
        meeting_history.note(invitee, what, actor, now, starts_at=span.starts_at, was_at=was.starts_at)
        audit.record(actor, f"{what}_talk", "booking", booking.id)
