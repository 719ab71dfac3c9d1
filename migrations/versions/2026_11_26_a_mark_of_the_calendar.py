"""mark the calendar, so that a process may keep it until it changes.

Revision: 0018, after: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("school") as batch:
        batch.add_column(sa.Column("calendar_mark", sa.BigInteger(), nullable=False, server_default="1"))
    with op.batch_alter_table("school") as batch:
        batch.alter_column("calendar_mark", server_default=None)


def downgrade():
    with op.batch_alter_table("school") as batch:
        batch.drop_column("calendar_mark")
