"""What a guardian does about the own talks beside booking them: say no, say what about, say what suits.

The booking itself is `portal/domain/bookings.py`, for whoever books.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache

from sqlalchemy import Integer, Select, bindparam, delete, select

from portal import access
from portal.access import Viewer
from portal.domain import audit, meeting_history, meeting_offers, meeting_tidings
from portal.domain.bookings import Choice, Stale, book, cancel, check_may_change, open_booking
from portal.domain.holding import hold, refuse_overtaken, version_of
from portal.domain.meeting_choices import RoundFacts, facts_of, is_early
from portal.domain.meeting_people import take_turn_at
from portal.domain.meeting_phases import may_choose
from portal.domain.slot_times import Span
from portal.errors import Refused
from portal.extensions import db, fetch
from portal.models.meeting_talks import MeetingWish
from portal.models.meetings import Booking, Invitee, Slot
from portal.models.roster import Pupil
from portal.words import gettext

SUBJECTS_LENGTH = 1000
CANNOT, CAN, PREFERS = 0, 1, 2
WAYS = ("place", "video")


_NAME = select(Pupil.given_name, Pupil.surname).where(Pupil.id == bindparam("pupil_id", type_=Integer))


class Closed(Refused):
    """Families do not choose yet, or no more."""

    def __init__(self) -> None:
        super().__init__(gettext("Choosing a time is not possible now."))


def talk_and_place(viewer: Viewer, slot_id: int, pupil_id: int) -> tuple[Invitee, Slot] | None:
    """Return a place and the viewer's talk about a child at its table.

    Also of a place that the teacher has just taken away, to say so to who still chose it.
    """
    if not (access.possible_number(slot_id) and access.possible_number(pupil_id)):
        return None
    query = _talk_and_place(access.anyone_with(viewer.role))
    values = {"viewer_id": viewer.id, "slot_id": slot_id, "pupil_id": pupil_id}
    found = db.session.execute(query, values).one_or_none()
    return (found[0], found[1]) if found else None


@cache
def _talk_and_place(viewer: Viewer) -> Select[Invitee, Slot]:
    return (
        select(Invitee, Slot)
        .join(Slot, Slot.host_id == Invitee.host_id)
        .where(
            Slot.id == bindparam("slot_id", type_=Integer),
            Invitee.pupil_id == bindparam("pupil_id", type_=Integer),
            access.invitees_of(viewer),
        )
        .order_by(Invitee.id)
        .limit(1)
    )


def place_at_table(viewer: Viewer, invitee: Invitee, slot_id: int) -> Slot | None:
    """Return a place at the table of the viewer's talk, also one that the teacher has just taken away."""
    if not access.possible_number(slot_id):
        return None
    found = select(Slot).where(
        access.slots_at_tables_of(viewer), Slot.id == slot_id, Slot.host_id == invitee.host_id
    )
    return db.session.scalars(found).one_or_none()


def talk_of(booking: Booking) -> Invitee:
    """Return the talk that a booking gives a time."""
    return db.session.get_one(Invitee, booking.invitee_id)


def called(invitee: Invitee) -> str:
    """Return the first name of the child that a talk is about."""
    rows = fetch(_NAME, pupil_id=invitee.pupil_id)
    given_name, surname = rows[0]
    return str(given_name or surname)


def wait_for_turn(invitees: Iterable[Invitee]) -> None:
    """Wait until nobody else changes talks of the same people, so that what follows is judged as of then.

    Raises Stale when one of them ended meanwhile, or became only the other guardian's.
    """
    talks = sorted(invitees, key=lambda talk: talk.id)
    shown = [(talk.guardian_id, talk.ended_at) for talk in talks]
    take_turn_at(talks)
    for talk in talks:
        hold(talk)
    if [(talk.guardian_id, talk.ended_at) for talk in talks] != shown:
        raise Stale()


def open_round(round_id: int, viewer: Viewer, now: datetime) -> RoundFacts:
    """Return the round as it is now, in which the viewer's family may choose. Raises Closed."""
    round_ = facts_of(round_id)
    early = now < round_.opens_at and is_early_in(round_id, viewer)
    if not may_choose(round_, now, early):
        raise Closed()
    return round_


def is_early_in(round_id: int, viewer: Viewer) -> bool:
    """Whether the viewer's family chooses before the others in a round."""
    mine = select(Invitee.pupil_id, Invitee.asked).where(
        Invitee.round_id == round_id, access.invitees_of(viewer)
    )
    return is_early((pupil_id, asked) for pupil_id, asked in db.session.execute(mine))


