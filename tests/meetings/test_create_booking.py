"""POST /meetings/slots/<slot>/booking and POST /meetings/<round>/booking: a family chooses a time."""

import gzip
import re

import pytest

from portal import clock
from portal.models.meeting_talks import MeetingEvent
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from tests.meetings.children import add_child
from tests.meetings.family import Family, at_time


@pytest.fixture
def anna(client_for, school, talks) -> Family:
    """Bram (3/4, her own talk) and Noor (6)."""
    return Family(client_for(school.anna), talks)


@pytest.fixture
def carl(client_for, school, talks) -> Family:
    """Sem (6), together with Inge."""
    return Family(client_for(school.carl), talks)


def times(rows) -> list[str]:
    return sorted(at_time(one.starts_at) for one in rows(Booking) if not one.cancelled_at)


def test_a_mother_books_and_is_sent_to_her_talks(rows, school, talks, anna):
    answer = anna.book(school.noor, talks.host_6, "2026-12-01 15.20")
    assert (answer.status_code, answer.location) == (303, f"/meetings/{talks.round}")
    (booking,) = rows(Booking)
    assert (at_time(booking.starts_at), booking.source, booking.booked_by) == (
        "1 15.20", "guardian", school.anna.id,
    )  # fmt: skip
    page = anna.client.get(answer.location)
    assert "Het gesprek over Noor is geboekt." in page.text
    assert "Dinsdag 1 december" in page.text and "lokaal 6" in page.text


def test_the_page_of_the_round_books_what_is_chosen_in_it(rows, school, talks, anna):
    answer = anna.choose(talks.invitee(school.noor), slot=anna.slot(talks.host_6, "2026-12-01 15.20"))
    assert answer.status_code == 303
    assert times(rows) == ["1 15.20"]


def test_a_second_tap_is_the_same_booking(rows, school, talks, anna):
    for _ in range(2):
        sent = anna.book(school.noor, talks.host_6, "2026-12-01 15.20", instead_of="")
        assert sent.status_code == 303
    assert [event.what for event in rows(MeetingEvent)] == ["booked"]


def test_who_is_second_sees_the_three_nearest_free_times_and_the_other_child_unharmed(
    rows, school, talks, anna, carl
):
    anna.book(school.bram, talks.host_34, "2026-12-01 15.00")
    carl.book(school.sem, talks.host_6, "2026-12-01 15.50")
    answer = anna.book(school.noor, talks.host_6, "2026-12-01 15.50")
    assert answer.status_code == 409
    assert "15.50 uur is net door een ander geboekt." in answer.text
    assert "Er is voor Noor nog niets geboekt." in answer.text
    assert anna.near(answer.text) == ["15.30", "15.40", "16.10"]
    assert anna.state(answer.text, talks.host_6, "2026-12-01 15.50") == "net bezet"
    assert "di 1 dec, 15.00" in answer.text
    assert times(rows) == ["1 15.00", "1 15.50"]


def test_a_near_time_is_one_tap(rows, school, talks, anna, carl):
    carl.book(school.sem, talks.host_6, "2026-12-01 15.50")
    near = anna.slot(talks.host_6, "2026-12-01 15.40")
    lost = anna.slot(talks.host_6, "2026-12-01 15.50")
    assert anna.choose(talks.invitee(school.noor), near=near, slot=lost).status_code == 303
    assert times(rows) == ["1 15.40", "1 15.50"]


@pytest.mark.parametrize("withdrawn", ["blocked", "break", "kept", "offered"])
def test_a_place_that_the_teacher_took_meanwhile_is_not_free_and_nobody_has_booked_it(
    rows, school, talks, anna, withdrawn
):
    place, sem = anna.slot(talks.host_6, "2026-12-01 15.20"), talks.invitee(school.sem)
    if withdrawn == "offered":
        talks.offer(sem, talks.host_6, "2026-12-01 15.20")
    else:
        talks.change(Slot, place, **{"reserved_for": sem} if withdrawn == "kept" else {"state": withdrawn})
    answer = anna.book(school.noor, talks.host_6, "2026-12-01 15.20")
    assert answer.status_code == 409
    assert "15.20 uur is niet meer vrij." in answer.text
    assert "door een ander" not in answer.text and "net bezet" not in answer.text
    assert anna.near(answer.text) == ["15.00", "15.10", "15.30"]
    assert times(rows) == []


def test_a_place_that_is_not_there_any_more_is_said(school, talks, anna):
    answer = anna.choose(talks.invitee(school.noor), slot=99999)
    assert answer.status_code == 409 and "Deze tijd is er niet meer." in answer.text


def said(answer) -> str:
    """Return the page of a refusal without what differs each time."""
    assert answer.status_code == 409
    return re.sub(r'(csrf_token" value|csrf-token" content)="[^"]*"', "", answer.text)


