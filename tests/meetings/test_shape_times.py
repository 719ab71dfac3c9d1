"""What a teacher does with the times of the own table."""

import re
from datetime import time

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain import shaping
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingEvent
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot

AT = "2026-12-01 15.20"


def state_of(rows, number: int) -> tuple:
    (slot,) = [slot for slot in rows(Slot) if slot.id == number]
    return slot.state, slot.booking_id is not None, slot.reserved_for


def followed(client, answer) -> str:
    assert answer.status_code == 303
    return re.sub(r"\s+", " ", client.get(answer.location).text)


def test_a_place_is_blocked_and_opened_again(client_for, school, talks, rows):
    client, place = client_for(school.yara), talks.slot(talks.host_6, AT)
    client.post(f"/staff/meetings/slots/{place}/state", data={"state": "blocked"})
    assert state_of(rows, place) == ("blocked", False, None)
    client.post(f"/staff/meetings/slots/{place}/state", data={"state": "open"})
    assert state_of(rows, place) == ("open", False, None)


def test_a_place_that_was_just_booked_stays_and_the_teacher_reads_why(client_for, school, talks, rows):
    client, place = client_for(school.yara), talks.slot(talks.host_6, AT)
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, AT)
    answer = client.post(f"/staff/meetings/slots/{place}/state", data={"state": "blocked"})
    assert "15.20 is net door een ouder gekozen. Die tijd blijft staan" in followed(client, answer)
    assert state_of(rows, place) == ("open", True, None)


def test_of_several_places_those_that_are_free_are_blocked(client_for, school, talks, rows):
    client = client_for(school.yara)
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, AT)
    numbers = [talks.slot(talks.host_6, moment) for moment in (AT, "2026-12-01 15.30", "2026-12-01 15.40")]
    answer = client.post(
        f"/staff/meetings/tables/{talks.host_6}/times", data={"slot": numbers, "state": "break"}
    )
    page = followed(client, answer)
    assert "2 tijden zijn pauze." in page
    assert "15.20 is net door een ouder gekozen" in page
    assert [state_of(rows, number)[0] for number in numbers] == ["open", "break", "break"]


@pytest.mark.parametrize("data", [{}, {"state": "blocked"}, {"slot": "1"}, {"slot": "1", "state": "x"}])
def test_it_asks_which_times_and_what_becomes_of_them(client_for, school, talks, data):
    answer = client_for(school.yara).post(f"/staff/meetings/tables/{talks.host_6}/times", data=data)
    assert answer.status_code == 422
    assert "Kies minstens één tijd" in answer.text


def test_a_place_of_another_table_is_not_blocked_with_the_own_ones(client_for, school, talks, rows):
    other = talks.slot(talks.host_34, AT)
    answer = client_for(school.yara).post(
        f"/staff/meetings/tables/{talks.host_6}/times", data={"slot": [other], "state": "blocked"}
    )
    assert answer.status_code == 404
    assert state_of(rows, other)[0] == "open"


def test_a_place_offered_to_who_waits_is_not_blocked(client_for, school, talks, rows):
    place = talks.slot(talks.host_6, AT)
    talks.change(
        Slot, place, held_for=talks.invitee(school.sem), held_until=clock.at_local("2026-11-24 20:00")
    )
    client_for(school.yara).post(f"/staff/meetings/slots/{place}/state", data={"state": "blocked"})
    assert state_of(rows, place)[0] == "open"


def test_before_their_phase_teachers_change_nothing_and_the_office_may(client_for, school, talks, rows):
    talks.change(
        MeetingRound,
        talks.round,
        shape_from=clock.at_local("2026-11-25 08:00"),
        opens_at=clock.at_local("2026-11-26 08:00"),
    )
    place = talks.slot(talks.host_6, AT)
    answer = client_for(school.yara).post(f"/staff/meetings/slots/{place}/state", data={"state": "blocked"})
    assert answer.status_code == 409
    assert "zodra de administratie dat openstelt" in answer.text
    page = client_for(school.yara).get(f"/staff/meetings/tables/{talks.host_6}").text
    assert "vanaf woensdag 25 november, 8.00 uur" in page
    assert "Tijd blokkeren" not in page
    client_for(school.otto).post(f"/staff/meetings/slots/{place}/state", data={"state": "blocked"})
    assert state_of(rows, place)[0] == "blocked"


