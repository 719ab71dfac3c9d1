"""Where a talk by video is held: told to its two parties only, and only around its time."""

from datetime import datetime, timedelta

from flask import current_app

from portal.domain.slot_times import Timed
from portal.tokens import keyed_hash

SHOWN_BEFORE = timedelta(minutes=15)


def is_shown(talk: Timed, now: datetime) -> bool:
    """Whether the address of a talk is told now: a quarter of an hour before it, until it ends."""
    return talk.starts_at - SHOWN_BEFORE <= now < talk.ends_at


def video_address(uid: str, own: str) -> str:
    """Return the address of a talk: `own`, that of its table, or a room of the school's service.

    The name of that room can be guessed by nobody: it is derived from the talk's `uid` with the secret key.
    """
    return own or f"{current_app.config['VIDEO_SERVICE']}/talk-{keyed_hash('video', uid)[:40]}"
