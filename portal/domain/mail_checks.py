"""Whether mail goes out as it should and what comes back is read, for `portal check`."""

import imaplib
import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parseaddr

from flask import current_app

from portal.domain import bounce_addresses, mail_pace
from portal.domain.findings import Finding
from portal.domain.school import SchoolFacts
from portal.imap import open_mailbox
from portal.mailer import MailDelayed, is_readable_on_the_way, mail_folder, mail_server

LONGEST_NAME = 64
"""Of what stands before the @ of an address (RFC 5321)."""

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9._-]+", re.IGNORECASE)
_A_LATE_MAIL = 99_999_999, 99
_SOMEBODY = "guardian@example.nl"


def findings(facts: SchoolFacts, now: datetime) -> Iterator[Finding]:
    """Look at the settings of mail, and at the servers that they name."""
    yield _server(facts)
    yield _pace()
    yield _answers(facts)
    if not facts.is_demo:
        yield _bounce_address(now)
        if current_app.config["MAIL_IMAP_SERVER"]:
            yield _mailbox()


def _server(facts: SchoolFacts) -> Finding:
    if folder := mail_folder():
        return Finding(True, "mail", f"not set: sent to nobody, kept in {folder}; see PORTAL_MAIL_SERVER")
    name = current_app.config["MAIL_SERVER"]
    if not current_app.config["MAIL_DEFAULT_SENDER"]:
        return Finding(False, "mail", "has no sender; set PORTAL_MAIL_DEFAULT_SENDER")
    if is_readable_on_the_way():
        return Finding(False, "mail", f"{name} gets it unencrypted; set PORTAL_MAIL_USE_TLS or _SSL to true")
    try:
        with mail_server():
            demo = ", and gets what this demo school sends" if facts.is_demo else ""
            return Finding(True, "mail", f"{name} answers{demo}")
    except MailDelayed as error:
        return Finding(False, "mail", f"{name} does not take mail ({error.reason})")


def _pace() -> Finding:
    number = mail_pace.per_minute()
    if number is None:
        said = current_app.config["MAIL_PER_MINUTE"]
        wrong = f"PORTAL_MAIL_PER_MINUTE is no number of mails ({said!r}); {mail_pace.PER_MINUTE} is kept to"
        return Finding(False, "mail pace", wrong)
    return Finding(True, "mail pace", f"at most {number} a minute" if number else "as fast as it can")


def _answers(facts: SchoolFacts) -> Finding:
    """Who answers a mail must hear something; a mail says so when that cannot be."""
    if facts.email:
        return Finding(True, "answers", f"go to {facts.email}")
    if portal := bounce_addresses.read_by_us():
        return Finding(True, "answers", f"go to {portal}, where the portal says where to write")
    return Finding(
        True, "answers", "are read by nobody, as each mail says; fill in the e-mail address of school"
    )


def _bounce_address(now: datetime) -> Finding:
    config = current_app.config
    base, about = str(config["MAIL_BOUNCE_ADDRESS"]), "mail that comes back"
    if not base and config["MAIL_IMAP_SERVER"]:
        missing = "has no address to come back to; set PORTAL_MAIL_BOUNCE_ADDRESS to that of the mailbox"
        return Finding(False, about, missing)
    if not base:
        return Finding(True, about, "is not seen by the portal; see PORTAL_MAIL_BOUNCE_ADDRESS")
    if trouble := _trouble_with(base, now):
        return Finding(False, about, f"cannot: PORTAL_MAIL_BOUNCE_ADDRESS {trouble} ({base!r})")
    name, _, domain = base.rpartition("@")
    return Finding(True, about, f"comes to {f'{name}+' if name else ''}…@{domain}{_way(domain)}")


def _trouble_with(base: str, now: datetime) -> str:
    """Each mail must come back to an address of its own that proves by itself which mail it was."""
    name, _, domain = base.rpartition("@")
    if not _DOMAIN.fullmatch(domain) or ("@" in base and not _NAME.fullmatch(name)):
        return "is no address and no domain"
    made = bounce_addresses.address_of(*_A_LATE_MAIL, _SOMEBODY, now)
    too_long = len(made.rpartition("@")[0]) - LONGEST_NAME
    if too_long > 0:
        return f"has more than {len(name) - too_long} signs before its @"
    sending = bounce_addresses.sending_of(made, now)
    known = sending is not None and sending.went_to(_SOMEBODY)
    return "" if known else "makes addresses that would not be known as ours"


def _way(domain: str) -> str:
    config = current_app.config
    said = ""
    if not config["MAIL_IMAP_SERVER"]:
        said += "; no mailbox is set, so a mail server must pipe it to `portal bounces`"
    sender = parseaddr(str(config["MAIL_DEFAULT_SENDER"]))[1].rpartition("@")[2]
    if sender and sender.lower().split(".")[-2:] != domain.lower().split(".")[-2:]:
        said += f"; it is not in {sender}, so only DKIM shows mail providers that mail is from there"
    return said


def _mailbox() -> Finding:
    config = current_app.config
    name = config["MAIL_IMAP_SERVER"]
    for setting in ("MAIL_IMAP_USERNAME", "MAIL_IMAP_PASSWORD"):
        if not config[setting]:
            return Finding(False, "mailbox", f"PORTAL_{setting} is not set")
    try:
        with open_mailbox():
            return Finding(True, "mailbox", f"{name} lets us in")
    except imaplib.IMAP4.error as error:
        return Finding(False, "mailbox", f"{name} does not let us in ({str(error)[:100]})")
    except (OSError, ValueError) as error:
        return Finding(False, "mailbox", f"{name} does not answer ({type(error).__name__})")
