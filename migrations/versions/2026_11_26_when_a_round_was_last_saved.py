"""keep when the set-up of a meeting round was last saved.

Revision: 0016, after: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("meeting_rounds", sa.Column("saved_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    op.drop_column("meeting_rounds", "saved_at")
