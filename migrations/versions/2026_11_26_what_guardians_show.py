"""keep what a guardian shows to the parents of a group.

Revision: 0007, after: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "contact_details",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("street", sa.String(length=100), nullable=False),
        sa.Column("postcode", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("spoken", sa.String(length=100), nullable=False),
        sa.Column("line", sa.String(length=140), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_contact_details_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_contact_details")),
    )
    op.create_table(
        "shared_fields",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=10), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "field IN ('email', 'phone', 'address', 'spoken', 'line')", name=op.f("ck_shared_fields_field")
        ),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_shared_fields_group_id_groups")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_shared_fields_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "group_id", "field", name=op.f("pk_shared_fields")),
    )
    op.create_index(op.f("ix_shared_fields_group_id"), "shared_fields", ["group_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_shared_fields_group_id"), table_name="shared_fields")
    op.drop_table("shared_fields")
    op.drop_table("contact_details")
