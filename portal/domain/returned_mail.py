"""What is done with what comes back: lost mail is noted, and who answers our mail hears where to write.

The signed address that something was sent to says which mail it is about, and nothing in it says otherwise.
"""

from datetime import datetime

from sqlalchemy import exists, select

from portal import clock
from portal.access import admitted
from portal.domain import bounce_addresses, mail_trouble, outbox
from portal.domain.bounce_addresses import Sending
from portal.domain.bounces import BOUNCE, PERSON, Returned
from portal.extensions import db
from portal.models.accounts import User
from portal.models.outbox import OutgoingMessage
from portal.tokens import keyed_hash

ANSWER = "where_to_write"
"""The kind of the mail to who answered ours; it goes to an address that need not be known at school."""

NOTED, ANSWERED, NOTHING = "noted", "answered", "nothing"


def take_in(found: Returned, now: datetime) -> str:
    """Do what has to be done with what came back; returns what that was.

    A report is noted once, whoever sends it once more. Raises nothing for whatever comes in.
    """
    if found.kind == BOUNCE:
        return NOTED if _note_bounce(found, now) else NOTHING
    if found.kind == PERSON and _answers_ours(found, now):
        _say_where_to_write(found.sender, now)
        return ANSWERED
    return NOTHING


def _note_bounce(found: Returned, now: datetime) -> bool:
    signed = [address for address in found.to if bounce_addresses.looks_like_one(address)]
    which: Sending | str | None = found.message_id or None
    if signed:
        # Who signs wrongly, or too late, is not asked for other proof.
        which = next((one for one in (bounce_addresses.sending_of(to, now) for to in signed) if one), None)
    message = outbox.note_bounced(which, found.status, now) if which else None
    if message is None:
        return False
    address = _address_of(message)
    if isinstance(which, Sending):
        same = bool(address) and which.went_to(address)
    else:
        same = found.recipient in ("", address)
    mail_trouble.note_returned(message, found.status, same, now)
    return True


def _address_of(message: OutgoingMessage) -> str:
    found = db.session.scalar(select(User.email).where(User.id == message.user_id))
    return (found or "").lower()


def _answers_ours(found: Returned, now: datetime) -> bool:
    """Whether a person answers a mail of ours, or is somebody whom the school knows.

    Others get no mail from us: what they say of who they are may be somebody else's address.
    """
    if found.sender in (bounce_addresses.read_by_us(), *found.to) or bounce_addresses.looks_like_one(
        found.sender
    ):
        return False
    if any(bounce_addresses.sending_of(address, now) for address in found.to):
        return True
    known = exists().where(User.email == found.sender, admitted())
    ours = exists().where(OutgoingMessage.message_id.in_(found.answers))
    return bool(db.session.scalar(select(known)) or (found.answers and db.session.scalar(select(ours))))


def _say_where_to_write(sender: str, now: datetime) -> None:
    """Answer by mail, at most once a day to one address."""
    language = db.session.scalar(select(User.language).where(User.email == sender)) or "nl"
    day = clock.to_local(now).date()
    key = f"{ANSWER}:{keyed_hash(ANSWER, sender)[:32]}:{day}"
    outbox.queue(ANSWER, now, address=sender, language=language, dedupe_key=key)
