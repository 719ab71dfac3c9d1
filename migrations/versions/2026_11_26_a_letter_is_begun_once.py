"""begin a letter once, however often its form is sent.

Revision: 0020, after: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("letters") as batch:
        batch.add_column(sa.Column("form_key", sa.String(length=32), nullable=True))
        batch.create_unique_constraint("uq_letters_author_id_form_key", ["author_id", "form_key"])


def downgrade():
    with op.batch_alter_table("letters") as batch:
        batch.drop_constraint("uq_letters_author_id_form_key", type_="unique")
        batch.drop_column("form_key")
