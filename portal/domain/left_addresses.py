"""An address that somebody has no longer: what is under way to it opens nothing, and it is told once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import exists, select

from portal.domain import mail_keys, mail_trouble, outbox
from portal.extensions import db
from portal.models.accounts import User

MAIL = "email_changed"


def leave_addresses(user_ids: Collection[int], now: datetime) -> None:
    """End the links to the addresses that these people are about to leave, and tell who has a login there."""
    mail_keys.withdraw_keys(user_ids, now)
    mail_trouble.forget_failures(user_ids)
    leaving = select(User).where(
        User.id.in_(user_ids), User.email.is_not(None), User.activated_at.is_not(None)
    )
    for user in db.session.scalars(leaving.order_by(User.id)):
        outbox.queue(MAIL, now, user=user, address=user.email)


def is_somebody_elses(address: str, user_id: int) -> bool:
    """Whether another person has the address by now: nobody reads there what is not about them."""
    return bool(db.session.scalar(select(exists().where(User.email == address, User.id != user_id))))
