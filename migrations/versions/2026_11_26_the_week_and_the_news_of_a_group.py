"""keep the week and the news of a group.

Revision: 0006, after: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "group_news",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_group_news_author_id_users")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_news_group_id_groups")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_news")),
    )
    op.create_index("ix_group_news_group_id_posted_at", "group_news", ["group_id", "posted_at"], unique=False)
    op.create_table(
        "week_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("first_week", sa.Date(), nullable=False),
        sa.Column("last_week", sa.Date(), nullable=True),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "last_week IS NULL OR last_week >= first_week", name=op.f("ck_week_items_in_order")
        ),
        sa.CheckConstraint("weekday BETWEEN 1 AND 5", name=op.f("ck_week_items_weekday")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_week_items_group_id_groups")),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_week_items_made_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_week_items")),
    )
    op.create_index(
        "ix_week_items_group_id_first_week", "week_items", ["group_id", "first_week"], unique=False
    )


def downgrade():
    op.drop_index("ix_week_items_group_id_first_week", table_name="week_items")
    op.drop_table("week_items")
    op.drop_index("ix_group_news_group_id_posted_at", table_name="group_news")
    op.drop_table("group_news")
