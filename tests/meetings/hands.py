"""Fixtures of the tests that change families and book talks behind the pages."""

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain.bookings import Choice, book
from portal.extensions import db, start_writing
from portal.models.meetings import Invitee, Slot


@pytest.fixture
def do_now(app):
    """Runs something in a transaction of its own."""

    def run(work):
        with app.app_context():
            start_writing()
            work()
            db.session.commit()

    return run


@pytest.fixture
def book_talk(app, talks):
    """Books a talk for a guardian: (child, table, time)."""

    def make(person, child, host, moment):
        with app.app_context():
            start_writing()
            invitee = db.session.get_one(Invitee, talks.invitee(child, person))
            slot = db.session.get_one(Slot, talks.slot(host, moment))
            (booking,) = book([Choice(invitee, slot)], Viewer(id=person.id), clock.now(), "guardian")
            number = booking.id
            db.session.commit()
        return number

    return make