def choose(choices: list[Choice], actor: Viewer, round_: RoundFacts, now: datetime) -> list[Booking]:
    """Book or move a guardian's own talks, all or none. Raises what `book` does, or Refused."""
    if round_.kind == "wishes":
        raise Closed()
    if any(choice.slot.starts_at <= now for choice in choices):
        raise Refused(gettext("This time is over. Choose another one."), "slot")
    return book(choices, actor, now, "guardian")


def give_up(booking: Booking, shown: str | None, actor: Viewer, now: datetime) -> None:
    """Give up the time of a guardian's own talk. Raises Refused when it has begun or school keeps it.

    `shown`: the time that the page showed. Raises Stale when it is another one now.
    """
    hold(booking)
    if not booking.cancelled_at:
        check_may_change(booking, now)
        cancel(booking, actor, now, shown=shown)


def decline(invitee: Invitee, actor: Viewer, now: datetime) -> None:
    """Say that no talk is needed. Raises Refused while it has a time; doing it twice is doing it once."""
    hold(invitee)
    if invitee.declined_at:
        return
    if open_booking(invitee):
        raise Refused(gettext("This talk has a time. Cancel it first."))
    invitee.declined_at, invitee.declined_by = now, actor.id
    meeting_offers.leave_queue(invitee, actor, now)
    meeting_history.note(invitee, "declined", actor, now)
    meeting_tidings.tell([invitee.id], now)
    audit.record(actor, "decline_talk", "invitee", invitee.id)


def take_back_declining(invitee: Invitee, actor: Viewer, now: datetime) -> None:
    """Open the invitation again. Doing it twice is doing it once."""
    hold(invitee)
    if not invitee.declined_at:
        return
    invitee.declined_at = invitee.declined_by = None
    meeting_history.note(invitee, "reopened", actor, now)
    meeting_tidings.tell([invitee.id], now)
    audit.record(actor, "reopen_talk", "invitee", invitee.id)


def say_what_about(
    booking: Booking, subjects: str, version: str | None, actor: Viewer, now: datetime
) -> None:
    """Keep what the guardian wants to discuss, for the teacher. Raises Refused when the talk is over.

    `version`: of what the form showed, None when it did not say. Raises Overtaken when something else stands
    there now.
    """
    hold(booking)
    if booking.cancelled_at or booking.ends_at <= now:
        raise Refused(gettext("This talk is over."))
    if booking.subjects != subjects:
        if version is not None:
            refuse_overtaken(version, version_of(booking.subjects))
        booking.subjects = subjects
        audit.record(actor, "say_what_about", "booking", booking.id)


def choose_way(booking: Booking, way: str, round_: RoundFacts, actor: Viewer, now: datetime) -> None:
    """Have a talk at school or by video, when the round leaves that to the family. Raises Refused."""
    hold(booking)
    if booking.cancelled_at or round_.way != "choice" or way not in WAYS:
        raise Refused(gettext("How this talk is held cannot be changed. Call the school."))
    if booking.way != way:
        booking.way, booking.sequence, booking.changed_at = way, booking.sequence + 1, now
        db.session.flush()
        meeting_tidings.tell([booking.invitee_id], now)
        audit.record(actor, "choose_way", "booking", booking.id)


def give_wishes(invitees: list[Invitee], wishes: Mapping[Span, int], actor: Viewer, now: datetime) -> None:
    """Keep which parts of the days suit, for all of a family's talks at once; what was said before goes.

    Raises Refused when nothing suits.
    """
    if not any(said for said in wishes.values()):
        raise Refused(
            gettext("Say of one time at least that you can come. Does nothing suit? Call the school."), "wish"
        )
    for invitee in invitees:
        hold(invitee)
        db.session.execute(delete(MeetingWish).where(MeetingWish.invitee_id == invitee.id))
        take_back_declining(invitee, actor, now)
        db.session.add_all(
            MeetingWish(
                invitee_id=invitee.id,
                starts_at=span.starts_at,
                ends_at=span.ends_at,
                availability=said,
                said_by=actor.id,
                said_at=now,
            )
            for span, said in wishes.items()
        )
        meeting_history.note(invitee, "wished", actor, now)
        audit.record(actor, "give_wishes", "invitee", invitee.id)
