"""The places of a round, made from its days for each table."""

from collections.abc import Iterable
from datetime import date, time
from typing import Protocol, TypeVar

from sqlalchemy import delete, select

from portal.domain.slot_times import Span, spans_of
from portal.extensions import db
from portal.models.meetings import HostTeacher, MeetingDay, MeetingHost, MeetingRound, RoundGroup, Slot
from portal.models.roster import Teaching


class DayLike(Protocol):
    """A stretch of a day with talks."""

    @property
    def day(self) -> date: ...
    @property
    def starts_at(self) -> time: ...
    @property
    def ends_at(self) -> time: ...
    @property
    def break_from(self) -> time | None: ...
    @property
    def break_until(self) -> time | None: ...


def spans_for(
    round_: MeetingRound, host: MeetingHost, days: Iterable[MeetingDay], weekdays: frozenset[int]
) -> list[Span]:
    """Return the places that a table is to have: on its own days, or on the round's when somebody works.

    `weekdays`: those on which one of the table's teachers works, Monday 1; empty when nobody told.
    """
    every = list(days)
    own = [day for day in every if day.host_id == host.id]
    general = [day for day in every if day.host_id is None]
    return places_on(own or working(general, weekdays), host.talk_minutes or round_.talk_minutes)


D = TypeVar("D", bound=DayLike)


def working(days: Iterable[D], weekdays: frozenset[int]) -> list[D]:
    """Return the stretches on the weekdays named; all of them when none is."""
    return [day for day in days if not weekdays or day.day.isoweekday() in weekdays]


def places_on(days: Iterable[DayLike], minutes: int) -> list[Span]:
    """Return the places of so many minutes on some stretches of days, in order of time."""
    spans = {
        span
        for day in days
        for span in spans_of(
            day.day,
            day.starts_at,
            day.ends_at,
            minutes,
            (day.break_from, day.break_until) if day.break_from and day.break_until else None,
        )
    }
    return without_overlap(sorted(spans))


def without_overlap(spans: Iterable[Span]) -> list[Span]:
    """Return the places in order of time, without one that begins before the one before it has ended."""
    kept: list[Span] = []
    for span in spans:
        if not kept or kept[-1].ends_at <= span.starts_at:
            kept.append(span)
    return kept


def weekdays_of(round_: MeetingRound) -> dict[int, frozenset[int]]:
    """Return for each table of a round on which weekdays one of its teachers works; empty when not told."""
    rows = db.session.execute(
        select(HostTeacher.host_id, HostTeacher.user_id, Teaching.weekdays)
        .join(RoundGroup, RoundGroup.host_id == HostTeacher.host_id)
        .outerjoin(
            Teaching,
            (Teaching.user_id == HostTeacher.user_id)
            & (Teaching.group_id == RoundGroup.group_id)
            & Teaching.ended_on.is_(None),
        )
        .where(HostTeacher.round_id == round_.id)
    )
    told: dict[int, dict[int, int]] = {}
    for host_id, teacher, mask in rows:
        of_host = told.setdefault(host_id, {})
        of_host[teacher] = of_host.get(teacher, 0) | (mask or 0)
    return {host_id: weekdays_in(masks.values()) for host_id, masks in told.items()}


def weekdays_in(masks: Iterable[int]) -> frozenset[int]:
    """Return on which weekdays one of some teachers works; empty when one of them did not tell (0)."""
    known = list(masks)
    if 0 in known:
        return frozenset()
    return frozenset(day for day in range(1, 8) if any(mask >> (day - 1) & 1 for mask in known))


def hosts_of(round_: MeetingRound) -> list[MeetingHost]:
    """Return the tables of a round."""
    found = select(MeetingHost).where(MeetingHost.round_id == round_.id).order_by(MeetingHost.id)
    return list(db.session.scalars(found))


def days_of(round_: MeetingRound) -> list[MeetingDay]:
    """Return the stretches of the days of a round, in order of time."""
    found = select(MeetingDay).where(MeetingDay.round_id == round_.id)
    return list(db.session.scalars(found.order_by(MeetingDay.day, MeetingDay.starts_at, MeetingDay.id)))


def make_slots(round_: MeetingRound) -> None:
    """Make the places of a round anew from its days, while nothing is booked yet.

    What a teacher opened or blocked stays.
    """
    days, weekdays = days_of(round_), weekdays_of(round_)
    for host in hosts_of(round_):
        wanted = spans_for(round_, host, days, weekdays.get(host.id, frozenset()))
        there = db.session.scalars(select(Slot).where(Slot.host_id == host.id).order_by(Slot.starts_at)).all()
        kept = [slot for slot in there if slot.extra or Span(slot.starts_at, slot.ends_at) in set(wanted)]
        gone = [slot.id for slot in there if slot not in kept]
        db.session.execute(delete(Slot).where(Slot.id.in_(gone), Slot.booking_id.is_(None)))
        taken = [Span(slot.starts_at, slot.ends_at) for slot in kept]
        for span in wanted:
            if not any(span.overlaps(other) for other in taken):
                db.session.add(Slot(host_id=host.id, starts_at=span.starts_at, ends_at=span.ends_at))
    db.session.flush()
