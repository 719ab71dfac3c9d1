"""keep which pupils a meeting round invites one by one.

Revision: 0013, after: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "meeting_round_pupils",
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["host_id"],
            ["meeting_hosts.id"],
            name=op.f("fk_meeting_round_pupils_host_id_meeting_hosts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_meeting_round_pupils_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["meeting_rounds.id"],
            name=op.f("fk_meeting_round_pupils_round_id_meeting_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("host_id", "pupil_id", name=op.f("pk_meeting_round_pupils")),
    )
    op.create_index(op.f("ix_meeting_round_pupils_pupil_id"), "meeting_round_pupils", ["pupil_id"])
    op.create_index(op.f("ix_meeting_round_pupils_round_id"), "meeting_round_pupils", ["round_id"])


def downgrade():
    op.drop_table("meeting_round_pupils")
