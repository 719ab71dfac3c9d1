"""What the planner has to know of a round, read from the database in a few queries."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.domain.meeting_people import LONGEST_GAP
from portal.extensions import db
from portal.models.meeting_talks import MeetingWish, WaitingTime
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingHost, MeetingRound, Slot
from portal.models.roster import Guardianship

Timed = Any
"""A wish or a time for which a family waits."""


@dataclass(frozen=True)
class PlanFacts:
    """The rows of one round, and the talks that its people have in other rounds at that time."""

    round: MeetingRound
    hosts: dict[int, MeetingHost]
    slots: list[Slot]
    invitees: dict[int, Invitee]
    bookings: list[Booking]
    """Of this round and, in its days, of others."""

    elsewhere: dict[int, Invitee]
    """The talks of the other bookings: of other rounds, and at a table that is not among `hosts`."""

    buildings: dict[int, str]
    """Of every table, also those of other rounds."""

    guardians: dict[int, list[int]]
    """Who decides about each pupil."""

    teachers: dict[int, list[int]]
    """Who sits at each table, also at those of other rounds."""

    wishes: dict[int, list[Timed]]
    waiting: dict[int, list[Timed]]


def facts_of(round_: MeetingRound) -> PlanFacts:
    """Read a round for the planner; the number of queries does not grow with it.

    On Postgres the office may change the tables between two of them. Then the round is planned with the
    tables that were read first, and the plan is out of date: a talk at another table is elsewhere.
    """
    hosts = db.session.scalars(select(MeetingHost).where(MeetingHost.round_id == round_.id)).all()
    own = {host.id for host in hosts}
    slots = list(
        db.session.scalars(select(Slot).where(Slot.host_id.in_(own)).order_by(Slot.host_id, Slot.starts_at))
    )
    invitees = db.session.scalars(
        select(Invitee)
        .where(
            Invitee.round_id == round_.id,
            Invitee.host_id.in_(own),
            Invitee.ended_at.is_(None),
            Invitee.joined_to.is_(None),
        )
        .order_by(Invitee.id)
    ).all()
    bookings, elsewhere = _bookings(round_, own, slots)
    tables = own | {booking.host_id for booking in bookings}
    pupils = {invitee.pupil_id for invitee in (*invitees, *elsewhere.values())}
    return PlanFacts(
        round=round_,
        hosts={host.id: host for host in hosts},
        slots=slots,
        invitees={invitee.id: invitee for invitee in invitees},
        bookings=bookings,
        elsewhere=elsewhere,
        buildings=dict(
            db.session.execute(
                select(MeetingHost.id, MeetingHost.building).where(MeetingHost.id.in_(tables))
            ).all()
        ),
        guardians=_guardians(pupils),
        teachers=_teachers(tables),
        wishes=_times(MeetingWish, round_),
        waiting=_times(WaitingTime, round_),
    )


def _bookings(
    round_: MeetingRound, own: set[int], slots: list[Slot]
) -> tuple[list[Booking], dict[int, Invitee]]:
    """Return what is booked: all of this round, and of other rounds what is near its times."""
    first = min((slot.starts_at for slot in slots), default=round_.opens_at) - LONGEST_GAP
    last = max((slot.ends_at for slot in slots), default=round_.opens_at) + LONGEST_GAP
    rows = db.session.execute(
        select(Booking, Invitee)
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .where(
            Booking.cancelled_at.is_(None),
            (Invitee.round_id == round_.id) | ((Booking.starts_at < last) & (Booking.ends_at > first)),
        )
        .order_by(Booking.id)
    ).all()
    elsewhere = {talk.id: talk for _, talk in rows if talk.round_id != round_.id or talk.host_id not in own}
    return [booking for booking, _ in rows], elsewhere


def _guardians(pupil_ids: set[int]) -> dict[int, list[int]]:
    rows = db.session.execute(
        select(Guardianship.pupil_id, Guardianship.user_id)
        .where(
            Guardianship.pupil_id.in_(pupil_ids),
            Guardianship.revoked_at.is_(None),
            Guardianship.has_authority,
        )
        .order_by(Guardianship.user_id)
    )
    return _by_first(rows)


def _teachers(host_ids: set[int]) -> dict[int, list[int]]:
    return _by_first(
        db.session.execute(
            select(HostTeacher.host_id, HostTeacher.user_id)
            .where(HostTeacher.host_id.in_(host_ids))
            .order_by(HostTeacher.user_id)
        )
    )


def _times(model: Any, round_: MeetingRound) -> dict[int, list[Timed]]:
    found: dict[int, list[Timed]] = {}
    query = (
        select(model)
        .join(Invitee, Invitee.id == model.invitee_id)
        .where(Invitee.round_id == round_.id)
        .order_by(model.starts_at)
    )
    for one in db.session.scalars(query):
        found.setdefault(one.invitee_id, []).append(one)
    return found


def _by_first(rows: Any) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for first, second in rows:
        found.setdefault(first, []).append(second)
    return found


def minutes_between(first: datetime, last: datetime) -> int:
    """Return the whole minutes from one moment to another."""
    return (last - first) // timedelta(minutes=1)