@pytest.mark.parametrize(
    ("withdrawn", "words"),
    [
        ({"state": "blocked"}, "15.20 uur is niet meer vrij."),
        ({"reserved_for": "noor"}, "15.20 uur is niet meer vrij."),
        (None, "15.20 uur is net door een ander geboekt."),
    ],
)
def test_how_a_lost_place_is_named_does_not_tell_that_the_other_parent_has_a_talk_then(
    app, school, talks, carl, withdrawn, words
):
    """Inge, the other parent of Sem, talks about a child of her own at that moment: Carl reads the same."""
    talks.change(MeetingRound, talks.round, gap_minutes=0)
    fien, noor = add_child(app, school.inge, school.group_34, "Fien"), talks.invitee(school.noor)
    answers = []
    if withdrawn is None:
        talks.book(school.inge, fien, talks.host_34, "2026-12-01 15.20")
        answers.append(carl.book(school.sem, talks.host_6, "2026-12-01 15.20"))
        talks.book(school.anna, noor, talks.host_6, "2026-12-01 15.20")
    else:
        given = {name: noor if value == "noor" else value for name, value in withdrawn.items()}
        talks.change(Slot, carl.slot(talks.host_6, "2026-12-01 15.20"), **given)
        answers.append(carl.book(school.sem, talks.host_6, "2026-12-01 15.20"))
        talks.book(school.inge, fien, talks.host_34, "2026-12-01 15.20")
    answers.append(carl.book(school.sem, talks.host_6, "2026-12-01 15.20"))
    assert words in answers[0].text
    assert said(answers[0]) == said(answers[1])


def test_too_close_to_the_talk_about_the_other_child_is_refused(rows, school, talks, anna):
    anna.book(school.bram, talks.host_34, "2026-12-01 15.20")
    answer = anna.book(school.noor, talks.host_6, "2026-12-01 15.30")
    assert answer.status_code == 409
    assert "Deze tijd is te krap naast een ander gesprek." in answer.text
    assert times(rows) == ["1 15.20"]


def test_moving_takes_the_place_of_what_was_booked(rows, school, talks, anna):
    anna.book(school.noor, talks.host_6, "2026-12-01 15.20")
    (first,) = rows(Booking)
    answer = anna.book(school.noor, talks.host_6, "2026-12-03 18.40", instead_of=first.id)
    assert answer.status_code == 303
    assert "verzet" in anna.client.get(answer.location).text
    assert times(rows) == ["3 18.40"]
    assert [at_time(slot.starts_at) for slot in rows(Slot) if slot.booking_id] == ["3 18.40"]


def test_a_stale_second_tab_is_told_kindly_and_changes_nothing(rows, school, talks, anna):
    anna.book(school.noor, talks.host_6, "2026-12-01 15.20")
    answer = anna.book(school.noor, talks.host_6, "2026-12-01 15.40", instead_of="")
    assert answer.status_code == 409
    assert "Dit gesprek is intussen gewijzigd." in answer.text
    assert times(rows) == ["1 15.20"]


def test_without_saying_what_it_saw_a_form_moves_the_talk(rows, school, talks, anna):
    for moment in ("2026-12-01 15.20", "2026-12-01 15.40"):
        assert anna.book(school.noor, talks.host_6, moment).status_code == 303
    assert times(rows) == ["1 15.40"]


def test_a_lost_move_leaves_the_old_time(rows, school, talks, anna, carl):
    anna.book(school.noor, talks.host_6, "2026-12-01 15.20")
    carl.book(school.sem, talks.host_6, "2026-12-01 15.40")
    answer = anna.book(school.noor, talks.host_6, "2026-12-01 15.40")
    assert "Het gesprek over Noor is nog steeds op di 1 dec om 15.20 uur." in answer.text
    assert times(rows) == ["1 15.20", "1 15.40"]


@pytest.mark.parametrize(
    ("moment", "status"),
    [
        ("2026-11-18 15:59", 409),
        ("2026-11-18 16:00", 303),
        ("2026-11-27 16:59", 303),
        ("2026-11-27 17:00", 409),
    ],
)
def test_the_round_opens_and_closes_to_the_second(rows, school, talks, carl, at, moment, status):
    at(moment)
    answer = carl.book(school.sem, talks.host_6, "2026-12-01 15.20")
    assert answer.status_code == status
    assert len(rows(Booking)) == (status == 303)


def test_after_the_deadline_the_page_gives_the_phone_number(school, talks, carl, at):
    at("2026-11-27 17:00")
    answer = carl.book(school.sem, talks.host_6, "2026-12-01 15.20")
    assert "De tijd om te kiezen is voorbij." in answer.text
    assert "030 555 01 23" in answer.text


