"""A page that was open while somebody else changed the talk changes nothing unseen, and loses no words."""

import re

import pytest

from portal.models.meeting_talks import TalkNote
from portal.models.meetings import Booking
from tests.meetings.family import Family

FIRST, SECOND, THIRD = "2026-12-01 15.20", "2026-12-01 15.40", "2026-12-01 16.30"
STALE = "intussen gewijzigd"


@pytest.fixture
def sem(school, talks) -> int:
    return talks.invitee(school.sem)


@pytest.fixture
def carl(client_for, school, talks) -> Family:
    return Family(client_for(school.carl), talks)


@pytest.fixture
def inge(client_for, school, talks) -> Family:
    return Family(client_for(school.inge), talks)


@pytest.fixture
def yara(client_for, school):
    return client_for(school.yara)


def field(page: str, name: str) -> str:
    return re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1]


def starts(rows) -> list[str]:
    return [f"{one.starts_at:%H.%M}" for one in rows(Booking) if not one.cancelled_at]


# --- times ------------------------------------------------------------------------------------------------


def test_who_plans_in_does_not_move_what_the_family_booked_meanwhile(rows, talks, carl, yara, sem, school):
    address = f"/staff/meetings/slots/{talks.slot(talks.host_6, FIRST)}/booking"
    shown = field(yara.get(address).text, f"was-{sem}")
    carl.book(school.sem, talks.host_6, THIRD)
    before = starts(rows)
    data = {"talk": sem, "how": "book", f"was-{sem}": shown}
    answer = yara.post(address, data=data)
    assert answer.status_code == 409 and STALE in answer.text and starts(rows) == before
    again = yara.post(address, data=data | {f"was-{sem}": field(answer.text, f"was-{sem}")})
    assert again.status_code == 303 and starts(rows) != before


def test_a_talk_that_the_other_guardian_moved_is_not_moved_from_an_old_page(
    rows, talks, carl, inge, sem, school
):
    carl.book(school.sem, talks.host_6, FIRST)
    old = field(carl.see(sem), "instead_of")
    inge.book(school.sem, talks.host_6, THIRD)
    before = starts(rows)
    answer = carl.choose(sem, slot=talks.slot(talks.host_6, SECOND), instead_of=old)
    assert answer.status_code == 409 and STALE in answer.text and starts(rows) == before
    new = field(answer.text, "instead_of")
    assert carl.choose(sem, slot=talks.slot(talks.host_6, SECOND), instead_of=new).status_code == 303


def test_a_talk_that_was_moved_is_not_cancelled_from_an_old_page(rows, talks, carl, inge, sem, school):
    carl.book(school.sem, talks.host_6, FIRST)
    (booking,) = rows(Booking)
    address = f"/meetings/bookings/{booking.id}/cancellation"
    old = field(carl.see(), "shown")
    inge.book(school.sem, talks.host_6, THIRD)
    answer = carl.client.post(address, data={"shown": old})
    assert answer.status_code == 409 and STALE in answer.text and len(starts(rows)) == 1
    assert carl.client.post(address, data={"shown": field(answer.text, "shown")}).status_code == 303
    assert starts(rows) == []
    assert carl.client.post(address, data={"shown": old}).status_code == 303


@pytest.mark.parametrize("who", ["yara", "otto"])
def test_school_cancels_and_moves_only_what_it_sees(rows, client_for, talks, carl, sem, school, who):
    client = client_for(getattr(school, who))
    carl.book(school.sem, talks.host_6, FIRST)
    (booking,) = rows(Booking)
    if who == "yara":
        page, cancel = f"/staff/meetings/talks/{sem}", f"/staff/meetings/bookings/{booking.id}/cancellation"
        times = f"{page}/booking"
    else:
        page = f"/school/meetings/{talks.round}/families/{sem}"
        cancel, times = f"{page}/cancellation", f"{page}/booking"
    shown, was = field(client.get(page).text, "shown"), field(client.get(times).text, "was")
    carl.book(school.sem, talks.host_6, THIRD)
    before = starts(rows)
    assert client.post(cancel, data={"shown": shown, "booking": booking.id}).status_code == 409
    moved = {"slot": talks.slot(talks.host_6, SECOND), "was": was, "how": "book"}
    assert client.post(times, data=moved).status_code == 409
    assert starts(rows) == before


# --- words ------------------------------------------------------------------------------------------------


def details(page: str) -> str:
    return re.search(r'<details class="ask" id="details-.*?</details>', page, re.S)[0]


def test_the_subjects_of_the_other_guardian_are_not_wiped_out_unseen(rows, talks, carl, inge, school):
    carl.book(school.sem, talks.host_6, FIRST)
    (booking,) = rows(Booking)
    address = f"/meetings/bookings/{booking.id}/details"
    old = field(details(carl.see()), "subjects_version")
    inge.client.post(address, data={"subjects": "Rekenen", "subjects_version": old})
    answer = carl.client.post(address, data={"subjects": "Gym", "subjects_version": old})
    assert answer.status_code == 409
    part = details(answer.text)
    assert ">Gym</textarea>" in part and "Rekenen</q>" in part and " open>" in part
    assert [one.subjects for one in rows(Booking)] == ["Rekenen"]
    new = field(part, "subjects_version")
    assert (
        carl.client.post(address, data={"subjects": "Rekenen en gym", "subjects_version": new}).status_code
        == 303
    )
    assert [one.subjects for one in rows(Booking)] == ["Rekenen en gym"]


