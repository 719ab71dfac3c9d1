"""Private conversations of a guardian with the teachers of a child, and how guardians want to be told."""

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base, unique_while


class Conversation(Base):
    """What one guardian and the teachers of a child's group write to each other; each guardian has their own.

    `letter_id`: the letter that it answers, whose title is `subject` ('' without one). `with_office`: the
    office reads it too. `last_at`: the moment of the last message. `closed_at`: staff closed it. One is open
    at a time per child, guardian and group, and one per letter.
    """

    __tablename__ = "conversations"
    __table_args__ = (
        unique_while(
            "uq_conversations_group",
            "closed_at IS NULL AND letter_id IS NULL",
            *("pupil_id", "guardian_id", "group_id"),
        ),
        unique_while(
            "uq_conversations_letter",
            "closed_at IS NULL AND letter_id IS NOT NULL",
            *("pupil_id", "guardian_id", "letter_id"),
        ),
        Index("ix_conversations_guardian_id_last_at", "guardian_id", "last_at"),
        Index("ix_conversations_pupil_id_last_at", "pupil_id", "last_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"))
    guardian_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    school_year_id: Mapped[int] = mapped_column(ForeignKey("school_years.id"), index=True)
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), index=True)
    subject: Mapped[str] = mapped_column(String(120), default="")
    with_office: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    last_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class ConversationMessage(Base):
    """One message, in plain text. `from_school`: written by somebody who works here, as such.

    `form_key` is that of the form that sent it: the same form sent twice is one message. Within a
    conversation `at` only grows.
    """

    __tablename__ = "conversation_messages"
    __table_args__ = (
        Index("ix_conversation_messages_conversation_id_at", "conversation_id", "at"),
        UniqueConstraint("author_id", "form_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    form_key: Mapped[str] = mapped_column(String(32))
    from_school: Mapped[bool]
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class ConversationReader(Base):
    """Until when somebody has read a conversation."""

    __tablename__ = "conversation_readers"

    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    read_at: Mapped[datetime]


class ConversationGuest(Base):
    """Somebody who works at school and was let into a conversation: a substitute."""

    __tablename__ = "conversation_guests"

    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    added_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]


class NoticeChoice(Base):
    """How somebody wants to be told of letters and messages; without a row: by mail, at once.

    `letters`: 'at_once', 'digest': one mail a day at `digest_hour` o'clock, or 'portal': no mail, but of an
    urgent letter. Between `quiet_from` and `quiet_until` (the school's clock, across midnight too) only
    urgent mail goes. `by_push` is for the app. `digest_sent_at`: when the last mail of a day left.
    """

    __tablename__ = "notice_choices"
    __table_args__ = (
        CheckConstraint("letters IN ('at_once', 'digest', 'portal')", name="letters"),
        CheckConstraint("digest_hour BETWEEN 0 AND 23", name="digest_hour"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    letters: Mapped[str] = mapped_column(String(10), default="at_once")
    digest_hour: Mapped[int] = mapped_column(SmallInteger, default=17)
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    by_push: Mapped[bool] = mapped_column(default=False)
    digest_sent_at: Mapped[datetime | None]


class MailTrouble(Base):
    """That mail to somebody's address came back. Holds for `address` only: another one is tried afresh.

    `code` is the last one that a mail server gave ('5.1.1'), `times` how often in a row. `hard_at`: the
    address is known not to work, and nothing is sent to it any more. `done_at`: the office has dealt with it.
    """

    __tablename__ = "mail_troubles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    code: Mapped[str] = mapped_column(String(20))
    times: Mapped[int] = mapped_column(SmallInteger, default=1)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    hard_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
