"""The address to which a mail comes back: one for each sending, that says by itself which one it was.

`MAIL_BOUNCE_ADDRESS` names the school's: 'portaal@school.nl' (a mail goes out from 'portaal+…@school.nl'), or
a domain of its own, 'bounce.school.nl'. The part with dots is signed: who was not sent a mail cannot make its
address. A mail server may write it in lower case, so there are no capitals in it.
"""

import base64
import hmac
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app

from portal import clock
from portal.tokens import keyed_hash

VALID_FOR = timedelta(days=21)
"""Mail servers give up within days; what comes later says nothing of today."""

_EPOCH = date(2024, 1, 1)
_TOKEN = re.compile(r"(?:^|[+=])b(\d{1,12})x(\d{1,4})-(\d{1,5})-([a-z2-7]{6})([a-z2-7]{16})@", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sending:
    """A mail of the outbox, which time it was sent, and to which address, as a mark that only we can make."""

    message_id: int
    attempt: int
    mark: str

    def went_to(self, address: str) -> bool:
        """Whether it was sent to this address."""
        return hmac.compare_digest(self.mark, _mark(address))


def _short(purpose: str, value: str, length: int) -> str:
    code = base64.b32encode(bytes.fromhex(keyed_hash(purpose, value))).decode().lower()
    return code[:length]


def _mark(address: str) -> str:
    return _short("bounce address", address.lower(), 6)


def _signature(message_id: int, attempt: int, day: int, mark: str) -> str:
    return _short("bounce", f"{message_id}.{attempt}.{day}.{mark}", 16)


def address_of(message_id: int, attempt: int, recipient: str, now: datetime) -> str:
    """Return the address from which a mail is sent; '' when the school has none for what comes back."""
    base = str(current_app.config["MAIL_BOUNCE_ADDRESS"])
    if not base:
        return ""
    day, mark = (clock.to_local(now).date() - _EPOCH).days, _mark(recipient)
    token = f"b{message_id}x{attempt}-{day}-{mark}{_signature(message_id, attempt, day, mark)}"
    name, _, domain = base.rpartition("@")
    return f"{name}+{token}@{domain}" if name else f"{token}@{domain}"


def read_by_us() -> str:
    """Return the address at which the portal reads answers, to say where to write; '' when it reads none."""
    base = str(current_app.config["MAIL_BOUNCE_ADDRESS"]).lower()
    return base if "@" in base or not base else f"antwoord@{base}"


def looks_like_one(address: str) -> bool:
    """Whether an address says to be one of ours; whether it is, is another question."""
    return bool(_TOKEN.search(address))


def sending_of(address: str, now: datetime) -> Sending | None:
    """Return what was sent from an address; None when we did not make it, or long ago."""
    found = _TOKEN.search(address.lower())
    if found is None:
        return None
    message_id, attempt, day, mark = int(found[1]), int(found[2]), int(found[3]), found[4]
    if not hmac.compare_digest(found[5], _signature(message_id, attempt, day, mark)):
        return None
    sent_on = _EPOCH + timedelta(days=day)
    return Sending(message_id, attempt, mark) if clock.to_local(now).date() - sent_on <= VALID_FOR else None
