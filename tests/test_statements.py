"""What `fetch()` returns and raises is what SQLAlchemy would, on both databases."""

from datetime import UTC, date, datetime, time

import pytest
from flask import g
from sqlalchemy import bindparam, column, delete, func, literal, select, table, update
from sqlalchemy.exc import OperationalError, ProgrammingError

from portal.domain.school import school_facts
from portal.extensions import NotWriting, db, fetch, start_writing
from portal.models.school import FreeDay, School
from portal.statements import among

NOON = datetime(2026, 11, 24, 12, 0, 0, 250, tzinfo=UTC)
FIRST, LAST = date(2026, 12, 21), date(2027, 1, 1)

OF_THE_SCHOOL = select(
    School.name, School.starts_at, School.created_at, School.is_demo, School.hue, School.brin
).where(School.created_at == bindparam("at"), School.is_demo.is_(False), School.region == "midden")
FREE_ON = select(FreeDay.first_day, FreeDay.name).where(
    FreeDay.first_day <= bindparam("day"), FreeDay.last_day >= bindparam("day"), FreeDay.name != "50% %(day)s"
)
NAMED = select(FreeDay.name).where(FreeDay.name.in_(bindparam("names", expanding=True)))


@pytest.fixture
def small_school(app):
    with app.app_context():
        start_writing()
        db.session.add(School(name="De Eik", starts_at=time(8, 25), created_at=NOON))
        db.session.add(FreeDay(kind="holiday", name="Kerstvakantie", first_day=FIRST, last_day=LAST))
        db.session.commit()
        yield app


@pytest.mark.parametrize(
    ("query", "values", "rows"),
    [
        (OF_THE_SCHOOL, {"at": NOON}, [("De Eik", time(8, 25), NOON, False, 232, "")]),
        (FREE_ON, {"day": date(2026, 12, 24)}, [(FIRST, "Kerstvakantie")]),
        (FREE_ON, {"day": date(2027, 1, 2)}, []),
        (NAMED, {"names": ["Kerstvakantie", "Pasen"]}, [("Kerstvakantie",)]),
        (NAMED, {"names": []}, []),
    ],
)
def test_every_kind_of_value_goes_in_and_comes_out(small_school, query, values, rows):
    for _ in range(2):
        assert fetch(query, **values) == rows
    assert [tuple(row) for row in db.session.execute(query, values)] == rows


def test_a_value_that_is_not_given_is_a_mistake_that_shows(small_school):
    with pytest.raises(KeyError, match="day"):
        fetch(FREE_ON)


def test_it_reads_inside_the_transaction_that_writes(small_school):
    start_writing()
    db.session.add(FreeDay(kind="free", name="Studiedag", first_day=LAST, last_day=LAST))
    db.session.flush()
    assert len(fetch(FREE_ON, day=LAST)) == 2
    db.session.rollback()
    assert len(fetch(FREE_ON, day=LAST)) == 1


def test_an_error_of_the_driver_is_the_one_that_the_handlers_know(small_school):
    with pytest.raises((OperationalError, ProgrammingError)) as caught:
        fetch(select(func.no_such_function(literal("Noor"))))
    assert "Noor" not in str(caught.value)


def test_a_page_reads_in_one_transaction_with_the_session_and_without(small_school):
    with small_school.test_request_context():
        fetch(FREE_ON, day=LAST)
        begun = g.connection
        assert not db.session().in_transaction()
        db.session.scalars(select(School)).one()
        assert db.session.connection() is begun
        fetch(FREE_ON, day=LAST)
        assert g.connection is begun


def test_what_a_page_began_to_read_is_given_back_before_it_writes(small_school):
    with small_school.test_request_context():
        fetch(FREE_ON, day=LAST)
        db.session.scalars(select(School)).one()
        start_writing()
        db.session.add(FreeDay(kind="free", name="Studiedag", first_day=LAST, last_day=LAST))
        db.session.flush()
        assert len(fetch(FREE_ON, day=LAST)) == 2
        assert db.engine.pool.checkedout() == 1
        db.session.commit()
        assert len(fetch(FREE_ON, day=LAST)) == 2


