"""The albums and photos that somebody may look at, as pages show them."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, func, select

from portal import access, names
from portal.access import Viewer
from portal.domain.albums import last_day_of_albums
from portal.domain.photo_work import INCOMING
from portal.domain.photos import THUMBNAIL as SHORT_SIDE
from portal.extensions import db, fetch
from portal.models.accounts import User
from portal.models.albums import Album, Photo, PhotoFile, PhotoRequest
from portal.models.roster import Group
from portal.models.school import SchoolYear

ON_THE_PAGE = 3
"""So many albums the page of a group shows."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class AlbumFacts:
    """An album in a list. `cover`: the number of its first photo; `asked`: photos a parent wants gone."""

    id: int
    title: str
    made_at: datetime
    shown_at: datetime | None
    kept_at: datetime | None
    cover: int | None
    count: int
    asked: int


@dataclass(frozen=True, slots=True)
class AlbumPage:
    """One album with its group. `makes`: the reader fills it; `asks`: the reader is a parent of the group."""

    id: int
    title: str
    shown_at: datetime | None
    kept_at: datetime | None
    group_id: int
    group: str
    closed: bool
    last_school_day: date
    makes: bool
    asks: bool

    @property
    def last_day(self) -> date:
        """Until when it is there, unless it is kept."""
        return last_day_of_albums(self.last_school_day)


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """A photo in its album. `number` counts the photos that there are to look at, None while it is none."""

    id: int
    position: int
    number: int | None
    width: int
    height: int
    failure: str
    ready_at: datetime | None
    asked: bool

    @property
    def waits(self) -> bool:
        """Whether a worker is still to make it."""
        return self.ready_at is None and not self.failure

    @property
    def thumbnail_size(self) -> tuple[int, int]:
        """The width and height of the thumbnail."""
        shrink = min(1.0, SHORT_SIDE / max(self.width, self.height, 1))
        return max(1, round(self.width * shrink)), max(1, round(self.height * shrink))


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to take a photo away, as school reads it."""

    name: str
    asked_at: datetime
    reason: str


def _album_query(viewer: Viewer, *conditions: ColumnElement[bool]) -> Select[*Row]:
    there = and_(Photo.album_id == Album.id, Photo.removed_at.is_(None))
    of_album = and_(there, Photo.ready_at.is_not(None))
    cover = select(Photo.id).where(of_album).order_by(Photo.position, Photo.id).limit(1)
    asked = select(func.count(Photo.id)).where(there, _asked(viewer))
    return (
        select(
            Album.id,
            Album.title,
            Album.made_at,
            Album.shown_at,
            Album.kept_at,
            cover.correlate(Album).scalar_subquery(),
            select(func.count(Photo.id)).where(of_album).correlate(Album).scalar_subquery(),
            asked.correlate(Album).scalar_subquery(),
        )
        .where(*conditions)
        .order_by(Album.made_at.desc(), Album.id.desc())
    )


def _asked(viewer: Viewer) -> ColumnElement[bool]:
    """Whether there is an open request about a photo that this reader answers."""
    return exists().where(
        PhotoRequest.photo_id == Photo.id,
        PhotoRequest.answered_at.is_(None),
        access.photo_requests_answered_by(viewer) if viewer.is_staff else access.own_photo_requests(viewer),
    )


@cache
def _albums_of_group(viewer: Viewer) -> Select[*Row]:
    scope = (Album.group_id == bindparam("group_id"), access.albums_visible_to(viewer))
    return _album_query(viewer, *scope).limit(bindparam("most"))


def albums_of_group(viewer: Viewer, group_id: int, most: int = 500) -> list[AlbumFacts]:
    """Return the albums of a group that the reader may look at, the newest first, in one query."""
    query = _albums_of_group(access.anyone_with(viewer.role))
    return [AlbumFacts(*row) for row in fetch(query, viewer_id=viewer.id, group_id=group_id, most=most)]


@cache
def _album_page(viewer: Viewer) -> Select[*Row]:
    return (
        select(
            Album.id,
            Album.title,
            Album.shown_at,
            Album.kept_at,
            Group.id,
            Group.name,
            Group.closed_at.is_not(None),
            SchoolYear.last_day,
            access.albums_made_by(viewer),
            access.albums_of_children(viewer),
        )
        .join(Group, Group.id == Album.group_id)
        .join(SchoolYear, SchoolYear.id == Group.school_year_id)
        .where(Album.id == bindparam("album_id"), access.albums_visible_to(viewer))
    )


def album_page(viewer: Viewer, album_id: int) -> AlbumPage | None:
    """Return an album that the reader may look at, in one query."""
    if not access.possible_number(album_id):
        return None
    query = _album_page(access.anyone_with(viewer.role))
    rows = fetch(query, viewer_id=viewer.id, album_id=album_id)
    return AlbumPage(*rows[0]) if rows else None


@cache
def _photos_of_album(viewer: Viewer) -> Select[*Row]:
    scope = access.photos_visible_to(viewer)
    if viewer.is_staff:
        scope = scope | access.photos_made_by(viewer)
    return (
        select(
            Photo.id, Photo.position, Photo.width, Photo.height, Photo.failure, Photo.ready_at, _asked(viewer)
        )
        .where(Photo.album_id == bindparam("album_id"), scope)
        .order_by(Photo.position, Photo.id)
    )


def photos_of_album(viewer: Viewer, album_id: int) -> list[PhotoFacts]:
    """Return the photos of an album in order; who makes it also sees those that are not ready."""
    query = _photos_of_album(access.anyone_with(viewer.role))
    found, number = [], 0
    for ident, position, width, height, failure, ready_at, asked in fetch(
        query, viewer_id=viewer.id, album_id=album_id
    ):
        number += ready_at is not None
        shown = number if ready_at else None
        found.append(PhotoFacts(ident, position, shown, width, height, failure, ready_at, bool(asked)))
    return found


@cache
def _file_query(viewer: Viewer) -> Select[*Row]:
    return (
        select(PhotoFile.content, Album.title)
        .join(Photo, Photo.id == PhotoFile.photo_id)
        .join(Album, Album.id == Photo.album_id)
        .where(
            Photo.id == bindparam("photo_id"),
            PhotoFile.size == bindparam("size"),
            PhotoFile.size != INCOMING,
            access.photos_visible_to(viewer),
        )
    )


def photo_file(viewer: Viewer, photo_id: int, size: str) -> tuple[bytes, str] | None:
    """Return the bytes of a picture or thumbnail and the album's title; None when not for the reader."""
    if not access.possible_number(photo_id):
        return None
    rows = fetch(
        _file_query(access.anyone_with(viewer.role)), viewer_id=viewer.id, photo_id=photo_id, size=size
    )
    return (bytes(rows[0][0]), rows[0][1]) if rows else None


