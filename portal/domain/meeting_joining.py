"""Two children of a family are talked about in one talk, or each in their own again."""

from datetime import datetime
from typing import Protocol

from sqlalchemy import select, update

from portal.access import Viewer
from portal.domain import audit, meeting_history, meeting_offers, meeting_tidings
from portal.domain.booking_places import NO_BOOKING, hold_places, keep_no_other
from portal.domain.bookings import Choice, book, cancel, check_may_change, length_of, open_booking
from portal.domain.holding import hold
from portal.domain.meeting_choices import RoundFacts
from portal.domain.meeting_choosing import SUBJECTS_LENGTH
from portal.domain.meeting_people import adults_at
from portal.errors import Refused
from portal.extensions import db
from portal.models.meetings import Booking, Invitee, Slot
from portal.words import gettext

WISHES_BY_STRENGTH = ("not_needed", "", "wanted")


class Timed(Protocol):
    """The time that a talk has."""

    @property
    def starts_at(self) -> datetime: ...
    @property
    def fixed(self) -> bool: ...


def leads(time: Timed | None, other: Timed | None) -> bool:
    """Whether the time of the first of two talks stays when they become one.

    What school keeps stays before what it does not, then the earlier one; a talk without a time gives way.
    """
    if time is None or other is None:
        return other is None
    return (not time.fixed, time.starts_at) <= (not other.fixed, other.starts_at)


def may_become_one(stays: Timed | None, goes: Timed | None, now: datetime) -> bool:
    """Whether the times of two talks let them become one: `join` refuses what this says no to.

    The talk that stays has not begun, and the family may still give the other time up.
    """
    has_begun = stays is not None and stays.starts_at <= now
    is_kept = goes is not None and (goes.fixed or goes.starts_at <= now)
    return not (has_begun or is_kept)


def join(one: Invitee, other: Invitee, round_: RoundFacts, actor: Viewer, now: datetime) -> Invitee:
    """Make one talk of those about two children at the same table; return the one that stays.

    That is the one with a time (`leads`), else `other`; a second time is given up, and what was to be
    discussed then comes to the one that stays, and so do the teacher's wish when that is the stronger one,
    and the length when that is longer. Raises Refused when the round does not allow it, when not the same
    adults sit at both, when one of the talks has begun, when the subjects are too long together, or when the
    time that stays cannot become as long.
    """
    hold(one)
    hold(other)
    if other.id == one.joined_to:
        return other
    free = one.id != other.id and not (one.joined_to or other.joined_to or one.ended_at)
    adults = adults_at([one, other])
    given_up, time = open_booking(one), open_booking(other)
    lead, joined = other, one
    if not leads(time, given_up):
        (lead, time), (joined, given_up) = (one, given_up), (other, time)
    if not (round_.twins_together and free and adults[one.id] == adults[other.id]) or _leads(joined):
        raise Refused(gettext("These two talks cannot be made into one. Call the school."))
    if time and time.starts_at <= now:
        raise Refused(gettext("This talk has begun already. Call the school to change it."))
    _give_one_time((lead, time), (joined, given_up), actor, now)
    _take_stronger_wish(lead, joined)
    joined.joined_to, joined.declined_at, joined.declined_by = lead.id, None, None
    _give_kept_places(joined, lead, time is not None, now)
    meeting_offers.leave_queue(joined, actor, now)
    meeting_history.note(joined, "joined", actor, now)
    meeting_tidings.tell([joined.id], now)
    audit.record(actor, "join_talk", "invitee", joined.id)
    return lead


def _give_one_time(
    stays: tuple[Invitee, Booking | None],
    goes: tuple[Invitee, Booking | None],
    actor: Viewer,
    now: datetime,
) -> None:
    """Give the second time up and let the first become as long as the longer talk; who waits comes last."""
    (lead, time), (joined, given_up) = stays, goes
    longer = length_of(joined) > length_of(lead)
    if longer:
        lead.minutes = joined.minutes
    if time and given_up:
        check_may_change(given_up, now)
        time.subjects = _subjects_of_both(time, given_up)
        cancel(given_up, actor, now, offer=False)
    if time and longer:
        _lengthen(lead, time, actor, now)
    if given_up:
        meeting_offers.offer_places([given_up.host_id], now, but_not=[joined.id])


def _lengthen(lead: Invitee, time: Booking, actor: Viewer, now: datetime) -> None:
    """Let the time of a talk go on as long as the talk takes. Raises Refused when it does not fit."""
    db.session.flush()
    has = select(Slot).where(Slot.booking_id == time.id).order_by(Slot.starts_at).limit(1)
    first = db.session.scalars(has).one_or_none()
    # A time that school keeps is not moved here, so it goes on being school's.
    source = "teacher" if time.fixed else time.source
    try:
        if first is None:
            raise Refused(gettext("Choose a time."))
        book([Choice(lead, first)], actor, now, source, fixed=time.fixed)
    except Refused as refusal:
        sentence = gettext(
            "Together this takes %(minutes)s minutes, and there is no free time right after the talk "
            "that stays. Move or cancel that talk first.",
            minutes=length_of(lead),
        )
        raise Refused(sentence) from refusal


def _take_stronger_wish(lead: Invitee, joined: Invitee) -> None:
    """Let the one talk be wanted when one of the two was, and needless only when both were."""
    if WISHES_BY_STRENGTH.index(joined.asked) > WISHES_BY_STRENGTH.index(lead.asked):
        lead.asked, lead.asked_by = joined.asked, joined.asked_by


def _subjects_of_both(time: Booking, given_up: Booking) -> str:
    subjects = "\n".join(filter(None, (time.subjects, given_up.subjects)))
    if len(subjects) > SUBJECTS_LENGTH:
        raise Refused(
            gettext("What you want to discuss in these two talks is too long for one. Make it shorter first.")
        )
    return subjects


def _give_kept_places(joined: Invitee, lead: Invitee, booked: bool, now: datetime) -> None:
    """Keep for the one talk what was kept for the other, or for nobody when it has a time or a kept one."""
    hold_places([], [], [joined.id, lead.id])
    kept = select(Slot.id).where(Slot.reserved_for == lead.id).limit(1)
    if booked or db.session.scalar(kept):
        meeting_offers.offer_places(keep_no_other(joined.id, NO_BOOKING), now)
        return
    db.session.execute(
        update(Slot)
        .where(Slot.reserved_for == joined.id)
        .values(reserved_for=lead.id)
        .execution_options(synchronize_session=False)
    )


def _leads(invitee: Invitee) -> bool:
    others = select(Invitee.id).where(Invitee.joined_to == invitee.id, Invitee.ended_at.is_(None)).limit(1)
    return db.session.scalars(others).first() is not None


def part(invitee: Invitee, actor: Viewer, now: datetime) -> None:
    """Give a child a talk of its own again. Doing it twice is doing it once."""
    hold(invitee)
    if invitee.joined_to is None:
        return
    invitee.joined_to = None
    meeting_history.note(invitee, "parted", actor, now)
    meeting_tidings.tell([invitee.id], now)
    audit.record(actor, "part_talk", "invitee", invitee.id)
