"""The worker's part that has files scanned about which the virus scanner gave no answer when they came in."""

import logging
import threading

from flask import Flask

from portal import clock
from portal.domain import attachment_work, virus_scan
from portal.domain.attachment_work import Unchecked
from portal.extensions import db, read_afresh, start_writing

log = logging.getLogger("portal.worker")

PAUSE = 5.0
PAUSE_AFTER_FAILURE = 15.0
PATIENCE = 60.0


def check_files(app: Flask, stop: threading.Event) -> None:
    """Have files checked until told to stop; a scanner that does not answer keeps nothing else waiting."""
    while not stop.is_set():
        pause = PAUSE
        try:
            with app.app_context():
                if not check_waiting(stop):
                    pause = PAUSE_AFTER_FAILURE
        except Exception as error:
            log.exception("files could not be checked: %s", type(error).__name__)
            pause = PAUSE_AFTER_FAILURE
        stop.wait(pause)


def check_waiting(stop: threading.Event) -> bool:
    """Have the files that wait checked, one at a time; False when the scanner is not there."""
    answered, last = True, 0
    while not stop.is_set() and answered and (file := _next(last)):
        last = file.id
        answered = _check(file)
    return answered


def _next(after: int) -> Unchecked | None:
    found = attachment_work.next_unchecked(after)
    read_afresh()
    return found


def _check(file: Unchecked) -> bool:
    harmful = False
    try:
        virus_scan.scan(file.content, PATIENCE)
    except virus_scan.VirusFound:
        harmful = True
    except virus_scan.NoAnswer as silence:
        log.warning("the virus scanner gave no answer: %s", silence)
        return silence.is_there
    start_writing()
    if harmful:
        attachment_work.note_virus(file)
    else:
        attachment_work.note_harmless(file, clock.now())
    db.session.commit()
    return True
