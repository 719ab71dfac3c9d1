"""Lets the guardians of a talk know what happened to it, by mails that tell what holds when they leave."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select

from portal.access.meetings import talk_offered_to
from portal.domain import outbox
from portal.extensions import db, fetch
from portal.models.accounts import User
from portal.models.meeting_talks import SlotOffer
from portal.models.meeting_tidings import TalkTold
from portal.models.meetings import Booking, Invitee
from portal.models.roster import Guardianship
from portal.statements import among

CHANGED = "meeting_changed"
OFFERED = "meeting_offered"

DELAY = timedelta(minutes=3)
"""Who books for several children, or thinks again, gets one mail."""


def tell(invitee_ids: Iterable[int], now: datetime) -> None:
    """Let the guardians of these talks know what became of them, together in one mail after some minutes.

    Whoever changed it: also when school did, and both guardians when the talk is theirs together. Also who
    was told a time before and does not have the talk any more.
    """
    db.session.flush()
    rows = fetch(_touched_query(), invitee_ids=list(invitee_ids))
    mails = {
        f"{CHANGED}:{round_id}:{user_id}": (outbox.Person(user_id, language), round_id)
        for user_id, language, round_id in rows
    }
    outbox.queue_soon(
        CHANGED, now, DELAY, [(person, round_id, key) for key, (person, round_id) in mails.items()]
    )


@cache
def _touched_query() -> Select[*tuple[Any, ...]]:
    was_told = exists().where(
        Booking.invitee_id == Invitee.id,
        TalkTold.booking_id == Booking.id,
        TalkTold.user_id == Guardianship.user_id,
        TalkTold.said != "",
    )
    return (
        select(User.id, User.language, Invitee.round_id)
        .join(Guardianship, Guardianship.user_id == User.id)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .where(
            among(Invitee.id, "invitee_ids"),
            Guardianship.revoked_at.is_(None),
            User.email.is_not(None),
            or_(talk_offered_to(Guardianship.user_id), was_told),
        )
        .order_by(User.id)
    )


def tell_of_offer(offer: SlotOffer, now: datetime) -> None:
    """Let the guardians of a talk know that a time is held for them."""
    offered = (Invitee.id == offer.invitee_id) & talk_offered_to(Guardianship.user_id)
    people = db.session.scalars(guardians_of(offered))
    mails = [(person, offer.id, f"{OFFERED}:{offer.id}:{person.id}") for person in people]
    outbox.queue_all(OFFERED, now, mails)


def guardians_of(talks: ColumnElement[bool]) -> Select[User]:
    """Return the query for the guardians with an address beside the children of these talks.

    `talks` says `Guardianship.user_id` for the guardian.
    """
    concerned = exists().where(
        Guardianship.user_id == User.id,
        Guardianship.revoked_at.is_(None),
        Invitee.pupil_id == Guardianship.pupil_id,
        talks,
    )
    return select(User).where(User.email.is_not(None), concerned).order_by(User.id)
