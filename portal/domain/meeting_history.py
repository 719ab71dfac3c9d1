"""What was done about each talk, for the office and, their own part, for the guardian ('I did book')."""

from datetime import datetime

from portal.access import Viewer
from portal.extensions import db
from portal.models.meeting_talks import MeetingEvent
from portal.models.meetings import Invitee

EVENTS = (
    "invited", "booked", "moved", "cancelled", "declined", "waits", "offered", "passed", "expired", "ended",
    "asked", "reserved", "changed",
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
    db.session.add(
        MeetingEvent(
            round_id=invitee.round_id,
            invitee_id=invitee.id,
            what=what,
            actor_id=actor.id if actor else None,
            at=now,
            starts_at=starts_at,
            was_at=was_at,
        )
    )
