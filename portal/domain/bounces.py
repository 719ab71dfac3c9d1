"""Mail that comes back: reads the report that a mail server sends (RFC 3464)."""

import email
import email.policy
import re
from dataclasses import dataclass
from email.message import EmailMessage, Message

MAX_REPORT = 2_000_000
_STATUS = re.compile(r"^[45]\.\d{1,3}\.\d{1,3}$")
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,80}@[^<>\s@]{1,80}>")


@dataclass(frozen=True, slots=True)
class Bounce:
    """Which mail came back, the code that says why, and for which address ('' when not said)."""

    message_id: str
    status: str
    recipient: str = ""


def read_report(report: bytes) -> Bounce | None:
    """Return what a report says of one of our mails; None when it is no report, or only of a delay."""
    message = email.message_from_bytes(report[:MAX_REPORT], policy=email.policy.default)
    status, recipient, original = "", "", ""
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            if not status:
                status, recipient = _failed_status(part)
        elif kind in ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
            original = original or _message_id(part)
    return Bounce(original, status, recipient) if status and original else None


def _failed_status(part: EmailMessage) -> tuple[str, str]:
    """Return the code of the first address for which the report says that it failed, and that address."""
    blocks = part.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        if not isinstance(block, Message):
            continue
        status = str(block.get("Status", "")).split(" ")[0].strip()
        if str(block.get("Action", "")).strip().lower() == "failed" and _STATUS.match(status):
            return status, _address(block)
    return "", ""


def _address(block: Message) -> str:
    """Return the address as we wrote it, else the one that it led to."""
    typed = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
    return typed.partition(";")[2].strip().strip("<>").lower()[:254]


def _message_id(part: EmailMessage) -> str:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else payload
    headers = inner.as_string() if isinstance(inner, Message) else str(inner)
    found = re.search(rf"(?im)^message-id:\s*({_MESSAGE_ID.pattern})", headers)
    return found[1] if found else ""
