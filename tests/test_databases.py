"""The connections to both databases, and writing only when it was said."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from portal.extensions import WRITING, NotWriting, add_row, db, start_writing
from portal.models.audit import AuditEntry
from portal.models.roster import Guardianship
from portal.models.school import FreeDay, SchoolYear

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def a_year(name="2026-2027") -> SchoolYear:
    return SchoolYear(name=name, first_day=NOON.date(), last_day=NOON.date() + timedelta(days=200))


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000)],
)
def test_every_sqlite_connection_is_safe_and_patient(app, pragma, value):
    with app.app_context():
        held = [db.engine.connect() for _ in range(3)]
        assert [c.execute(text(f"PRAGMA {pragma}")).scalar() for c in held] == [value] * 3
        for connection in held:
            connection.close()


def test_postgres_is_a_real_server_of_a_supported_version(app, engine):
    with app.app_context():
        dialect = db.engine.dialect
        assert (dialect.name, dialect.driver) == {
            "sqlite": ("sqlite", "pysqlite"),
            "postgres": ("postgresql", "psycopg"),
        }[engine]


class TestWriting:
    def test_it_needs_to_be_said(self, app):
        with app.app_context():
            db.session.add(a_year())
            with pytest.raises(NotWriting):
                db.session.flush()

    def test_a_change_of_a_loaded_object_needs_it_too(self, app, rows):
        with app.app_context():
            start_writing()
            db.session.add(a_year())
            db.session.commit()
            db.session.scalars(select(SchoolYear)).one().name = "1926-1927"
            with pytest.raises(NotWriting):
                db.session.commit()
        assert [year.name for year in rows(SchoolYear)] == ["2026-2027"]

    @pytest.mark.parametrize(
        "statement",
        [
            insert(AuditEntry).values(at=NOON, verb="x", subject=""),
            update(AuditEntry).values(verb="y"),
            delete(AuditEntry),
        ],
        ids=["insert", "update", "delete"],
    )
    def test_a_statement_needs_it_too(self, app, statement):
        with app.app_context(), pytest.raises(NotWriting):
            db.session.execute(statement)

    def test_it_ends_with_the_commit(self, app):
        with app.app_context():
            start_writing()
            db.session.add(a_year())
            db.session.commit()
            db.session.add(a_year("2027-2028"))
            with pytest.raises(NotWriting):
                db.session.flush()

    def test_it_reads_afresh_what_was_read_before(self, app):
        with app.app_context():
            start_writing()
            db.session.add(a_year())
            db.session.commit()
            read = db.session.scalars(select(SchoolYear)).one()
            with app.app_context():
                start_writing()
                db.session.execute(update(SchoolYear).values(name="2030-2031"))
                db.session.commit()
            start_writing()
            assert read.name == "2030-2031"

    def test_what_is_not_committed_is_gone(self, app, rows):
        with app.app_context():
            start_writing()
            db.session.add(a_year())
            db.session.flush()
        assert rows(SchoolYear) == []

    @pytest.mark.parametrize("engine", ["sqlite"])
    def test_two_writers_wait_for_each_other_and_lose_nothing(self, app, rows):
        """A plain BEGIN loses here: it cannot become a writer once another one has committed."""
        with app.app_context():
            start_writing()
            db.session.add(a_year("0000-0000"))
            db.session.commit()
        failures: list[Exception] = []

        def count_up() -> None:
            try:
                for _ in range(20):
                    with app.app_context():
                        db.session.scalars(select(SchoolYear)).all()
                        start_writing()
                        year = db.session.scalars(select(SchoolYear)).one()
                        year.name = f"{int(year.name[:4]) + 1:04}-0000"
                        db.session.commit()
            except Exception as failure:
                failures.append(failure)

        threads = [threading.Thread(target=count_up) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert rows(SchoolYear)[0].name == "0080-0000"


class TestMoments:
    def test_a_moment_comes_back_aware_and_in_utc(self, app, rows):
        with app.app_context():
            start_writing()
            amsterdam = datetime(2026, 11, 24, 7, 55, tzinfo=timezone(timedelta(hours=1)))
            db.session.add(AuditEntry(at=amsterdam, verb="x"))
            db.session.commit()
        (entry,) = rows(AuditEntry)
        assert entry.at == datetime(2026, 11, 24, 6, 55, tzinfo=UTC)
        assert entry.at.tzinfo is UTC

    def test_a_moment_without_a_zone_is_refused(self, app):
        with app.app_context():
            start_writing()
            db.session.add(AuditEntry(at=datetime(2026, 11, 24, 7, 55), verb="x"))
            with pytest.raises(Exception, match="without a time zone"):
                db.session.flush()


class TestAddedRows:
    def test_a_row_has_what_is_given_and_the_columns_defaults(self, app, rows):
        with app.app_context():
            start_writing()
            number = add_row(AuditEntry, at=NOON, verb="x")
            db.session.commit()
        (entry,) = rows(AuditEntry)
        assert (entry.id, entry.at, entry.verb, entry.subject, entry.actor_id) == (
            number,
            NOON,
            "x",
            "",
            None,
        )

    def test_it_is_gone_when_what_it_belongs_to_is_not_kept(self, app, rows):
        with app.app_context():
            start_writing()
            add_row(AuditEntry, at=NOON, verb="x")
            db.session.rollback()
        assert rows(AuditEntry) == []

    def test_it_says_what_is_wrong_as_the_session_does(self, app):
        with app.app_context():
            with pytest.raises(NotWriting):
                add_row(AuditEntry, at=NOON, verb="x")
            start_writing()
            with pytest.raises(IntegrityError):
                add_row(AuditEntry, at=NOON, verb="x", actor_id=4711)


class TestConstraints:
    def test_a_number_that_refers_to_nobody_is_refused(self, app):
        with app.app_context():
            start_writing()
            db.session.add(AuditEntry(at=NOON, verb="x", actor_id=4711))
            with pytest.raises(IntegrityError):
                db.session.flush()

    def test_a_check_is_kept(self, app):
        with app.app_context():
            start_writing()
            db.session.add(
                FreeDay(
                    kind="free", name="x", first_day=NOON.date(), last_day=NOON.date() - timedelta(days=1)
                )
            )
            with pytest.raises(IntegrityError):
                db.session.flush()

    @pytest.mark.parametrize("seat", [1, 2, 3])
    def test_a_third_guardian_has_no_seat(self, app, school, seat):
        with app.app_context():
            start_writing()
            db.session.add(
                Guardianship(user_id=school.carl.id, pupil_id=school.bram.id, seat=seat, created_at=NOON)
            )
            with pytest.raises(IntegrityError):
                db.session.flush()


class TestStartOfATest:
    """What one test leaves behind, the next does not find; and the first number is the same on both."""

    @pytest.mark.parametrize("turn", [1, 2])
    def test_the_tables_are_empty(self, app, rows, turn):
        assert rows(SchoolYear) == []
        with app.app_context():
            start_writing()
            db.session.add(a_year())
            db.session.commit()
        assert [year.id for year in rows(SchoolYear)] == [1]

    @pytest.mark.parametrize("turn", [1, 2])
    def test_the_school_is_as_it_was(self, app, school, rows, turn):
        assert len(rows(SchoolYear)) == 1
        with app.app_context():
            start_writing()
            year = a_year("2027-2028")
            db.session.add(year)
            db.session.commit()
            assert year.id == 2

    def test_only_the_statements_of_the_program_are_counted(self, app, count_queries):
        with app.app_context():
            with count_queries() as queries:
                db.session.execute(select(SchoolYear.id))
                db.session.execute(select(FreeDay.id))
                db.session.commit()
            assert len(queries) == 2
            with count_queries() as queries, db.engine.connect() as connection:
                connection.execution_options(**{WRITING: True})
                connection.commit()
            assert queries == []

    def test_every_row_is_as_it_was_however_often_it_is_asked_for(self, tested_app, school):
        start = tested_app.contents()
        for turn in range(5):
            with tested_app.app.app_context():
                start_writing()
                db.session.add(a_year(f"{2027 + turn}"))
                db.session.execute(update(FreeDay).values(name="Carnaval"))
                db.session.execute(delete(Guardianship))
                db.session.commit()
            assert tested_app.contents() != start
            tested_app.to_school()
            assert tested_app.contents() == start
