"""Photo albums of a group: made, filled, shown to the parents, kept or deleted with the school year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import ColumnElement, Select, delete, exists, func, insert, select, update

from portal import clock
from portal.access import Viewer
from portal.domain import audit
from portal.domain.holding import hold
from portal.domain.photo_work import INCOMING
from portal.domain.photos import LARGEST_FILE, Unusable, look_at
from portal.domain.sent_twice import SENT_TWICE
from portal.errors import Refused
from portal.extensions import db, insert_into
from portal.models.albums import Album, Photo, PhotoFile, PhotoRequest
from portal.models.roster import Group
from portal.models.school import SchoolYear
from portal.words import gettext

MOST_PHOTOS = 500
TITLE_LENGTH = 80
REASON_LENGTH = 200
DELETED_AT_ONCE = 100
"""What is deleted is written over, and meanwhile nobody else can write on SQLite."""

EMPTY, TOO_MANY_BYTES = "empty", "bytes"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A photo that came in: its content, what tells it from others, and its place, None for the last."""

    content: bytes
    fingerprint: str
    position: int | None


def take_in(content: bytes, fingerprint: str = "", position: int | None = None) -> Incoming:
    """Return a file as a photo that came in; its type is what is in it, not what it is called.

    `fingerprint`: the SHA-256 of the photo as it is on the phone, when the browser made a smaller one of it.
    Raises Unusable.
    """
    if not content:
        raise Unusable(EMPTY)
    if len(content) > LARGEST_FILE:
        raise Unusable(TOO_MANY_BYTES)
    look_at(content)
    return Incoming(content, fingerprint or sha256(content).hexdigest(), position)


def make_album(group: Group, title: str, actor: Viewer, now: datetime) -> Album:
    """Begin an album, which parents do not see yet; one when it was sent twice."""
    db.session.execute(select(Group.id).where(Group.id == group.id).with_for_update(key_share=True)).all()
    twin = db.session.scalars(
        select(Album).where(
            Album.group_id == group.id,
            Album.made_by == actor.id,
            Album.title == title,
            Album.made_at > now - SENT_TWICE,
            Album.removed_at.is_(None),
        )
    ).first()
    if twin:
        return twin
    album = Album(group_id=group.id, title=title, made_by=actor.id, made_at=now)
    db.session.add(album)
    db.session.flush()
    audit.record(actor, "make_album", "album", album.id)
    return album


def change_album(album: Album, title: str, keep: bool, actor: Viewer, now: datetime) -> None:
    """Give an album another title, and keep it after the school year or not."""
    album.title = title
    if keep != (album.kept_at is not None):
        album.kept_at = now if keep else None
        audit.record(actor, "keep_album" if keep else "stop_keeping_album", "album", album.id)


def show_to_parents(album: Album, actor: Viewer, now: datetime) -> None:
    """Show an album to the parents of the group. Raises Refused while there is no photo in it."""
    if album.shown_at is not None:
        return
    ready = exists().where(
        Photo.album_id == album.id, Photo.ready_at.is_not(None), Photo.removed_at.is_(None)
    )
    if not db.session.scalar(select(ready)):
        raise Refused(gettext("There is no photo to show yet. Add photos first."))
    album.shown_at = now
    audit.record(actor, "show_album", "album", album.id)


def hide_from_parents(album: Album, actor: Viewer) -> None:
    """Let only school see an album again."""
    if album.shown_at is not None:
        album.shown_at = None
        audit.record(actor, "hide_album", "album", album.id)


def add_photo(album: Album, incoming: Incoming, actor: Viewer, now: datetime) -> bool:
    """Put a photo into an album, to be made by a worker; False when it is there already.

    Raises Refused when the album is full, or was removed meanwhile.
    """
    there = (Photo.album_id == album.id, Photo.removed_at.is_(None))
    # Photos of one album come in one after another, so that they are counted right.
    if not db.session.scalar(
        select(Album.id).where(Album.id == album.id, Album.removed_at.is_(None)).with_for_update()
    ):
        raise Refused(gettext("This album was removed meanwhile."))
    of_album = select(func.count(), func.max(Photo.position)).where(*there)
    number, last = db.session.execute(of_album).one()
    if number >= MOST_PHOTOS:
        raise Refused(gettext("This album is full: %(max)s photos. Make a second one.", max=MOST_PHOTOS))
    again = (*there, Photo.fingerprint == incoming.fingerprint)
    db.session.execute(delete(Photo).where(*again, Photo.failure != ""))
    photo_id = db.session.scalar(
        insert_into(Photo)
        .values(
            album_id=album.id,
            fingerprint=incoming.fingerprint,
            position=(-1 if last is None else last) + 1 if incoming.position is None else incoming.position,
            added_by=actor.id,
            added_at=now,
        )
        .on_conflict_do_nothing(
            index_elements=["album_id", "fingerprint"], index_where=Photo.removed_at.is_(None)
        )
        .returning(Photo.id)
    )
    if photo_id is None:
        return False
    file = {"photo_id": photo_id, "size": INCOMING, "content": incoming.content}
    db.session.execute(insert(PhotoFile).values(file))
    return True


