"""Several verbs have talks of the same people in hand; none of them waits for the other for ever.

Only Postgres locks people one by one: on SQLite who writes is alone.
"""

import time
from threading import Thread

import pytest
from sqlalchemy import select

from portal import clock
from portal.access import Viewer
from portal.domain import bookings, hiding, meeting_offers, shaping, waiting
from portal.domain.holding import hold
from portal.domain.meeting_people import People, take_turn, take_turn_at
from portal.domain.meeting_tables import tables_with
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.meeting_talks import SlotOffer, WaitingTime
from portal.models.meetings import Booking, Invitee, Slot
from portal.models.roster import Guardianship
from tests.meetings.making import Talks, talks
from tests.race.crowding import SOMEBODY_WAITS

__all__ = ["talks"]

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


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


@pytest.fixture
def meanwhile(app):
    """Begins something in another thread while a transaction is open, and waits until it waits; returns
    what ends it and says how it went.
    """

    def begin(act):
        ended: list[BaseException] = []

        def run() -> None:
            try:
                with app.app_context():
                    start_writing()
                    act()
                    db.session.commit()
            except BaseException as failure:
                ended.append(failure)

        other = Thread(target=run)
        other.start()
        end = time.monotonic() + 5
        while not db.session.scalar(SOMEBODY_WAITS) and time.monotonic() < end:
            time.sleep(0.02)

        def join() -> list[BaseException]:
            other.join(10)
            return ended

        return join

    return begin


def test_a_teacher_gives_double_time_while_a_parent_has_the_talk_in_hand(app, school, talks, rows, meanwhile):
    noor = talks.invitee(school.noor)
    talks.book(school.anna, noor, talks.host_6, "2026-12-01 15.20")

    def double() -> None:
        yara, invitee = Viewer(id=school.yara.id, role="teacher"), db.session.get_one(Invitee, noor)
        (table,) = tables_with([talks.host_6])
        shaping.say_wish(invitee, "wanted", yara, clock.now())
        shaping.set_double(invitee, True, table, yara, clock.now())

    with app.app_context():
        start_writing()
        invitee = db.session.get_one(Invitee, noor)
        take_turn_at([invitee])
        join = meanwhile(double)
        hold(invitee)
        db.session.commit()
    assert join() == []
    assert [one.minutes for one in rows(Invitee) if one.id == noor] == [20]


def test_who_became_a_guardian_while_a_time_was_being_chosen_is_not_at_two_talks(
    app, school, talks, rows, meanwhile
):
    sem, bram = talks.invitee(school.sem), talks.invitee(school.bram, school.anna)
    talks.book(school.anna, bram, talks.host_34, "2026-12-01 15.00")
    place = talks.slot(talks.host_6, "2026-12-01 15.00")

    def book() -> None:
        yara = Viewer(id=school.yara.id, role="teacher")
        choice = bookings.Choice(db.session.get_one(Invitee, sem), db.session.get_one(Slot, place))
        bookings.book([choice], yara, clock.now(), "teacher")

    with app.app_context():
        start_writing()
        take_turn_at([db.session.get_one(Invitee, sem)])
        join = meanwhile(book)
        theirs = select(Guardianship).filter_by(pupil_id=school.sem.id, user_id=school.inge.id)
        db.session.scalars(theirs).one().revoked_at = clock.now()
        db.session.flush()
        place_of = {"pupil_id": school.sem.id, "user_id": school.anna.id, "seat": 2}
        db.session.add(Guardianship(**place_of, created_at=clock.now()))
        db.session.commit()
    (refusal,) = join()
    assert isinstance(refusal, bookings.TooTight)
    assert [one.invitee_id for one in rows(Booking)] == [bram]


def test_one_guardian_takes_what_was_offered_while_it_is_passed_on(app, school, talks, rows, meanwhile):
    sem = talks.invitee(school.sem)
    number = talks.offer(sem, talks.host_6, "2026-12-01 15.20")

    def take() -> None:
        waiting.accept(db.session.get_one(SlotOffer, number), Viewer(id=school.carl.id), clock.now())

    with app.app_context():
        start_writing()
        held = select(Slot.id).where(Slot.held_for == sem)
        db.session.execute(held.with_for_update(key_share=True)).all()
        join = meanwhile(take)
        offer = db.session.get_one(SlotOffer, number)
        assert meeting_offers.close_offer(offer, "passed", None, clock.now())
        db.session.commit()
    (refusal,) = join()
    assert isinstance(refusal, Refused)
    assert rows(Booking) == [] and [one.answer for one in rows(SlotOffer)] == ["passed"]


def test_two_places_that_come_free_at_once_are_one_offer_for_who_waits_for_both(app, school, talks, rows):
    sem, noor = talks.invitee(school.sem), talks.invitee(school.noor)
    booking = talks.book(school.anna, noor, talks.host_6, "2026-12-01 15.00")
    blocked = talks.slot(talks.host_6, "2026-12-01 15.20")
    talks.change(Slot, blocked, state="blocked")
    with app.app_context():
        start_writing()
        for moment in ("15.00", "15.20"):
            place = db.session.get_one(Slot, talks.slot(talks.host_6, f"2026-12-01 {moment}"))
            times = {"starts_at": place.starts_at, "ends_at": place.ends_at, "since": clock.now()}
            db.session.add(WaitingTime(invitee_id=sem, **times))
        db.session.commit()
    failures: list[BaseException] = []

    def give_up() -> None:
        try:
            with app.app_context():
                start_writing()
                anna = Viewer(id=school.anna.id)
                bookings.cancel(db.session.get_one(Booking, booking), anna, clock.now())
                db.session.commit()
        except BaseException as failure:
            failures.append(failure)

    other = Thread(target=give_up)
    with app.app_context():
        start_writing()
        slot = db.session.get_one(Slot, blocked)
        shaping.set_state([slot], "open", Viewer(id=school.yara.id, role="teacher"), clock.now())
        other.start()
        other.join(2)
        db.session.commit()
    other.join(10)
    assert not failures, failures
    assert [one.answer for one in rows(SlotOffer)] == [""]
    assert len([one for one in rows(Slot) if one.held_for == sem]) == 1
