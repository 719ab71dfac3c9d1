"""keep which mail about a correction waits for a second pair of eyes.

Revision: 0019, after: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("letters") as batch:
        batch.add_column(sa.Column("notice_asked_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("notice_asked_by", sa.Integer(), nullable=True))
        batch.create_foreign_key("fk_letters_notice_asked_by_users", "users", ["notice_asked_by"], ["id"])


def downgrade():
    with op.batch_alter_table("letters") as batch:
        batch.drop_constraint("fk_letters_notice_asked_by_users", type_="foreignkey")
        batch.drop_column("notice_asked_by")
        batch.drop_column("notice_asked_at")
