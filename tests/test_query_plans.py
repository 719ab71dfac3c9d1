"""SQLite finds what is among some numbers by its index, however much the school has by then."""

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.meetings.making import Talks, talks

__all__ = ["talks"]

SMALL = {"barrings", "meeting_host_teachers"}
"""What has a few rows in every school, and no index for these."""

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def plans():
    """How SQLite goes about each statement that looks for some numbers, by its first words."""
    found: dict[str, list[str]] = {}

    def look(connection, _cursor, statement, parameters, *_rest) -> None:
        if "json_each" in statement and not statement.startswith("EXPLAIN"):
            driver = connection.connection.dbapi_connection
            steps = driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters).fetchall()
            found[statement] = [step[-1] for step in steps]

    event.listen(Engine, "before_cursor_execute", look)
    yield found
    event.remove(Engine, "before_cursor_execute", look)


def test_none_looks_through_a_whole_table_or_all_free_places(school, talks: Talks, client_for, plans):
    anna, tess = client_for(school.anna), client_for(school.tess)
    client_for().post("/login", data={"email": "anna@lindeboog.example", "password": school.password})
    place = talks.slot(talks.host_6, "2026-12-01 15.00")
    booked = anna.post(f"/meetings/slots/{place}/booking", data={"pupil": school.noor.id})
    assert booked.status_code == 303
    for client in (anna, tess):
        assert client.get(f"/pupils/{school.bram.id}").status_code == 200
    assert tess.get("/staff/today").status_code == 200
    steps = [step.split() for steps in plans.values() for step in steps]
    looked_through = {step[1] for step in steps if step[0] == "SCAN" and not step[1].startswith("anon_")}
    assert looked_through - {"json_each"} <= SMALL
    (claim,) = (steps for sql, steps in plans.items() if sql.startswith("UPDATE slots SET booking_id"))
    assert claim[0] == "SEARCH slots USING INTEGER PRIMARY KEY (rowid=?)"
    assert len(plans) > 8, list(plans)
