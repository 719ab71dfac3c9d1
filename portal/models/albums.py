"""Photo albums of a group. The pictures are in the database: one backup, and nothing without its row."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base, unique_while


class Album(Base):
    """Photos of one occasion. Deleted with the school year, unless `kept_at` says that school keeps it.

    From `removed_at` on it is there for nobody, and a worker deletes it.
    """

    __tablename__ = "albums"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    title: Mapped[str] = mapped_column(String(80))
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    kept_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None] = mapped_column(index=True)


class Photo(Base):
    """One photo, re-encoded: nothing of the file that came in is ever shown or kept.

    `fingerprint` is the SHA-256 of what came in: a repeated upload is one photo. `ready_at` is set when
    the worker has made `picture` (at most 1,600 pixels wide or high) and `thumbnail`; `failure` says in a
    word why it could not. A worker that makes it takes it until `leased_until`. From `removed_at` on it is
    there for nobody, and a worker deletes it; the same photo may come in again meanwhile.
    """

    __tablename__ = "photos"
    __table_args__ = (
        unique_while("uq_photos_album_id_fingerprint", "removed_at IS NULL", "album_id", "fingerprint"),
        # Without it the deletion of an album reads all photos.
        Index("ix_photos_album_id", "album_id"),
        Index("ix_photos_ready_at", "ready_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    album_id: Mapped[int] = mapped_column(ForeignKey("albums.id", ondelete="CASCADE"))
    fingerprint: Mapped[str] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(Integer, default=0)
    added_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(20), default="")
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    width: Mapped[int] = mapped_column(SmallInteger, default=0)
    height: Mapped[int] = mapped_column(SmallInteger, default=0)
    removed_at: Mapped[datetime | None] = mapped_column(index=True)


class PhotoFile(Base):
    """The bytes of a photo, apart from its row to keep lists light. `size`: incoming, picture, thumbnail.

    What came in is deleted as soon as the picture is made from it.
    """

    __tablename__ = "photo_files"

    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id", ondelete="CASCADE"), primary_key=True)
    size: Mapped[str] = mapped_column(String(10), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class PhotoRequest(Base):
    """A guardian asks to take a photo away (R25). `answered_at` is set when school lets it stay."""

    __tablename__ = "photo_requests"
    __table_args__ = (UniqueConstraint("photo_id", "asked_by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    photo_id: Mapped[int] = mapped_column(ForeignKey("photos.id", ondelete="CASCADE"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200), default="")
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
