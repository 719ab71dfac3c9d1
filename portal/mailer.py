"""The way to the mail server: encrypted where asked, its certificate checked, and never waited for too long.

Flask-Mail by itself checks no certificate and waits forever.
"""

import os
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from flask import current_app
from flask_mail import Connection, Message

_STATUS = re.compile(r"5\.\d{1,3}\.\d{1,3}\b")
_OUR_STATUS = re.compile(r"5\.1\.[78]\b|5\.3\.|5\.4\.5\b|5\.7\.")
_THEIR_STATUS = re.compile(r"5\.1\.[1-9]|5\.2\.")
_LOGIN_CODES = (530, 534, 535, 538)
_OUR_CODES = (*_LOGIN_CODES, 554)
_OUR_WORDS = re.compile(r"relay|authenticat|sender|\bhelo\b|\behlo\b", re.IGNORECASE)


class MailRefused(Exception):
    """The mail server will never take this message for this address.

    `code` is its answer, like 550; `status` the finer one, like 5.1.1, or else '550' of an address that was
    refused and '5.0.0' of a mail that was.
    """

    def __init__(self, code: int, status: str = "") -> None:
        super().__init__(str(code))
        self.code = code
        self.status = status or str(code)

    @property
    def is_certain(self) -> bool:
        """Whether it says that the address or its mailbox is at fault; else that may be anything, us too."""
        return bool(_THEIR_STATUS.match(self.status))


class MailDelayed(Exception):
    """The message could not be handed over now; the same message may go later. `reason` names no person.

    A reason in digits only is about this message; anything else is about all of them.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Unencrypted(smtplib.SMTPException):
    """The password of the school would go over the network for anybody to read."""


class MailServer(Connection):
    """A connection to the school's mail server."""

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        """Return the server, greeted and logged in to. Raises Unencrypted rather than show the password."""
        config = current_app.config
        logs_in = config.get("MAIL_USERNAME") and config.get("MAIL_PASSWORD")
        if logs_in and is_readable_on_the_way():
            raise Unencrypted
        own_name = urlsplit(config["BASE_URL"]).hostname or "localhost"
        server, port, timeout = config["MAIL_SERVER"], int(config["MAIL_PORT"]), float(config["MAIL_TIMEOUT"])
        host: smtplib.SMTP | smtplib.SMTP_SSL
        if config.get("MAIL_USE_SSL"):
            host = smtplib.SMTP_SSL(server, port, own_name, timeout=timeout, context=_trusted())
        else:
            host = smtplib.SMTP(server, port, own_name, timeout)
        try:
            if config.get("MAIL_USE_TLS"):
                host.starttls(context=_trusted())
            if logs_in:
                host.login(config["MAIL_USERNAME"], config["MAIL_PASSWORD"])
        except BaseException:
            host.close()
            raise
        return host

    def deliver(self, message: Message, comes_back_to: str = "") -> None:
        """Hand one message over; what becomes of it comes back to an address, else to the sender's.

        Raises MailRefused when it will never be taken, MailDelayed when it may be taken later.
        """
        try:
            self.send(message, comes_back_to or None)
        except smtplib.SMTPRecipientsRefused as error:
            raise _failure(*max(error.recipients.values()), "") from error
        except smtplib.SMTPSenderRefused as error:
            # That says something about the school's settings, nothing about who the mail is for.
            code = error.smtp_code
            raise MailDelayed(f"{code} to us" if code >= 500 else str(code)) from error
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code, error.smtp_error, "5.0.0") from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailDelayed(type(error).__name__) from error


def _failure(code: int, answer: bytes | str, unknown: str) -> MailRefused | MailDelayed:
    if code < 500:
        return MailDelayed(str(code))
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    finer = _STATUS.match(words)
    if _is_about_us(code, finer[0] if finer else "", words):
        return MailDelayed(f"{code} {finer[0] if finer else 'to us'}")
    return MailRefused(code, finer[0] if finer else unknown)


def _is_about_us(code: int, status: str, words: str) -> bool:
    """Whether a refusal is about the school's own mail server, account or quota: that can be mended.

    By the finer status when it says that (RFC 3463), else by the code, and by the words.
    """
    if _OUR_STATUS.match(status) or code in _LOGIN_CODES:
        return True
    if _THEIR_STATUS.match(status):
        return False
    return (code in _OUR_CODES and not status) or bool(_OUR_WORDS.search(words))


def is_readable_on_the_way() -> bool:
    """Whether mail leaves this machine without encryption, with the codes and links that are in it."""
    config = current_app.config
    if config.get("MAIL_USE_TLS") or config.get("MAIL_USE_SSL"):
        return False
    server = str(config["MAIL_SERVER"]).strip("[]")
    try:
        return not ip_address(server).is_loopback
    except ValueError:
        return server.rstrip(".").lower() != "localhost"


class Carrier(Protocol):
    """Whatever takes a message to where it goes."""

    def deliver(self, message: Message, comes_back_to: str = "") -> None:
        """Take one message; raises MailRefused or MailDelayed when that does not work."""


class MailFolder:
    """Where mail goes as long as the school has set no mail server: files to look at, sent to nobody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, message: Message, comes_back_to: str = "") -> None:
        """Keep one message as a file, complete or not at all, readable by the portal's owner only."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = str(message.msgId).strip("<>").partition("@")[0]
            half = self.folder / f".{name}.part"
            with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(message.as_bytes())
            half.replace(self.folder / f"{name}.eml")
        except OSError as error:
            raise MailDelayed(type(error).__name__) from error


def mail_folder() -> Path | None:
    """Return the folder that mail is written to, or None when there is a mail server."""
    return None if current_app.config["MAIL_SERVER"] else Path(current_app.instance_path) / "mail"


def _trusted() -> ssl.SSLContext:
    # Reading the machine's certificates takes longer than a mail, so only who encrypts does it.
    return ssl.create_default_context(cafile=current_app.config.get("MAIL_CA_FILE"))


@contextmanager
def carrier() -> Iterator[Carrier]:
    """Open the way for some messages: to the mail server, or to the folder when none is set.

    Raises MailDelayed like `mail_server()`.
    """
    folder = mail_folder()
    if folder is not None:
        yield MailFolder(folder)
        return
    with mail_server() as server:
        yield server


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Connect to the mail server for some messages.

    Raises MailDelayed when it is not there, does not answer in time or is not who it says to be.
    """
    server = MailServer(current_app.extensions["mail"])
    try:
        server.host = server.configure_host()
    except (smtplib.SMTPException, OSError) as error:
        raise MailDelayed(type(error).__name__) from error
    try:
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.host.quit()
        server.host.close()
