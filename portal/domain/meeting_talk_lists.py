"""The talks of a guardian as mails tell them: when, with whom and where, and never about whom (R44)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, func, select, true

from portal import names
from portal.access import Viewer
from portal.access.meetings import bookings_of_children, invitees_of
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.meeting_talks import MeetingWish, SlotOffer, WaitingTime
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingHost, Slot


@dataclass(frozen=True, slots=True)
class Talk:
    """A booked talk of a guardian. `way`: 'place' or 'video'."""

    round_id: int
    booking_id: int
    uid: str
    starts_at: datetime
    ends_at: datetime
    teachers: tuple[str, ...]
    room: str
    building: str
    way: str

    @property
    def said(self) -> str:
        """A hash of everything that a mail tells of the talk."""
        told = (self.starts_at, self.ends_at, self.teachers, self.room, self.building, self.way)
        return sha256(repr(told).encode()).hexdigest()


def is_unanswered(now: datetime) -> ColumnElement[bool]:
    """The talks about which the family said nothing yet: no time, no refusal, no waiting and no wishes.

    Who waits only for times that are past or no longer there waits for nothing.
    """
    waits = exists().where(
        WaitingTime.invitee_id == Invitee.id, WaitingTime.starts_at > now, is_place_waited_for()
    )
    return (
        Invitee.declined_at.is_(None)
        & Invitee.joined_to.is_(None)
        & (Invitee.asked != "not_needed")
        & has_no_time()
        & ~waits
        & ~exists().where(SlotOffer.invitee_id == Invitee.id, SlotOffer.answered_at.is_(None))
        & (~exists().where(MeetingWish.invitee_id == Invitee.id) | _has_new_times(now))
    )


def has_no_time() -> ColumnElement[bool]:
    """The talks that have no time, nor the one of a brother or sister to which they were joined."""
    lead = func.coalesce(Invitee.joined_to, Invitee.id)
    return ~exists().where(Booking.invitee_id == lead, Booking.cancelled_at.is_(None))


def _has_new_times(now: datetime) -> ColumnElement[bool]:
    """The talks at a table with times that were not there when the family said what suits."""
    return _unsaid(Slot.id).where(Slot.starts_at > now).exists()


def unsaid_until() -> ScalarSelect[Any]:
    """The last time at the table of a talk of which the family said nothing when it said what suits."""
    return _unsaid(func.max(Slot.starts_at)).scalar_subquery()


def _unsaid(*columns: Any) -> Select[*tuple[Any, ...]]:
    said = and_(
        MeetingWish.invitee_id == Invitee.id,
        MeetingWish.starts_at <= Slot.starts_at,
        MeetingWish.ends_at > Slot.starts_at,
    )
    return (
        select(*columns)
        .select_from(Slot)
        .outerjoin(MeetingWish, said)
        .where(Slot.host_id == Invitee.host_id, Slot.state == "open", MeetingWish.id.is_(None))
        .correlate(Invitee)
    )


def waits_until() -> ScalarSelect[Any]:
    """The last time for which a talk waits and whose place is still there."""
    last = select(func.max(WaitingTime.starts_at)).join(Slot, is_place_waited_for())
    return last.where(WaitingTime.invitee_id == Invitee.id).correlate(Invitee).scalar_subquery()


def is_place_waited_for() -> ColumnElement[bool]:
    """The place at the table of a talk for which it waits; there is none when that was taken away."""
    same_time = and_(Slot.host_id == Invitee.host_id, Slot.starts_at == WaitingTime.starts_at)
    return and_(same_time, Slot.state == "open")


def talks_of(viewer: Viewer, round_id: int | None, after: datetime) -> list[Talk]:
    """Return the booked talks of a guardian that end after a moment, in order of time.

    `round_id` None: of all rounds.
    """
    rows = db.session.execute(
        select(Booking, MeetingHost)
        .join(MeetingHost, MeetingHost.id == Booking.host_id)
        .where(
            bookings_of_children(viewer),
            true() if round_id is None else MeetingHost.round_id == round_id,
            Booking.cancelled_at.is_(None),
            Booking.ends_at > after,
        )
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    teachers = teachers_at(row[0].host_id for row in rows)
    return [talk_at(booking, host, teachers.get(booking.host_id, ())) for booking, host in rows]


def talk_at(booking: Booking, host: MeetingHost, teachers: tuple[str, ...]) -> Talk:
    """Return a booked talk as mails tell it, at a table with these teachers."""
    return Talk(
        host.round_id,
        booking.id,
        booking.uid,
        booking.starts_at,
        booking.ends_at,
        teachers,
        host.room,
        host.building,
        booking.way,
    )


def teachers_at(host_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return how the children call the teachers at each table."""
    found: dict[int, list[str]] = {}
    for row in db.session.execute(
        select(HostTeacher.host_id, StaffMember.called, User.given_name, User.prefix, User.surname)
        .join(User, User.id == HostTeacher.user_id)
        .join(StaffMember, StaffMember.user_id == User.id)
        .where(HostTeacher.host_id.in_(set(host_ids)))
        .order_by(User.sort_key, User.id)
    ):
        found.setdefault(row.host_id, []).append(row.called or names.full(*row[2:]))
    return {host_id: tuple(called) for host_id, called in found.items()}


def count_talks(viewer: Viewer, round_id: int, *conditions: ColumnElement[bool]) -> int:
    """Return for how many talks of a round a guardian is invited."""
    counted = select(func.count()).select_from(Invitee)
    return (
        db.session.scalar(counted.where(invitees_of(viewer), Invitee.round_id == round_id, *conditions)) or 0
    )
