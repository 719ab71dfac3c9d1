"""What was done about each talk, for the office and, their own part, for the guardian ('I did book')."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Exists, exists, select

from portal import access
from portal.access import Viewer
from portal.extensions import add_row, db
from portal.models.meeting_talks import MeetingEvent
from portal.models.meetings import Booking, Invitee
from portal.models.roster import Guardianship, Pupil

EVENTS = (
    "invited", "booked", "moved", "cancelled", "declined", "waits", "offered", "passed", "expired", "ended",
    "asked", "reserved", "changed", "reopened", "joined", "parted", "wished",
)  # fmt: skip
"""What can be done about a talk; templates have a sentence for each."""


def note(
    invitee: Invitee,
    what: str,
    actor: Viewer | None,
    now: datetime,
    *,
    starts_at: datetime | None = None,
    was_at: datetime | None = None,
) -> None:
    """Keep that something was done about a talk. `actor` None: the portal itself did it."""
    add_row(
        MeetingEvent,
        round_id=invitee.round_id,
        invitee_id=invitee.id,
        what=what,
        actor_id=actor.id if actor else None,
        at=now,
        starts_at=starts_at,
        was_at=was_at,
    )


def changed_by_school(booking_ids: Collection[int]) -> set[int]:
    """Return which of these bookings school moved or changed, and no guardian after it."""
    if not booking_ids:
        return set()
    rows = db.session.execute(
        select(Booking.id, _is_by_guardian())
        .join(MeetingEvent, MeetingEvent.invitee_id == Booking.invitee_id)
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .where(Booking.id.in_(booking_ids), MeetingEvent.what.in_(("moved", "changed")))
        .order_by(MeetingEvent.at, MeetingEvent.id)
    )
    last = {number: by_guardian for number, by_guardian in rows}
    return {number for number, by_guardian in last.items() if not by_guardian}


def _is_by_guardian() -> Exists:
    """The condition for an event that a guardian of the child caused."""
    return exists().where(
        Guardianship.pupil_id == Invitee.pupil_id, Guardianship.user_id == MeetingEvent.actor_id
    )


@dataclass(frozen=True, slots=True)
class FamilyEvent:
    """One thing that was done about a guardian's own talk.

    `who`: 'you', 'other' (the other guardian), 'school' or 'portal'.
    """

    what: str
    who: str
    called: str
    at: datetime
    starts_at: datetime | None
    was_at: datetime | None


def history_of_family(viewer: Viewer, round_id: int) -> list[FamilyEvent]:
    """Return what was done about the viewer's own talks in a round, the newest first."""
    rows = db.session.execute(
        select(MeetingEvent, Pupil, _is_by_guardian())
        .join(Invitee, Invitee.id == MeetingEvent.invitee_id)
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .where(MeetingEvent.round_id == round_id, access.meeting_history_of(viewer))
        .order_by(MeetingEvent.at.desc(), MeetingEvent.id.desc())
    )
    return [
        FamilyEvent(
            event.what,
            _who(event.actor_id, guards, viewer),
            pupil.given_name or pupil.surname,
            event.at,
            event.starts_at,
            event.was_at,
        )
        for event, pupil, guards in rows
    ]


def _who(actor_id: int | None, guards: bool, viewer: Viewer) -> str:
    if actor_id is None:
        return "portal"
    if actor_id == viewer.id:
        return "you"
    return "other" if guards else "school"
