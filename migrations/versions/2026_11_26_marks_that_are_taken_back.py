"""keep until when a pupil was reported absent, so that a mark on the wrong row can be taken back.

Revision: 0021, after: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("absences") as batch:
        batch.add_column(sa.Column("ended_by_mark_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("last_day_before_mark", sa.Date(), nullable=True))


def downgrade():
    with op.batch_alter_table("absences") as batch:
        batch.drop_column("last_day_before_mark")
        batch.drop_column("ended_by_mark_on")
