"""The one school of this database: its settings, school years, free days and kinds of absence."""

import secrets
from datetime import date, datetime, time

from sqlalchemy import BigInteger, CheckConstraint, Index, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base


def new_mark() -> int:
    """Return a number that no calendar had before."""
    return secrets.randbits(62)


class School(Base):
    """The settings of the school; there is one row.

    `report_before`: until then a sick report needs no phone call. `phone_from`: when the phone is answered.
    `late_sentence`: the school's own words after that time ('' = the portal's). `roster_revision` counts
    changes of the roster, so that an import preview knows when it is out of date. `lists_for_parents`:
    guardians may print and download the class list.

    Letters: `quiet_from` to `quiet_until` are the hours in which school sends none unless it must.
    `second_eyes`: a letter to the whole school needs the approval of a second person. `urgent_by`: who may
    send an urgent letter, 'office' or 'staff'. `conversations_with_office`: the office reads along.

    `calendar_mark`: another number after every change of the free days, so that a process knows whether the
    calendar that it keeps still holds.
    """

    __tablename__ = "school"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str] = mapped_column(String(100))
    short_name: Mapped[str] = mapped_column(String(40), default="")
    brin: Mapped[str] = mapped_column(String(6), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    starts_at: Mapped[time] = mapped_column(default=time(8, 30))
    report_before: Mapped[time] = mapped_column(default=time(8, 30))
    phone_from: Mapped[time] = mapped_column(default=time(7, 45))
    late_sentence: Mapped[str] = mapped_column(String(300), default="")
    region: Mapped[str] = mapped_column(String(10), default="midden")
    hue: Mapped[int] = mapped_column(default=232)
    note_days: Mapped[int] = mapped_column(default=14)
    absence_years: Mapped[int] = mapped_column(default=5)
    lists_for_parents: Mapped[bool] = mapped_column(default=False, server_default=false())
    quiet_from: Mapped[time] = mapped_column(default=time(18, 0), server_default="18:00:00")
    quiet_until: Mapped[time] = mapped_column(default=time(7, 0), server_default="07:00:00")
    second_eyes: Mapped[bool] = mapped_column(default=False, server_default=false())
    urgent_by: Mapped[str] = mapped_column(String(10), default="office", server_default="office")
    conversations_with_office: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_demo: Mapped[bool] = mapped_column(default=False)
    roster_revision: Mapped[int] = mapped_column(default=0)
    calendar_mark: Mapped[int] = mapped_column(BigInteger, default=new_mark)
    created_at: Mapped[datetime]


class SchoolYear(Base):
    """A school year, '2026-2027', with its first and last day."""

    __tablename__ = "school_years"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(9), unique=True)
    first_day: Mapped[date]
    last_day: Mapped[date]


class FreeDay(Base):
    """Days on which nobody is expected. `kind`: holiday, or the school's own free or study day."""

    __tablename__ = "free_days"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="in_order"),
        Index("uq_free_days_first_day_name", "first_day", "name", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(60))
    first_day: Mapped[date]
    last_day: Mapped[date] = mapped_column(index=True)


class AbsenceKind(Base):
    """A reason for absence, as this school names it (R12: there is no national list).

    `whole_day` is False for a visit or a late start, where the pupil is at school for the rest of the day.
    """

    __tablename__ = "absence_kinds"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    label_nl: Mapped[str] = mapped_column(String(40))
    label_en: Mapped[str] = mapped_column(String(40))
    icon: Mapped[str] = mapped_column(String(30), default="ellipsis")
    position: Mapped[int] = mapped_column(default=0)
    authorised: Mapped[bool] = mapped_column(default=True)
    parent_selectable: Mapped[bool] = mapped_column(default=False)
    whole_day: Mapped[bool] = mapped_column(default=True)
    needs_decision: Mapped[bool] = mapped_column(default=False)
    las_code: Mapped[str] = mapped_column(String(20), default="")
    hint: Mapped[str] = mapped_column(Text, default="")
