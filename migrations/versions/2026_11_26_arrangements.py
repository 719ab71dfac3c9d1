"""keep how school deals with the guardians of a pupil.

Revision: 0009, after: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "arrangement_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("about", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["about"], ["users.id"], name=op.f("fk_arrangement_entries_about_users")),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["users.id"], name=op.f("fk_arrangement_entries_changed_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_arrangement_entries_pupil_id_pupils")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrangement_entries")),
    )
    op.create_index(
        op.f("ix_arrangement_entries_pupil_id"), "arrangement_entries", ["pupil_id"], unique=False
    )
    op.create_table(
        "barrings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("barred_by", sa.Integer(), nullable=True),
        sa.Column("barred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["barred_by"], ["users.id"], name=op.f("fk_barrings_barred_by_users")),
        sa.ForeignKeyConstraint(["lifted_by"], ["users.id"], name=op.f("fk_barrings_lifted_by_users")),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_barrings_pupil_id_pupils")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_barrings_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barrings")),
    )
    op.create_index(op.f("ix_barrings_user_id"), "barrings", ["user_id"], unique=False)
    op.create_index(
        "uq_barrings_current",
        "barrings",
        ["pupil_id", "user_id"],
        unique=True,
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "information_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["users.id"], name=op.f("fk_information_requests_answered_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["users.id"], name=op.f("fk_information_requests_asked_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_information_requests_pupil_id_pupils")
        ),
        sa.CheckConstraint("place IN (1, 2, 3)", name=op.f("ck_information_requests_three_places")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_requests")),
    )
    op.create_index(
        "ix_information_requests_answered_at_asked_at",
        "information_requests",
        ["answered_at", "asked_at"],
        unique=False,
    )
    op.create_index(
        "uq_information_requests_open",
        "information_requests",
        ["pupil_id", "asked_by", "place"],
        unique=True,
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index(
        op.f("ix_information_requests_asked_by"), "information_requests", ["asked_by"], unique=False
    )
    op.create_index(
        op.f("ix_information_requests_pupil_id"), "information_requests", ["pupil_id"], unique=False
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("released_by", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupils.id"], name=op.f("fk_releases_pupil_id_pupils")),
        sa.ForeignKeyConstraint(["released_by"], ["users.id"], name=op.f("fk_releases_released_by_users")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_releases_user_id_users")),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["information_requests.id"],
            name=op.f("fk_releases_request_id_information_requests"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_releases")),
    )
    op.create_index(op.f("ix_releases_request_id"), "releases", ["request_id"], unique=False)
    op.create_index(op.f("ix_releases_pupil_id"), "releases", ["pupil_id"], unique=False)
    op.create_index(op.f("ix_releases_user_id"), "releases", ["user_id"], unique=False)


def downgrade():
    op.drop_index(op.f("ix_releases_request_id"), table_name="releases")
    op.drop_index(op.f("ix_releases_user_id"), table_name="releases")
    op.drop_index(op.f("ix_releases_pupil_id"), table_name="releases")
    op.drop_table("releases")
    op.drop_index(op.f("ix_information_requests_pupil_id"), table_name="information_requests")
    op.drop_index(op.f("ix_information_requests_asked_by"), table_name="information_requests")
    op.drop_index(
        "uq_information_requests_open",
        table_name="information_requests",
        sqlite_where=sa.text("answered_at IS NULL"),
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.drop_index("ix_information_requests_answered_at_asked_at", table_name="information_requests")
    op.drop_table("information_requests")
    op.drop_index(
        "uq_barrings_current",
        table_name="barrings",
        sqlite_where=sa.text("lifted_at IS NULL"),
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.drop_index(op.f("ix_barrings_user_id"), table_name="barrings")
    op.drop_table("barrings")
    op.drop_index(op.f("ix_arrangement_entries_pupil_id"), table_name="arrangement_entries")
    op.drop_table("arrangement_entries")
