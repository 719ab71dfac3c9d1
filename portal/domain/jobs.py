"""When the worker's regular jobs ran; with several workers each job is done by one."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select

from portal.extensions import db, insert_into
from portal.models.jobs import JobRun

ALIVE = ("worker is alive", timedelta(seconds=30))
"""Noted by every worker, so that `portal check` sees that one runs."""

STALE_AFTER = timedelta(minutes=5)


def due(jobs: list[tuple[str, timedelta]], now: datetime) -> set[str]:
    """Return the names of the jobs whose time has come; asks without taking the write lock."""
    started = {name: at for name, at in db.session.execute(select(JobRun.name, JobRun.started_at))}
    # A start in the future is a clock that was set back.
    return {
        name for name, every in jobs if name not in started or not now - every < started[name] <= now + every
    }


def claim(name: str, every: timedelta, now: datetime, ahead: timedelta | None = None) -> bool:
    """Note that a job starts now; False when another worker was first.

    A start that lies further in the future than `ahead` (as long as from one to the next) counts as none:
    then the clock was set back.
    """
    claimed = db.session.scalar(
        insert_into(JobRun)
        .values(name=name, started_at=now)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"started_at": now},
            where=or_(JobRun.started_at <= now - every, JobRun.started_at > now + (ahead or every)),
        )
        .returning(JobRun.name)
    )
    return claimed is not None


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
