"""Around the talks of a round: its history, who waits, wishes, notes, the evening, and the planner's work."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base, unique_while


class MeetingEvent(Base):
    """One thing that was done about a talk: who, what, when; never changed.

    `what` is one of `EVENTS` in domain/meeting_history.py. `starts_at` is the time of the talk after it,
    `was_at` the one before.
    """

    __tablename__ = "meeting_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("meeting_rounds.id", ondelete="CASCADE"), index=True)
    invitee_id: Mapped[int | None] = mapped_column(
        ForeignKey("meeting_invitees.id", ondelete="CASCADE"), index=True
    )
    what: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime]
    starts_at: Mapped[datetime | None]
    was_at: Mapped[datetime | None]


class TalkParty(Base):
    """Whose a talk was when it ended: a guardian whom it was with, or (`as_school`) a teacher at its table.

    Kept as it was then: whatever becomes of the guardians or the table later says nothing about that talk.
    """

    __tablename__ = "talk_parties"

    invitee_id: Mapped[int] = mapped_column(
        ForeignKey("meeting_invitees.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    as_school: Mapped[bool] = mapped_column(primary_key=True)


class WaitingTime(Base):
    """A time that would suit a family that waits for one to come free. Who waits longest goes first."""

    __tablename__ = "meeting_waiting_times"
    __table_args__ = (
        Index("uq_meeting_waiting_times", "invitee_id", "starts_at", unique=True),
        CheckConstraint("ends_at > starts_at", name="in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invitee_id: Mapped[int] = mapped_column(ForeignKey("meeting_invitees.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    since: Mapped[datetime]


class SlotOffer(Base):
    """A place that came free, offered to one family and held for it until `expires_at`.

    `answer`: '' while it is open, then 'taken', 'passed' or 'expired'. One open offer for a place, and one
    for a talk. The times stay when the slot goes.
    """

    __tablename__ = "slot_offers"
    __table_args__ = (
        unique_while("uq_slot_offers_invitee", "answered_at IS NULL", "invitee_id"),
        unique_while("uq_slot_offers_slot", "answered_at IS NULL", "slot_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invitee_id: Mapped[int] = mapped_column(ForeignKey("meeting_invitees.id", ondelete="CASCADE"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slots.id", ondelete="SET NULL"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    answer: Mapped[str] = mapped_column(String(10), default="")
    answered_at: Mapped[datetime | None]


class MeetingWish(Base):
    """What a family said of a part of a day. `availability`: 0 cannot, 1 can, 2 prefers."""

    __tablename__ = "meeting_wishes"
    __table_args__ = (
        Index("uq_meeting_wishes", "invitee_id", "starts_at", unique=True),
        CheckConstraint("availability IN (0, 1, 2)", name="availability"),
        CheckConstraint("ends_at > starts_at", name="in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invitee_id: Mapped[int] = mapped_column(ForeignKey("meeting_invitees.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    availability: Mapped[int] = mapped_column(SmallInteger)
    said_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    said_at: Mapped[datetime]


class TalkNote(Base):
    """What a teacher wrote for the own use, before and after a talk; gone at the end of the school year."""

    __tablename__ = "talk_notes"
    __table_args__ = (Index("uq_talk_notes_author", "invitee_id", "author_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invitee_id: Mapped[int] = mapped_column(ForeignKey("meeting_invitees.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    written_at: Mapped[datetime] = mapped_column(index=True)


class TalkReport(Base):
    """The report of a talk, which the guardians of that talk may read from `shared_at` on."""

    __tablename__ = "talk_reports"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitee_id: Mapped[int] = mapped_column(
        ForeignKey("meeting_invitees.id", ondelete="CASCADE"), unique=True
    )
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    shared_at: Mapped[datetime | None]


class HostEvening(Base):
    """How one table's talks of one day go: `late_minutes` behind, as the teacher last said."""

    __tablename__ = "host_evenings"

    host_id: Mapped[int] = mapped_column(ForeignKey("meeting_hosts.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    late_minutes: Mapped[int] = mapped_column(SmallInteger, default=0)
    said_at: Mapped[datetime]


class MeetingFeed(Base):
    """The secret address at which a teacher's calendar reads the own talks, made from `nonce`."""

    __tablename__ = "meeting_feeds"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]


class MeetingPlan(Base):
    """A plan that the worker makes for a round; nothing of it holds before the office accepts it.

    `state`: 'waiting', 'running', 'ready', 'accepting' (the worker books it), 'accepted', 'dropped' or
    'failed'. `revision` is the round's, to know when it is out of date. A worker has it until `leased_until`;
    `attempts` counts those that took it. `progress` and `result` are JSON: how far it is; the seats, and the
    reason for each talk left over.
    """

    __tablename__ = "meeting_plans"
    __table_args__ = (unique_while("uq_meeting_plans_running", "finished_at IS NULL", "round_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("meeting_rounds.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    seed: Mapped[int]
    seconds: Mapped[int] = mapped_column(SmallInteger)
    revision: Mapped[int]
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    enough_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    progress: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[str] = mapped_column(Text, default="")