def requests_about(viewer: Viewer, photo_id: int) -> list[Asked]:
    """Return the open requests about a photo that this member of staff may read."""
    query = (
        select(User.given_name, User.prefix, User.surname, PhotoRequest.asked_at, PhotoRequest.reason)
        .join(User, User.id == PhotoRequest.asked_by)
        .where(
            PhotoRequest.photo_id == photo_id,
            PhotoRequest.answered_at.is_(None),
            access.photo_requests_answered_by(viewer),
        )
        .order_by(PhotoRequest.asked_at, PhotoRequest.id)
    )
    return [
        Asked(names.full(given, prefix, surname), asked_at, reason)
        for given, prefix, surname, asked_at, reason in db.session.execute(query)
    ]


def open_requests(viewer: Viewer, photo_id: int) -> list[PhotoRequest]:
    """Return the same requests to answer them."""
    return list(
        db.session.scalars(
            select(PhotoRequest).where(
                PhotoRequest.photo_id == photo_id,
                PhotoRequest.answered_at.is_(None),
                access.photo_requests_answered_by(viewer),
            )
        )
    )


def own_request(viewer: Viewer, photo_id: int) -> PhotoRequest | None:
    """Return what the reader asked about a photo."""
    return db.session.scalars(
        select(PhotoRequest).where(PhotoRequest.photo_id == photo_id, access.own_photo_requests(viewer))
    ).one_or_none()
