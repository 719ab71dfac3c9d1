"""add letters, reply slips, conversations and how people want to be told.

Revision: 0017, after: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "letter_lists",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_letter_lists_made_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_lists")),
        sa.UniqueConstraint("name", name=op.f("uq_letter_lists_name")),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mail_shows", sa.String(length=10), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("visible_until", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approval_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Integer(), nullable=True),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mail_shows IN ('hint', 'text')", name=op.f("ck_letters_mail_shows")),
        sa.ForeignKeyConstraint(["approved_by"], ["users.id"], name=op.f("fk_letters_approved_by_users")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_letters_author_id_users")),
        sa.ForeignKeyConstraint(
            ["school_year_id"], ["school_years.id"], name=op.f("fk_letters_school_year_id_school_years")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
    )
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letters_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letters_school_year_id"), ["school_year_id"], unique=False)
        batch_op.create_index("ix_letters_sent_at_send_at", ["sent_at", "send_at"], unique=False)

    op.create_table(
        "mail_troubles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("times", sa.SmallInteger(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hard_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_mail_troubles_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_mail_troubles")),
    )
    op.create_table(
        "notice_choices",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("letters", sa.String(length=10), nullable=False),
        sa.Column("digest_hour", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("by_push", sa.Boolean(), nullable=False),
        sa.Column("digest_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "letters IN ('at_once', 'digest', 'portal')", name=op.f("ck_notice_choices_letters")
        ),
        sa.CheckConstraint("digest_hour BETWEEN 0 AND 23", name=op.f("ck_notice_choices_digest_hour")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notice_choices_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_notice_choices")),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("school_year_id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("with_office", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["closed_by"], ["users.id"], name=op.f("fk_conversations_closed_by_users")),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["users.id"], name=op.f("fk_conversations_guardian_id_users")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_conversations_group_id_groups")),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letters.id"],
            name=op.f("fk_conversations_letter_id_letters"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_conversations_pupil_id_pupils")),
        sa.ForeignKeyConstraint(
            ["school_year_id"], ["school_years.id"], name=op.f("fk_conversations_school_year_id_school_years")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
    )
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.create_index(
            "ix_conversations_guardian_id_last_at", ["guardian_id", "last_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_conversations_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversations_letter_id"), ["letter_id"], unique=False)
        batch_op.create_index("ix_conversations_pupil_id_last_at", ["pupil_id", "last_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_conversations_school_year_id"), ["school_year_id"], unique=False)
        batch_op.create_index(
            "uq_conversations_group",
            ["pupil_id", "guardian_id", "group_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL AND letter_id IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL AND letter_id IS NULL"),
        )
        batch_op.create_index(
            "uq_conversations_letter",
            ["pupil_id", "guardian_id", "letter_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL AND letter_id IS NOT NULL"),
            postgresql_where=sa.text("closed_at IS NULL AND letter_id IS NOT NULL"),
        )

    op.create_table(
        "letter_audiences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("year_group", sa.SmallInteger(), nullable=True),
        sa.Column("list_id", sa.Integer(), nullable=True),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'group') = (group_id IS NOT NULL)", name=op.f("ck_letter_audiences_group")
        ),
        sa.CheckConstraint(
            "(kind = 'guardian') = (user_id IS NOT NULL)", name=op.f("ck_letter_audiences_guardian")
        ),
        sa.CheckConstraint("(kind = 'list') = (list_id IS NOT NULL)", name=op.f("ck_letter_audiences_list")),
        sa.CheckConstraint(
            "(kind = 'year') = (year_group IS NOT NULL)", name=op.f("ck_letter_audiences_year")
        ),
        sa.CheckConstraint(
            "(kind IN ('pupil', 'guardian')) = (pupil_id IS NOT NULL)", name=op.f("ck_letter_audiences_pupil")
        ),
        sa.CheckConstraint(
            "kind IN ('school', 'group', 'year', 'list', 'pupil', 'guardian')",
            name=op.f("ck_letter_audiences_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_letter_audiences_group_id_groups")
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letters.id"],
            name=op.f("fk_letter_audiences_letter_id_letters"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["letter_lists.id"], name=op.f("fk_letter_audiences_list_id_letter_lists")
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_letter_audiences_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_letter_audiences_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_audiences")),
    )
    with op.batch_alter_table("letter_audiences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_audiences_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_audiences_letter_id"), ["letter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_audiences_list_id"), ["list_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_audiences_pupil_id"), ["pupil_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_audiences_user_id"), ["user_id"], unique=False)

    op.create_table(
        "letter_children",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letters.id"],
            name=op.f("fk_letter_children_letter_id_letters"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_letter_children_pupil_id_pupils")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_letter_children_user_id_users")),
        sa.PrimaryKeyConstraint("letter_id", "user_id", "pupil_id", name=op.f("pk_letter_children")),
    )
    with op.batch_alter_table("letter_children", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_children_pupil_id"), ["pupil_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_children_user_id"), ["user_id"], unique=False)

    op.create_table(
        "letter_list_members",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["list_id"],
            ["letter_lists.id"],
            name=op.f("fk_letter_list_members_list_id_letter_lists"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_letter_list_members_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_letter_list_members_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_list_members")),
    )
    with op.batch_alter_table("letter_list_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_list_members_pupil_id"), ["pupil_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_letter_list_members_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_letter_list_members_guardian",
            ["list_id", "pupil_id", "user_id"],
            unique=True,
            sqlite_where=sa.text("user_id IS NOT NULL"),
            postgresql_where=sa.text("user_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_letter_list_members_pupil",
            ["list_id", "pupil_id"],
            unique=True,
            sqlite_where=sa.text("user_id IS NULL"),
            postgresql_where=sa.text("user_id IS NULL"),
        )

    op.create_table(
        "letter_recipients",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unread_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.String(length=60), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letters.id"],
            name=op.f("fk_letter_recipients_letter_id_letters"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_letter_recipients_user_id_users")),
        sa.PrimaryKeyConstraint("letter_id", "user_id", name=op.f("pk_letter_recipients")),
    )
    with op.batch_alter_table("letter_recipients", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_recipients_user_id"), ["user_id"], unique=False)

    op.create_table(
        "reply_slips",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("per", sa.String(length=10), nullable=False),
        sa.Column("answered_by", sa.String(length=10), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answered_by IN ('one', 'both')", name=op.f("ck_reply_slips_answered_by")),
        sa.CheckConstraint("per IN ('child', 'family')", name=op.f("ck_reply_slips_per")),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_reply_slips_letter_id_letters"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_reply_slips")),
    )
    op.create_table(
        "conversation_guests",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["users.id"], name=op.f("fk_conversation_guests_added_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_guests_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_conversation_guests_user_id_users")),
        sa.PrimaryKeyConstraint("conversation_id", "user_id", name=op.f("pk_conversation_guests")),
    )
    with op.batch_alter_table("conversation_guests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_guests_user_id"), ["user_id"], unique=False)

    op.create_table(
        "conversation_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.String(length=32), nullable=False),
        sa.Column("from_school", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name=op.f("fk_conversation_messages_author_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_messages_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_messages")),
        sa.UniqueConstraint(
            "author_id", "form_key", name=op.f("uq_conversation_messages_author_id_form_key")
        ),
    )
    with op.batch_alter_table("conversation_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_messages_author_id"), ["author_id"], unique=False)
        batch_op.create_index(
            "ix_conversation_messages_conversation_id_at", ["conversation_id", "at"], unique=False
        )

    op.create_table(
        "conversation_readers",
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_readers_conversation_id_conversations"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_conversation_readers_user_id_users")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "user_id", name=op.f("pk_conversation_readers")),
    )
    with op.batch_alter_table("conversation_readers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_conversation_readers_user_id"), ["user_id"], unique=False)

    op.create_table(
        "slip_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=True),
        sa.Column("signed", sa.String(length=120), nullable=False),
        sa.Column("by_staff", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_staff"], ["users.id"], name=op.f("fk_slip_answers_by_staff_users")),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["reply_slips.letter_id"],
            name=op.f("fk_slip_answers_letter_id_reply_slips"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_slip_answers_pupil_id_pupils")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_slip_answers_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_answers")),
    )
    with op.batch_alter_table("slip_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slip_answers_pupil_id"), ["pupil_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slip_answers_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_slip_answers_child",
            ["letter_id", "user_id", "pupil_id"],
            unique=True,
            sqlite_where=sa.text("pupil_id IS NOT NULL"),
            postgresql_where=sa.text("pupil_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_slip_answers_family",
            ["letter_id", "user_id"],
            unique=True,
            sqlite_where=sa.text("pupil_id IS NULL"),
            postgresql_where=sa.text("pupil_id IS NULL"),
        )

    op.create_table(
        "slip_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('yes_no', 'choice', 'number', 'text', 'date', 'consent')",
            name=op.f("ck_slip_questions_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["reply_slips.letter_id"],
            name=op.f("fk_slip_questions_letter_id_reply_slips"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_questions")),
    )
    with op.batch_alter_table("slip_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slip_questions_letter_id"), ["letter_id"], unique=False)

    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=43), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("inline", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("failure", sa.String(length=10), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(letter_id IS NULL) <> (message_id IS NULL)", name=op.f("ck_attachments_one_owner")
        ),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name=op.f("fk_attachments_added_by_users")),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("fk_attachments_letter_id_letters"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["conversation_messages.id"],
            name=op.f("fk_attachments_message_id_conversation_messages"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("key", name=op.f("uq_attachments_key")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index("ix_attachments_checked_at", ["checked_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachments_message_id"), ["message_id"], unique=False)
        batch_op.create_index(
            "uq_attachments_letter",
            ["letter_id", "fingerprint", "inline"],
            unique=True,
            sqlite_where=sa.text("letter_id IS NOT NULL"),
            postgresql_where=sa.text("letter_id IS NOT NULL"),
        )

    op.create_table(
        "slip_options",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("words", sa.String(length=80), nullable=False),
        sa.Column("means", sa.String(length=3), nullable=False),
        sa.Column("places", sa.SmallInteger(), nullable=True),
        sa.Column("taken", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("means IN ('', 'yes', 'no')", name=op.f("ck_slip_options_means")),
        sa.CheckConstraint(
            "taken >= 0 AND (places IS NULL OR taken <= places)", name=op.f("ck_slip_options_places")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["slip_questions.id"],
            name=op.f("fk_slip_options_question_id_slip_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slip_options")),
    )
    with op.batch_alter_table("slip_options", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slip_options_question_id"), ["question_id"], unique=False)

    op.create_table(
        "attachment_files",
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachments.id"],
            name=op.f("fk_attachment_files_attachment_id_attachments"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("attachment_id", "part", name=op.f("pk_attachment_files")),
    )
    op.create_table(
        "slip_values",
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.Integer(), nullable=False),
        sa.Column("option_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"],
            ["slip_answers.id"],
            name=op.f("fk_slip_values_answer_id_slip_answers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["option_id"], ["slip_options.id"], name=op.f("fk_slip_values_option_id_slip_options")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"],
            ["slip_questions.id"],
            name=op.f("fk_slip_values_question_id_slip_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("answer_id", "question_id", name=op.f("pk_slip_values")),
    )
    with op.batch_alter_table("slip_values", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slip_values_option_id"), ["option_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slip_values_question_id"), ["question_id"], unique=False)

    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quiet_from", sa.Time(), server_default="18:00:00", nullable=False))
        batch_op.add_column(sa.Column("quiet_until", sa.Time(), server_default="07:00:00", nullable=False))
        batch_op.add_column(sa.Column("second_eyes", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(
            sa.Column("urgent_by", sa.String(length=10), server_default="office", nullable=False)
        )
        batch_op.add_column(
            sa.Column("conversations_with_office", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade():
    with op.batch_alter_table("school", schema=None) as batch_op:
        batch_op.drop_column("conversations_with_office")
        batch_op.drop_column("urgent_by")
        batch_op.drop_column("second_eyes")
        batch_op.drop_column("quiet_until")
        batch_op.drop_column("quiet_from")

    with op.batch_alter_table("slip_values", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slip_values_question_id"))
        batch_op.drop_index(batch_op.f("ix_slip_values_option_id"))

    op.drop_table("slip_values")
    op.drop_table("attachment_files")
    with op.batch_alter_table("slip_options", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slip_options_question_id"))

    op.drop_table("slip_options")
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_attachments_letter",
            sqlite_where=sa.text("letter_id IS NOT NULL"),
            postgresql_where=sa.text("letter_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_attachments_message_id"))
        batch_op.drop_index("ix_attachments_checked_at")

    op.drop_table("attachments")
    with op.batch_alter_table("slip_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slip_questions_letter_id"))

    op.drop_table("slip_questions")
    with op.batch_alter_table("slip_answers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_slip_answers_family",
            sqlite_where=sa.text("pupil_id IS NULL"),
            postgresql_where=sa.text("pupil_id IS NULL"),
        )
        batch_op.drop_index(
            "uq_slip_answers_child",
            sqlite_where=sa.text("pupil_id IS NOT NULL"),
            postgresql_where=sa.text("pupil_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_slip_answers_user_id"))
        batch_op.drop_index(batch_op.f("ix_slip_answers_pupil_id"))

    op.drop_table("slip_answers")
    with op.batch_alter_table("conversation_readers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversation_readers_user_id"))

    op.drop_table("conversation_readers")
    with op.batch_alter_table("conversation_messages", schema=None) as batch_op:
        batch_op.drop_index("ix_conversation_messages_conversation_id_at")
        batch_op.drop_index(batch_op.f("ix_conversation_messages_author_id"))

    op.drop_table("conversation_messages")
    with op.batch_alter_table("conversation_guests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conversation_guests_user_id"))

    op.drop_table("conversation_guests")
    op.drop_table("reply_slips")
    with op.batch_alter_table("letter_recipients", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_recipients_user_id"))

    op.drop_table("letter_recipients")
    with op.batch_alter_table("letter_list_members", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_letter_list_members_pupil",
            sqlite_where=sa.text("user_id IS NULL"),
            postgresql_where=sa.text("user_id IS NULL"),
        )
        batch_op.drop_index(
            "uq_letter_list_members_guardian",
            sqlite_where=sa.text("user_id IS NOT NULL"),
            postgresql_where=sa.text("user_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_letter_list_members_user_id"))
        batch_op.drop_index(batch_op.f("ix_letter_list_members_pupil_id"))

    op.drop_table("letter_list_members")
    with op.batch_alter_table("letter_children", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_children_user_id"))
        batch_op.drop_index(batch_op.f("ix_letter_children_pupil_id"))

    op.drop_table("letter_children")
    with op.batch_alter_table("letter_audiences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_audiences_user_id"))
        batch_op.drop_index(batch_op.f("ix_letter_audiences_pupil_id"))
        batch_op.drop_index(batch_op.f("ix_letter_audiences_list_id"))
        batch_op.drop_index(batch_op.f("ix_letter_audiences_letter_id"))
        batch_op.drop_index(batch_op.f("ix_letter_audiences_group_id"))

    op.drop_table("letter_audiences")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_index("uq_conversations_letter")
        batch_op.drop_index("uq_conversations_group")
        batch_op.drop_index(batch_op.f("ix_conversations_school_year_id"))
        batch_op.drop_index("ix_conversations_pupil_id_last_at")
        batch_op.drop_index(batch_op.f("ix_conversations_letter_id"))
        batch_op.drop_index(batch_op.f("ix_conversations_group_id"))
        batch_op.drop_index("ix_conversations_guardian_id_last_at")

    op.drop_table("conversations")
    op.drop_table("notice_choices")
    op.drop_table("mail_troubles")
    with op.batch_alter_table("letters", schema=None) as batch_op:
        batch_op.drop_index("ix_letters_sent_at_send_at")
        batch_op.drop_index(batch_op.f("ix_letters_school_year_id"))
        batch_op.drop_index(batch_op.f("ix_letters_author_id"))

    op.drop_table("letters")
    op.drop_table("letter_lists")
