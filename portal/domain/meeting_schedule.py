"""The schedule of a table, place by place, as its teachers and the office see it.

Of a talk that the reader does not have at school (of the own child, or of a family that is kept from the
reader) it says only that the place is taken.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, case, select

from portal import clock
from portal.access import Viewer
from portal.domain.meeting_talks_at_school import Talk, talks_of
from portal.extensions import db
from portal.models.meetings import Booking, MeetingHost, Slot

AFTERNOON, EVENING = 12, 18
"""The hours at which the parts of a day begin."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the schedule: one place, or the places of one talk.

    `kind`: 'free', 'booked', 'blocked', 'break', 'kept' (for a family), 'held' (offered to who waits), or
    'taken' when the reader does not have the talk. `part`: 'morning', 'afternoon' or 'evening'.
    """

    slot_id: int
    kind: str
    starts_at: datetime
    ends_at: datetime
    extra: bool = False
    talk: Talk | None = None

    @property
    def day(self) -> date:
        """The day by the school's calendar."""
        return clock.to_local(self.starts_at).date()

    @property
    def part(self) -> str:
        """The part of the day."""
        hour = clock.to_local(self.starts_at).hour
        return "morning" if hour < AFTERNOON else "afternoon" if hour < EVENING else "evening"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a table, with how many talks there are and how many places are free."""

    day: date
    booked: int
    free: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """All places of a table and all talks that it offers."""

    rows: tuple[Row, ...]
    talks: tuple[Talk, ...]

    @property
    def days(self) -> list[Day]:
        """The days in order."""
        found: dict[date, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.day, []).append(row)
        return [
            Day(
                day,
                sum(row.kind in ("booked", "taken") for row in rows),
                sum(row.kind == "free" for row in rows),
            )
            for day, rows in sorted(found.items())
        ]

    def of_day(self, day: date | None) -> list[Row]:
        """Return the lines of one day."""
        return [row for row in self.rows if row.day == day]

    @property
    def open_talks(self) -> list[Talk]:
        """The talks that still need a time."""
        return [talk for talk in self.talks if not talk.booking_id and not _is_settled(talk)]

    @property
    def settled_talks(self) -> list[Talk]:
        """The talks that need no time: declined by the family, or not needed for the teacher."""
        return [talk for talk in self.talks if not talk.booking_id and _is_settled(talk)]

    @property
    def booked(self) -> int:
        """How many talks have a time."""
        return sum(talk.booking_id is not None for talk in self.talks)

    @property
    def expected(self) -> int:
        """How many talks have a time or still need one."""
        return self.booked + len(self.open_talks)


def _is_settled(talk: Talk) -> bool:
    return talk.declined or talk.asked == "not_needed"


def schedule(viewer: Viewer, host: MeetingHost, now: datetime) -> Schedule:
    """Return the schedule of a table, in a number of queries that does not grow with it."""
    return schedules(viewer, [host.id], now)[host.id]


def schedules(viewer: Viewer, host_ids: Sequence[int], now: datetime) -> dict[int, Schedule]:
    """Return the schedules of several tables in as many queries as that of one."""
    talks = talks_of(viewer, host_ids, now=now)
    rows = _rows(host_ids, {talk.invitee_id: talk for talk in talks}, now)
    return {
        host_id: Schedule(
            tuple(rows.get(host_id, ())), tuple(talk for talk in talks if talk.host_id == host_id)
        )
        for host_id in host_ids
    }


def _rows(host_ids: Sequence[int], talks: dict[int, Talk], now: datetime) -> dict[int, list[Row]]:
    offered = and_(Slot.held_for.is_not(None), Slot.held_until > now)
    kind = case(
        (Slot.booking_id.is_not(None), "booked"),
        (Slot.state != "open", Slot.state),
        (Slot.reserved_for.is_not(None), "kept"),
        (offered, "held"),
        else_="free",
    )
    whose = case(
        (Slot.booking_id.is_not(None), Booking.invitee_id),
        (Slot.reserved_for.is_not(None), Slot.reserved_for),
        (offered, Slot.held_for),
    )
    found = db.session.execute(
        select(Slot.host_id, Slot.id, Slot.starts_at, Slot.ends_at, Slot.extra, Slot.booking_id, kind, whose)
        .outerjoin(Booking, Booking.id == Slot.booking_id)
        .where(Slot.host_id.in_(host_ids))
        .order_by(Slot.host_id, Slot.starts_at)
    ).all()
    by_host: dict[int, list[Row]] = {}
    last_booking = None
    for host_id, slot_id, starts_at, ends_at, extra, booking_id, is_a, invitee_id in found:
        talk = talks.get(invitee_id)
        known = "taken" if invitee_id and talk is None else is_a
        rows = by_host.setdefault(host_id, [])
        if rows and booking_id and booking_id == last_booking:
            rows[-1] = Row(rows[-1].slot_id, known, rows[-1].starts_at, ends_at, extra, talk)
        else:
            rows.append(Row(slot_id, known, starts_at, ends_at, extra, talk))
        last_booking = booking_id
    return by_host


def chosen_day(days: Iterable[date], asked: date | None, today: date) -> date | None:
    """Return the day to show: the one that was asked for, else today, else the next, else the last one."""
    there = sorted(days)
    if asked in there:
        return asked
    return next((day for day in there if day >= today), there[-1] if there else None)
