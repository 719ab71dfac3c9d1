"""keep the moment that was chosen for a letter with its draft too.

Revision: 0022, after: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("letters") as batch:
        batch.add_column(sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True))
    # Whose letter waits now finds its moment again after taking it back.
    op.execute("UPDATE letters SET planned_at = send_at WHERE sent_at IS NULL")


def downgrade():
    with op.batch_alter_table("letters") as batch:
        batch.drop_column("planned_at")
