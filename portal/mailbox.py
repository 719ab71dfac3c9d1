"""The worker's part that reads the mailbox to which mail comes back, when the school has set one.

What was taken in is marked as seen and left there; after a failure it is taken in once more, and noted once
all the same.
"""

import imaplib
import logging
import threading
from datetime import timedelta

from flask import Flask
from sqlalchemy.exc import DataError, IntegrityError

from portal import clock
from portal.domain import bounces, jobs, returned_mail
from portal.domain.bounces import Returned
from portal.extensions import db, read_afresh, start_writing
from portal.imap import open_mailbox

log = logging.getLogger("portal.worker")

JOB = ("read the mailbox", timedelta(minutes=1))
PAUSE = 15.0
MOST_AT_ONCE = 100


def read_mailbox(app: Flask, stop: threading.Event) -> None:
    """Read what comes back until told to stop; nothing to do where no mailbox is set."""
    while app.config["MAIL_IMAP_SERVER"] and not stop.is_set():
        try:
            with app.app_context():
                if _is_our_turn():
                    read_once(stop)
        except (imaplib.IMAP4.error, OSError) as error:
            log.warning("mailbox: %s", type(error).__name__)
        except Exception as error:
            log.exception("the mailbox could not be read: %s", type(error).__name__)
        stop.wait(PAUSE)


def _is_our_turn() -> bool:
    """Whether it is time to look, and no other worker does."""
    now = clock.now()
    due = jobs.due([JOB], now)
    read_afresh()
    if not due:
        return False
    start_writing()
    ours = jobs.claim(*JOB, now)
    db.session.commit()
    return ours


def read_once(stop: threading.Event) -> int:
    """Take in what was not seen yet, oldest first; returns how many mails that were.

    Raises OSError and IMAP4.error when the mail server does not answer in time or does not let us in.
    """
    taken = 0
    with open_mailbox() as box:
        for number in _unseen(box)[:MOST_AT_ONCE]:
            if stop.is_set():
                break
            try:
                take_in(bounces.read(_content(box, number)))
            except (DataError, IntegrityError, ValueError) as error:
                # This mail is to blame, and those behind it must not wait for it.
                log.exception("a mail could not be taken in: %s", type(error).__name__)
            # Only now: who is stopped before this takes the mail in once more.
            box.uid("STORE", number, "+FLAGS", r"(\Seen)")
            taken += 1
    return taken


def take_in(found: Returned) -> str:
    """Do what has to be done with what came back, in a transaction of its own."""
    start_writing()
    try:
        outcome = returned_mail.take_in(found, clock.now())
        db.session.commit()
    except Exception:
        db.session.rollback()
        raise
    log.info("came back: %s, %s", found.kind, outcome)
    return outcome


def _unseen(box: imaplib.IMAP4_SSL) -> list[str]:
    answer, found = box.uid("SEARCH", "UNSEEN")
    if answer != "OK" or not found or not isinstance(found[0], bytes):
        return []
    return found[0].decode("ascii", "replace").split()


def _content(box: imaplib.IMAP4_SSL, number: str) -> bytes:
    """Return a mail without marking it; as much of it as is read, however large it is."""
    _, found = box.uid("FETCH", number, f"(BODY.PEEK[]<0.{bounces.MAX_REPORT}>)")
    for part in found or []:
        if isinstance(part, tuple) and len(part) > 1 and isinstance(part[1], bytes):
            return part[1]
    return b""
