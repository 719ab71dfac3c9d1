"""Private conversations of a guardian with the teachers of a child."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
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
