"""The worker's part that makes the photos that came in; each is made in a process of its own."""

import logging
import threading

from flask import Flask

from portal import clock
from portal.domain import photo_work
from portal.domain.darkroom import Darkroom, Lost
from portal.domain.photos import Unusable
from portal.extensions import db, read_afresh, start_writing

log = logging.getLogger("portal.worker")

PAUSE = 1.0
PAUSE_AFTER_FAILURE = 15.0


def make_photos(app: Flask, stop: threading.Event) -> None:
    """Make the photos that come in until told to stop; one that goes wrong keeps no other one waiting."""
    while not stop.is_set():
        pause = PAUSE
        try:
            with app.app_context():
                make_due_photos(stop)
        except Exception as error:
            log.exception("photos could not be made: %s", type(error).__name__)
            pause = PAUSE_AFTER_FAILURE
        stop.wait(pause)


def make_due_photos(stop: threading.Event) -> None:
    """Make the photos that are waiting, one at a time."""
    with Darkroom() as darkroom:
        while not stop.is_set() and _any_photo_due():
            start_writing()
            task = photo_work.lease(clock.now())
            db.session.commit()
            if task:
                _make_photo(task, darkroom)


def _any_photo_due() -> bool:
    found = photo_work.anything_due(clock.now())
    read_afresh()
    return found


def _make_photo(task: photo_work.Task, darkroom: Darkroom) -> None:
    reason, made = "", None
    try:
        made = darkroom.develop(task.content)
    except Unusable as failure:
        reason = failure.reason
    except Lost as loss:
        log.warning("photo %s was lost: %s", task.photo_id, loss)
    start_writing()
    if made:
        photo_work.note_made(task, made, clock.now())
    elif reason:
        photo_work.note_unusable(task, reason)
    else:
        photo_work.note_lost(task, clock.now())
    db.session.commit()
