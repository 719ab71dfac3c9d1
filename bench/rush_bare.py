"""Bookings a second without the web: our one path of booking, and a bare guarded insert beside it."""

import time

import sqlalchemy as sa

from bench.limits import connect, rows
from bench.schools import SECRET_KEY, BenchSchool
from portal import clock, config, create_app
from portal.access import Viewer
from portal.domain.bookings import Choice, book
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.meetings import Invitee, Slot

INSERT = (
    "INSERT INTO limit_bookings (slot_id, pupil_id, user_id) VALUES (?, ?, ?) "
    "ON CONFLICT DO NOTHING RETURNING slot_id"
)
FIRST = 20
"""The first ones build the statements, once for each process; they do not count."""

Pair = tuple[int, int]
"""A talk and a place at its table."""


def booked_bare(school: BenchSchool, pairs: list[Pair]) -> float:
    """Return how many places a second the bare driver takes, each committed by itself."""
    connection = connect(school.database)
    statement = INSERT
    if school.engine == "postgres":
        connection.autocommit, statement = True, INSERT.replace("?", "%s")
    began = time.perf_counter()
    won = sum(len(rows(connection, statement, (slot, talk, talk))) for talk, slot in pairs)
    rate = won / (time.perf_counter() - began)
    connection.close()
    return rate


def booked_by_us(school: BenchSchool, pairs: list[Pair], guardian_id: int) -> float:
    """Return how many talks a second `bookings.book` gives a time, each committed by itself."""
    # As a web process has it.
    settings = {"DATABASE_URL": school.database, "SECRET_KEY": SECRET_KEY}
    app = create_app(settings | {"POSTGRES_OPTIONS": config.POSTGRES_OPTIONS_OF_PAGES})
    guardian = Viewer(guardian_id, is_guardian=True)
    won, began = 0, 0.0
    for number, (talk, slot) in enumerate(pairs):
        if number == FIRST:
            won, began = 0, time.perf_counter()
        with app.app_context():
            won += _book(talk, slot, guardian)
    rate = won / (time.perf_counter() - began)
    with app.app_context():
        db.engine.dispose()
    return rate


def _book(talk: int, slot: int, guardian: Viewer) -> bool:
    start_writing()
    choice = Choice(db.session.get_one(Invitee, talk), db.session.get_one(Slot, slot))
    try:
        book([choice], guardian, clock.now(), "guardian")
    except Refused:
        return False
    db.session.commit()
    return True


def pairs_of(school: BenchSchool, round_id: int) -> tuple[list[Pair], int]:
    """Return a place for each talk of the round as far as there are, and the number of some guardian."""
    engine = sa.create_engine(school.database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        run = connection.exec_driver_sql
        slots: dict[int, list[int]] = {}
        for host, slot in run("SELECT host_id, id FROM slots ORDER BY id DESC"):
            slots.setdefault(host, []).append(slot)
        talks = connection.execute(
            sa.text(
                "SELECT id, host_id FROM meeting_invitees WHERE ended_at IS NULL AND joined_to IS NULL "
                "AND round_id = :round_id ORDER BY id"
            ),
            {"round_id": round_id},
        )
        pairs = [(talk, slots[host].pop()) for talk, host in talks if slots.get(host)]
        (guardian,) = run("SELECT min(user_id) FROM guardianships WHERE revoked_at IS NULL").one()
    engine.dispose()
    return pairs, guardian
