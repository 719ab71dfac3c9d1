"""Roster files that were read and wait for the office to accept them."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base


class RosterImport(Base):
    """A preview: the rows that may be read from the files, packed, until accepted, cancelled or 7 days old.

    `files`: their names as JSON. `unknown`: the tables whose columns the office has yet to name, as JSON with
    headings only; nothing of what is in such a table is kept.
    """

    __tablename__ = "roster_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(index=True)
    files: Mapped[str] = mapped_column(Text, default="[]")
    rows: Mapped[bytes] = mapped_column(LargeBinary)
    unknown: Mapped[str] = mapped_column(Text, default="[]")


class TableMapping(Base):
    """What the columns of a table mean, as the office said once; found again by its row of headings."""

    __tablename__ = "table_mappings"

    fingerprint: Mapped[str] = mapped_column(String(40), primary_key=True)
    mapping: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime]
    said_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