def extra(client, talks, **data):
    filled = {"day": "2026-12-02", "starts": "08:00", "count": "2"}
    return client.post(f"/staff/meetings/tables/{talks.host_6}/extra", data=filled | data)


def test_extra_times_are_opened_after_each_other(client_for, school, talks, rows):
    client = client_for(school.yara)
    assert "Er zijn 2 extra tijden op woensdag 2 december vanaf 8.00 uur." in followed(
        client, extra(client, talks)
    )
    made = [slot for slot in rows(Slot) if slot.extra]
    assert [clock.to_local(slot.starts_at).strftime("%H.%M") for slot in made] == ["08.00", "08.10"]
    assert extra(client, talks).status_code == 422
    extra(client, talks, count="3")
    assert len([slot for slot in rows(Slot) if slot.extra]) == 3


@pytest.mark.parametrize(
    "data",
    [
        {"day": "2026-12-01", "starts": "15:05"},
        {"count": "0"},
        {"count": "21"},
        {"count": "x"},
        {"day": ""},
        {"day": "0001-01-01"},
        {"day": "0026-12-02"},
        {"day": "2026-11-23"},
        {"day": "2026-11-24", "starts": "07:00"},
        {"day": "2027-01-04"},
        {"day": "2062-12-02"},
        {"starts": "25:00"},
    ],
)
def test_extra_times_that_cannot_be_are_refused_in_words(client_for, school, talks, rows, data):
    answer = extra(client_for(school.yara), talks, **data)
    assert answer.status_code == 422
    assert 'id="errors"' in answer.text
    assert not [slot for slot in rows(Slot) if slot.extra]


def test_an_extra_time_that_nobody_has_is_taken_away_again(client_for, school, talks, rows):
    client = client_for(school.yara)
    extra(client, talks)
    first, second = [slot.id for slot in rows(Slot) if slot.extra]
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, "2026-12-02 08.10")
    page = client.get(f"/staff/meetings/tables/{talks.host_6}?day=2026-12-02").text
    assert page.count('value="gone"') == 1
    for place in (first, second, talks.slot(talks.host_6, AT)):
        client.post(f"/staff/meetings/slots/{place}/state", data={"state": "gone"})
    assert [slot.id for slot in rows(Slot) if slot.extra] == [second]
    assert state_of(rows, talks.slot(talks.host_6, AT)) == ("open", False, None)


def plan_in(client, place, invitee, how="book"):
    return client.post(f"/staff/meetings/slots/{place}/booking", data={"talk": invitee, "how": how})


def test_a_family_is_booked_by_hand_and_may_still_move(client_for, school, talks, rows):
    place, noor = talks.slot(talks.host_6, AT), talks.invitee(school.noor)
    client = client_for(school.yara)
    assert "Geboekt voor dinsdag 1 december om 15.20 uur." in followed(client, plan_in(client, place, noor))
    (booking,) = rows(Booking)
    assert (booking.source, booking.fixed, booking.booked_by) == ("teacher", False, school.yara.id)


def test_a_family_is_booked_for_good(client_for, school, talks, rows):
    place, noor = talks.slot(talks.host_6, AT), talks.invitee(school.noor)
    plan_in(client_for(school.yara), place, noor)
    plan_in(client_for(school.yara), place, noor, "fix")
    (booking,) = rows(Booking)
    assert booking.fixed


def test_a_place_is_kept_for_a_family_which_alone_can_take_it(client_for, school, talks, rows):
    place, noor = talks.slot(talks.host_6, AT), talks.invitee(school.noor)
    client = client_for(school.yara)
    assert "blijft vrij voor dit gezin" in followed(client, plan_in(client, place, noor, "keep"))
    assert state_of(rows, place) == ("open", False, noor)
    assert [event.what for event in rows(MeetingEvent)] == ["reserved"]
    assert plan_in(client, place, talks.invitee(school.sem)).status_code == 409
    talks.book(school.anna, noor, talks.host_6, AT)
    assert plan_in(client, place, noor, "keep").status_code == 409


