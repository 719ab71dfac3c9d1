"""Where a talk by video is held: told to who sits at it only, and only around its time."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from flask import current_app

from portal import clock
from portal.domain.meeting_tables import MOST_LATE, lateness
from portal.tokens import keyed_hash

SHOWN_BEFORE = timedelta(minutes=15)


class Booked(Protocol):
    """A talk that has a time, as `Booking` is one."""

    @property
    def id(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def way(self) -> str: ...
    @property
    def uid(self) -> str: ...
    @property
    def outcome(self) -> str: ...


def may_be_on(booked: Booked, now: datetime) -> bool:
    """Whether a talk may be on, or begins within a quarter of an hour; its table may run late."""
    latest = booked.ends_at + timedelta(minutes=MOST_LATE)
    return booked.outcome == "" and booked.starts_at - SHOWN_BEFORE <= now < latest


def open_rooms(talks: Iterable[tuple[Booked, int, str]], now: datetime) -> dict[int, str]:
    """Return the addresses that are told now, by the number of the booking, in one query at most.

    `talks`: each with its table and the address of that table, '' for a room of the school's service. An
    address is told from a quarter of an hour before until the end, later when the table runs late, and no
    more when the teacher noted how the talk went.
    """
    near = [talk for talk in talks if talk[0].way == "video" and may_be_on(talk[0], now)]
    if not near:
        return {}
    late = lateness({host_id for _, host_id, _ in near}, clock.to_local(now).date())
    return {
        booked.id: _address(booked.uid, own)
        for booked, host_id, own in near
        if now < booked.ends_at + timedelta(minutes=late.get(host_id, 0))
    }


def _address(uid: str, own: str) -> str:
    """Return `own`, or else a room whose name nobody guesses: it is derived with the secret key."""
    return own or f"{current_app.config['VIDEO_SERVICE']}/talk-{keyed_hash('video', uid)[:40]}"
