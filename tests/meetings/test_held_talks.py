"""A talk that has begun, while the family may still choose for another day: it stays as it was held."""

import pytest

from portal import clock
from portal.models.meeting_talks import SlotOffer, WaitingTime
from portal.models.meetings import Booking, MeetingRound, Slot
from tests.meetings.children import add_child
from tests.meetings.family import Family

TUESDAY, THURSDAY = "2026-12-01", "2026-12-03"


@pytest.fixture
def held(school, talks, at) -> int:
    """Carl's talk about Sem on Tuesday at 15.20, when it has been; one chooses until Thursday."""
    talks.change(MeetingRound, talks.round, closes_at=clock.at_local(f"{THURSDAY} 12:00"))
    booking = talks.book(school.carl, talks.invitee(school.sem), talks.host_6, f"{TUESDAY} 15.20")
    at(f"{TUESDAY} 15:20")
    return booking


@pytest.fixture
def carl(client_for, school, talks) -> Family:
    return Family(client_for(school.carl), talks)


def taken(rows) -> list[int]:
    return [slot.id for slot in rows(Slot) if slot.booking_id]


def is_untouched(rows, held: int) -> bool:
    (booking,) = rows(Booking)
    return (booking.id, booking.cancelled_at, booking.sequence) == (held, None, 0) and len(taken(rows)) == 1


def test_the_guardian_does_not_move_it(rows, school, talks, carl, held):
    sem = talks.invitee(school.sem)
    page = carl.see(sem)
    assert 'name="slot"' not in page and f"/meetings/bookings/{held}/cancellation" not in page
    answer = carl.choose(sem, slot=talks.slot(talks.host_6, f"{THURSDAY} 18.30"), instead_of=held)
    assert answer.status_code == 409 and "Dit gesprek is al begonnen." in answer.text
    assert carl.book(school.sem, talks.host_6, f"{THURSDAY} 18.30").status_code == 409
    assert is_untouched(rows, held)


def test_the_guardian_does_not_cancel_it(rows, carl, held):
    answer = carl.client.post(f"/meetings/bookings/{held}/cancellation")
    assert answer.status_code == 409 and "Dit gesprek is al begonnen." in answer.text
    assert is_untouched(rows, held)


def test_just_before_it_begins_it_can_still_be_moved(rows, school, talks, carl, held, at):
    at(f"{TUESDAY} 15:19")
    assert carl.book(school.sem, talks.host_6, f"{THURSDAY} 18.30").status_code == 303


def test_it_is_not_made_one_with_the_talk_of_a_twin(app, rows, school, talks, carl, held, at):
    talks.change(MeetingRound, talks.round, twins_together=True)
    fien = add_child(app, school.carl, school.group_6, "Fien", school.inge)
    answer = carl.client.post(f"/meetings/talks/{talks.invitee(school.sem)}/joining", data={"with": fien})
    assert answer.status_code == 409
    assert is_untouched(rows, held)


def test_no_other_time_is_waited_for_or_offered(client_for, rows, school, talks, carl, held, at):
    at(f"{TUESDAY} 15:00")
    sem = talks.invitee(school.sem)
    later = talks.book(school.anna, talks.invitee(school.noor), talks.host_6, f"{THURSDAY} 18.30")
    places = {"slot": talks.slot(talks.host_6, f"{THURSDAY} 18.30")}
    carl.client.post(f"/meetings/talks/{sem}/waiting", data=places)
    at(f"{TUESDAY} 15:20")
    assert carl.client.post(f"/meetings/talks/{sem}/waiting", data=places).status_code == 422
    client_for(school.anna).post(f"/meetings/bookings/{later}/cancellation")
    assert rows(SlotOffer) == []
    carl.client.post(f"/meetings/talks/{sem}/waiting")
    assert rows(WaitingTime) == []


def test_school_moves_it_and_then_it_is_still_to_come(client_for, rows, school, talks, held, at):
    yara = client_for(school.yara)
    yara.post(f"/staff/meetings/bookings/{held}/outcome", data={"outcome": "absent"})
    sem = talks.invitee(school.sem)
    moved = yara.post(
        f"/staff/meetings/talks/{sem}/booking",
        data={"slot": talks.slot(talks.host_6, f"{THURSDAY} 18.30"), "how": "book", "was": held},
    )
    assert moved.status_code == 303
    (booking,) = rows(Booking)
    assert (booking.outcome, booking.done_at) == ("", None)
    at(f"{THURSDAY} 18:20")
    page = yara.get(f"/staff/meetings/tables/{talks.host_6}/evening?day={THURSDAY}").text
    assert "Sem Peters" in page and "Alle gesprekken zijn klaar." not in page
    assert "Dit gesprek is geweest" not in client_for(school.carl).get(f"/meetings/{talks.round}/now").text


def test_double_time_keeps_how_a_talk_went(client_for, rows, school, talks, held):
    yara = client_for(school.yara)
    yara.post(f"/staff/meetings/bookings/{held}/outcome", data={"outcome": "present"})
    yara.post(f"/staff/meetings/talks/{talks.invitee(school.sem)}/wish", data={"double": "y"})
    (booking,) = rows(Booking)
    assert (booking.outcome, len(taken(rows))) == ("present", 2)
