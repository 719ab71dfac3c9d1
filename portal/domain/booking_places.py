"""The places at a table that a talk takes: which they are, who holds them, and who has them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, bindparam, func, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from portal.domain.slot_times import run_from
from portal.errors import Refused
from portal.extensions import UtcDateTime, db, fetch, has_one_writer
from portal.models.meetings import Slot
from portal.statements import among
from portal.words import gettext

NO_BOOKING = 0


class Place(NamedTuple):
    """A place that a talk takes; the fields are those of `Slot`."""

    id: int
    starts_at: datetime
    ends_at: datetime
    held_for: int | None


def places_for(slot: Slot, minutes: int) -> Sequence[Place]:
    """Return the places that a talk takes from this one on. Raises Refused when it does not fit."""
    until = slot.starts_at + timedelta(minutes=minutes)
    db.session.flush()
    rows = fetch(_places_query(), host_id=slot.host_id, since=slot.starts_at, until=until)
    run = run_from([Place(*row) for row in rows], 0, minutes)
    if not run or run[0].id != slot.id:
        raise Refused(
            gettext("This talk takes longer than there is from this time. Choose another one."), "slot"
        )
    return run


@cache
def _places_query() -> Select[*tuple[Any, ...]]:
    return (
        select(*(getattr(Slot, name) for name in Place._fields))
        .where(
            Slot.host_id == bindparam("host_id", type_=Integer),
            Slot.starts_at >= bindparam("since", type_=UtcDateTime),
            Slot.starts_at < bindparam("until", type_=UtcDateTime),
        )
        .order_by(Slot.starts_at)
    )


def hold_places(slot_ids: Iterable[int], booking_ids: Collection[int], talk_ids: Iterable[int]) -> None:
    """Lock the places that are to be taken, given up or kept no more, always in the same order."""
    if has_one_writer():
        return
    db.session.flush()
    fetch(_hold_places_query(), slot_ids=list(slot_ids), booking_ids=booking_ids, talk_ids=list(talk_ids))


@cache
def _hold_places_query() -> Select[int]:
    taken, given_up = among(Slot.id, "slot_ids"), among(Slot.booking_id, "booking_ids")
    kept = among(Slot.reserved_for, "talk_ids")
    return select(Slot.id).where(or_(taken, given_up, kept)).order_by(Slot.id).with_for_update(key_share=True)


def claim(run: Sequence[Place], booking_id: int, invitee_id: int, now: datetime) -> bool:
    """Take the places if every one of them is free for this talk; False when one is not."""
    wanted = {"slot_ids": [place.id for place in run], "booking": booking_id, "talk": invitee_id, "now": now}
    db.session.flush()
    return len(fetch(_claim_statement(), **wanted)) == len(run)


@cache
def _claim_statement() -> ReturningUpdate[tuple[int]]:
    booking_id, invitee_id = bindparam("booking", type_=Integer), bindparam("talk", type_=Integer)
    return (
        update(Slot)
        .where(
            among(Slot.id, "slot_ids"),
            Slot.state == "open",
            # Not "is nobody's, or": SQLite would look through all of the school's free places.
            func.coalesce(Slot.booking_id, booking_id) == booking_id,
            func.coalesce(Slot.reserved_for, invitee_id) == invitee_id,
            or_(
                func.coalesce(Slot.held_for, invitee_id) == invitee_id,
                Slot.held_until <= bindparam("now", type_=UtcDateTime),
            ),
        )
        .values(booking_id=booking_id, held_for=None, held_until=None)
        .returning(Slot.id)
    )


def withdrawn(run: Sequence[Place], booking_id: int, invitee_id: int, now: datetime) -> bool:
    """Tell whether nobody else has booked one of these places, and yet one of them is not for this talk.

    It is blocked, kept for another family, or offered to one. `booking_id`: of the talk itself.
    """
    rows = db.session.execute(
        select(Slot.state, Slot.booking_id, Slot.reserved_for, Slot.held_for, Slot.held_until).where(
            Slot.id.in_([place.id for place in run])
        )
    ).all()
    if any(slot.booking_id not in (None, booking_id) for slot in rows):
        return False
    mine = (None, invitee_id)
    return any(
        slot.state != "open"
        or slot.reserved_for not in mine
        or (slot.held_for not in mine and not (slot.held_until and slot.held_until <= now))
        for slot in rows
    )


def keep_no_other(invitee_id: int, booking_id: int) -> set[int]:
    """Keep no other place for a talk that has this time now; return the tables at which one is free."""
    db.session.flush()
    return {host_id for (host_id,) in fetch(_keep_no_other_statement(), talk=invitee_id, booking=booking_id)}


@cache
def _keep_no_other_statement() -> ReturningUpdate[tuple[int]]:
    booking_id = bindparam("booking", type_=Integer)
    return (
        update(Slot)
        .where(
            Slot.reserved_for == bindparam("talk", type_=Integer),
            Slot.booking_id.is_distinct_from(booking_id),
        )
        .values(reserved_for=None)
        .returning(Slot.host_id)
    )


def release(booking_ids: Collection[int]) -> set[int]:
    """Give the places of these bookings up; return the tables at which one is free now."""
    if not booking_ids:
        return set()
    freed = db.session.scalars(
        update(Slot)
        .where(Slot.booking_id.in_(booking_ids))
        .values(booking_id=None)
        .returning(Slot.host_id)
        .execution_options(synchronize_session=False)
    )
    return set(freed)
