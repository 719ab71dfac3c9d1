"""When the worker's regular jobs ran; with several workers each job is done by one."""

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, String, bindparam, or_, select
from sqlalchemy.sql.dml import ReturningInsert

from portal.extensions import UtcDateTime, db, fetch, insert_into
from portal.models.jobs import JobRun

ALIVE = ("worker is alive", timedelta(seconds=30))
"""Noted by every worker, so that `portal check` sees that one runs."""

STALE_AFTER = timedelta(minutes=5)


def due(jobs: list[tuple[str, timedelta]], now: datetime) -> set[str]:
    """Return the names of the jobs whose time has come; asks without taking the write lock."""
    started: dict[str, datetime] = dict(fetch(_runs()))
    # A start in the future is a clock that was set back.
    return {
        name for name, every in jobs if name not in started or not now - every < started[name] <= now + every
    }


@cache
def _runs() -> Select[str, datetime]:
    return select(JobRun.name, JobRun.started_at)


def claim(name: str, every: timedelta, now: datetime, ahead: timedelta | None = None) -> bool:
    """Note that a job starts now; False when another worker was first.

    A start that lies further in the future than `ahead` (as long as from one to the next) counts as none:
    then the clock was set back.
    """
    claiming = _claiming(db.engine.dialect.name)
    return bool(fetch(claiming, job=name, now=now, due=now - every, ahead=now + (ahead or every)))


@cache
def _claiming(_dialect: str) -> ReturningInsert[str]:
    now, due, ahead = (bindparam(name, type_=UtcDateTime) for name in ("now", "due", "ahead"))
    return (
        insert_into(JobRun)
        .values(name=bindparam("job", type_=String), started_at=now)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"started_at": now},
            where=or_(JobRun.started_at <= due, JobRun.started_at > ahead),
        )
        .returning(JobRun.name)
    )


def put_off(name: str, every: timedelta, now: datetime, pause: timedelta) -> None:
    """Let a job that failed be due again after a pause; it counts as started so much before."""
    started = now - every + pause
    db.session.execute(
        insert_into(JobRun)
        .values(name=name, started_at=started)
        .on_conflict_do_update(index_elements=["name"], set_={"started_at": started})
    )


def worker_seen_at() -> datetime | None:
    """Return when a worker last said that it runs; `portal check` worries after STALE_AFTER."""
    return db.session.scalar(select(JobRun.started_at).where(JobRun.name == ALIVE[0]))
