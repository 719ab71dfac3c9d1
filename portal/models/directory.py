"""What a guardian lets the parents of a group see."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base


class ContactDetails(Base):
    """What a guardian may add to be reached by: nobody sees it until it is shown (R27). Postcode as R39."""

    __tablename__ = "contact_details"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    street: Mapped[str] = mapped_column(String(100), default="")
    postcode: Mapped[str] = mapped_column(String(10), default="")
    place: Mapped[str] = mapped_column(String(60), default="")
    spoken: Mapped[str] = mapped_column(String(100), default="")
    line: Mapped[str] = mapped_column(String(140), default="")


class SharedField(Base):
    """A guardian shows one field to the parents of one group. No row: nobody sees it (R27).

    `field`: email, phone, address, spoken or line. A new school year has new groups, so nothing is shown to
    parents whom the guardian did not choose.
    """

    __tablename__ = "shared_fields"
    __table_args__ = (
        CheckConstraint("field IN ('email', 'phone', 'address', 'spoken', 'line')", name="field"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True, index=True)
    field: Mapped[str] = mapped_column(String(10), primary_key=True)
    shown_at: Mapped[datetime]
