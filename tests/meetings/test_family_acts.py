"""A family cancels, says no, says what about, and puts two talks into one."""

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingEvent
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.models.roster import Guardianship
from tests.meetings.children import add_child
from tests.meetings.family import Family


@pytest.fixture
def anna(client_for, school, talks) -> Family:
    return Family(client_for(school.anna), talks)


@pytest.fixture
def carl(client_for, school, talks) -> Family:
    return Family(client_for(school.carl), talks)


@pytest.fixture
def booked(rows, school, talks, anna) -> int:
    """Anna's talk about Noor, on Tuesday at 15.20."""
    anna.book(school.noor, talks.host_6, "2026-12-01 15.20")
    return rows(Booking)[0].id


# --- cancellation -----------------------------------------------------------------------------------------


def test_cancelling_frees_the_place_and_opens_the_invitation_again(rows, school, talks, anna, carl, booked):
    for _ in range(2):
        answer = anna.client.post(f"/meetings/bookings/{booked}/cancellation")
        assert (answer.status_code, answer.location) == (303, f"/meetings/{talks.round}")
    assert "Het gesprek over Noor is afgezegd." in anna.see()
    assert [slot.id for slot in rows(Slot) if slot.booking_id] == []
    assert [event.what for event in rows(MeetingEvent)] == ["booked", "cancelled"]
    assert carl.book(school.sem, talks.host_6, "2026-12-01 15.20").status_code == 303


def test_after_the_deadline_a_talk_stays(rows, anna, booked, at):
    at("2026-11-27 17:00")
    answer = anna.client.post(f"/meetings/bookings/{booked}/cancellation")
    assert answer.status_code == 409 and "030 555 01 23" in answer.text
    assert rows(Booking)[0].cancelled_at is None


def test_a_place_that_the_teacher_keeps_stays(rows, talks, anna, booked):
    talks.change(Booking, booked, fixed=True)
    page = anna.see()
    assert "houdt deze tijd voor u vrij" in page
    assert f"/meetings/bookings/{booked}/cancellation" not in page
    answer = anna.client.post(f"/meetings/bookings/{booked}/cancellation")
    assert answer.status_code == 409 and "houdt deze tijd voor u vrij" in answer.text
    assert rows(Booking)[0].cancelled_at is None


def test_the_other_guardian_who_comes_apart_finds_no_such_talk(client_for, rows, school, talks, anna):
    anna.book(school.bram, talks.host_34, "2026-12-01 15.20")
    daan = client_for(school.daan)
    for act in ("cancellation", "details"):
        assert daan.post(f"/meetings/bookings/{rows(Booking)[0].id}/{act}").status_code == 404


# --- no talk needed ---------------------------------------------------------------------------------------


def test_no_talk_needed_and_taking_that_back(rows, school, talks, carl):
    sem = talks.invitee(school.sem)
    carl.client.post(f"/meetings/talks/{sem}/need", data={"needed": "no"})
    assert "Geen gesprek nodig" in carl.see()
    assert "Rapportgesprekken" not in carl.client.get("/").text
    answer = carl.client.post(f"/meetings/talks/{sem}/need", data={"needed": "yes"})
    assert answer.location == f"/meetings/{talks.round}?talk={sem}"
    assert 'name="slot"' in carl.see(sem)
    assert [event.what for event in rows(MeetingEvent)] == ["declined", "reopened"]


def test_a_talk_that_has_a_time_is_cancelled_first(rows, school, talks, anna, booked):
    answer = anna.client.post(f"/meetings/talks/{talks.invitee(school.noor)}/need", data={"needed": "no"})
    assert answer.status_code == 409 and "Zeg het eerst af." in answer.text
    assert all(invitee.declined_at is None for invitee in rows(Invitee))


def test_booking_takes_no_talk_needed_back(rows, school, talks, carl):
    sem = talks.invitee(school.sem)
    carl.client.post(f"/meetings/talks/{sem}/need", data={"needed": "no"})
    assert carl.book(school.sem, talks.host_6, "2026-12-01 15.20").status_code == 303
    assert all(invitee.declined_at is None for invitee in rows(Invitee))


# --- what about, and how ----------------------------------------------------------------------------------


def test_what_to_talk_about_can_be_written_until_the_talk(rows, anna, booked, at):
    anna.client.post(f"/meetings/bookings/{booked}/details", data={"subjects": "Rekenen\nen lezen"})
    assert rows(Booking)[0].subjects == "Rekenen\nen lezen"
    assert "Rekenen" in anna.see()
    at("2026-12-01 15:25")
    anna.client.post(f"/meetings/bookings/{booked}/details", data={"subjects": "Gym"})
    assert rows(Booking)[0].subjects == "Gym"
    at("2026-12-01 15:30")
    assert anna.client.post(f"/meetings/bookings/{booked}/details", data={"subjects": ""}).status_code == 409
    assert rows(Booking)[0].subjects == "Gym"


def test_the_way_is_chosen_until_the_deadline(rows, talks, anna, booked, at):
    talks.change(MeetingRound, talks.round, way="choice")
    anna.client.post(f"/meetings/bookings/{booked}/details", data={"way": "video"})
    (booking,) = rows(Booking)
    assert (booking.way, booking.sequence) == ("video", 1)
    at("2026-11-27 17:00")
    assert anna.client.post(f"/meetings/bookings/{booked}/details", data={"way": "place"}).status_code == 409
    assert rows(Booking)[0].way == "video"


def test_the_way_of_the_round_cannot_be_changed(rows, anna, booked):
    assert anna.client.post(f"/meetings/bookings/{booked}/details", data={"way": "video"}).status_code == 409
    assert rows(Booking)[0].way == "place"


