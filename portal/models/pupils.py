"""What is kept of a pupil beside the roster: contacts, care, and what a guardian says is not right."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base


class ChangeRequest(Base):
    """A guardian says that something of the child is not right; the office accepts or refuses with a reason.

    The roster stays leading: accepting a request about `field` (given_name, prefix, surname, birth_date,
    other) writes `wanted` into the pupil, or for 'other' leaves it to the office.
    """

    __tablename__ = "change_requests"
    __table_args__ = (Index("ix_change_requests_decided_at_asked_at", "decided_at", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    asked_at: Mapped[datetime]
    field: Mapped[str] = mapped_column(String(20))
    wanted: Mapped[str] = mapped_column(String(300))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    accepted: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(String(300), default="")


class EmergencyContact(Base):
    """Somebody without a login whom school calls when no guardian answers, in the order of `position` (R23).

    It belongs to the guardian who gave it and to school: the other guardian never sees it (R22). `given_by`
    None is a contact that school itself noted. `position` counts for each giver apart.
    """

    __tablename__ = "emergency_contacts"
    __table_args__ = (CheckConstraint("position >= 1", name="position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    given_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    given_at: Mapped[datetime]
    position: Mapped[int] = mapped_column(SmallInteger)
    name: Mapped[str] = mapped_column(String(100))
    relation: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40))
    phone_e164: Mapped[str] = mapped_column(String(20), default="")


class CareNote(Base):
    """What school must know to care for a child: an allergy, a medicine, and what to do (R15).

    `kind`: allergy, medicine or other. A fact about the child, for both guardians with authority and for the
    few at school who may read care information; who wrote it is told to nobody but school. `source`: guardian
    or school, whoever wrote last.
    """

    __tablename__ = "care_notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    what: Mapped[str] = mapped_column(String(120))
    what_to_do: Mapped[str] = mapped_column(Text, default="")
    source: Mapped[str] = mapped_column(String(10))
    written_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime]


class CareReader(Base):
    """Somebody at school who may read a pupil's care information beside the teachers of the home group."""

    __tablename__ = "care_readers"
    __table_args__ = (Index("uq_care_readers_pupil_id_user_id", "pupil_id", "user_id", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_members.user_id"))
    named_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    named_at: Mapped[datetime]


class CareReading(Base):
    """That somebody at school opened a pupil's care information, and when; guardians see this log."""

    __tablename__ = "care_readings"
    __table_args__ = (Index("ix_care_readings_pupil_id_read_at", "pupil_id", "read_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    read_at: Mapped[datetime]
