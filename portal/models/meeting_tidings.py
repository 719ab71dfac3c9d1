"""What each guardian has been told of a round by mail, so that nobody is told twice and every change once."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base


class RoundTold(Base):
    """That a guardian got a mail about a round, once.

    `what`: 'opened', 'opened:' and the child about whom one was invited, 'halfway', 'last_day', a day (its
    talks of the next one) or 'by_hand:' and a day.
    """

    __tablename__ = "rounds_told"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(
        ForeignKey("meeting_rounds.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    told_at: Mapped[datetime]


class TalkTold(Base):
    """What stands in a guardian's calendar of a booked talk: the time, as the last mail told it.

    `said` is a hash of everything that the mail told of the talk: a change of it is told. `sequence` counts
    the versions that this guardian got. The row goes when the calendar was told that the talk is off.
    """

    __tablename__ = "talks_told"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    booking_id: Mapped[int] = mapped_column(
        ForeignKey("bookings.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    said: Mapped[str] = mapped_column(String(64))
    sequence: Mapped[int]
    told_at: Mapped[datetime]