def test_a_family_with_several_children_chooses_early(school, talks, anna, carl, at):
    talks.change(MeetingRound, talks.round, early_from=clock.at_local("2026-11-17 16:00"))
    at("2026-11-17 17:00")
    assert anna.book(school.noor, talks.host_6, "2026-12-01 15.20").status_code == 303
    assert carl.book(school.sem, talks.host_6, "2026-12-01 15.40").status_code == 409
    talks.change(Invitee, talks.invitee(school.sem), asked="wanted")
    assert carl.book(school.sem, talks.host_6, "2026-12-01 15.40").status_code == 303


def test_a_time_that_is_over_cannot_be_chosen(rows, school, talks, carl, at):
    talks.change(MeetingRound, talks.round, closes_at=clock.at_local("2026-12-03 12:00"))
    at("2026-12-01 15:20")
    assert carl.book(school.sem, talks.host_6, "2026-12-01 15.20").status_code == 409
    assert rows(Booking) == []


def test_what_to_talk_about_and_how_go_along(rows, school, talks, anna):
    talks.change(MeetingRound, talks.round, way="choice")
    anna.book(school.noor, talks.host_6, "2026-12-01 15.20", subjects="Rekenen", way="video")
    (booking,) = rows(Booking)
    assert (booking.subjects, booking.way) == ("Rekenen", "video")


def test_how_is_the_rounds_where_it_is_no_choice(rows, school, talks, anna):
    talks.change(MeetingRound, talks.round, way="video")
    anna.book(school.noor, talks.host_6, "2026-12-01 15.20", way="place")
    assert rows(Booking)[0].way == "video"


def test_nothing_chosen_or_too_much_typed_is_said_on_the_page(rows, school, talks, anna):
    noor = talks.invitee(school.noor)
    answer = anna.choose(noor)
    assert answer.status_code == 422 and "Kies een tijd." in answer.text
    place = anna.slot(talks.host_6, "2026-12-01 15.20")
    answer = anna.choose(noor, slot=place, subjects="x" * 1001)
    assert answer.status_code == 422 and "x" * 1001 in answer.text
    assert f'value="{place}" data-words="di 1 dec, 15.20–15.30 uur" checked' in answer.text
    assert rows(Booking) == []


def test_another_familys_child_or_place_is_not_there(rows, school, talks, anna, carl):
    place = anna.slot(talks.host_6, "2026-12-01 15.20")
    assert (
        anna.client.post(f"/meetings/slots/{place}/booking", data={"pupil": school.sem.id}).status_code == 404
    )
    assert anna.client.post(f"/meetings/slots/{place}/booking", data={}).status_code == 404
    elsewhere = anna.slot(talks.host_34, "2026-12-01 15.20")
    assert (
        carl.client.post(f"/meetings/slots/{elsewhere}/booking", data={"pupil": school.sem.id}).status_code
        == 404
    )
    assert anna.choose(talks.invitee(school.sem), slot=place).status_code == 404
    assert rows(Booking) == []


def test_who_has_no_authority_books_nothing(client_for, rows, school, talks):
    gert = Family(client_for(school.gert), talks)
    assert gert.book(school.noor, talks.host_6, "2026-12-01 15.20").status_code == 404
    assert rows(Booking) == []


def test_the_part_that_a_booking_answers_is_small_and_whole(school, talks, anna, carl):
    carl.book(school.sem, talks.host_6, "2026-12-01 15.50")
    headers = {"HX-Request": "true", "Accept-Encoding": "gzip"}
    lost = anna.book(school.noor, talks.host_6, "2026-12-01 15.50", headers=headers)
    assert (lost.status_code, lost.headers["HX-Retarget"]) == (409, "#round")
    won = anna.book(school.noor, talks.host_6, "2026-12-01 15.20", headers=headers)
    assert (won.status_code, won.headers["HX-Replace-Url"]) == (200, f"/meetings/{talks.round}")
    for answer in (lost, won):
        assert len(answer.data) < 6000
        page = gzip.decompress(answer.data).decode()
        assert 'id="round"' in page and "<html" not in page
    assert "is geboekt" in gzip.decompress(won.data).decode()


def test_the_other_guardian_of_a_shared_talk_moves_it_too(client_for, rows, school, talks, carl):
    carl.book(school.sem, talks.host_6, "2026-12-01 15.20")
    inge = Family(client_for(school.inge), talks)
    assert inge.book(school.sem, talks.host_6, "2026-12-01 15.40").status_code == 303
    assert times(rows) == ["1 15.40"]


def test_each_of_two_who_come_apart_has_an_own_talk(client_for, rows, school, talks, anna):
    daan = Family(client_for(school.daan), talks)
    anna.book(school.bram, talks.host_34, "2026-12-01 15.20")
    page = daan.client.get(f"/meetings/{talks.round}").text
    assert daan.state(page, talks.host_34, "2026-12-01 15.20") == "bezet"
    assert daan.book(school.bram, talks.host_34, "2026-12-01 15.30").status_code == 303
    assert times(rows) == ["1 15.20", "1 15.30"]
