"""One talk, as its teacher handles it: wish, double time, moving, cancelling, notes and the report."""

import re

import pytest

from portal.models.audit import AuditEntry
from portal.models.meeting_talks import MeetingEvent, TalkNote, TalkReport
from portal.models.meetings import Booking, Invitee, Slot
from portal.models.roster import Pupil

AT, LATER = "2026-12-01 15.20", "2026-12-01 15.40"


@pytest.fixture
def noor(school, talks) -> int:
    return talks.invitee(school.noor)


@pytest.fixture
def yara(client_for, school):
    return client_for(school.yara)


def taken(rows) -> list[int]:
    return [slot.id for slot in rows(Slot) if slot.booking_id]


def test_the_teacher_would_like_a_talk_or_needs_none(yara, noor, rows):
    yara.post(f"/staff/meetings/talks/{noor}/wish", data={"wish": "wanted"})
    (invitee,) = [row for row in rows(Invitee) if row.id == noor]
    assert (invitee.asked, invitee.asked_by is not None) == ("wanted", True)
    yara.post(f"/staff/meetings/talks/{noor}/wish", data={"wish": "not_needed"})
    assert [event.what for event in rows(MeetingEvent)] == ["asked", "asked"]
    yara.post(f"/staff/meetings/talks/{noor}/wish", data={"wish": ""})
    (invitee,) = [row for row in rows(Invitee) if row.id == noor]
    assert (invitee.asked, invitee.asked_by) == ("", None)
    assert yara.post(f"/staff/meetings/talks/{noor}/wish", data={"wish": "x"}).status_code == 400


def test_a_booked_talk_gets_double_time_and_its_usual_time_again(yara, school, talks, noor, rows):
    talks.book(school.anna, noor, talks.host_6, AT)
    yara.post(f"/staff/meetings/talks/{noor}/wish", data={"double": "y"})
    both = [talks.slot(talks.host_6, AT), talks.slot(talks.host_6, "2026-12-01 15.30")]
    assert taken(rows) == both
    yara.post(f"/staff/meetings/talks/{noor}/wish", data={})
    assert taken(rows) == both[:1]
    (booking,) = rows(Booking)
    assert (booking.fixed, booking.sequence) == (False, 2)


def test_double_time_without_a_free_place_after_it_is_refused(yara, school, talks, noor, rows):
    talks.book(school.anna, noor, talks.host_6, AT)
    talks.book(school.carl, talks.invitee(school.sem), talks.host_6, "2026-12-01 15.30")
    answer = yara.post(f"/staff/meetings/talks/{noor}/wish", data={"double": "y", "wish": "wanted"})
    assert answer.status_code == 409
    assert "Na dit gesprek is er geen vrije tijd" in answer.text
    (invitee,) = [row for row in rows(Invitee) if row.id == noor]
    assert (invitee.minutes, invitee.asked) == (None, "")


def move(client, talks, invitee, moment, **data):
    filled = {"slot": talks.slot(talks.host_6, moment), "how": "book"}
    return client.post(f"/staff/meetings/talks/{invitee}/booking", data=filled | data)


def test_the_teacher_books_and_moves_for_a_family(yara, talks, noor, rows):
    assert move(yara, talks, noor, AT, was="").status_code == 303
    (booking,) = rows(Booking)
    assert move(yara, talks, noor, LATER, was=booking.id, how="fix").status_code == 303
    (booking,) = rows(Booking)
    assert (booking.source, booking.fixed) == ("teacher", True)
    assert taken(rows) == [talks.slot(talks.host_6, LATER)]


def test_a_page_that_is_out_of_date_moves_nothing(yara, school, talks, noor, rows):
    talks.book(school.anna, noor, talks.host_6, AT)
    answer = move(yara, talks, noor, LATER, was="")
    assert answer.status_code == 409
    assert "intussen gewijzigd" in answer.text
    assert taken(rows) == [talks.slot(talks.host_6, AT)]


def test_the_family_has_another_talk_at_that_time(yara, school, talks, noor, rows):
    talks.book(school.anna, talks.invitee(school.bram, school.anna), talks.host_34, AT)
    answer = move(yara, talks, noor, AT, was="")
    assert answer.status_code == 409
    assert "Deze tijd is te krap naast een ander gesprek." in answer.text
    assert len(rows(Booking)) == 1


def test_only_free_times_are_offered(yara, school, talks, noor):
    talks.book(school.carl, talks.invitee(school.sem), talks.host_6, AT)
    talks.change(Slot, talks.slot(talks.host_6, LATER), state="blocked")
    page = yara.get(f"/staff/meetings/talks/{noor}/booking").text
    offered = re.findall(r'name="slot" value="\d+"[^>]*><b>([\d.]+)<', page)
    assert "15.20" not in offered
    assert "15.40" not in offered
    assert "15.30" in offered
    assert move(yara, talks, noor, AT, slot="").status_code == 422


