"""Whether a mail server that refuses a mail without saying why means its address, or the school.

A relay that is set wrongly, or of which the day's share is used up, may answer a bare '550' to everybody, and
so does one that does not know a mailbox. So such a mail waits. What is believed is a third refusal, when the
server took a mail to somebody else between the two before it (decision 046).
"""

from datetime import datetime, timedelta
from email.utils import parseaddr

from flask import current_app
from sqlalchemy import ColumnElement, exists, select, true

from portal.domain.outbox import wait_after
from portal.extensions import db
from portal.models.accounts import User
from portal.models.outbox import OutgoingMessage

IN_DOUBT, FOR_ITSELF = "in doubt", "for itself"
"""Behind the code with which a mail waits: nothing is known yet; others were taken while it was refused."""

WINDOW = timedelta(minutes=15)
"""In this time it is refused, another taken and it refused again: longer, and another day's share began."""


def doubt(message_id: int, recipient: str, code: int, now: datetime) -> str:
    """Return with which words a mail waits that was refused just now; '' when that is its address's fault."""
    message = db.session.get_one(OutgoingMessage, message_id, populate_existing=True)
    if message.failure == f"{code} {FOR_ITSELF}":
        return ""
    refused_at = message.due_at - wait_after(message.attempts - 1)
    is_known = (
        message.failure == f"{code} {IN_DOUBT}"
        and now <= refused_at + WINDOW
        and _took_another(recipient, refused_at, now)
    )
    return f"{code} {FOR_ITSELF if is_known else IN_DOUBT}"


def _took_another(recipient: str, since: datetime, until: datetime) -> bool:
    """Whether the mail server took a mail to somebody else, as far away as this one."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    OutgoingMessage.sent_at > since,
                    OutgoingMessage.sent_at <= until,
                    User.id == OutgoingMessage.user_id,
                    User.email != recipient,
                    _as_far_away(recipient),
                )
            )
        )
    )


def _as_far_away(recipient: str) -> ColumnElement[bool]:
    """Leave out the school's own addresses for one elsewhere: many relays take those from everybody."""
    sender = parseaddr(str(current_app.config["MAIL_DEFAULT_SENDER"]))[1]
    own = f"@{sender.rpartition('@')[2].lower()}"
    if recipient.lower().endswith(own):
        return true()
    return ~User.email.iendswith(own, autoescape=True)
