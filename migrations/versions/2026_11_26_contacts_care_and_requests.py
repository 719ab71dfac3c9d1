"""keep contacts, care and requests of a pupil.

Revision: 0008, after: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "care_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("what_to_do", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_care_notes_pupil_id_pupils")),
        sa.ForeignKeyConstraint(["written_by"], ["users.id"], name=op.f("fk_care_notes_written_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_notes")),
    )
    op.create_index(op.f("ix_care_notes_pupil_id"), "care_notes", ["pupil_id"], unique=False)
    op.create_table(
        "care_readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_care_readings_pupil_id_pupils")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_care_readings_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_readings")),
    )
    op.create_index(
        "ix_care_readings_pupil_id_read_at", "care_readings", ["pupil_id", "read_at"], unique=False
    )
    op.create_table(
        "change_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("wanted", sa.String(length=300), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_change_requests_asked_by_users")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_change_requests_decided_by_users")
        ),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_change_requests_pupil_id_pupils")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_requests")),
    )
    op.create_index(op.f("ix_change_requests_asked_by"), "change_requests", ["asked_by"], unique=False)
    op.create_index(
        "ix_change_requests_decided_at_asked_at", "change_requests", ["decided_at", "asked_at"], unique=False
    )
    op.create_index(op.f("ix_change_requests_pupil_id"), "change_requests", ["pupil_id"], unique=False)
    op.create_table(
        "emergency_contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("given_by", sa.Integer(), nullable=True),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("relation", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("phone_e164", sa.String(length=20), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_emergency_contacts_position")),
        sa.ForeignKeyConstraint(
            ["given_by"], ["users.id"], name=op.f("fk_emergency_contacts_given_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_emergency_contacts_pupil_id_pupils")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_contacts")),
    )
    op.create_index(op.f("ix_emergency_contacts_pupil_id"), "emergency_contacts", ["pupil_id"], unique=False)
    op.create_table(
        "care_readers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("named_by", sa.Integer(), nullable=False),
        sa.Column("named_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["named_by"], ["users.id"], name=op.f("fk_care_readers_named_by_users")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_care_readers_pupil_id_pupils")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_members.user_id"], name=op.f("fk_care_readers_user_id_staff_members")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_readers")),
    )
    op.create_index("uq_care_readers_pupil_id_user_id", "care_readers", ["pupil_id", "user_id"], unique=True)


def downgrade():
    op.drop_index("uq_care_readers_pupil_id_user_id", table_name="care_readers")
    op.drop_table("care_readers")
    op.drop_index(op.f("ix_emergency_contacts_pupil_id"), table_name="emergency_contacts")
    op.drop_table("emergency_contacts")
    op.drop_index(op.f("ix_change_requests_pupil_id"), table_name="change_requests")
    op.drop_index("ix_change_requests_decided_at_asked_at", table_name="change_requests")
    op.drop_index(op.f("ix_change_requests_asked_by"), table_name="change_requests")
    op.drop_table("change_requests")
    op.drop_index("ix_care_readings_pupil_id_read_at", table_name="care_readings")
    op.drop_table("care_readings")
    op.drop_index(op.f("ix_care_notes_pupil_id"), table_name="care_notes")
    op.drop_table("care_notes")
