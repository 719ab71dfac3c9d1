"""call authority that a list gave or took what the list said, and not what school decided.

Before lists had words of their own in the history, both were noted alike; the reason, which the portal wrote
itself, tells them apart.

Revision: 0030, after: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0028"
branch_labels = None
depends_on = None

SAID_BY_LIST = (
    "Zo staat het in de lijst van de leerlingadministratie.",
    "So it stands in the list of the pupil administration.",
)


def upgrade():
    entries = sa.table("arrangement_entries", sa.column("what", sa.String), sa.column("reason", sa.Text))
    for what in ("authority", "no_authority"):
        op.execute(
            entries.update()
            .where(entries.c.what == what, entries.c.reason.in_(SAID_BY_LIST))
            .values(what=f"listed_{what}")
        )


def downgrade():
    """Leave it as it is: the words that lists have are known to the version before too."""
