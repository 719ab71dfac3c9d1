"""How somebody wants to be told of what there is to read, and that mail to somebody came back."""

from datetime import datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base


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
