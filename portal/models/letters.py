"""Letters from school: what is written, for whom, who received it and what became of that."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Base, unique_while


class Letter(Base):
    """A letter (ouderbrief). Parents see nothing of it until `sent_at`, which also settles its school year.

    `text` is Markdown. `sender` is the author as parents know them: 'juf Marieke'. `mail_shows`: 'hint' (the
    mail says only that there is a letter) or 'text'. `planned_at` is the moment that its author chose, kept
    with a draft too; `send_at` is when it is to go: a worker sends it then, and until then the author takes
    it back. `approval_asked_at` and `approved_at` are of the second pair of eyes, for the words as they are
    now. `corrected_at`: the words were changed after sending. `notice_asked_at`, `notice_asked_by`: a mail
    about that waits for the second pair of eyes, and who changed the words last. `visible_until`: the last
    day on which parents find it. `revision` counts savings, so that of two pages that change it the second
    one notices. `form_key` is that of the form that began it: the same form sent twice is one letter.
    `returned_at`, `returned_by`, `returned_why`: somebody else made a draft of it again, and what they said
    of that.
    """

    __tablename__ = "letters"
    __table_args__ = (
        CheckConstraint("mail_shows IN ('hint', 'text')", name="mail_shows"),
        UniqueConstraint("author_id", "form_key"),
        Index("ix_letters_sent_at_send_at", "sent_at", "send_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    school_year_id: Mapped[int] = mapped_column(ForeignKey("school_years.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    sender: Mapped[str] = mapped_column(String(80), default="")
    title: Mapped[str] = mapped_column(String(120), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    mail_shows: Mapped[str] = mapped_column(String(10), default="hint")
    urgent: Mapped[bool] = mapped_column(default=False)
    visible_until: Mapped[date | None]
    revision: Mapped[int] = mapped_column(default=0)
    form_key: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime]
    approval_asked_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    planned_at: Mapped[datetime | None]
    send_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
    notice_asked_at: Mapped[datetime | None]
    notice_asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    returned_at: Mapped[datetime | None]
    returned_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    returned_why: Mapped[str] = mapped_column(String(500), default="")


class LetterList(Base):
    """A list of the school's own that letters go to: the choir, the parents' council."""

    __tablename__ = "letter_lists"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class LetterListMember(Base):
    """A pupil on a list, whose guardians all get its letters; with `user_id` only that guardian."""

    __tablename__ = "letter_list_members"
    __table_args__ = (
        unique_while("uq_letter_list_members_pupil", "user_id IS NULL", "list_id", "pupil_id"),
        unique_while(
            "uq_letter_list_members_guardian", "user_id IS NOT NULL", "list_id", "pupil_id", "user_id"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(ForeignKey("letter_lists.id", ondelete="CASCADE"))
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)


class LetterAudience(Base):
    """One part of whom a letter is for, or, when `excluded`, of whom it is not for.

    `kind`: 'school', 'group', 'year' (a jaargroep, `year_group` 0-8), 'list', 'pupil', or 'guardian': one
    guardian (`user_id`) about one pupil. Which guardians that are is one function:
    `domain.letter_audience.recipients()`.
    """

    __tablename__ = "letter_audiences"
    __table_args__ = (
        CheckConstraint("kind IN ('school', 'group', 'year', 'list', 'pupil', 'guardian')", name="kind"),
        CheckConstraint("(kind = 'group') = (group_id IS NOT NULL)", name="group"),
        CheckConstraint("(kind = 'year') = (year_group IS NOT NULL)", name="year"),
        CheckConstraint("(kind = 'list') = (list_id IS NOT NULL)", name="list"),
        CheckConstraint("(kind IN ('pupil', 'guardian')) = (pupil_id IS NOT NULL)", name="pupil"),
        CheckConstraint("(kind = 'guardian') = (user_id IS NOT NULL)", name="guardian"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"), index=True)
    year_group: Mapped[int | None] = mapped_column(SmallInteger)
    list_id: Mapped[int | None] = mapped_column(ForeignKey("letter_lists.id"), index=True)
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupils.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    excluded: Mapped[bool] = mapped_column(default=False)


class LetterRecipient(Base):
    """A guardian who received a letter: each their own copy (R19), never known to another guardian (R22).

    `opened_at` is the reader's own act, never a page that was only fetched. `unread_at`: marked unread after
    that. `kept_at`: the reader keeps it on top. `mailed_at`: the mail server took the mail about it;
    `failed_at` and `failure` (a code, '5.1.1') say that it will not arrive. `reminded_at`: the last reminder.
    `held_at`: since when it waits for the one mail a day that its reader chose. `unwanted_at`: no mail went
    about it, as its reader wanted none then.
    """

    __tablename__ = "letter_recipients"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    received_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    unread_at: Mapped[datetime | None]
    kept_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure: Mapped[str] = mapped_column(String(60), default="")
    reminded_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]
    unwanted_at: Mapped[datetime | None]


class LetterChild(Base):
    """A child about whom a guardian received a letter: one letter for all of somebody's children."""

    __tablename__ = "letter_children"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id"), primary_key=True, index=True)


class Attachment(Base):
    """A file with a letter or with a message of a conversation. `key` is its random name in addresses.

    `kind` is the type that its content shows ('application/pdf'), whatever its name says. `inline`: a picture
    in the text of the letter, which is called by its `position` there. `fingerprint` is the SHA-256 of what
    came in: a repeated upload is one file. `width` and `height` are those of a picture, or of the
    small one of a PDF's first page. `checked_at`: nothing harmful was found in it; until then it waits for
    the virus scanner and nobody gets it. `failure`: 'virus' when something was, and its content is deleted.
    `pending`: added on the page of a correction that is not saved yet, so that parents do not have it.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        unique_while("uq_attachments_letter", "letter_id IS NOT NULL", "letter_id", "fingerprint", "inline"),
        CheckConstraint("(letter_id IS NULL) <> (message_id IS NULL)", name="one_owner"),
        Index("ix_attachments_checked_at", "checked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(43), unique=True)
    letter_id: Mapped[int | None] = mapped_column(ForeignKey("letters.id", ondelete="CASCADE"))
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("conversation_messages.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    inline: Mapped[bool] = mapped_column(default=False)
    fingerprint: Mapped[str] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(SmallInteger, default=0)
    width: Mapped[int | None]
    height: Mapped[int | None]
    pending: Mapped[bool] = mapped_column(default=False)
    failure: Mapped[str] = mapped_column(String(10), default="")
    added_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]


class AttachmentFile(Base):
    """The bytes of an attachment, apart from its row to keep lists light. `part`: 'file' or 'preview'."""

    __tablename__ = "attachment_files"

    attachment_id: Mapped[int] = mapped_column(
        ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True
    )
    part: Mapped[str] = mapped_column(String(10), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
