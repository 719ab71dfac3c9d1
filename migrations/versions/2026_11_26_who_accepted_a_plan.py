"""keep who accepted a plan of a meeting round, and how often a worker took it.

Revision: 0012, after: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("meeting_plans") as batch:
        batch.add_column(sa.Column("attempts", sa.SmallInteger(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("accepted_by", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_meeting_plans_accepted_by_users", "users", ["accepted_by"], ["id"])
    # Apart: SQLite makes the table anew with each, and its rows are to have the value by then.
    with op.batch_alter_table("meeting_plans") as batch:
        batch.alter_column("attempts", server_default=None)


def downgrade():
    with op.batch_alter_table("meeting_plans") as batch:
        batch.drop_constraint("fk_meeting_plans_accepted_by_users", type_="foreignkey")
        batch.drop_column("accepted_by")
        batch.drop_column("accepted_at")
        batch.drop_column("attempts")
