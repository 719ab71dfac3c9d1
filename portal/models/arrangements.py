"""How school deals with the guardians of a pupil, why, and what it told whom."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base, unique_while


class ArrangementEntry(Base):
    """One thing that was done about a pupil's arrangement, with the reason; never changed.

    It goes some years after the pupil left (decision 026).

    `what` is one of `DONE` in domain/arrangement_history.py, `about` the guardian whom it was about.
    """

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
    __table_args__ = (unique_while("uq_barrings_current", "lifted_at IS NULL", "pupil_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    barred_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    barred_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class InformationRequest(Base):
    """A guardian without authority asks school about the child; the answer, also a no, says why (R21).

    Open requests of one guardian about one child have the places 1 to 3, so that there are never more.
    """

    __tablename__ = "information_requests"
    __table_args__ = (
        CheckConstraint("place IN (1, 2, 3)", name="three_places"),
        unique_while("uq_information_requests_open", "answered_at IS NULL", "pupil_id", "asked_by", "place"),
        Index("ix_information_requests_answered_at_asked_at", "answered_at", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    asked_at: Mapped[datetime]
    place: Mapped[int] = mapped_column(SmallInteger)
    question: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    refused: Mapped[bool] = mapped_column(default=False)
    answer: Mapped[str] = mapped_column(Text, default="")


class Release(Base):
    """A document about a pupil that school gives to one guardian without authority, one by one (R21).

    `request_id` is the question that it answers, if somebody asked. `letter_id`: it is this letter, as it is
    now; `title` is what it was called then, and the text and the files are the letter's.
    """

    __tablename__ = "releases"
    __table_args__ = (
        unique_while(
            "uq_releases_letter",
            "letter_id IS NOT NULL AND withdrawn_at IS NULL",
            "user_id",
            "pupil_id",
            "letter_id",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("information_requests.id"), index=True)
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str] = mapped_column(Text, default="")
    file_name: Mapped[str] = mapped_column(String(120), default="")
    file: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    released_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    released_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