def test_moving_from_a_page_with_old_subjects_leaves_the_new_ones(rows, talks, carl, inge, sem, school):
    carl.book(school.sem, talks.host_6, FIRST, subjects="Lezen")
    (booking,) = rows(Booking)
    page = carl.see(sem)
    inge.client.post(f"/meetings/bookings/{booking.id}/details", data={"subjects": "Rekenen"})
    sent = {name: field(page, name) for name in ("instead_of", "subjects_version")}
    answer = carl.choose(sem, slot=talks.slot(talks.host_6, SECOND), subjects="Lezen", **sent)
    assert answer.status_code == 303
    assert [one.subjects for one in rows(Booking)] == ["Rekenen"]


def test_moving_with_other_subjects_does_not_wipe_out_those_of_the_other_guardian(
    rows, talks, carl, inge, sem, school
):
    carl.book(school.sem, talks.host_6, FIRST, subjects="Lezen")
    (booking,) = rows(Booking)
    before = starts(rows)
    page = carl.see(sem)
    inge.client.post(f"/meetings/bookings/{booking.id}/details", data={"subjects": "Rekenen"})
    sent = {name: field(page, name) for name in ("instead_of", "subjects_version")}
    place = talks.slot(talks.host_6, SECOND)
    answer = carl.choose(sem, slot=place, subjects="Lezen en gym", **sent)
    assert answer.status_code == 409 and "Lezen en gym</textarea>" in answer.text
    assert ([one.subjects for one in rows(Booking)], starts(rows)) == (["Rekenen"], before)
    sent = {name: field(answer.text, name) for name in ("instead_of", "subjects_version")}
    assert carl.choose(sem, slot=place, subjects="Alle drie", **sent).status_code == 303
    assert [one.subjects for one in rows(Booking)] == ["Alle drie"]


def fold(page: str) -> str:
    return re.search(r'<details class="fold" id="subjects-fold".*?</details>', page, re.S)[0]


@pytest.mark.parametrize("typed", ["Gym", ""])
def test_the_page_to_move_shows_what_the_other_guardian_wrote(rows, talks, carl, inge, sem, school, typed):
    carl.book(school.sem, talks.host_6, FIRST, subjects="Lezen")
    (booking,) = rows(Booking)
    page = carl.see(sem)
    inge.client.post(f"/meetings/bookings/{booking.id}/details", data={"subjects": "Rekenen"})
    sent = {name: field(page, name) for name in ("instead_of", "subjects_version")}
    part = fold(carl.choose(sem, slot=talks.slot(talks.host_6, SECOND), subjects=typed, **sent).text)
    assert f">{typed}</textarea>" in part and "Rekenen</q>" in part and " open>" in part


@pytest.mark.parametrize("reason", ["taken", "no time"])
def test_after_another_refusal_old_words_do_not_come_back(
    rows, client_for, talks, carl, inge, sem, school, reason
):
    carl.book(school.sem, talks.host_6, FIRST, subjects="Lezen")
    (booking,) = rows(Booking)
    page = carl.see(sem)
    inge.client.post(f"/meetings/bookings/{booking.id}/details", data={"subjects": "Rekenen"})
    place = {}
    if reason == "taken":
        Family(client_for(school.anna), talks).book(school.noor, talks.host_6, THIRD)
        place = {"slot": talks.slot(talks.host_6, THIRD)}
    sent = {name: field(page, name) for name in ("instead_of", "subjects_version")}
    left = carl.choose(sem, subjects="Lezen", **place, **sent)
    assert left.status_code in (409, 422) and ">Rekenen</textarea>" in fold(left.text)
    assert field(left.text, "subjects_version") == field(carl.see(sem), "subjects_version")


def test_what_was_typed_is_over_the_words_that_it_replaced_until_the_new_ones_are_shown(
    rows, talks, carl, inge, sem, school
):
    carl.book(school.sem, talks.host_6, FIRST, subjects="Lezen")
    (booking,) = rows(Booking)
    page = carl.see(sem)
    inge.client.post(f"/meetings/bookings/{booking.id}/details", data={"subjects": "Rekenen"})
    for place, shows in (({}, False), ({"slot": talks.slot(talks.host_6, SECOND)}, True)):
        sent = {name: field(page, name) for name in ("instead_of", "subjects_version")}
        page = carl.choose(sem, subjects="Gym", **place, **sent).text
        assert ">Gym</textarea>" in fold(page) and ("Rekenen</q>" in fold(page)) == shows
    assert [one.subjects for one in rows(Booking)] == ["Rekenen"]


def test_what_was_typed_stays_when_it_is_too_long(rows, talks, carl, school):
    carl.book(school.sem, talks.host_6, FIRST)
    (booking,) = rows(Booking)
    answer = carl.client.post(f"/meetings/bookings/{booking.id}/details", data={"subjects": "x" * 1001})
    assert answer.status_code == 409 and "x" * 1001 in answer.text


def test_notes_from_a_second_window_are_not_wiped_out_unseen(rows, yara, sem):
    address = f"/staff/meetings/talks/{sem}"
    old = field(yara.get(address).text, "version")
    yara.post(f"{address}/notes", data={"before": "Rustig", "after": "", "version": old})
    answer = yara.post(f"{address}/notes", data={"before": "Druk", "after": "Bellen", "version": old})
    assert answer.status_code == 409
    assert (
        "Druk</textarea>" in answer.text
        and "Bellen</textarea>" in answer.text
        and "Rustig</q>" in answer.text
    )
    assert [one.before for one in rows(TalkNote)] == ["Rustig"]
    new = field(answer.text, "version")
    assert (
        yara.post(f"{address}/notes", data={"before": "Druk", "after": "Bellen", "version": new}).status_code
        == 303
    )
    assert [(one.before, one.after) for one in rows(TalkNote)] == [("Druk", "Bellen")]
    assert (
        yara.post(f"{address}/notes", data={"before": "Druk", "after": "Bellen", "version": old}).status_code
        == 303
    )
