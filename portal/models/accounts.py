"""Adults, how they get in, and where they are signed in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Base, ordered_text, unique_while


class User(Base):
    """An adult whom the school knows: guardian, member of staff, or both. One person, one login.

    Has a login from `activated_at` on; before that only an invitation. `email` is stored in lower case.
    The `…_by_self_at` moments say that the person changed the field in the portal, so that an import
    does not overwrite it unseen. `organisation` is the institution for which the adult acts as a voogd (R23).
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    guardian_key: Mapped[str | None] = mapped_column(String(256), unique=True)
    given_name: Mapped[str] = mapped_column(String(100), default="")
    initials: Mapped[str] = mapped_column(String(20), default="")
    prefix: Mapped[str] = mapped_column(String(40), default="")
    surname: Mapped[str] = mapped_column(String(100), default="")
    sort_key: Mapped[str] = mapped_column(ordered_text(300), default="", index=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    email_changed_by_self_at: Mapped[datetime | None]
    phone: Mapped[str] = mapped_column(String(40), default="")
    phone_e164: Mapped[str] = mapped_column(String(20), default="")
    phone_changed_by_self_at: Mapped[datetime | None]
    organisation: Mapped[str | None] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(5), default="nl")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]

    staff: Mapped["StaffMember | None"] = relationship(back_populates="user", lazy="raise")


class StaffMember(Base):
    """Somebody who works at school. `role`: teacher, office, head or admin; `called`: 'juf Marieke'.

    `work_email` and `reach` ('after school on the square') are what the parents of the own groups are told.
    """

    __tablename__ = "staff_members"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    staff_key: Mapped[str | None] = mapped_column(String(256), unique=True)
    role: Mapped[str] = mapped_column(String(10))
    called: Mapped[str] = mapped_column(String(60), default="")
    work_email: Mapped[str | None] = mapped_column(String(254))
    reach: Mapped[str | None] = mapped_column(String(160))
    left_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(back_populates="staff", lazy="raise")


class LoginSession(Base):
    """One device on which somebody is signed in. The cookie holds the token, the table only its hash."""

    __tablename__ = "login_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(60), default="")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Invitation(Base):
    """The one open way in for an adult without a login: the same link in the mail and on the letter.

    The link's token is derived from the secret key and `nonce`; only its hash is here.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        unique_while("uq_invitations_open", "used_at IS NULL AND replaced_at IS NULL", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    nonce: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime]
    printed_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class MailKey(Base):
    """A link and code that went by mail: to log in, to set a new password, or to confirm a new address.

    `purpose`: login, password or email. Valid ten minutes (login), an hour (password) or a day (email), once.
    """

    __tablename__ = "mail_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))
    nonce: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    new_email: Mapped[str | None] = mapped_column(String(254))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class LoginAttempt(Base):
    """One try that counts against a limit. `bucket` is a keyed hash: it names no person and no address."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index("ix_login_attempts_bucket_at", "bucket", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bucket: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
