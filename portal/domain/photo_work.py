"""The photos that wait to be made: any number of workers, each photo by one of them at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, insert, or_, select, update

from portal.domain.photos import BROKEN, Prepared
from portal.extensions import db
from portal.models.albums import Photo, PhotoFile

LEASE = timedelta(minutes=3)
PAUSE_AFTER_LOSS = timedelta(seconds=10)
MOST_ATTEMPTS = 3
INCOMING, PICTURE, THUMBNAIL = "incoming", "picture", "thumbnail"


@dataclass(frozen=True, slots=True)
class Task:
    """A photo to make, with what came in.

    What becomes of it is noted only under its fingerprint: SQLite gives the number of a deleted photo away
    again, and a picture never comes to stand for another one.
    """

    photo_id: int
    fingerprint: str
    attempts: int
    content: bytes


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        Photo.ready_at.is_(None),
        Photo.failure == "",
        Photo.removed_at.is_(None),
        or_(Photo.leased_until.is_(None), Photo.leased_until <= now),
    )


def anything_due(now: datetime) -> bool:
    """Whether there is a photo to make now; asks without taking the write lock."""
    return bool(db.session.scalar(select(exists().where(_is_due(now)))))


def lease(now: datetime) -> Task | None:
    """Take the photo that waits longest for ourselves, for some minutes; None when there is none."""
    first = select(Photo.id).where(_is_due(now)).order_by(Photo.id)
    row = db.session.execute(
        update(Photo)
        .where(Photo.id == first.limit(1).with_for_update(skip_locked=True).scalar_subquery())
        .values(leased_until=now + LEASE, attempts=Photo.attempts + 1)
        .returning(Photo.id, Photo.fingerprint, Photo.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        return None
    content = db.session.scalar(
        select(PhotoFile.content).where(PhotoFile.photo_id == row.id, PhotoFile.size == INCOMING)
    )
    return Task(row.id, row.fingerprint, row.attempts, content or b"")


def note_made(task: Task, made: Prepared, now: datetime) -> None:
    """Keep the picture and the thumbnail instead of what came in; a photo taken away meanwhile stays away."""
    values = {"ready_at": now, "width": made.width, "height": made.height, "leased_until": None}
    if _settle(task, **values):
        files = ((PICTURE, made.picture), (THUMBNAIL, made.thumbnail))
        db.session.execute(
            insert(PhotoFile),
            [{"photo_id": task.photo_id, "size": size, "content": content} for size, content in files],
        )


def note_unusable(task: Task, reason: str) -> None:
    """Note that there will be no photo and why; what came in is deleted all the same."""
    _settle(task, failure=reason, leased_until=None)


def note_lost(task: Task, now: datetime) -> None:
    """Try it again a little later, or give it up when it was lost too often."""
    if task.attempts >= MOST_ATTEMPTS:
        note_unusable(task, BROKEN)
    else:
        _note(task, leased_until=now + PAUSE_AFTER_LOSS)


def _settle(task: Task, **values: object) -> bool:
    """Note how it ended and delete what came in; False when that was settled already."""
    if not _note(task, **values):
        return False
    came_in = and_(PhotoFile.photo_id == task.photo_id, PhotoFile.size == INCOMING)
    db.session.execute(delete(PhotoFile).where(came_in))
    return True


def _note(task: Task, **values: object) -> bool:
    noted = db.session.scalar(
        update(Photo)
        .where(
            Photo.id == task.photo_id,
            Photo.fingerprint == task.fingerprint,
            Photo.ready_at.is_(None),
            Photo.failure == "",
            Photo.removed_at.is_(None),
        )
        .values(**values)
        .returning(Photo.id)
        .execution_options(synchronize_session=False)
    )
    return noted is not None