def test_after_a_rollback_a_page_reads_in_a_new_transaction(small_school):
    with small_school.test_request_context():
        fetch(FREE_ON, day=LAST)
        db.session.scalars(select(School)).one()
        db.session.rollback()
        fetch(FREE_ON, day=LAST)
        assert g.connection.in_transaction()
        assert db.engine.pool.checkedout() == 1


@pytest.mark.parametrize("address", ["/login", "/nowhere", "/healthz", "/"])
def test_every_page_gives_its_connection_back(app, address):
    app.test_client().get(address)
    with app.app_context():
        assert db.engine.pool.checkedout() == 0


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_connection_that_was_lost_is_not_used_again(small_school):
    connection = db.session.connection()
    driver = connection.connection.dbapi_connection
    driver.close()
    with pytest.raises(OperationalError):
        fetch(FREE_ON, day=LAST)
    db.session.rollback()
    assert len(fetch(FREE_ON, day=LAST)) == 1
    assert school_facts().name == "De Eik"


def test_who_counts_the_queries_sees_it(small_school, count_queries):
    with count_queries() as queries:
        fetch(FREE_ON, day=LAST)
    assert [query.split()[0] for query in queries] == ["SELECT"]


@pytest.mark.parametrize("engine", ["postgres"])
def test_what_a_page_prepared_on_postgres_serves_the_next(app, client_for, school):
    anna = client_for(school.anna)
    for _ in range(3):
        assert anna.get("/").status_code == 200
    assert anna.post("/absence/report", data={"pupil": school.bram.id, "kind": "sick"}).status_code == 303
    assert anna.post("/absence/report", data={"pupil": school.bram.id, "kind": "none"}).status_code == 422
    assert statements_of_home(app)


def statements_of_home(app):
    """Return what Postgres keeps a plan of and home asks."""
    with app.app_context():
        found = fetch(select(column("statement")).select_from(table("pg_prepared_statements")))
    return [statement for (statement,) in found if "FROM letters JOIN letter_recipients" in statement]


@pytest.mark.parametrize("engine", ["postgres"])
def test_what_a_page_prepared_is_there_still_after_somebody_logged_in(app, client_for, school):
    anna = client_for(school.anna)
    for _ in range(3):
        assert anna.get("/").status_code == 200
    login = {"email": school.carl.email, "password": school.password}
    assert client_for().post("/login", data=login | {"password": "not this"}).status_code == 422
    assert client_for().post("/login", data=login).status_code == 303
    words = {"current_password": school.password, "new_password": "vijf-witte-rozen"}
    assert anna.post("/profile/password", data=words).status_code == 303
    assert statements_of_home(app)


AMONG = select(FreeDay.name).where(among(FreeDay.id, "numbers"))


@pytest.mark.parametrize(("numbers", "found"), [([], 0), ([1], 1), ({1, 2, 10**9}, 1), ((2,), 0)])
def test_a_number_is_among_those_of_a_parameter(small_school, numbers, found):
    assert len(fetch(AMONG, numbers=numbers)) == found
    assert len(db.session.execute(AMONG, {"numbers": numbers}).all()) == found


def test_as_many_as_there_are_it_is_one_statement(small_school, count_queries):
    with count_queries() as queries:
        for count in (0, 1, 3000):
            fetch(AMONG, numbers=range(count))
    assert len(queries) == 3 and len(set(queries)) == 1


RENAME = update(FreeDay).values(name=bindparam("name")).returning(FreeDay.id)
FORGET = delete(FreeDay).where(FreeDay.name == bindparam("name")).returning(FreeDay.first_day)


def test_a_change_answers_what_it_changed(small_school):
    start_writing()
    assert fetch(RENAME, name="Vrij") == [(1,)]
    assert fetch(FORGET, name="Kerstvakantie") == []
    assert fetch(FORGET, name="Vrij") == [(FIRST,)]
    db.session.commit()
    assert fetch(FREE_ON, day=FIRST) == []


@pytest.mark.parametrize("change", [RENAME, FORGET], ids=["update", "delete"])
def test_a_change_is_written_only_by_who_said_so(small_school, change):
    with pytest.raises(NotWriting):
        fetch(change, name="Kerstvakantie")
    with small_school.test_request_context():
        fetch(FREE_ON, day=LAST)
        with pytest.raises(NotWriting):
            fetch(change, name="Kerstvakantie")
