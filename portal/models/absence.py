"""Absence as reported, and attendance as the teacher saw it."""

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base, unique_while


class Absence(Base):
    """A pupil reported absent from `first_day` to `last_day`; no last day means until better.

    `source` is guardian or school. `from_time` and `until_time` belong to a visit or a late start.
    `seen_at` is when somebody at school acted on it; from then on it is not withdrawn but ended; a child
    who comes after all on the first day leaves one that is withdrawn and `recovered_at`. `present_at`
    is when school saw the pupil after all, on the first and then only day. `ended_by_mark_on` is the day
    on which a mark of school ended it, with what was its last day: so a mark on the wrong row is undone.
    """

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("last_day IS NULL OR last_day >= first_day", name="in_order"),
        unique_while("uq_absences_pupil_first_day", "withdrawn_at IS NULL", "pupil_id", "first_day"),
        Index("ix_absences_last_day_first_day", "last_day", "first_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    kind_id: Mapped[int] = mapped_column(ForeignKey("absence_kinds.id"))
    first_day: Mapped[date]
    last_day: Mapped[date | None]
    from_time: Mapped[time | None]
    until_time: Mapped[time | None]
    source: Mapped[str] = mapped_column(String(10))
    reported_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    reported_at: Mapped[datetime]
    changed_at: Mapped[datetime | None]
    seen_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    seen_at: Mapped[datetime | None]
    recovered_at: Mapped[datetime | None]
    present_at: Mapped[datetime | None]
    ended_by_mark_on: Mapped[date | None]
    last_day_before_mark: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class AbsenceNote(Base):
    """What one reporter wrote to the teacher: no diagnosis, not for other parents, gone in 14 days (R15)."""

    __tablename__ = "absence_notes"
    __table_args__ = (Index("uq_absence_notes_author", "absence_id", "author_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    absence_id: Mapped[int] = mapped_column(ForeignKey("absences.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    text: Mapped[str] = mapped_column(String(200))
    written_at: Mapped[datetime] = mapped_column(index=True)


class VisitPart(Base):
    """A visit that gave way to whole days, or a part of what it kept; all with the same `visit_id` are one.

    That is the number of any of them. Who changes a part or takes it back takes it out of here.
    """

    __tablename__ = "visit_parts"

    absence_id: Mapped[int] = mapped_column(ForeignKey("absences.id", ondelete="CASCADE"), primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("absences.id", ondelete="CASCADE"), index=True)


class GivenUpDay(Base):
    """A school day that a visit gave up to a whole day of absence, on `given_on`; it may come back on it."""

    __tablename__ = "given_up_days"

    id: Mapped[int] = mapped_column(primary_key=True)
    absence_id: Mapped[int] = mapped_column(
        ForeignKey("visit_parts.absence_id", ondelete="CASCADE"), index=True
    )
    day: Mapped[date]
    given_on: Mapped[date]


class AttendanceMark(Base):
    """What somebody at school saw of a pupil on a day; the newest mark of a day counts.

    `state`: present, late, or unknown (an earlier mark taken back).
    """

    __tablename__ = "attendance_marks"
    __table_args__ = (Index("ix_attendance_marks_day_pupil_id", "day", "pupil_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    day: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    marked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    marked_at: Mapped[datetime]
