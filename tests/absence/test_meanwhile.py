"""School acts on a report while its parent changes it or takes it back."""

import sys
import time
from threading import Thread

import pytest
from sqlalchemy import Engine, event

from portal import clock
from portal.extensions import WRITING, db, has_one_writer, start_writing
from portal.models.absence import Absence
from portal.turns import Turn
from tests.race.crowding import SOMEBODY_WAITS


@pytest.fixture
def after_reading():
    """Lets somebody act, once, as soon as a request has read absences; `to_write`: to change them at once."""
    listeners = []

    def let(act, to_write):
        acted = []

        def listener(connection, _cursor, statement, *_details):
            writes = bool(connection.get_execution_options().get(WRITING))
            if not acted and writes == to_write and "FROM absences" in statement:
                acted.append(True)
                thread = Thread(target=act)
                thread.start()
                thread.join(20)

        listeners.append(listener)
        event.listen(Engine, "after_cursor_execute", listener)

    yield let
    for listener in listeners:
        event.remove(Engine, "after_cursor_execute", listener)


@pytest.fixture
def report(app, school):
    with app.app_context():
        start_writing()
        absence = Absence(
            pupil_id=school.bram.id,
            kind_id=school.kinds["sick"],
            first_day=clock.today(),
            last_day=clock.today(),
            source="guardian",
            reported_by=school.anna.id,
            reported_at=clock.now(),
        )
        db.session.add(absence)
        db.session.commit()
        return absence.id


def of_school_still(rows, school):
    (absence,) = rows(Absence)
    assert (absence.kind_id, absence.withdrawn_at) == (school.kinds["sick"], None)
    assert absence.seen_by == school.tess.id


def seen_by_school(client_for, school):
    tess = client_for(school.tess)
    return lambda: tess.post("/staff/sightings", data={"pupil": school.bram.id})


def test_what_school_acted_on_before_the_change_stays(client_for, school, rows, report, after_reading):
    anna, act = client_for(school.anna), seen_by_school(client_for, school)
    after_reading(act, to_write=False)
    answer = anna.post(f"/absence/{report}/correction", data={"kind": "other", "days": "one"})
    assert answer.status_code == 422
    assert "School heeft al iets gedaan met deze melding." in answer.text
    of_school_still(rows, school)


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
@pytest.mark.parametrize(
    ("step", "fields", "status"),
    [("correction", {"kind": "other", "days": "one"}, 422), ("withdrawal", {}, 409)],
)
def test_what_school_acts_on_after_it_was_read_stays(
    client_for, school, rows, report, after_reading, step, fields, status
):
    anna, act = client_for(school.anna), seen_by_school(client_for, school)
    after_reading(act, to_write=True)
    answer = anna.post(f"/absence/{report}/{step}", data=fields)
    assert answer.status_code == status
    assert "School heeft al iets gedaan met deze melding." in answer.text
    of_school_still(rows, school)


def waits_to_write(thread: Thread) -> bool:
    """Wait until somebody in another thread waits for who is writing; whether that was within two seconds."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        if has_one_writer():
            frame = sys._current_frames().get(thread.ident)
            waits = frame is not None and frame.f_code is Turn.take.__code__
        else:
            with db.engine.connect() as connection:
                waits = bool(connection.scalar(SOMEBODY_WAITS))
        if waits:
            return True
        time.sleep(0.005)
    return False


@pytest.mark.parametrize("first", ["the parent", "the teacher"])
def test_all_present_hides_no_report_of_the_same_moment(client_for, school, at, first):
    """One is in the middle of writing when the other sends: the report is on the board all the same."""
    anna, yara = client_for(school.anna), client_for(school.yara)
    marks = {"pupil": [school.noor.id, school.sem.id], "state": "present", "was": "unknown"}

    def report():
        return anna.post("/absence/report", data={"pupil": school.noor.id, "kind": "sick", "days": "one"})

    def all_present():
        return yara.post("/staff/attendance", data=marks)

    one, other = (report, all_present) if first == "the parent" else (all_present, report)
    threads = []

    def listener(connection, _cursor, statement, *_details):
        if not threads and connection.get_execution_options().get(WRITING) and "FROM absences" in statement:
            threads.append(Thread(target=other))
            threads[0].start()
            assert waits_to_write(threads[0])
            at("2026-11-24 08:25")

    at("2026-11-24 08:20")
    yara.get("/staff/today")
    event.listen(Engine, "after_cursor_execute", listener)
    try:
        assert one().status_code == 303
    finally:
        event.remove(Engine, "after_cursor_execute", listener)
    threads[0].join(20)
    assert "Noor Smit" in yara.get("/staff/today").text.partition('id="absent"')[2].partition("</section>")[0]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
@pytest.mark.parametrize(("step", "status"), [("recovery", 409), ("withdrawal", 303)])
def test_what_a_parent_takes_back_after_school_read_it_stays_the_parents_word(
    client_for, school, rows, report, after_reading, step, status
):
    anna, otto = client_for(school.anna), client_for(school.otto)
    after_reading(lambda: anna.post(f"/absence/{report}/withdrawal"), to_write=True)
    assert otto.post(f"/staff/absences/{report}/{step}").status_code == status
    (absence,) = rows(Absence)
    assert (absence.withdrawn_by, absence.last_day) == (school.anna.id, clock.today())
    assert absence.recovered_at is None
