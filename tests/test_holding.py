"""A row that is held: asked for once, and nothing that was changed of it is forgotten."""

import pytest

from portal import clock
from portal.domain.holding import hold
from portal.extensions import db, start_writing
from portal.models.school import School


@pytest.fixture
def row(app):
    with app.app_context():
        start_writing()
        school = School(name="De Eik", created_at=clock.now())
        db.session.add(school)
        db.session.commit()
        start_writing()
        yield school
        db.session.rollback()


@pytest.fixture
def locks(count_queries):
    """Returns how many rows something locks."""

    def counted(act) -> int:
        with count_queries() as queries:
            act()
        return sum("FOR NO KEY UPDATE" in query for query in queries)

    return counted


def test_it_is_locked_once_in_a_transaction_where_others_can_write(row, locks, engine):
    needed = 1 if engine == "postgres" else 0
    assert locks(lambda: hold(row)) == needed
    assert locks(lambda: hold(row)) == 0
    db.session.commit()
    start_writing()
    assert locks(lambda: hold(row)) == needed


@pytest.mark.parametrize("engine", ["postgres"])
def test_after_going_back_to_a_savepoint_it_is_locked_again(row, locks):
    nested = db.session.begin_nested()
    hold(row)
    nested.rollback()
    assert locks(lambda: hold(row)) == 1


def test_what_was_changed_of_it_and_not_sent_yet_stays(row):
    assert row.name == "De Eik"
    row.name = "De Linde"
    hold(row)
    assert row.name == "De Linde"
    db.session.commit()
    assert row.name == "De Linde"
