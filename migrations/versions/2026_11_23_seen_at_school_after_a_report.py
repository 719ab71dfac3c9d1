"""note on a report that school saw the pupil after all.

Revision: 0004, after: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("absences") as batch:
        batch.add_column(sa.Column("present_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    with op.batch_alter_table("absences") as batch:
        batch.drop_column("present_at")
