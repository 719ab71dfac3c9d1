"""The way to the mailbox to which mail comes back: IMAP over TLS, its certificate checked, no long waits."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flask import current_app


@contextmanager
def open_mailbox() -> Iterator[imaplib.IMAP4_SSL]:
    """Open the folder of the mailbox that school has set.

    Raises OSError and IMAP4.error when the mail server does not answer in time or does not let us in.
    """
    config = current_app.config
    context = ssl.create_default_context(cafile=config.get("MAIL_CA_FILE"))
    server, port, timeout = (
        config["MAIL_IMAP_SERVER"],
        int(config["MAIL_IMAP_PORT"]),
        float(config["MAIL_TIMEOUT"]),
    )
    box = imaplib.IMAP4_SSL(server, port, ssl_context=context, timeout=timeout)
    try:
        box.login(str(config["MAIL_IMAP_USERNAME"]), str(config["MAIL_IMAP_PASSWORD"]))
        answer, _ = box.select(f'"{config["MAIL_IMAP_FOLDER"]}"')
        if answer != "OK":
            raise imaplib.IMAP4.error("no such folder")
        yield box
    finally:
        with suppress(imaplib.IMAP4.error, OSError):
            box.logout()
        # Also where the farewell was not heard.
        with suppress(OSError):
            box.shutdown()
