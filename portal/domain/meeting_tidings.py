"""Lets the guardians of a talk know what happened to it, by mails that tell what holds when they leave."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import exists, or_, select

from portal.access.meetings import talk_offered_to
from portal.domain import outbox
from portal.extensions import db
from portal.models.accounts import User
from portal.models.meeting_talks import SlotOffer
from portal.models.meeting_tidings import TalkTold
from portal.models.meetings import Booking, Invitee
from portal.models.roster import Guardianship

CHANGED = "meeting_changed"
OFFERED = "meeting_offered"

DELAY = timedelta(minutes=3)
"""Who books for several children, or thinks again, gets one mail."""


def tell(invitee_ids: Iterable[int], now: datetime) -> None:
    """Let the guardians of these talks know what became of them, together in one mail after some minutes.

    Whoever changed it: also when school did, and both guardians when the talk is theirs together. Also who
    was told a time before and does not have the talk any more.
    """
    wanted = list(invitee_ids)
    was_told = exists().where(
        Booking.invitee_id == Invitee.id,
        TalkTold.booking_id == Booking.id,
        TalkTold.user_id == Guardianship.user_id,
        TalkTold.said != "",
    )
    rows = db.session.execute(
        select(User, Invitee.round_id)
        .join(Guardianship, Guardianship.user_id == User.id)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .where(
            Invitee.id.in_(wanted),
            Guardianship.revoked_at.is_(None),
            User.email.is_not(None),
            or_(talk_offered_to(Guardianship.user_id), was_told),
        )
        .order_by(User.id)
    )
    mails = {f"{CHANGED}:{row[1]}:{row[0].id}": (row[0], row[1]) for row in rows}
    outbox.queue_soon(CHANGED, now, DELAY, [(user, round_id, key) for key, (user, round_id) in mails.items()])


def tell_of_offer(offer: SlotOffer, now: datetime) -> None:
    """Let the guardians of a talk know that a time is held for them."""
    people = db.session.scalars(
        select(User)
        .join(Guardianship, Guardianship.user_id == User.id)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .where(
            Invitee.id == offer.invitee_id,
            Guardianship.revoked_at.is_(None),
            User.email.is_not(None),
            talk_offered_to(Guardianship.user_id),
        )
        .order_by(User.id)
    )
    mails = [(person, offer.id, f"{OFFERED}:{offer.id}:{person.id}") for person in people]
    outbox.queue_all(OFFERED, now, mails)
