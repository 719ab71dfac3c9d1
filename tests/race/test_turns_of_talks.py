"""A guardian hides for several children while others have talks of the same people in hand.

Only Postgres locks people one by one: on SQLite who writes is alone.
"""

import time
from threading import Thread

import pytest
from sqlalchemy import text

from portal import clock
from portal.access import Viewer
from portal.domain import hiding
from portal.domain.meeting_people import People, take_turn
from portal.extensions import db, start_writing
from portal.models.roster import Guardianship
from tests.meetings.making import Talks, talks

__all__ = ["talks"]

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

SOMEBODY_WAITS = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def test_hiding_for_two_children_takes_everybodys_turn_in_one_order(app, school, talks: Talks, rows):
    """Gert sits at Noor's table and Tess at Bram's; who has him in hand can still take her turn."""
    noors = next(one for one in rows(Guardianship) if one.user_id == school.anna.id and not one.hidden_at)
    talks.change(Guardianship, noors.id, hidden_at=clock.now())
    failures: list[BaseException] = []

    def show_again() -> None:
        try:
            with app.app_context():
                start_writing()
                anna = Viewer(id=school.anna.id, is_guardian=True)
                hiding.choose_hiding(hiding.own_guardianships(anna), False, anna, clock.now())
                db.session.commit()
        except BaseException as failure:
            failures.append(failure)

    with app.app_context():
        start_writing()
        take_turn(People(frozenset({school.gert.id}), frozenset()))
        other = Thread(target=show_again)
        other.start()
        end = time.monotonic() + 5
        while not db.session.scalar(SOMEBODY_WAITS) and time.monotonic() < end:
            time.sleep(0.02)
        take_turn(People(frozenset({school.gert.id}), frozenset({school.tess.id})))
        db.session.commit()
    other.join(10)
    assert not failures, failures
    assert not [one for one in rows(Guardianship) if one.user_id == school.anna.id and one.hidden_at]
