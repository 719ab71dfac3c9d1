"""keep meeting rounds, their talks and what is around them.

Revision: 0011, after: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "meeting_rounds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("talk_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("gap_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("building_gap_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("twins_together", sa.Boolean(), nullable=False),
        sa.Column("hold_hours", sa.SmallInteger(), nullable=False),
        sa.Column("hall_names", sa.String(length=12), nullable=False),
        sa.Column("hall_hash", sa.String(length=64), nullable=True),
        sa.Column("shape_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("early_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filled_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("copied_from", sa.Integer(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_meeting_rounds_in_order")),
        sa.CheckConstraint("gap_minutes BETWEEN 0 AND 120", name=op.f("ck_meeting_rounds_gap_minutes")),
        sa.CheckConstraint("talk_minutes BETWEEN 5 AND 120", name=op.f("ck_meeting_rounds_talk_minutes")),
        sa.ForeignKeyConstraint(
            ["copied_from"], ["meeting_rounds.id"], name=op.f("fk_meeting_rounds_copied_from_meeting_rounds")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_meeting_rounds_created_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_rounds")),
        sa.UniqueConstraint("hall_hash", name=op.f("uq_meeting_rounds_hall_hash")),
    )
    op.create_table(
        "meeting_hosts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("room", sa.String(length=60), nullable=False),
        sa.Column("building", sa.String(length=60), nullable=False),
        sa.Column("video_url", sa.String(length=300), nullable=False),
        sa.Column("talk_minutes", sa.SmallInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["meeting_rounds.id"],
            name=op.f("fk_meeting_hosts_round_id_meeting_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_hosts")),
    )
    with op.batch_alter_table("meeting_hosts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_hosts_round_id"), ["round_id"], unique=False)

    op.create_table(
        "meeting_plans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.SmallInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("enough_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_meeting_plans_asked_by_users")),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["meeting_rounds.id"],
            name=op.f("fk_meeting_plans_round_id_meeting_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_plans")),
    )
    with op.batch_alter_table("meeting_plans", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_plans_round_id"), ["round_id"], unique=False)
        batch_op.create_index(
            "uq_meeting_plans_running",
            ["round_id"],
            unique=True,
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )

    op.create_table(
        "host_evenings",
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("late_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["host_id"],
            ["meeting_hosts.id"],
            name=op.f("fk_host_evenings_host_id_meeting_hosts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("host_id", "day", name=op.f("pk_host_evenings")),
    )
    op.create_table(
        "meeting_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
        sa.Column("ends_at", sa.Time(), nullable=False),
        sa.Column("break_from", sa.Time(), nullable=True),
        sa.Column("break_until", sa.Time(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_meeting_days_in_order")),
        sa.ForeignKeyConstraint(
            ["host_id"],
            ["meeting_hosts.id"],
            name=op.f("fk_meeting_days_host_id_meeting_hosts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["meeting_rounds.id"],
            name=op.f("fk_meeting_days_round_id_meeting_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_days")),
    )
    with op.batch_alter_table("meeting_days", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_days_round_id"), ["round_id"], unique=False)

    op.create_table(
        "meeting_host_teachers",
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["host_id"],
            ["meeting_hosts.id"],
            name=op.f("fk_meeting_host_teachers_host_id_meeting_hosts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["meeting_rounds.id"],
            name=op.f("fk_meeting_host_teachers_round_id_meeting_rounds"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["staff_members.user_id"],
            name=op.f("fk_meeting_host_teachers_user_id_staff_members"),
        ),
        sa.PrimaryKeyConstraint("host_id", "user_id", name=op.f("pk_meeting_host_teachers")),
        sa.UniqueConstraint("round_id", "user_id", name=op.f("uq_meeting_host_teachers_round_id_user_id")),
    )
    op.create_table(
        "meeting_invitees",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=True),
        sa.Column("joined_to", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.SmallInteger(), nullable=True),
        sa.Column("asked", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declined_by", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_meeting_invitees_asked_by_users")),
        sa.ForeignKeyConstraint(
            ["declined_by"], ["users.id"], name=op.f("fk_meeting_invitees_declined_by_users")
        ),
        sa.ForeignKeyConstraint(
            ["guardian_id"], ["users.id"], name=op.f("fk_meeting_invitees_guardian_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["host_id"], ["meeting_hosts.id"], name=op.f("fk_meeting_invitees_host_id_meeting_hosts")
        ),
        sa.ForeignKeyConstraint(
            ["joined_to"],
            ["meeting_invitees.id"],
            name=op.f("fk_meeting_invitees_joined_to_meeting_invitees"),
        ),
        sa.ForeignKeyConstraint(
            ["pupil_id"], ["pupils.id"], name=op.f("fk_meeting_invitees_pupil_id_pupils")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["meeting_rounds.id"],
            name=op.f("fk_meeting_invitees_round_id_meeting_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_invitees")),
    )
    with op.batch_alter_table("meeting_invitees", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_invitees_guardian_id"), ["guardian_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_invitees_host_id"), ["host_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_invitees_joined_to"), ["joined_to"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_invitees_pupil_id"), ["pupil_id"], unique=False)
        batch_op.create_index(
            "uq_meeting_invitees_apart",
            ["round_id", "pupil_id", "host_id", "guardian_id"],
            unique=True,
            sqlite_where=sa.text("guardian_id IS NOT NULL AND ended_at IS NULL"),
            postgresql_where=sa.text("guardian_id IS NOT NULL AND ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_meeting_invitees_together",
            ["round_id", "pupil_id", "host_id"],
            unique=True,
            sqlite_where=sa.text("guardian_id IS NULL AND ended_at IS NULL"),
            postgresql_where=sa.text("guardian_id IS NULL AND ended_at IS NULL"),
        )

    op.create_table(
        "meeting_round_groups",
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("everyone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.id"], name=op.f("fk_meeting_round_groups_group_id_groups")
        ),
        sa.ForeignKeyConstraint(
            ["host_id"], ["meeting_hosts.id"], name=op.f("fk_meeting_round_groups_host_id_meeting_hosts")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["meeting_rounds.id"],
            name=op.f("fk_meeting_round_groups_round_id_meeting_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("round_id", "group_id", name=op.f("pk_meeting_round_groups")),
    )
    with op.batch_alter_table("meeting_round_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_round_groups_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_round_groups_host_id"), ["host_id"], unique=False)

    op.create_table(
        "bookings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitee_id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("booked_by", sa.Integer(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uid", sa.String(length=80), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_bookings_in_order")),
        sa.ForeignKeyConstraint(["booked_by"], ["users.id"], name=op.f("fk_bookings_booked_by_users")),
        sa.ForeignKeyConstraint(["cancelled_by"], ["users.id"], name=op.f("fk_bookings_cancelled_by_users")),
        sa.ForeignKeyConstraint(
            ["host_id"], ["meeting_hosts.id"], name=op.f("fk_bookings_host_id_meeting_hosts")
        ),
        sa.ForeignKeyConstraint(
            ["invitee_id"], ["meeting_invitees.id"], name=op.f("fk_bookings_invitee_id_meeting_invitees")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
        sa.UniqueConstraint("uid", name=op.f("uq_bookings_uid")),
    )
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bookings_host_id"), ["host_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bookings_invitee_id"), ["invitee_id"], unique=False)
        batch_op.create_index("ix_bookings_starts_at", ["starts_at"], unique=False)
        batch_op.create_index(
            "uq_bookings_open",
            ["invitee_id"],
            unique=True,
            sqlite_where=sa.text("cancelled_at IS NULL"),
            postgresql_where=sa.text("cancelled_at IS NULL"),
        )

    op.create_table(
        "meeting_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("invitee_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("was_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_meeting_events_actor_id_users")),
        sa.ForeignKeyConstraint(
            ["invitee_id"],
            ["meeting_invitees.id"],
            name=op.f("fk_meeting_events_invitee_id_meeting_invitees"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["meeting_rounds.id"],
            name=op.f("fk_meeting_events_round_id_meeting_rounds"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_events")),
    )
    with op.batch_alter_table("meeting_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_meeting_events_invitee_id"), ["invitee_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_meeting_events_round_id"), ["round_id"], unique=False)

    op.create_table(
        "meeting_waiting_times",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitee_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_meeting_waiting_times_in_order")),
        sa.ForeignKeyConstraint(
            ["invitee_id"],
            ["meeting_invitees.id"],
            name=op.f("fk_meeting_waiting_times_invitee_id_meeting_invitees"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_waiting_times")),
    )
    with op.batch_alter_table("meeting_waiting_times", schema=None) as batch_op:
        batch_op.create_index("uq_meeting_waiting_times", ["invitee_id", "starts_at"], unique=True)

    op.create_table(
        "meeting_wishes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitee_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("availability", sa.SmallInteger(), nullable=False),
        sa.Column("said_by", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("availability IN (0, 1, 2)", name=op.f("ck_meeting_wishes_availability")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_meeting_wishes_in_order")),
        sa.ForeignKeyConstraint(
            ["invitee_id"],
            ["meeting_invitees.id"],
            name=op.f("fk_meeting_wishes_invitee_id_meeting_invitees"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["said_by"], ["users.id"], name=op.f("fk_meeting_wishes_said_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting_wishes")),
    )
    with op.batch_alter_table("meeting_wishes", schema=None) as batch_op:
        batch_op.create_index("uq_meeting_wishes", ["invitee_id", "starts_at"], unique=True)

    op.create_table(
        "talk_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitee_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_talk_notes_author_id_users")),
        sa.ForeignKeyConstraint(
            ["invitee_id"],
            ["meeting_invitees.id"],
            name=op.f("fk_talk_notes_invitee_id_meeting_invitees"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_notes")),
    )
    with op.batch_alter_table("talk_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_talk_notes_written_at"), ["written_at"], unique=False)
        batch_op.create_index("uq_talk_notes_author", ["invitee_id", "author_id"], unique=True)

    op.create_table(
        "talk_reports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitee_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_talk_reports_author_id_users")),
        sa.ForeignKeyConstraint(
            ["invitee_id"],
            ["meeting_invitees.id"],
            name=op.f("fk_talk_reports_invitee_id_meeting_invitees"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talk_reports")),
        sa.UniqueConstraint("invitee_id", name=op.f("uq_talk_reports_invitee_id")),
    )
    op.create_table(
        "slots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("extra", sa.Boolean(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=True),
        sa.Column("reserved_for", sa.Integer(), nullable=True),
        sa.Column("held_for", sa.Integer(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("booking_id IS NULL OR state = 'open'", name=op.f("ck_slots_booked_is_open")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_slots_in_order")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_slots_booking_id_bookings")),
        sa.ForeignKeyConstraint(
            ["held_for"], ["meeting_invitees.id"], name=op.f("fk_slots_held_for_meeting_invitees")
        ),
        sa.ForeignKeyConstraint(
            ["host_id"], ["meeting_hosts.id"], name=op.f("fk_slots_host_id_meeting_hosts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reserved_for"], ["meeting_invitees.id"], name=op.f("fk_slots_reserved_for_meeting_invitees")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slots")),
        sa.UniqueConstraint("host_id", "starts_at", name=op.f("uq_slots_host_id_starts_at")),
    )
    with op.batch_alter_table("slots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slots_booking_id"), ["booking_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_slots_held_for"), ["held_for"], unique=False)
        batch_op.create_index(batch_op.f("ix_slots_reserved_for"), ["reserved_for"], unique=False)

    op.create_table(
        "slot_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitee_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitee_id"],
            ["meeting_invitees.id"],
            name=op.f("fk_slot_offers_invitee_id_meeting_invitees"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["slots.id"], name=op.f("fk_slot_offers_slot_id_slots"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_offers")),
    )
    with op.batch_alter_table("slot_offers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slot_offers_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(
            "uq_slot_offers_invitee",
            ["invitee_id"],
            unique=True,
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        )
        batch_op.create_index(
            "uq_slot_offers_slot",
            ["slot_id"],
            unique=True,
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        )


def downgrade():
    with op.batch_alter_table("slot_offers", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_slot_offers_slot",
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_slot_offers_invitee",
            sqlite_where=sa.text("answered_at IS NULL"),
            postgresql_where=sa.text("answered_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_slot_offers_expires_at"))

    op.drop_table("slot_offers")
    with op.batch_alter_table("slots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_slots_reserved_for"))
        batch_op.drop_index(batch_op.f("ix_slots_held_for"))
        batch_op.drop_index(batch_op.f("ix_slots_booking_id"))

    op.drop_table("slots")
    op.drop_table("talk_reports")
    with op.batch_alter_table("talk_notes", schema=None) as batch_op:
        batch_op.drop_index("uq_talk_notes_author")
        batch_op.drop_index(batch_op.f("ix_talk_notes_written_at"))

    op.drop_table("talk_notes")
    with op.batch_alter_table("meeting_wishes", schema=None) as batch_op:
        batch_op.drop_index("uq_meeting_wishes")

    op.drop_table("meeting_wishes")
    with op.batch_alter_table("meeting_waiting_times", schema=None) as batch_op:
        batch_op.drop_index("uq_meeting_waiting_times")

    op.drop_table("meeting_waiting_times")
    with op.batch_alter_table("meeting_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_events_round_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_events_invitee_id"))

    op.drop_table("meeting_events")
    with op.batch_alter_table("bookings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_bookings_open",
            sqlite_where=sa.text("cancelled_at IS NULL"),
            postgresql_where=sa.text("cancelled_at IS NULL"),
        )
        batch_op.drop_index("ix_bookings_starts_at")
        batch_op.drop_index(batch_op.f("ix_bookings_invitee_id"))
        batch_op.drop_index(batch_op.f("ix_bookings_host_id"))

    op.drop_table("bookings")
    with op.batch_alter_table("meeting_round_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_round_groups_host_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_round_groups_group_id"))

    op.drop_table("meeting_round_groups")
    with op.batch_alter_table("meeting_invitees", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_meeting_invitees_together",
            sqlite_where=sa.text("guardian_id IS NULL AND ended_at IS NULL"),
            postgresql_where=sa.text("guardian_id IS NULL AND ended_at IS NULL"),
        )
        batch_op.drop_index(
            "uq_meeting_invitees_apart",
            sqlite_where=sa.text("guardian_id IS NOT NULL AND ended_at IS NULL"),
            postgresql_where=sa.text("guardian_id IS NOT NULL AND ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_meeting_invitees_pupil_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_invitees_joined_to"))
        batch_op.drop_index(batch_op.f("ix_meeting_invitees_host_id"))
        batch_op.drop_index(batch_op.f("ix_meeting_invitees_guardian_id"))

    op.drop_table("meeting_invitees")
    op.drop_table("meeting_host_teachers")
    with op.batch_alter_table("meeting_days", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_days_round_id"))

    op.drop_table("meeting_days")
    op.drop_table("host_evenings")
    with op.batch_alter_table("meeting_plans", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_meeting_plans_running",
            sqlite_where=sa.text("finished_at IS NULL"),
            postgresql_where=sa.text("finished_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_meeting_plans_round_id"))

    op.drop_table("meeting_plans")
    with op.batch_alter_table("meeting_hosts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_meeting_hosts_round_id"))

    op.drop_table("meeting_hosts")
    op.drop_table("meeting_rounds")
