"""keep whose a talk was when it ended, so that what was done, shared and written about it is not lost.

Revision: 0034, after: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# Of talks that ended before, only what is certain: a guardian's own one was that guardian's.
OWN_ONES = """
INSERT INTO talk_parties (invitee_id, user_id, as_school)
SELECT id, guardian_id, false FROM meeting_invitees
WHERE ended_at IS NOT NULL AND guardian_id IS NOT NULL
"""


def upgrade():
    op.create_table(
        "talk_parties",
        sa.Column("invitee_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("as_school", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitee_id"],
            ["meeting_invitees.id"],
            name="fk_talk_parties_invitee_id_meeting_invitees",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_talk_parties_user_id_users"),
        sa.PrimaryKeyConstraint("invitee_id", "user_id", "as_school", name="pk_talk_parties"),
    )
    op.create_index("ix_talk_parties_user_id", "talk_parties", ["user_id"])
    op.execute(OWN_ONES)


def downgrade():
    op.drop_table("talk_parties")
