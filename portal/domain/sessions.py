"""The devices on which somebody is signed in."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from portal.access import Viewer, hash_of, own_sessions
from portal.config import REMEMBERED_FOR
from portal.extensions import add_row, db
from portal.models.accounts import LoginSession

ONE_DAY_OUT = timedelta(hours=12)
ENDED_IS_KEPT = timedelta(days=7)

_BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Opera", r"OPR/|OPT/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Chromebook", r"CrOS"),
    ("Windows", r"Windows"),
    ("Mac", r"Macintosh|Mac OS X"),
    ("Linux", r"Linux|X11"),
)


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A device as its owner sees it: browser and system ('' when not recognised), and since when."""

    id: int
    browser: str
    system: str
    created_at: datetime
    expires_at: datetime
    is_this_one: bool


def open_session(user_id: int, user_agent: str, stays: bool, now: datetime) -> str:
    """Sign a person in on a device and return the token for its cookie.

    `stays`: for 60 days, on one's own phone; else for half a day at most.
    """
    token = secrets.token_urlsafe(32)
    add_row(
        LoginSession,
        user_id=user_id,
        token_hash=hash_of(token),
        device=device_of(user_agent),
        created_at=now,
        expires_at=now + (REMEMBERED_FOR if stays else ONE_DAY_OUT),
    )
    return token


def device_of(user_agent: str) -> str:
    """Return browser and system as 'Chrome|Android', all that is kept of what a browser tells."""
    return f"{_first(_BROWSERS, user_agent)}|{_first(_SYSTEMS, user_agent)}"


def _first(known: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for name, pattern in known if re.search(pattern, user_agent)), "")


def sessions_of(viewer: Viewer, now: datetime) -> list[SessionFacts]:
    """Return where the viewer is signed in, this device first."""
    rows = db.session.execute(
        select(LoginSession.id, LoginSession.device, LoginSession.created_at, LoginSession.expires_at)
        .where(own_sessions(viewer), LoginSession.expires_at > now)
        .order_by(LoginSession.created_at.desc(), LoginSession.id.desc())
    )
    found = []
    for id_, device, created_at, expires_at in rows:
        browser, _, system = device.partition("|")
        found.append(SessionFacts(id_, browser, system, created_at, expires_at, id_ == viewer.session_id))
    return sorted(found, key=lambda session: not session.is_this_one)


def end_session(session: LoginSession, now: datetime) -> None:
    """Sign out one device; its cookie opens nothing from this moment."""
    session.ended_at = now


def end_sessions(user_id: int, now: datetime, except_id: int | None = None) -> None:
    """Sign a person out on every device, or on every one but `except_id`."""
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
        .where(LoginSession.id != (except_id or 0))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )


def prune(now: datetime) -> None:
    """Forget sessions that ended or expired some time ago."""
    before = now - ENDED_IS_KEPT
    db.session.execute(
        delete(LoginSession)
        .where((LoginSession.ended_at < before) | (LoginSession.expires_at < before))
        .execution_options(synchronize_session=False)
    )
