"""Guardians who hide from each other because of one child come apart about every child of both (R22)."""

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.access import Viewer
from portal.domain import arrangements, hiding, roster_guardians
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.arrangements import Barring
from portal.models.meetings import Booking, Invitee
from portal.models.roster import Guardianship, Pupil
from tests.meetings.family import Family
from tests.meetings.making import make_round

ON_TUESDAY = "2026-12-01 15.20"


@pytest.fixture
def talks(app, school):
    """The round, when Daan is with Anna the guardian of Noor too. They hide because of Bram only."""
    with app.app_context():
        start_writing()
        db.session.execute(
            update(Guardianship)
            .where(Guardianship.user_id == school.gert.id, Guardianship.pupil_id == school.noor.id)
            .values(user_id=school.daan.id, has_authority=True)
        )
        db.session.commit()
    return make_round(app, school)


@pytest.fixture
def hide(school, do_now):
    """Lets somebody hide because of Bram, or no longer: `hide(anna, False)`."""

    def run(person, hidden: bool) -> None:
        own = Viewer(id=person.id)
        do_now(lambda: hiding.choose_hiding([place(person, school.bram)], hidden, own, clock.now()))

    return run


@pytest.fixture
def together(school, hide):
    """Nobody hides."""
    for person in (school.anna, school.daan):
        hide(person, False)


def place(person, child) -> Guardianship:
    found = select(Guardianship).where(
        Guardianship.user_id == person.id,
        Guardianship.pupil_id == child.id,
        Guardianship.revoked_at.is_(None),
    )
    return db.session.scalars(found).one()


def office(school) -> Viewer:
    return Viewer(id=school.otto.id, role="office")


def whose(rows, child) -> set[int | None]:
    return {one.guardian_id for one in rows(Invitee) if one.pupil_id == child.id and one.ended_at is None}


def both(school) -> set[int | None]:
    return {school.anna.id, school.daan.id}


def test_each_has_a_talk_about_the_other_child_and_sees_nothing_of_the_others(
    client_for, rows, school, talks
):
    assert whose(rows, school.noor) == both(school)
    number = talks.book(school.anna, talks.invitee(school.noor, school.anna), talks.host_6, ON_TUESDAY)
    talks.change(Booking, number, subjects="Over Daan")
    his = Family(client_for(school.daan), talks)
    page = his.see(talks.invitee(school.noor, school.daan), "2026-12-01")
    assert "Over Daan" not in page and his.state(page, talks.host_6, ON_TUESDAY) == "bezet"
    assert his.client.post(f"/meetings/bookings/{number}/cancellation").status_code == 404


def test_hiding_because_of_one_child_parts_the_talk_about_the_other_at_once(
    rows, school, talks, together, hide
):
    assert whose(rows, school.noor) == {None}
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, ON_TUESDAY)
    hide(school.anna, True)
    assert whose(rows, school.noor) == both(school)
    (booking,) = [one for one in rows(Booking) if not one.cancelled_at]
    assert booking.invitee_id == talks.invitee(school.noor, school.anna)


def test_school_that_hides_one_parts_it_too(rows, school, talks, together, do_now):
    for step, apart in (("hide", True), ("show", False)):
        do_now(
            lambda step=step: arrangements.set_hiding(
                place(school.daan, school.bram), step, "Op verzoek.", office(school), clock.now()
            )
        )
        assert whose(rows, school.noor) == (both(school) if apart else {None})


def test_it_goes_on_after_the_access_ended_until_who_hid_stops(rows, school, talks, together, hide, do_now):
    hide(school.anna, True)
    do_now(
        lambda: roster_guardians.revoke_guardianship(
            place(school.anna, school.bram), "Op verzoek.", office(school), clock.now()
        )
    )
    assert whose(rows, school.noor) == both(school)
    do_now(lambda: hiding.stop_hiding_still(Viewer(id=school.anna.id), clock.now()))
    assert whose(rows, school.noor) == {None}


def test_who_may_have_no_contact_with_a_child_of_the_other_comes_apart_until_it_is_lifted(
    rows, school, talks, together, do_now
):
    def bar():
        pupil, daan = db.session.get_one(Pupil, school.bram.id), db.session.get_one(User, school.daan.id)
        arrangements.bar(pupil, daan, "Beschikking.", office(school), clock.now())

    do_now(bar)
    assert whose(rows, school.noor) == both(school)
    do_now(
        lambda: arrangements.lift_barring(
            db.session.scalars(select(Barring)).one(), "Voorbij.", office(school), clock.now()
        )
    )
    assert whose(rows, school.noor) == {None}


def test_a_new_guardian_of_the_child_brings_who_may_not_meet_it_apart(rows, school, talks, together, do_now):
    talks.bar(school.daan, school.lotte)
    assert whose(rows, school.noor) == {None}
    do_now(
        lambda: roster_guardians.add_guardian(
            db.session.get_one(Pupil, school.lotte.id),
            db.session.get_one(User, school.anna.id),
            "Pleegmoeder",
            True,
            office(school),
            clock.now(),
        )
    )
    assert whose(rows, school.noor) == both(school)
