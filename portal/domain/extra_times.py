"""Times that a teacher opens beside the days of a round, and takes away again."""

from datetime import date, datetime, time, timedelta
from typing import cast

from sqlalchemy import CursorResult, delete, func, or_, select

from portal import clock
from portal.access import Viewer
from portal.domain import audit, meeting_offers
from portal.domain.holding import hold
from portal.domain.meeting_tables import Table
from portal.domain.slot_times import Span, at
from portal.errors import Refused
from portal.extensions import db
from portal.formatting import long_date
from portal.models.meetings import MeetingDay, MeetingHost, Slot
from portal.words import gettext

MOST_EXTRA = 20

AROUND = timedelta(days=31)
"""How far from the days of its round an extra time may be."""


def open_extra(
    host: MeetingHost, table: Table, day: date, starts: time, count: int, actor: Viewer, now: datetime
) -> int:
    """Open places after each other beside the days of the round; return how many are new.

    What is there already stays; a place that would overlap another one is refused, and so is a day that is
    over or far from the round.
    """
    hold(host)
    _check_day(table, day, now)
    length = timedelta(minutes=table.minutes)
    first = at(day, starts)
    if first <= now:
        raise Refused(gettext("This time is over. Choose another one."), "starts")
    wanted = [Span(first + length * number, first + length * (number + 1)) for number in range(count)]
    there = [
        Span(slot.starts_at, slot.ends_at)
        for slot in db.session.scalars(
            select(Slot).where(
                Slot.host_id == host.id, Slot.starts_at < wanted[-1].ends_at, Slot.ends_at > first
            )
        )
    ]
    if any(span.overlaps(other) and span != other for span in wanted for other in there):
        raise Refused(
            gettext("There is already another time at that moment. Choose another start."), "starts"
        )
    new = [span for span in wanted if span not in there]
    if not new:
        raise Refused(gettext("These times are there already."), "starts")
    for span in new:
        db.session.add(Slot(host_id=host.id, starts_at=span.starts_at, ends_at=span.ends_at, extra=True))
    audit.record(actor, "open_extra_slots", "meeting_host", host.id)
    db.session.flush()
    meeting_offers.offer_places([host.id], now)
    return len(new)


def _check_day(table: Table, day: date, now: datetime) -> None:
    today = clock.to_local(now).date()
    days = select(func.min(MeetingDay.day), func.max(MeetingDay.day))
    first, last = db.session.execute(days.where(MeetingDay.round_id == table.round.id)).one()
    since, until = max(today, (first or today) - AROUND), (last or today) + AROUND
    if until < today:
        raise Refused(gettext("The last day of this round is past."), "day")
    if not since <= day <= until:
        window = {"since": long_date(since), "until": long_date(until)}
        raise Refused(gettext("Choose a day from %(since)s to %(until)s.", **window), "day")


def remove_extra(slot: Slot, actor: Viewer, now: datetime) -> bool:
    """Take an extra time away again, for good; False when somebody has it, or it is a time of the round."""
    number = slot.id
    db.session.execute(select(Slot.id).where(Slot.id == number).with_for_update()).all()
    removed = db.session.execute(
        delete(Slot)
        .where(
            Slot.id == number,
            Slot.extra,
            Slot.booking_id.is_(None),
            Slot.reserved_for.is_(None),
            or_(Slot.held_for.is_(None), Slot.held_until <= now),
        )
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[object]", removed).rowcount != 1:
        return False
    audit.record(actor, "remove_extra_slot", "slot", number)
    return True
