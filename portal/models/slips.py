"""Reply slips: what a letter asks, and what guardians answer."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base, unique_while


class ReplySlip(Base):
    """The reply slip (antwoordstrook) of a letter.

    `per`: one answer per 'child' or per 'family'. `answered_by`: a child counts as answered when 'one'
    guardian has answered, or only when 'both' have. `deadline` is the last day for answers; until its end
    they change. `reminded_at`: the portal itself reminded who had not answered, once for each deadline.
    """

    __tablename__ = "reply_slips"
    __table_args__ = (
        CheckConstraint("per IN ('child', 'family')", name="per"),
        CheckConstraint("answered_by IN ('one', 'both')", name="answered_by"),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), primary_key=True)
    per: Mapped[str] = mapped_column(String(10), default="child")
    answered_by: Mapped[str] = mapped_column(String(10), default="one")
    deadline: Mapped[date]
    reminded_at: Mapped[datetime | None]


class SlipQuestion(Base):
    """A question on a reply slip.

    `kind`: 'yes_no', 'choice', 'number', 'text', 'date', or 'consent': yes or no, signed with one's name.
    """

    __tablename__ = "slip_questions"
    __table_args__ = (
        CheckConstraint("kind IN ('yes_no', 'choice', 'number', 'text', 'date', 'consent')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(
        ForeignKey("reply_slips.letter_id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(200))
    required: Mapped[bool] = mapped_column(default=True)


class SlipOption(Base):
    """One of the answers to choose from, of a choice, a yes or no and a consent alike.

    `places`: how many answers can choose it (NULL = any number); `taken` how many did: changed only by a
    conditional UPDATE, so that many at once never take one too many. `means`: 'yes', 'no' or ''.
    """

    __tablename__ = "slip_options"
    __table_args__ = (
        CheckConstraint("taken >= 0 AND (places IS NULL OR taken <= places)", name="places"),
        CheckConstraint("means IN ('', 'yes', 'no')", name="means"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("slip_questions.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(SmallInteger)
    words: Mapped[str] = mapped_column(String(80))
    means: Mapped[str] = mapped_column(String(3), default="")
    places: Mapped[int | None] = mapped_column(SmallInteger)
    taken: Mapped[int] = mapped_column(SmallInteger, default=0)


class SlipAnswer(Base):
    """What a guardian answers about a child, or for the family (`pupil_id` NULL); each guardian their own.

    `by_staff` filled it in for the guardian, who called. `signed` is the name typed under a consent.
    """

    __tablename__ = "slip_answers"
    __table_args__ = (
        unique_while("uq_slip_answers_child", "pupil_id IS NOT NULL", "letter_id", "user_id", "pupil_id"),
        unique_while("uq_slip_answers_family", "pupil_id IS NULL", "letter_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("reply_slips.letter_id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupils.id"), index=True)
    signed: Mapped[str] = mapped_column(String(120), default="")
    by_staff: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]


class SlipValue(Base):
    """The answer to one question: an option, or a number, text or day as the question's kind says."""

    __tablename__ = "slip_values"

    answer_id: Mapped[int] = mapped_column(
        ForeignKey("slip_answers.id", ondelete="CASCADE"), primary_key=True
    )
    question_id: Mapped[int] = mapped_column(
        ForeignKey("slip_questions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    option_id: Mapped[int | None] = mapped_column(ForeignKey("slip_options.id"), index=True)
    number: Mapped[int | None]
    day: Mapped[date | None]
    text: Mapped[str] = mapped_column(Text, default="")
