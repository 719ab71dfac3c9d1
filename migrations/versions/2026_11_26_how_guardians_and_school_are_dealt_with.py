"""know who is dealt with apart, what is locked and how school is reached.

Revision: 0005, after: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("guardianships", sa.Column("hiding_locked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("pupils", sa.Column("apart_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("organisation", sa.String(length=100), nullable=True))
    op.add_column("staff_members", sa.Column("work_email", sa.String(length=254), nullable=True))
    op.add_column("staff_members", sa.Column("reach", sa.String(length=160), nullable=True))
    op.add_column(
        "school",
        sa.Column("lists_for_parents", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade():
    op.drop_column("school", "lists_for_parents")
    op.drop_column("staff_members", "reach")
    op.drop_column("staff_members", "work_email")
    op.drop_column("users", "organisation")
    op.drop_column("pupils", "apart_at")
    op.drop_column("guardianships", "hiding_locked_at")