def remove_photos(album: Album, photos: Sequence[Photo], actor: Viewer, now: datetime) -> None:
    """Take photos out of an album for good: nobody sees them any more, and a worker deletes them."""
    numbers = [photo.id for photo in photos]
    _mark_removed(now, Photo.album_id == album.id, Photo.id.in_(numbers))
    for number in numbers:
        audit.record(actor, "remove_photo", "photo", number)


def remove_album(album: Album, actor: Viewer, now: datetime) -> None:
    """Remove an album with all its photos: nobody sees them any more, and a worker deletes them."""
    audit.record(actor, "remove_album", "album", album.id)
    album.removed_at = now
    # The row is locked by this before the photos are marked: none comes in behind it.
    db.session.flush()
    _mark_removed(now, Photo.album_id == album.id)


def _mark_removed(now: datetime, *of_photos: ColumnElement[bool]) -> None:
    db.session.execute(
        update(Photo)
        .where(*of_photos, Photo.removed_at.is_(None))
        .values(removed_at=now)
        .execution_options(synchronize_session=False)
    )


def delete_removed(_now: datetime) -> bool:
    """Delete photos and albums that were removed. Deletes some; True when there are more."""
    removed = select(Photo.id).where(Photo.removed_at.is_not(None))
    if _delete_some(removed):
        return True
    empty = ~exists().where(Photo.album_id == Album.id)
    db.session.execute(
        delete(Album).where(Album.removed_at.is_not(None), empty).execution_options(synchronize_session=False)
    )
    return False


def _delete_some(photos: Select[int]) -> bool:
    """Delete some of these photos; True when there may be more."""
    some = photos.order_by(Photo.id).limit(DELETED_AT_ONCE)
    gone = db.session.scalars(delete(Photo).where(Photo.id.in_(some)).returning(Photo.id)).all()
    return len(gone) == DELETED_AT_ONCE


# --- what parents ask ---------------------------------------------------------------------------------------


def ask_removal(photo: Photo, reason: str, actor: Viewer, now: datetime) -> None:
    """Ask school to take a photo away (R25); asking again after an answer opens the request again.

    Raises Refused when somebody has just removed the photo.
    """
    hold(photo)
    if photo.removed_at:
        raise Refused(gettext("Somebody else has just removed this."))
    values = {"reason": reason, "asked_at": now, "answered_at": None, "answered_by": None}
    db.session.execute(
        insert_into(PhotoRequest)
        .values(photo_id=photo.id, asked_by=actor.id, **values)
        .on_conflict_do_update(index_elements=["photo_id", "asked_by"], set_=values)
    )
    audit.record(actor, "ask_photo_removal", "photo", photo.id)


def withdraw_request(photo: Photo, actor: Viewer) -> None:
    """Take one's own request back."""
    asked = (PhotoRequest.photo_id == photo.id, PhotoRequest.asked_by == actor.id)
    db.session.execute(delete(PhotoRequest).where(*asked))
    audit.record(actor, "take_back_photo_removal", "photo", photo.id)


def let_photo_stay(requests: Sequence[PhotoRequest], actor: Viewer, now: datetime) -> None:
    """Answer requests without taking the photo away; who asked reads that."""
    for request in requests:
        request.answered_at, request.answered_by = now, actor.id
        audit.record(actor, "let_photo_stay", "photo", request.photo_id)


# --- the end of the school year -----------------------------------------------------------------------------


def last_day_of_albums(last_school_day: date) -> date:
    """Return until when the albums of a school year stay: 31 July, or its last day when that is later."""
    return max(last_school_day, date(last_school_day.year, 7, 31))


def delete_old_albums(now: datetime) -> bool:
    """Delete albums of school years that are over, unless school keeps them.

    Deletes some; True when there are more.
    """
    today = clock.to_local(now).date()
    years = db.session.execute(select(SchoolYear.id, SchoolYear.last_day).order_by(SchoolYear.id)).all()
    over = [year.id for year in years if today > last_day_of_albums(year.last_day)]
    groups = select(Group.id).where(Group.school_year_id.in_(over))
    old = select(Album.id).where(Album.group_id.in_(groups), Album.kept_at.is_(None))
    if _delete_some(select(Photo.id).where(Photo.album_id.in_(old))):
        return True
    db.session.execute(delete(Album).where(Album.id.in_(old)))
    return False
