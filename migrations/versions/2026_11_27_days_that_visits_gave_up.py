"""keep which days a visit gave up to a whole day of absence, so that it comes back when that is taken back.

Revision: 0033, after: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "visit_parts",
        sa.Column("absence_id", sa.Integer(), nullable=False),
        sa.Column("visit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["absence_id"], ["absences.id"], name="fk_visit_parts_absence_id_absences", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["absences.id"], name="fk_visit_parts_visit_id_absences", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("absence_id", name="pk_visit_parts"),
    )
    op.create_index("ix_visit_parts_visit_id", "visit_parts", ["visit_id"])
    op.create_table(
        "given_up_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("absence_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["absence_id"],
            ["visit_parts.absence_id"],
            name="fk_given_up_days_absence_id_visit_parts",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_given_up_days"),
    )
    op.create_index("ix_given_up_days_absence_id", "given_up_days", ["absence_id"])


def downgrade():
    op.drop_table("given_up_days")
    op.drop_table("visit_parts")
