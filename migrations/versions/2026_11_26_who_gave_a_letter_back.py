"""keep who gave a letter back and why, and of which copy its reader wanted no mail.

Revision: 0027, after: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("letters") as batch:
        batch.add_column(sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("returned_by", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("returned_why", sa.String(500), nullable=False, server_default=""))
        batch.create_foreign_key("fk_letters_returned_by_users", "users", ["returned_by"], ["id"])
    with op.batch_alter_table("letters") as batch:
        batch.alter_column("returned_why", server_default=None)
    with op.batch_alter_table("letter_recipients") as batch:
        batch.add_column(sa.Column("unwanted_at", sa.DateTime(timezone=True), nullable=True))


def downgrade():
    with op.batch_alter_table("letter_recipients") as batch:
        batch.drop_column("unwanted_at")
    with op.batch_alter_table("letters") as batch:
        batch.drop_constraint("fk_letters_returned_by_users", type_="foreignkey")
        batch.drop_column("returned_why")
        batch.drop_column("returned_by")
        batch.drop_column("returned_at")