# --- one talk about both ----------------------------------------------------------------------------------


@pytest.fixture
def twin(app, school, talks) -> int:
    """The talk about Fien, in Noor's group, of Anna alone; Noor's is too for these tests."""
    talks.change(MeetingRound, talks.round, twins_together=True)
    return add_child(app, school.anna, school.group_6, "Fien")


def test_two_children_of_one_table_get_one_talk_and_own_ones_again(rows, school, talks, anna, twin, booked):
    noor = talks.invitee(school.noor)
    assert "Bespreek allebei in één gesprek" in anna.see(noor)
    anna.client.post(f"/meetings/talks/{twin}/joining", data={"with": noor})
    assert "Fien en Noor" in anna.see().replace("Noor en Fien", "Fien en Noor")
    assert 'name="slot"' not in anna.see(twin)
    assert "juf Yara" in anna.client.get("/").text
    anna.client.post(f"/meetings/talks/{twin}/joining")
    assert 'name="slot"' in anna.see(twin)
    assert [event.what for event in rows(MeetingEvent)][-2:] == ["joined", "parted"]


def test_joining_gives_the_own_time_up(rows, school, talks, anna, twin, booked):
    (pupil_id,) = [one.pupil_id for one in rows(Invitee) if one.id == twin]
    place = anna.slot(talks.host_6, "2026-12-01 15.40")
    anna.client.post(f"/meetings/slots/{place}/booking", data={"pupil": pupil_id})
    anna.client.post(f"/meetings/talks/{twin}/joining", data={"with": talks.invitee(school.noor)})
    assert [slot.id for slot in rows(Slot) if slot.booking_id] == [
        anna.slot(talks.host_6, "2026-12-01 15.20")
    ]


def test_the_talk_that_has_a_time_keeps_it_from_whichever_page_they_are_made_one(
    rows, school, talks, anna, twin, booked
):
    noor = talks.invitee(school.noor)
    assert "Het gesprek is dan op di 1 dec, 15.20 uur." in anna.see(twin)
    answer = anna.client.post(f"/meetings/talks/{noor}/joining", data={"with": twin})
    assert answer.location == f"/meetings/{talks.round}?talk={noor}"
    assert [(one.id, one.cancelled_at) for one in rows(Booking)] == [(booked, None)]
    assert {one.id: one.joined_to for one in rows(Invitee) if one.id in (noor, twin)} == {
        noor: None,
        twin: noor,
    }


@pytest.mark.parametrize("fixed", [False, True])
def test_of_two_times_the_page_says_which_one_goes(rows, school, talks, anna, twin, booked, fixed):
    noor = talks.invitee(school.noor)
    later = talks.book(school.anna, twin, talks.host_6, "2026-12-01 15.40")
    stays, goes = ("15.40", "15.20") if fixed else ("15.20", "15.40")
    talks.change(Booking, later, fixed=fixed)
    said = f"De tijd op di 1 dec, {stays} uur blijft; die op di 1 dec, {goes} uur gaat naar anderen."
    assert said in anna.see(noor)
    anna.client.post(f"/meetings/talks/{noor}/joining", data={"with": twin})
    assert [one.id for one in rows(Booking) if not one.cancelled_at] == [later if fixed else booked]
    assert "Noor" in anna.see() and "Fien" in anna.see()


def test_two_times_that_school_keeps_stay_two(rows, school, talks, anna, twin, booked):
    later = talks.book(school.anna, twin, talks.host_6, "2026-12-01 15.40")
    for number in (booked, later):
        talks.change(Booking, number, fixed=True)
    answer = anna.client.post(f"/meetings/talks/{twin}/joining", data={"with": talks.invitee(school.noor)})
    assert answer.status_code == 409
    assert [one.cancelled_at for one in rows(Booking)] == [None, None]


@pytest.mark.parametrize("hindrance", ["not allowed", "other table", "itself", "joined already"])
def test_what_cannot_be_one_talk_stays_two(rows, school, talks, anna, twin, hindrance):
    noor, bram = talks.invitee(school.noor), talks.invitee(school.bram, school.anna)
    lead = {"other table": bram, "itself": twin}.get(hindrance, noor)
    if hindrance == "not allowed":
        talks.change(MeetingRound, talks.round, twins_together=False)
    if hindrance == "joined already":
        talks.change(Invitee, noor, joined_to=bram)
    assert anna.client.post(f"/meetings/talks/{twin}/joining", data={"with": lead}).status_code == 409
    assert [one.joined_to for one in rows(Invitee) if one.id == twin] == [None]


def test_other_adults_at_the_other_talk_keep_two_talks(app, rows, school, talks, anna, twin):
    with app.app_context():
        start_writing()
        pupil_id = db.session.get_one(Invitee, twin).pupil_id
        place = Guardianship(pupil_id=pupil_id, user_id=school.carl.id, seat=2, created_at=clock.now())
        db.session.add(place)
        db.session.commit()
    noor = talks.invitee(school.noor)
    assert anna.client.post(f"/meetings/talks/{twin}/joining", data={"with": noor}).status_code == 409
    assert [one.joined_to for one in rows(Invitee) if one.id == twin] == [None]


def test_another_familys_talk_is_not_there(school, talks, carl, twin):
    sem = talks.invitee(school.sem)
    assert carl.client.post(f"/meetings/talks/{sem}/joining", data={"with": twin}).status_code == 404
    assert carl.client.post(f"/meetings/talks/{twin}/need", data={"needed": "no"}).status_code == 404
