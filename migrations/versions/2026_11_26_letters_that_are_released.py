"""let a letter that was sent be released to a guardian without authority.

Revision: 0028, after: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade():
    held = sa.text("letter_id IS NOT NULL AND withdrawn_at IS NULL")
    with op.batch_alter_table("releases") as batch:
        batch.add_column(sa.Column("letter_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_releases_letter_id_letters"), "letters", ["letter_id"], ["id"], ondelete="CASCADE"
        )
        batch.create_index(op.f("ix_releases_letter_id"), ["letter_id"])
        batch.create_index(
            "uq_releases_letter",
            ["user_id", "pupil_id", "letter_id"],
            unique=True,
            sqlite_where=held,
            postgresql_where=held,
        )


def downgrade():
    # What was released as a letter has no text of its own.
    op.execute("DELETE FROM releases WHERE letter_id IS NOT NULL")
    with op.batch_alter_table("releases") as batch:
        batch.drop_index("uq_releases_letter")
        batch.drop_index(op.f("ix_releases_letter_id"))
        batch.drop_constraint(op.f("fk_releases_letter_id_letters"), type_="foreignkey")
        batch.drop_column("letter_id")
