"""The screen in the hall: which table is how late, and who comes next, at a secret address.

A child's sign stands there only when its guardians come together. Of a talk apart nothing stands there: the
other guardian would read when it is (R20, R22).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from portal import access, clock, names
from portal.access import Viewer, hash_of
from portal.domain import audit, meeting_tables
from portal.domain.holding import hold
from portal.domain.meeting_twins import joined_to
from portal.extensions import db
from portal.formatting import spoken_list
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound
from portal.models.roster import Pupil
from portal.tokens import new_nonce, token_for

PURPOSE = "hall"
SHOWN = 4
"""So many talks of a table stand on the screen."""


@dataclass(frozen=True, slots=True)
class Line:
    """A talk that is to come: at what time, and the sign of the child."""

    starts_at: datetime
    sign: str


@dataclass(frozen=True, slots=True)
class Door:
    """A table on the screen."""

    teachers: tuple[str, ...]
    groups: tuple[str, ...]
    room: str
    late: int
    lines: tuple[Line, ...]


def signs_of(pupils: Iterable[Pupil], hall_names: str) -> str:
    """Return how the children of a talk are named in public: by first name or initials, as the round says."""
    return spoken_list(_sign(pupil, hall_names) for pupil in pupils)


def _sign(pupil: Pupil, hall_names: str) -> str:
    if hall_names == "first_names" and pupil.given_name:
        return pupil.given_name
    return ". ".join(names.initials(pupil.given_name, pupil.surname)) + "."


def doors(round_: MeetingRound, now: datetime) -> list[Door]:
    """Return the tables with talks today, and who comes next at each; a constant number of queries."""
    day = clock.to_local(now).date()
    hosts = list(db.session.scalars(select(MeetingHost.id).where(MeetingHost.round_id == round_.id)))
    late = meeting_tables.lateness(hosts, day)
    lines: dict[int, list[Line]] = {host_id: [] for host_id in _hosts_today(hosts, now)}
    talks = db.session.execute(
        select(Booking, Pupil)
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .where(
            Booking.host_id.in_(lines),
            Booking.cancelled_at.is_(None),
            Booking.outcome == "",
            Invitee.guardian_id.is_(None),
            Booking.starts_at > now - timedelta(days=1),
            Booking.starts_at < now + timedelta(days=1),
        )
        .order_by(Booking.starts_at)
    ).all()
    too = joined_to((booking.invitee_id for booking, _ in talks), Invitee.guardian_id.is_(None))
    for booking, pupil in talks:
        behind = timedelta(minutes=late.get(booking.host_id, 0))
        if clock.to_local(booking.starts_at).date() == day and booking.ends_at + behind > now:
            pupils = [pupil, *too.get(booking.invitee_id, ())]
            lines[booking.host_id].append(Line(booking.starts_at, signs_of(pupils, round_.hall_names)))
    return [
        Door(
            table.teachers,
            table.groups,
            table.room,
            late.get(table.host.id, 0),
            tuple(lines[table.host.id][:SHOWN]),
        )
        for table in meeting_tables.tables_with(lines)
    ]


def _hosts_today(host_ids: list[int], now: datetime) -> list[int]:
    """Return the tables with places today, whether or not anybody comes: so an empty one tells nothing."""
    first, last = (clock.to_local(now).replace(hour=hour, minute=0, second=0) for hour in (0, 23))
    return meeting_tables.with_places(host_ids, first, last + timedelta(hours=1))


def address_of(round_: MeetingRound) -> str | None:
    """Return the secret address of a round's screen, None while there is none."""
    if round_.hall_nonce is None:
        return None
    return f"{current_app.config['BASE_URL']}/hall/{token_for(PURPOSE, round_.id, round_.hall_nonce)}"


def open_hall(round_: MeetingRound, actor: Viewer) -> None:
    """Make a new secret address for the screen; the one before no longer works."""
    hold(round_)
    round_.hall_nonce = new_nonce()
    round_.hall_hash = hash_of(token_for(PURPOSE, round_.id, round_.hall_nonce))
    audit.record(actor, "open_hall", "meeting_round", round_.id)


def close_hall(round_: MeetingRound, actor: Viewer) -> None:
    """Let the screen show nothing any more."""
    hold(round_)
    round_.hall_nonce = round_.hall_hash = None
    audit.record(actor, "close_hall", "meeting_round", round_.id)


def round_of(token: str) -> MeetingRound | None:
    """Return the round whose screen this secret address shows."""
    return db.session.scalars(select(MeetingRound).where(access.hall_opened_by(token))).one_or_none()
