"""Mail that waits to be sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base


class OutgoingMessage(Base):
    """One mail to one person, written in the transaction that causes it and sent later by the worker.

    It holds no text and no secret: `kind` names the template, `subject_id` the thing it is about. `address`
    is set for a request by somebody not signed in, until the worker finds out whether it is known, and for a
    mail to an address that its owner has just left; '' when it came back from one that is not the owner's.
    `dedupe_key` keeps a second request from queueing the same mail. `failure` says in a word why it was
    refused for good ('550'), never to whom.
    """

    __tablename__ = "outgoing_messages"
    __table_args__ = (Index("ix_outgoing_messages_sent_at_due_at", "sent_at", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    address: Mapped[str | None] = mapped_column(String(254))
    subject_id: Mapped[int | None]
    language: Mapped[str] = mapped_column(String(5), default="nl")
    dedupe_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(60), default="")