def test_a_kept_place_is_let_go(client_for, school, talks, rows):
    place, noor = talks.slot(talks.host_6, AT), talks.invitee(school.noor)
    client = client_for(school.yara)
    plan_in(client, place, noor, "keep")
    client.post(f"/staff/meetings/slots/{place}/state", data={"state": "loose"})
    assert state_of(rows, place) == ("open", False, None)


def test_a_taken_place_is_refused_in_words_with_the_choice_kept(client_for, school, talks):
    place, sem = talks.slot(talks.host_6, AT), talks.invitee(school.sem)
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, AT)
    answer = plan_in(client_for(school.yara), place, sem)
    assert answer.status_code == 409
    assert "Deze tijd is net door een ander gekozen." in answer.text
    assert re.search(rf'value="{sem}" checked', answer.text)


def test_it_asks_for_a_family(client_for, school, talks):
    answer = plan_in(client_for(school.yara), talks.slot(talks.host_6, AT), "")
    assert answer.status_code == 422
    assert "Kies een gezin." in answer.text


def test_the_own_child_is_not_booked_as_a_teacher(client_for, school, talks, rows):
    talks.seat(school.tess, talks.host_6)
    answer = plan_in(client_for(school.tess), talks.slot(talks.host_6, AT), talks.invitee(school.lotte))
    assert answer.status_code == 404
    assert not rows(Booking)


def test_the_verb_itself_leaves_a_booked_place(app, school, talks):
    """Also when the page knew nothing of the booking, as the database decides."""
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, AT)
    with app.app_context():
        start_writing()
        slots = [db.session.get_one(Slot, talks.slot(talks.host_6, AT))]
        stay = shaping.set_state(slots, "blocked", Viewer(id=school.yara.id), clock.now())
        assert stay == slots
        db.session.rollback()


def test_places_of_the_own_length(client_for, school, talks, rows):
    talks.change(MeetingHost, talks.host_6, talk_minutes=15)
    extra(client_for(school.yara), talks, count="1")
    (made,) = [slot for slot in rows(Slot) if slot.extra]
    assert (made.ends_at - made.starts_at).total_seconds() == 15 * 60
    assert clock.to_local(made.starts_at).time() == time(8)
    assert len(rows(Invitee)) == 5


@pytest.mark.parametrize("how", shaping.WAYS_TO_PLAN)
def test_nothing_is_planned_in_a_concept_whose_tables_may_still_go(client_for, school, talks, rows, how):
    talks.change(MeetingRound, talks.round, published_at=None)
    client, place, talk = client_for(school.otto), talks.slot(talks.host_6, AT), talks.invitee(school.noor)
    assert "Inplannen" not in client.get(f"/staff/meetings/tables/{talks.host_6}").text
    for address, data in [
        (f"/staff/meetings/slots/{place}/booking", {"talk": talk, "how": how}),
        (f"/staff/meetings/talks/{talk}/booking", {"slot": place, "how": how}),
    ]:
        answer = client.post(address, data=data)
        assert answer.status_code == 409
        assert "Deze ronde is niet gepubliceerd" in answer.text
    assert rows(Booking) == [] and state_of(rows, place) == ("open", False, None)


def test_double_time_keeps_two_places_where_one_was_kept(client_for, school, talks, rows):
    client, noor = client_for(school.yara), talks.invitee(school.noor)
    plan_in(client, talks.slot(talks.host_6, AT), noor, "keep")
    client.post(f"/staff/meetings/talks/{noor}/wish", data={"double": "y"})
    kept = [clock.to_local(one.starts_at).strftime("%H.%M") for one in rows(Slot) if one.reserved_for == noor]
    assert kept == ["15.20", "15.30"]
    client.post(f"/staff/meetings/talks/{noor}/wish", data={"shown_double": "y"})
    assert [one.id for one in rows(Slot) if one.reserved_for == noor] == [talks.slot(talks.host_6, AT)]
    talks.book(school.carl, talks.invitee(school.sem), talks.host_6, "2026-12-01 15.30")
    answer = client.post(f"/staff/meetings/talks/{noor}/wish", data={"double": "y"})
    assert answer.status_code == 409
    assert [one.id for one in rows(Slot) if one.reserved_for == noor] == [talks.slot(talks.host_6, AT)]
