"""keep previews of roster imports and what table columns mean.

Revision: 0003, after: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "roster_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("rows", sa.LargeBinary(), nullable=False),
        sa.Column("unknown", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_roster_imports_made_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_imports")),
    )
    op.create_index(op.f("ix_roster_imports_made_at"), "roster_imports", ["made_at"], unique=False)
    op.create_table(
        "table_mappings",
        sa.Column("fingerprint", sa.String(length=40), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["said_by"], ["users.id"], name=op.f("fk_table_mappings_said_by_users")),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_table_mappings")),
    )


def downgrade():
    op.drop_table("table_mappings")
    op.drop_index(op.f("ix_roster_imports_made_at"), table_name="roster_imports")
    op.drop_table("roster_imports")
