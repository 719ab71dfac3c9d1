"""keep the secrets of the hall screen and of teachers' calendars.

Revision: 0015, after: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("meeting_rounds") as batch:
        batch.add_column(sa.Column("hall_nonce", sa.String(length=64), nullable=True))
    op.create_table(
        "meeting_feeds",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_meeting_feeds_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_meeting_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_meeting_feeds_token_hash")),
    )


def downgrade():
    op.drop_table("meeting_feeds")
    with op.batch_alter_table("meeting_rounds") as batch:
        batch.drop_column("hall_nonce")
