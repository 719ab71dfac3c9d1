"""keep of which children the guardians know who were invited to a round before that was kept for each child.

Revision: 0032, after: 0030
"""

from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade():
    # Not who got authority over the child since: that guardian was never invited about it.
    op.execute(
        """
        INSERT INTO rounds_told (user_id, round_id, what, told_at)
        SELECT DISTINCT told.user_id, told.round_id, 'opened:' || talk.pupil_id, told.told_at
        FROM rounds_told AS told
        JOIN guardianships AS place ON place.user_id = told.user_id
        JOIN meeting_invitees AS talk ON talk.pupil_id = place.pupil_id AND talk.round_id = told.round_id
        WHERE told.what = 'opened'
            AND place.revoked_at IS NULL
            AND place.has_authority
            AND place.created_at <= told.told_at
            AND talk.created_at <= told.told_at
            AND NOT EXISTS (
                SELECT 1 FROM arrangement_entries AS entry
                WHERE entry.pupil_id = talk.pupil_id AND entry.about = told.user_id
                    AND entry.what IN ('authority', 'listed_authority') AND entry.changed_at > told.told_at
            )
            AND NOT EXISTS (
                SELECT 1 FROM rounds_told AS known
                WHERE known.user_id = told.user_id AND known.round_id = told.round_id
                    AND known.what = 'opened:' || talk.pupil_id
            )
        """
    )


def downgrade():
    """Nothing: the version before knows these rows too."""
