"""How school deals with the guardians of a pupil, why, and what it told whom."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base


class ArrangementEntry(Base):
    """One change of a pupil's arrangement, with the reason that school gave; never changed or deleted."""

    __tablename__ = "arrangement_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    about: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    what: Mapped[str] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]


class Barring(Base):
    """Somebody who may have no contact with a pupil: no access and no mail while it holds."""

    __tablename__ = "barrings"
    __table_args__ = (
        Index(
            "uq_barrings_current",
            "pupil_id",
            "user_id",
            unique=True,
            sqlite_where=sql_text("lifted_at IS NULL"),
            postgresql_where=sql_text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    barred_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    barred_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class InformationRequest(Base):
    """A guardian without authority asks school about the child; the answer, also a no, says why (R21)."""

    __tablename__ = "information_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    asked_at: Mapped[datetime]
    question: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    refused: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[str] = mapped_column(Text, default="")


class Release(Base):
    """A document about a pupil that school gives to one guardian without authority, one by one (R21)."""

    __tablename__ = "releases"

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text, default="")
    file_name: Mapped[str] = mapped_column(String(120), default="")
    file: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    released_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    released_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
