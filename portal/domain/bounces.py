"""Reads what comes back to the address that our mail is sent from: a report, a machine's or a person's mail.

Pure: bytes in, facts out. Nothing that a mail says of itself is believed here; who the mail of ours was for
is settled by `returned_mail`.
"""

import email
import email.policy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses
from typing import Any

from portal.domain import bounce_words

MAX_REPORT = 2_000_000
LONGEST_TEXT = 100_000

BOUNCE, DELAY, AUTOMATIC, PERSON = "bounce", "delay", "automatic", "person"

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_MESSAGE_ID = re.compile(r"<[^<>\s@\x00-\x1f]{1,80}@[^<>\s@\x00-\x1f]{1,80}>")
_ADDRESS = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{1,189}")
_ANSWERED = re.compile(r"[\w.!#$%&'*+/{|}~-]{1,64}@[\w.-]{1,189}", re.ASCII)
"""To whom we write back: no address that hides another one in a code."""

_QUOTED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
_REPORTS = ("message/delivery-status", "message/global-delivery-status")
_SENT_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To", "Cc")
_SIGNS_OF_A_LIST = (
    "List-Id",
    "List-Unsubscribe",
    "Feedback-Id",
    "X-Loop",
    "X-Vacation",
)


@dataclass(frozen=True, slots=True)
class Returned:
    """What came back. `kind`: one of the constants above.

    `to`: the addresses it was sent to. `sender`: who wrote it. `status`: why a mail came back, like 5.1.1.
    `message_id`: the mail of ours that a report quotes, `recipient` the address that it names for it.
    `answers`: the mails that it says to be an answer to.
    """

    kind: str
    to: tuple[str, ...] = ()
    sender: str = ""
    status: str = ""
    message_id: str = ""
    recipient: str = ""
    answers: tuple[str, ...] = ()


def read(raw: bytes) -> Returned:
    """Return what a mail is. Anything may come in; what cannot be read is a machine's: nobody answers it."""
    try:
        return _read(email.message_from_bytes(raw[:MAX_REPORT], policy=email.policy.compat32))
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError):
        return Returned(AUTOMATIC)


def _read(message: Message) -> Returned:
    to = tuple(
        dict.fromkeys(address for name in _SENT_TO for address in _addresses(message.get_all(name, [])))
    )
    if report := next((part for part in _own_parts(message) if part.get_content_type() in _REPORTS), None):
        status, recipient = _failed(report)
        quoted = next((_quoted_id(part) for part in _own_parts(message) if _is_quoted(part)), "")
        return Returned(BOUNCE if status else DELAY, to, "", status, quoted, recipient)
    sender = next(iter(_addresses([message.get("From", "")])), "")
    if message.get_content_type() != "multipart/report" and not _is_absent(message):
        if found := _prose(message, sender):
            status, quoted = found
            return Returned(BOUNCE if status else DELAY, to, "", status, quoted)
        if _ANSWERED.fullmatch(sender) and not _is_automatic(message, sender):
            said = f"{_header(message, 'In-Reply-To')} {_header(message, 'References')}"
            return Returned(PERSON, to, sender, answers=tuple(_MESSAGE_ID.findall(said[:8000])))
    return Returned(AUTOMATIC, to)


def _own_parts(message: Any) -> Iterator[Message]:
    """The parts of a mail itself: what it encloses as another mail says nothing about this one."""
    yield message
    if message.get_content_maintype() == "multipart":
        payload = message.get_payload()
        for part in payload if isinstance(payload, list) else []:
            yield from _own_parts(part)


def _header(message: Message, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _addresses(headers: Iterable[object]) -> list[str]:
    """Return the addresses in headers, in lower case; encoded or broken ones are left out."""
    pairs = getaddresses([str(header)[:2000] for header in headers])
    return [found.lower() for _, found in pairs if _ADDRESS.fullmatch(found)]


# --- reports by the rules (RFC 3464) ----------------------------------------------------------------------


def _failed(report: Message) -> tuple[str, str]:
    """Return the code of the first address for which the report says that it failed, and that address."""
    blocks: Any = report.get_payload()
    for block in blocks if isinstance(blocks, list) else []:
        status = _STATUS.match(_header(block, "Status"))
        if _header(block, "Action").lower() == "failed":
            said = _header(block, "Diagnostic-Code").partition(";")[2]
            code = bounce_words.finer(status[0] if status else "", said)
            if not code.startswith("2"):
                return code, _named(block)
    return "", ""


def _named(block: Message) -> str:
    """Return the address as we wrote it, else the one that it led to."""
    named = _header(block, "Original-Recipient") or _header(block, "Final-Recipient")
    return named.partition(";")[2].strip().strip("<>").lower()[:254]


def _is_quoted(part: Message) -> bool:
    return part.get_content_type() in _QUOTED


def _quoted_id(part: Message) -> str:
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else payload
    return _id_in(inner.as_string() if isinstance(inner, Message) else str(inner))


def _id_in(text: str) -> str:
    found = re.search(rf"(?im)^message-id:\s*({_MESSAGE_ID.pattern})", text)
    return found[1] if found else ""


# --- reports in words -------------------------------------------------------------------------------------


def _prose(message: Message, sender: str) -> tuple[str, str] | None:
    """Return the code and the mail of a report in words; '' as the code of one about a delay."""
    subject, text = bounce_words.decoded(_header(message, "Subject")), _text(message)
    own, quoted = bounce_words.before_the_quote(text)
    late = bounce_words.says_delayed(subject, own)
    failed = "X-Failed-Recipients" in message or bounce_words.says_failed(subject, own)
    if not bounce_words.is_daemon(sender) or not (failed or late):
        return None
    attached = next((_quoted_id(part) for part in _own_parts(message) if _is_quoted(part)), "")
    if late:
        return "", attached
    return bounce_words.status_in(own), attached or _id_in(quoted)


def _text(message: Message) -> str:
    """Return the words of a mail, of its plain part when it has one."""
    found: dict[str, str] = {}
    for part in _own_parts(message):
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and kind not in found:
            payload = part.get_payload(decode=True)
            words = payload[:LONGEST_TEXT] if isinstance(payload, bytes) else b""
            found[kind] = _decoded(words, part.get_content_charset("utf-8"))
    return found.get("text/plain") or bounce_words.without_tags(found.get("text/html", ""))


def _decoded(words: bytes, charset: str) -> str:
    try:
        return words.decode(charset, "replace")
    except LookupError:
        return words.decode("utf-8", "replace")


# --- machines (RFC 3834) ----------------------------------------------------------------------------------


def _is_absent(message: Message) -> bool:
    """Whether somebody's program says that they are away: whatever its words are, nothing came back."""
    return bounce_words.says_absent(bounce_words.decoded(_header(message, "Subject")))


def _is_automatic(message: Message, sender: str) -> bool:
    """Whether a machine wrote a mail, or it went to many: those are never answered."""
    submitted = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or _header(message, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply")
        or _header(message, "Return-Path") == "<>"
        or any(name.lower().startswith("x-auto") for name in message)
        or any(name in message for name in _SIGNS_OF_A_LIST)
        or bounce_words.is_machine(sender)
    )
