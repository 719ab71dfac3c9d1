"""keep what guardians were told of a meeting round by mail.

Revision: 0014, after: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "rounds_told",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["meeting_rounds.id"],
            name=op.f("fk_rounds_told_round_id_meeting_rounds"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_rounds_told_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "round_id", "what", name=op.f("pk_rounds_told")),
    )
    op.create_index(op.f("ix_rounds_told_round_id"), "rounds_told", ["round_id"])
    op.create_table(
        "talks_told",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.String(length=64), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["bookings.id"],
            name=op.f("fk_talks_told_booking_id_bookings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_talks_told_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "booking_id", name=op.f("pk_talks_told")),
    )
    op.create_index(op.f("ix_talks_told_booking_id"), "talks_told", ["booking_id"])


def downgrade():
    op.drop_table("talks_told")
    op.drop_table("rounds_told")
