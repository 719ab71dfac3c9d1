"""Pupils, groups, and who belongs to whom."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base, ordered_text, unique_while


class Pupil(Base):
    """A child at school. `key` is the pupil administration's; `year_group` 0-8 is the child's own (R41).

    `archived_at` is set when the child has left; an import never deletes. `apart_at` is set while school
    deals with the two guardians apart: each their own talk, each their own conversation (R20).
    """

    __tablename__ = "pupils"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str | None] = mapped_column(String(256), unique=True)
    given_name: Mapped[str] = mapped_column(String(100), default="")
    prefix: Mapped[str] = mapped_column(String(40), default="")
    surname: Mapped[str] = mapped_column(String(100), default="")
    sort_key: Mapped[str] = mapped_column(ordered_text(300), default="", index=True)
    birth_date: Mapped[date | None]
    year_group: Mapped[int | None] = mapped_column(SmallInteger)
    left_on: Mapped[date | None]
    archived_at: Mapped[datetime | None]
    apart_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Group(Base):
    """A group of one school year: a free name and the year groups in it, '3,4' (R41).

    `composite` marks a samengestelde groep, which is nobody's home group.
    """

    __tablename__ = "groups"
    __table_args__ = (
        UniqueConstraint("school_year_id", "name"),
        UniqueConstraint("school_year_id", "key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_year_id: Mapped[int] = mapped_column(ForeignKey("school_years.id"))
    key: Mapped[str | None] = mapped_column(String(256))
    name: Mapped[str] = mapped_column(String(64))
    year_groups: Mapped[str] = mapped_column(String(20), default="")
    composite: Mapped[bool] = mapped_column(default=False)
    sort_key: Mapped[str] = mapped_column(ordered_text(80), default="")
    closed_at: Mapped[datetime | None]


class Membership(Base):
    """A pupil in a group from one day to another; a pupil has one home group at a time."""

    __tablename__ = "memberships"
    __table_args__ = (
        unique_while("uq_memberships_home", "home AND ended_on IS NULL", "pupil_id"),
        unique_while("uq_memberships_current", "ended_on IS NULL", "pupil_id", "group_id"),
        Index("ix_memberships_group_id_ended_on", "group_id", "ended_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    home: Mapped[bool]
    started_on: Mapped[date]
    ended_on: Mapped[date | None]


class Teaching(Base):
    """A teacher of a group; several is normal. `weekdays` is a bit per day, Monday 1 (0 = not told)."""

    __tablename__ = "teachings"
    __table_args__ = (unique_while("uq_teachings_current", "ended_on IS NULL", "user_id", "group_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_members.user_id"), index=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    weekdays: Mapped[int] = mapped_column(SmallInteger, default=0)
    started_on: Mapped[date]
    ended_on: Mapped[date | None]


class Guardianship(Base):
    """An adult as guardian of a pupil. At most two hold at a time (R23): seats 1 and 2, kept by the database.

    `has_authority` False is the parent without custody, who gets information on request only (R21).
    `hidden_at` is set while this guardian hides from the other one (R22), and `hiding_locked_at` while school
    lets only itself change that, because of an order. `revoked_at` ends it.
    """

    __tablename__ = "guardianships"
    __table_args__ = (
        CheckConstraint("seat IN (1, 2)", name="two_seats"),
        unique_while("uq_guardianships_seat", "revoked_at IS NULL", "pupil_id", "seat"),
        unique_while("uq_guardianships_person", "revoked_at IS NULL", "pupil_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    seat: Mapped[int] = mapped_column(SmallInteger)
    relation: Mapped[str] = mapped_column(String(30), default="")
    has_authority: Mapped[bool] = mapped_column(default=True)
    hidden_at: Mapped[datetime | None]
    hiding_locked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
