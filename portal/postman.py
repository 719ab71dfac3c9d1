"""The worker's part that delivers the mail of the outbox, for some seconds at a time."""

import logging
import threading
import time

from portal import clock
from portal.domain import mail_doubts, mail_pace, mail_trouble, mails, outbox
from portal.extensions import db, read_afresh, start_writing
from portal.mailer import Carrier, MailDelayed, MailRefused, carrier

log = logging.getLogger("portal.worker")

MAILS_PER_CONNECTION = 50
SECONDS_AT_A_STRETCH = 10.0
LONGEST_PAUSE_IN_A_CONNECTION = 5.0

BLUNT_IN_A_ROW = 3
"""A mail server that refuses so many one after the other without a word why is left in peace for a while."""

DONE, MORE, NOT_NOW = "done", "more", "not now"
"""What became of a stretch: nothing waits that may go, some does, or the mail server did not want to talk."""


def deliver_due(stop: threading.Event) -> str:
    """Deliver the mail whose time has come, for some seconds, so that a letter to all of school keeps no
    regular job waiting; returns what became of it.
    """
    end = time.monotonic() + SECONDS_AT_A_STRETCH
    while not stop.is_set() and _seconds_to_next() is not None:
        if time.monotonic() >= end:
            return MORE
        try:
            with carrier() as server:
                outcome = _deliver_some(server, stop, end)
        except MailDelayed as error:
            _put_first_off(error.reason)
            return NOT_NOW
        if outcome != MORE:
            return outcome
    return DONE


def _seconds_to_next() -> float | None:
    """Return in how many seconds the next mail may go; None when none is due, or not for some time."""
    now = clock.now()
    seconds = mail_pace.seconds_to_wait(now) if outbox.anything_due(now) else None
    read_afresh()
    return seconds if seconds is not None and seconds <= LONGEST_PAUSE_IN_A_CONNECTION else None


def _deliver_some(server: Carrier, stop: threading.Event, end: float) -> str:
    for _ in range(MAILS_PER_CONNECTION):
        seconds = _seconds_to_next()
        if seconds is None or time.monotonic() >= end or stop.wait(seconds):
            break
        turn, mail = _take()
        if not turn:
            return DONE
        if mail and not _deliver(mail, server):
            return NOT_NOW
    return MORE


def _take() -> tuple[bool, mails.Mail | None]:
    """Take the next mail and settle its link, in a transaction that is over before anything is sent.

    Also returns whether it was our turn: another worker may have been first.
    """
    start_writing()
    now = clock.now()
    message = outbox.lease(now)
    number, kind = (message.id, message.kind) if message else (0, "")
    try:
        mail = mails.mail_for(message, now) if message else None
    except Exception as error:
        log.exception("a mail of kind %s could not be settled: %s", kind, type(error).__name__)
        _put_unsettled_off(number, type(error).__name__)
        return True, None
    if mail and not mail_pace.take_turn(now):
        db.session.rollback()
        return False, None
    db.session.commit()
    return True, mail


def _put_unsettled_off(message_id: int, reason: str) -> None:
    """Try a mail later of which it cannot be said to whom it goes, so that it is not the first for ever."""
    db.session.rollback()
    start_writing()
    if outbox.lease_again(message_id, clock.now()):
        _put_off(message_id, reason)
    db.session.commit()


def _deliver(mail: mails.Mail, server: Carrier) -> bool:
    """Send one mail and note how that went; False when the mail server could not take it now."""
    refusal, delayed = _hand_over(mail, server)
    # An answer in digits is about this mail; anything else is about all: the way to it or our account.
    goes_on = not delayed or delayed.isdigit()
    start_writing()
    now = clock.now()
    if refusal and not refusal.is_certain:
        delayed = mail_doubts.doubt(mail.id, mail.recipient, refusal.code, now)
        goes_on = _row.is_short()
    if delayed:
        _put_off(mail.id, delayed, mail.recipient)
    elif refusal:
        outbox.note_refused(mail.id, str(refusal.code), now)
        mail_trouble.note_failed(mail.id, refusal.status, now, mail.recipient)
    else:
        _row.ends()
        outbox.note_sent(mail.id, now)
        mails.note_delivered(mail, now)
    db.session.commit()
    log.info("mail %s: %s", mail.kind, delayed or (refusal and refusal.code) or "sent")
    return goes_on


def _hand_over(mail: mails.Mail, server: Carrier) -> tuple[MailRefused | None, str]:
    """Give one mail to the mail server; returns how it refused it, or why it did not take it now."""
    try:
        server.deliver(mails.render(mail), mails.comes_back_to(mail, clock.now()))
    except MailRefused as error:
        return error, ""
    except MailDelayed as error:
        return None, error.reason
    except Exception as error:
        log.exception("a mail of kind %s could not be made: %s", mail.kind, type(error).__name__)
        return None, type(error).__name__
    return None, ""


class _Row:
    """How many mails were refused one after the other by a mail server that did not say why."""

    def __init__(self) -> None:
        self._length = 0

    def is_short(self) -> bool:
        """Count one more refusal; False when they are too many to ask for the next one at once."""
        self._length += 1
        return self._length < BLUNT_IN_A_ROW

    def ends(self) -> None:
        """One was taken: the mail server takes mail from us."""
        self._length = 0


_row = _Row()


def _put_first_off(reason: str) -> None:
    """The mail server is not there: what waited longest waits on, so that nothing is tried without end."""
    start_writing()
    message = outbox.lease(clock.now())
    if message:
        _put_off(message.id, reason)
    db.session.commit()
    log.warning("mail server: %s", reason)


def _put_off(message_id: int, reason: str, went_to: str = "") -> None:
    if not outbox.put_off(message_id, reason, clock.now()):
        mail_trouble.note_failed(message_id, outbox.GAVE_UP, clock.now(), went_to)
