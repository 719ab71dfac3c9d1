"""The words in which mail servers say that a mail did not arrive, where they do not say it by the rules.

Postfix, Exim, Exchange and Office 365, Gmail and Outlook each have their own; the codes in them are those of
RFC 3463. What is not certain gets a code that counts for little ('5.0.0').
"""

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from html import unescape

UNCERTAIN = "5.0.0"
NO_SUCH_USER, FULL, UNWANTED = "5.1.1", "2.2", "5.7.1"

_DAEMON = re.compile(
    r"(mailer[-_.]?daemon|mail[-_.]?daemon|postmaster|mail[-_.]delivery[-_.a-z]*|microsoftexchange[0-9a-f]+)@"
)
_MACHINE = re.compile(
    r"(no[-_.]?reply|do[-_.]?not[-_.]?reply|donotreply|bounces?|notifications?)([-+_.=].*)?@"
)
_ABSENT = re.compile(
    r"^\W*((auto(matic|matisch|matische|matische)?[ -]?(reply|response|antwoord|replied|respons|svar))"
    r"|out[ -]of[ -](the[ -])?office|afwezig|afwezigheid|vakantie|vacation|on (holiday|leave)"
    r"|abwesen|automatische antwort|r.ponse automatique|absence|respuesta autom|risposta automatica|ooo\b)",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"undeliver|returned mail|return(ing|ed) (message|mail) to sender|failure notice|delivery (has )?fail"
    r"|delivery status notification \(failure\)|delivery failure|mail delivery fail|could not be delivered"
    r"|couldn.t be delivered|wasn.t delivered|was not delivered|did not reach|not delivered|onbestelbaar"
    r"|niet (worden )?(bezorgd|afgeleverd)|unzustellbar|non remis",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"\(delay\)|delayed|still being retried|will be retried|continue to (try|attempt)|keep trying"
    r"|still trying|do not need to resend|has not yet been delivered|is vertraagd|nog niet bezorgd"
    r"|warning message only",
    re.IGNORECASE,
)
_QUOTE = re.compile(
    r"^[-\s]*("
    r"this is a copy of (the|your) message|below this line is a copy|original message( headers)?\b"
    r"|message headers follow|forwarded message|oorspronkelijk bericht"
    r").*$",
    re.IGNORECASE | re.MULTILINE,
)
_HEADERS_BEGIN = re.compile(
    r"^(received|return-path|dkim-signature|message-id): ", re.IGNORECASE | re.MULTILINE
)

_CODE = r"(?<![\d.])([45]\.\d{1,2}\.\d{1,3})(?![\d.])"
_BESIDE_REPLY = re.compile(rf"\b[45]\d\d[ -]#?{_CODE}")
_MARKED = re.compile(rf"#(?:[45]\d\d )?{_CODE}|\(#?{_CODE}\)|\bstatus(?: code)?:? {_CODE}", re.IGNORECASE)
_ALONE = re.compile(_CODE)
_REPLY = re.compile(r"(?<![\d.:])([45])[0-7]\d[ -](?=\D)")

_UNKNOWN = re.compile(
    r"user unknown|unknown (user|recipient|address|local)|no such (user|mailbox|recipient|address|person)"
    r"|(do(es)?|did) ?n.t exist|does not exist|mailbox (unavailable|not found|does)|address not found"
    r"|(couldn.t|could not|wasn.t|was not) (be )?found|invalid (recipient|mailbox)|recipient not found"
    r"|recipientnotfound|no mailbox here|unroutt?eable|doesn.t have a [\w.]+ account"
    r"|not a valid (mailbox|user)|recipient address rejected: (access denied|user)"
    r"|bestaat niet|niet gevonden",
    re.IGNORECASE,
)
_FULL = re.compile(
    r"quota|mailbox (is )?full|insufficient storage|out of storage|(mailbox|postvak) .{0,20}\bvol\b",
    re.IGNORECASE,
)
_UNWANTED = re.compile(
    r"spam|blocked|blacklist|blocklist|reputation|policy|dmarc|spf\b|dkim|rejected due to content|denied by",
    re.IGNORECASE,
)
_NO_HOST = re.compile(
    r"host (or domain name )?not found|domain (name )?(does not exist|not found)", re.IGNORECASE
)


def decoded(header: str) -> str:
    """Return a header as it is read, whatever its encoding."""
    try:
        return str(make_header(decode_header(header)))
    except (HeaderParseError, LookupError, ValueError):
        return header


def without_tags(html: str) -> str:
    """Return the words of a page, a line for each block."""
    lines = re.sub(r"(?i)<(br|/p|/div|/tr|/h\d|/li)[^>]*>", "\n", html)
    return unescape(re.sub(r"<[^>]{0,2000}>", " ", lines))


def is_daemon(address: str) -> bool:
    """Whether mail servers write their reports from an address like this."""
    return bool(_DAEMON.match(address))


def is_machine(address: str) -> bool:
    """Whether nobody reads what is sent to an address like this."""
    return is_daemon(address) or bool(_MACHINE.match(address))


def says_absent(subject: str) -> bool:
    """Whether the subject is that of somebody's program that answers while they are away."""
    return bool(_ABSENT.match(subject))


def before_the_quote(text: str) -> tuple[str, str]:
    """Return a report's own words, and what it quotes of our mail: our words say nothing of what happened."""
    starts = [found.start() for pattern in (_QUOTE, _HEADERS_BEGIN) if (found := pattern.search(text))]
    end = min(starts, default=len(text))
    return text[:end], text[end:]


def says_failed(subject: str, text: str) -> bool:
    """Whether a mail server says that a mail did not arrive."""
    return bool(_FAILED.search(subject) or _FAILED.search(text))


def says_delayed(subject: str, text: str) -> bool:
    """Whether it says that it goes on trying."""
    return bool(_DELAYED.search(subject) or _DELAYED.search(text))


def status_in(text: str) -> str:
    """Return the code that a report in words gives, or that its words mean."""
    for pattern in (_BESIDE_REPLY, _MARKED, _ALONE):
        if found := pattern.search(text):
            return finer(next(code for code in found.groups() if code), text)
    reply = _REPLY.search(text)
    return _meant(text, reply[1] if reply else "5") or (f"{reply[1]}.0.0" if reply else UNCERTAIN)


def finer(status: str, said: str) -> str:
    """Return the code of a report; where it says nothing in particular, what the mail server's words mean.

    Exim writes 5.0.0 always, and Microsoft 5.4.1 and 5.5.0 for an address that does not exist.
    """
    if status and not status.endswith(".0.0") and status not in ("5.4.1", "5.5.0"):
        return status
    for pattern in (_BESIDE_REPLY, _ALONE):
        found = pattern.search(said)
        if found and found[1] != status and not found[1].endswith(".0.0"):
            return finer(found[1], said)
    reply = _REPLY.search(said)
    return _meant(said, status[:1] or (reply[1] if reply else "5")) or status or UNCERTAIN


def _meant(text: str, kind: str) -> str:
    """Return the code for what words say; '' when they say nothing. `kind`: '4' of what may pass, or '5'."""
    if _FULL.search(text):
        return f"{kind}.{FULL}"
    if kind == "4":
        return ""
    if _UNKNOWN.search(text):
        return NO_SUCH_USER
    if _NO_HOST.search(text):
        return "5.1.2"
    return UNWANTED if _UNWANTED.search(text) else ""