def test_the_teacher_cancels_for_a_family_which_may_choose_again(yara, school, talks, noor, rows):
    booking = talks.book(school.anna, noor, talks.host_6, AT)
    for _ in range(2):
        assert yara.post(f"/staff/meetings/bookings/{booking}/cancellation").status_code == 303
    assert taken(rows) == []
    assert [event.what for event in rows(MeetingEvent)] == ["booked", "cancelled"]


def test_notes_are_the_authors_alone(client_for, yara, school, noor, rows):
    yara.post(f"/staff/meetings/talks/{noor}/notes", data={"before": "Rekenen", "after": ""})
    yara.post(f"/staff/meetings/talks/{noor}/notes", data={"before": "Rekenen", "after": "Ging goed"})
    (note,) = rows(TalkNote)
    assert (note.before, note.after, note.author_id) == ("Rekenen", "Ging goed", school.yara.id)
    assert "Rekenen" in yara.get(f"/staff/meetings/talks/{noor}").text
    assert "Rekenen" not in client_for(school.otto).get(f"/staff/meetings/talks/{noor}").text
    assert not [entry for entry in rows(AuditEntry) if "note" in entry.verb]


def test_notes_that_are_too_long_stay_in_the_form(yara, noor, rows):
    answer = yara.post(f"/staff/meetings/talks/{noor}/notes", data={"before": "x" * 4001})
    assert answer.status_code == 422
    assert "x" * 4001 in answer.text
    assert not rows(TalkNote)


def report(client, invitee, **data):
    return client.post(f"/staff/meetings/talks/{invitee}/report", data={"text": "Noor leest graag."} | data)


def test_a_report_begins_with_the_notes_and_is_read_by_the_parents_of_the_talk(
    client_for, yara, school, noor, rows
):
    yara.post(f"/staff/meetings/talks/{noor}/notes", data={"before": "stil", "after": "Noor leest graag."})
    form = yara.get(f"/staff/meetings/talks/{noor}/report").text
    assert "Noor leest graag.</textarea>" in form
    assert "stil" not in form
    report(yara, noor, **{"for": "me"})
    (written,) = rows(TalkReport)
    path = f"/meetings/reports/{written.id}"
    assert client_for(school.anna).get(path).status_code == 404
    report(yara, noor, **{"for": "parents"})
    assert "Noor leest graag." in client_for(school.anna).get(path).text
    for other in (school.gert, school.carl, school.yara, school.otto, school.dora):
        assert client_for(other).get(path).status_code == 404
    report(yara, noor, text="Noor leest veel.", **{"for": "hide"})
    assert client_for(school.anna).get(path).status_code == 404
    assert [row.text for row in rows(TalkReport)] == ["Noor leest veel."]


def test_the_report_of_one_guardians_talk_is_not_the_others(client_for, school, talks):
    number = talks.report(school.tess, talks.invitee(school.bram, school.anna))
    assert client_for(school.anna).get(f"/meetings/reports/{number}").status_code == 200
    assert client_for(school.daan).get(f"/meetings/reports/{number}").status_code == 404


def test_a_report_of_both_goes_when_the_guardians_come_apart(client_for, school, talks, rows):
    number = talks.report(school.yara, talks.invitee(school.sem))
    assert client_for(school.carl).get(f"/meetings/reports/{number}").status_code == 200
    talks.change(Pupil, school.sem.id, apart_at=rows(TalkReport)[0].written_at)
    assert client_for(school.carl).get(f"/meetings/reports/{number}").status_code == 404


def test_a_draft_is_the_authors_and_a_colleague_hears_of_it(client_for, school, talks, rows):
    bram = talks.invitee(school.bram, school.anna)
    report(client_for(school.tess), bram, **{"for": "me"})
    tim = client_for(school.tim)
    assert "Noor leest graag." not in tim.get(f"/staff/meetings/talks/{bram}/report").text
    answer = report(tim, bram, text="Van Tim")
    assert answer.status_code == 422
    assert "Een collega schrijft al het verslag" in answer.text
    assert [row.text for row in rows(TalkReport)] == ["Noor leest graag."]
    report(client_for(school.tess), bram, **{"for": "parents"})
    assert report(tim, bram, text="Van ons", **{"for": "parents"}).status_code == 303


def test_an_empty_report_is_asked_for(yara, noor, rows):
    answer = report(yara, noor, text=" ")
    assert answer.status_code == 422
    assert "Schrijf iets" in answer.text
    assert not rows(TalkReport)


def test_a_talk_that_ended_is_gone(yara, talks, noor, rows):
    talks.change(Invitee, noor, ended_at=rows(Invitee)[0].created_at)
    assert yara.get(f"/staff/meetings/talks/{noor}").status_code == 404
