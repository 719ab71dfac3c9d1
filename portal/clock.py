"""The only source of time: aware UTC inside, the school's zone at the edges."""

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SCHOOL_ZONE = ZoneInfo("Europe/Amsterdam")

_fixed: datetime | None = None
_ahead: float | None = None


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    if _fixed is not None:
        return _fixed
    if _ahead is not None:
        return datetime.fromtimestamp(time.monotonic() + _ahead, UTC)
    return datetime.now(UTC)


def local_now() -> datetime:
    """Return this moment on the school's own clock."""
    return now().astimezone(SCHOOL_ZONE)


def today() -> date:
    """Return the date on the school's own calendar."""
    return local_now().date()


def to_local(moment: datetime) -> datetime:
    """Return the moment on the school's own clock."""
    return moment.astimezone(SCHOOL_ZONE)


def at_local(text: str) -> datetime:
    """Return the moment that the school's clock shows as `text` ('2026-11-24 07:55')."""
    return datetime.fromisoformat(text).replace(tzinfo=SCHOOL_ZONE).astimezone(UTC)


def set_now(moment: datetime | None) -> None:
    """Stop the clock at an aware moment, or let it run again with None. Tests and rehearsals only."""
    global _fixed
    _fixed = moment.astimezone(UTC) if moment else None


def run_from(moment: datetime | None) -> None:
    """Let the clock run from an aware moment, or from the real one with None. Tests and rehearsals only."""
    global _ahead
    _ahead = moment.timestamp() - time.monotonic() if moment else None
