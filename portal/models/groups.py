"""What a group tells its parents: what happens this week, and its news."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base


class WeekItem(Base):
    """Something on a weekday of a group: gym, library, what to bring. Mondays name the weeks.

    `kind`: gym, library, bring or other. It holds from the week of `first_week` to that of `last_week`; no
    last week means every week from then on, and one week only has the same Monday twice.
    """

    __tablename__ = "week_items"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 1 AND 5", name="weekday"),
        CheckConstraint("last_week IS NULL OR last_week >= first_week", name="in_order"),
        Index("ix_week_items_group_id_first_week", "group_id", "first_week"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    weekday: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(120), default="")
    first_week: Mapped[date]
    last_week: Mapped[date | None]
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]


class GroupNews(Base):
    """A short message of a group's teacher to the parents of the group, in plain text."""

    __tablename__ = "group_news"
    __table_args__ = (Index("ix_group_news_group_id_posted_at", "group_id", "posted_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    posted_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
