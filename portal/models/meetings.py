"""Meeting rounds: who talks with whom, when one can, and which talks are booked."""

from datetime import date, datetime, time

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base, unique_while


class MeetingRound(Base):
    """A round of talks. Parents and teachers see nothing of it until `published_at`.

    `kind`: 'booking' (families choose a time) or 'wishes' (they say what suits and receive a plan). Its
    phases follow from the times (domain/meeting_phases.py): from `shape_from` teachers shape, from
    `early_from` families with several children or whom a teacher asked choose, from `opens_at` everyone,
    until `closes_at`. Then the office fills the rest until `filled_by`. `gap_minutes` is what a family has
    between two talks, `building_gap_minutes` when they are in different buildings. `way`: 'place', 'video' or
    'choice' (the parent's). `hold_hours`: how long a place is held for who waits. `hall_names`: 'initials' or
    'first_names' on the screen in the hall, which opens with the secret made from `hall_nonce`. `revision`
    counts changes of the set-up, so that a preview knows when it is out of date. `saved_at`: when its concept
    was last kept.
    """

    __tablename__ = "meeting_rounds"
    __table_args__ = (
        CheckConstraint("talk_minutes BETWEEN 5 AND 120", name="talk_minutes"),
        CheckConstraint("gap_minutes BETWEEN 0 AND 120", name="gap_minutes"),
        CheckConstraint("closes_at > opens_at", name="in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10), default="booking")
    talk_minutes: Mapped[int] = mapped_column(SmallInteger, default=10)
    gap_minutes: Mapped[int] = mapped_column(SmallInteger, default=10)
    building_gap_minutes: Mapped[int] = mapped_column(SmallInteger, default=20)
    way: Mapped[str] = mapped_column(String(10), default="place")
    twins_together: Mapped[bool] = mapped_column(default=False)
    hold_hours: Mapped[int] = mapped_column(SmallInteger, default=12)
    hall_names: Mapped[str] = mapped_column(String(12), default="initials")
    hall_nonce: Mapped[str | None] = mapped_column(String(64))
    hall_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    shape_from: Mapped[datetime | None]
    early_from: Mapped[datetime | None]
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    filled_by: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=0)
    copied_from: Mapped[int | None] = mapped_column(ForeignKey("meeting_rounds.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class MeetingHost(Base):
    """Who receives families at one table: one teacher, or several together. `talk_minutes`: own length.

    `video_url` is the address of this table's talks by video ('' = the school's own service).
    """

    __tablename__ = "meeting_hosts"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("meeting_rounds.id", ondelete="CASCADE"), index=True)
    room: Mapped[str] = mapped_column(String(60), default="")
    building: Mapped[str] = mapped_column(String(60), default="")
    video_url: Mapped[str] = mapped_column(String(300), default="")
    talk_minutes: Mapped[int | None] = mapped_column(SmallInteger)


class HostTeacher(Base):
    """A teacher at a table; at one table of a round only, since nobody can be at two."""

    __tablename__ = "meeting_host_teachers"
    __table_args__ = (UniqueConstraint("round_id", "user_id"),)

    host_id: Mapped[int] = mapped_column(ForeignKey("meeting_hosts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_members.user_id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("meeting_rounds.id", ondelete="CASCADE"))


class RoundGroup(Base):
    """A group whose pupils are invited, at which table. `everyone` is False when only some of them are."""

    __tablename__ = "meeting_round_groups"

    round_id: Mapped[int] = mapped_column(
        ForeignKey("meeting_rounds.id", ondelete="CASCADE"), primary_key=True
    )
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True, index=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("meeting_hosts.id"), index=True)
    everyone: Mapped[bool] = mapped_column(default=True)


class RoundPupil(Base):
    """A pupil invited by itself: of a group of which only some are, or at a table without a group."""

    __tablename__ = "meeting_round_pupils"

    host_id: Mapped[int] = mapped_column(ForeignKey("meeting_hosts.id", ondelete="CASCADE"), primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), primary_key=True, index=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("meeting_rounds.id", ondelete="CASCADE"), index=True)


class MeetingDay(Base):
    """A stretch of a day with talks, by the school's clock; of one table when it has days of its own."""

    __tablename__ = "meeting_days"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("meeting_rounds.id", ondelete="CASCADE"), index=True)
    host_id: Mapped[int | None] = mapped_column(ForeignKey("meeting_hosts.id", ondelete="CASCADE"))
    day: Mapped[date]
    starts_at: Mapped[time]
    ends_at: Mapped[time]
    break_from: Mapped[time | None]
    break_until: Mapped[time | None]


class Invitee(Base):
    """A talk that school offers: about one pupil, at one table.

    `guardian_id` None: both guardians together, who see and change the same talk. Set: this guardian's own
    talk, apart from the other's (R20). `joined_to` is the twin's talk in which this child is talked about
    too. `minutes`: own length. `asked`: what the teacher said, '' or 'wanted' or 'not_needed'.
    `created_at`: since when it is offered to these guardians. Ended when the child left or is dealt with
    otherwise.
    """

    __tablename__ = "meeting_invitees"
    __table_args__ = (
        unique_while(
            "uq_meeting_invitees_together",
            "guardian_id IS NULL AND ended_at IS NULL",
            "round_id",
            "pupil_id",
            "host_id",
        ),
        unique_while(
            "uq_meeting_invitees_apart",
            "guardian_id IS NOT NULL AND ended_at IS NULL",
            "round_id",
            "pupil_id",
            "host_id",
            "guardian_id",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("meeting_rounds.id", ondelete="CASCADE"))
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("meeting_hosts.id"), index=True)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    joined_to: Mapped[int | None] = mapped_column(ForeignKey("meeting_invitees.id"), index=True)
    minutes: Mapped[int | None] = mapped_column(SmallInteger)
    asked: Mapped[str] = mapped_column(String(10), default="")
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    declined_at: Mapped[datetime | None]
    declined_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Booking(Base):
    """A talk that has a time. Moving keeps the row, so a calendar keeps the entry (`uid`, `sequence`).

    `way`: 'place' or 'video'. `source` of the time it has: 'guardian', 'teacher', 'office', 'waiting' or
    'plan'. `fixed`: a teacher's place for this family, which the guardian does not move. `subjects`: what the
    guardian wants to discuss, for the teacher. `outcome`: '' or 'present', 'absent', 'later'. `done_at`: the
    teacher was ready.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        unique_while("uq_bookings_open", "cancelled_at IS NULL", "invitee_id"),
        CheckConstraint("ends_at > starts_at", name="in_order"),
        Index("ix_bookings_starts_at", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invitee_id: Mapped[int] = mapped_column(ForeignKey("meeting_invitees.id"), index=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("meeting_hosts.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    way: Mapped[str] = mapped_column(String(10), default="place")
    source: Mapped[str] = mapped_column(String(10))
    fixed: Mapped[bool] = mapped_column(default=False)
    subjects: Mapped[str] = mapped_column(Text, default="")
    booked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    booked_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    uid: Mapped[str] = mapped_column(String(80), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(String(10), default="")
    done_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class Slot(Base):
    """A place at a table. A booking takes one, or several that follow each other.

    `state`: 'open', 'blocked' by the teacher, or 'break'; only an open one can be booked. `extra`: the
    teacher opened it beside the days of the round. `reserved_for`: kept by the teacher for a family.
    `held_for`: offered to a family that waited, until `held_until`.
    """

    __tablename__ = "slots"
    __table_args__ = (
        UniqueConstraint("host_id", "starts_at"),
        CheckConstraint("ends_at > starts_at", name="in_order"),
        CheckConstraint("booking_id IS NULL OR state = 'open'", name="booked_is_open"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(ForeignKey("meeting_hosts.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="open")
    extra: Mapped[bool] = mapped_column(default=False)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"), index=True)
    reserved_for: Mapped[int | None] = mapped_column(ForeignKey("meeting_invitees.id"), index=True)
    held_for: Mapped[int | None] = mapped_column(ForeignKey("meeting_invitees.id"), index=True)
    held_until: Mapped[datetime | None]
