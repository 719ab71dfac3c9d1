"""The mails at school about a letter: that one waits for other eyes, and that its author has it back.

They say that there is something to look at and nothing of what is in it: its title may name a child (R44).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select

from portal.access import OFFICE_ROLES, Viewer, letters_approved_by, notices_approved_by
from portal.domain import mail_trouble, outbox
from portal.domain.outbox import Person, Settled
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.letters import Letter
from portal.models.outbox import OutgoingMessage
from portal.words import gettext

TO_APPROVE, RETURNED = "letter_to_approve", "letter_returned"


def tell_approvers(letter: Letter, actor: Viewer, now: datetime) -> None:
    """Queue the mail about a letter that waits for other eyes than the actor's, to the rest of the office."""
    rows = db.session.execute(
        select(User.id, User.language)
        .join(StaffMember, StaffMember.user_id == User.id)
        .where(
            StaffMember.role.in_(OFFICE_ROLES),
            StaffMember.left_at.is_(None),
            User.email.is_not(None),
            User.id != actor.id,
        )
        .order_by(User.id)
    )
    _queue(TO_APPROVE, letter.id, [Person(*row) for row in rows], now)


def tell_author(letter: Letter, now: datetime) -> None:
    """Queue the mail to the author of a letter that somebody else made a draft of again."""
    rows = db.session.execute(
        select(User.id, User.language).where(User.id == letter.author_id, User.email.is_not(None))
    )
    _queue(RETURNED, letter.id, [Person(*row) for row in rows], now)


def _queue(kind: str, letter_id: int, people: list[Person], now: datetime) -> None:
    mails = [(one, letter_id, f"{kind}:{letter_id}:{one.id}:{now.isoformat()}") for one in people]
    outbox.queue_soon(kind, now, timedelta(0), mails)


def _settle(message: OutgoingMessage, user: User, _now: datetime) -> Settled:
    """Send the mail to who works here and whom it still concerns."""
    member = db.session.get(StaffMember, user.id)
    if member is None or member.left_at or not user.email or mail_trouble.known_trouble(user):
        return None
    reader = Viewer(id=user.id, role=member.role)
    if message.kind == TO_APPROVE:
        concerns = letters_approved_by(reader) | notices_approved_by(reader)
    else:
        concerns = (Letter.author_id == user.id) & Letter.returned_at.is_not(None)
    there = db.session.scalar(select(Letter.id).where(Letter.id == message.subject_id, concerns))
    if there is None:
        return None
    return user.email, {"link": f"{current_app.config['BASE_URL']}/staff/letters/{there}"}


SETTLE: dict[str, Callable[[OutgoingMessage, User, datetime], Settled]] = {
    TO_APPROVE: _settle,
    RETURNED: _settle,
}
"""Each kind of mail at school about a letter, and what settles it."""


def subject(kind: str) -> str:
    """Return the subject, which says nothing of what is in the letter."""
    if kind == TO_APPROVE:
        return gettext("A letter waits for your approval")
    return gettext("Your letter was given back to you")
