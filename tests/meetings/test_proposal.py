"""/meetings/<round>/proposal: times for all children of a family, shown, then booked all or nothing."""

import re

import pytest

from portal.models.meetings import Booking, MeetingHost, MeetingRound, Slot
from tests.meetings.children import add_child
from tests.meetings.family import Family, at_time


@pytest.fixture
def anna(client_for, school, talks) -> Family:
    return Family(client_for(school.anna), talks)


def proposed(page: str) -> list[str]:
    return re.findall(r"<dt>([\d.]+)</dt>", page)


def seats(page: str) -> list[str]:
    return re.findall(r'name="seat" value="([^"]*)"', page)


def times(rows) -> list[str]:
    return sorted(at_time(one.starts_at) for one in rows(Booking) if not one.cancelled_at)


def address(talks) -> str:
    return f"/meetings/{talks.round}/proposal"


def test_the_talks_follow_each_other_with_the_time_to_walk(rows, talks, anna):
    page = anna.client.get(address(talks)).text
    assert proposed(page) == ["15.00", "15.20"]
    answer = anna.client.post(address(talks), data={"seat": seats(page)})
    assert (answer.status_code, answer.location) == (303, f"/meetings/{talks.round}")
    assert "Alle 2 gesprekken zijn geboekt." in anna.see()
    assert times(rows) == ["1 15.00", "1 15.20"]


def test_the_preferred_part_of_the_day_counts(talks, anna):
    page = anna.client.get(f"{address(talks)}?part=evening").text
    assert proposed(page) == ["18.30", "18.50"]
    assert "Donderdag 3 december" in page


def test_what_is_booked_stays_and_the_rest_joins_it(school, talks, anna):
    anna.book(school.bram, talks.host_34, "2026-12-03 18.40")
    page = anna.client.get(address(talks)).text
    assert proposed(page) in (["18.40", "19.00"], ["18.40", "18.30"]) and len(seats(page)) == 1


def test_all_or_nothing(client_for, rows, school, talks, anna):
    page = anna.client.get(address(talks)).text
    carl = Family(client_for(school.carl), talks)
    taken = next(seat for seat in seats(page) if seat.startswith(f"{talks.invitee(school.noor)}:"))
    carl.client.post(f"/meetings/slots/{taken.split(':')[1]}/booking", data={"pupil": school.sem.id})
    answer = anna.client.post(address(talks), data={"seat": seats(page)})
    assert answer.status_code == 409
    assert "Daarom is er niets geboekt." in answer.text
    assert len(seats(answer.text)) == 2 and taken not in seats(answer.text)
    assert len(times(rows)) == 1


def test_a_child_without_a_free_place_is_named(client_for, school, talks, anna, rows):
    for slot in rows(Slot):
        if slot.host_id == talks.host_6:
            talks.change(Slot, slot.id, state="blocked")
    page = anna.client.get(address(talks)).text
    assert "Voor Noor is geen tijd meer vrij." in page
    assert seats(page) == []


def test_another_building_takes_longer_to_walk_to(talks, anna):
    talks.change(MeetingHost, talks.host_6, building="Bijgebouw")
    assert proposed(anna.client.get(address(talks)).text) == ["15.00", "15.30"]


def test_a_stale_proposal_changes_nothing(rows, school, talks, anna):
    page = anna.client.get(address(talks)).text
    anna.book(school.noor, talks.host_6, "2026-12-03 18.40")
    answer = anna.client.post(address(talks), data={"seat": seats(page)})
    assert answer.status_code == 409 and times(rows) == ["3 18.40"]
    assert "Er is niets geboekt. Dit gesprek is intussen gewijzigd." in answer.text
    assert "niet meer vrij" not in answer.text


def test_the_time_that_school_took_away_is_named_with_its_child(rows, school, talks, anna):
    page = anna.client.get(address(talks)).text
    noor = next(seat for seat in seats(page) if seat.startswith(f"{talks.invitee(school.noor)}:"))
    talks.change(Slot, int(noor.split(":")[1]), state="blocked")
    answer = anna.client.post(address(talks), data={"seat": seats(page)})
    assert answer.status_code == 409 and times(rows) == []
    sentence = r"Voor Noor is di 1 dec om 15\.[02]0 uur niet meer vrij\. Daarom is er niets geboekt\."
    assert re.search(sentence, answer.text)


def test_the_time_that_somebody_booked_is_named_in_the_same_words(client_for, school, talks, anna):
    page = anna.client.get(address(talks)).text
    talks.book(school.carl, talks.invitee(school.sem), talks.host_6, f"2026-12-01 {proposed(page)[0]}")
    talks.book(school.daan, talks.invitee(school.bram, school.daan), talks.host_34, "2026-12-01 15.00")
    answer = anna.client.post(address(talks), data={"seat": seats(page)})
    assert re.search(r"Voor (Noor|Bram) is di 1 dec om 15\.[02]0 uur niet meer vrij\.", answer.text)
    assert "door een ander" not in answer.text


def test_of_a_place_that_is_gone_no_child_is_named(school, talks, anna):
    answer = anna.client.post(address(talks), data={"seat": f"{talks.invitee(school.noor)}:999999"})
    assert "Een van deze tijden is niet meer vrij. Daarom is er niets geboekt." in answer.text


@pytest.mark.parametrize("seat", ["", "x:y", "1", "999999:1", ":"])
def test_what_no_page_sends_is_not_there(rows, talks, anna, seat):
    assert anna.client.post(address(talks), data={"seat": seat} if seat else {}).status_code == 404
    assert rows(Booking) == []


def test_when_the_round_is_closed_there_is_no_proposal(talks, anna, at):
    page = anna.client.get(address(talks)).text
    at("2026-11-27 17:00")
    for answer in (
        anna.client.get(address(talks)),
        anna.client.post(address(talks), data={"seat": seats(page)}),
    ):
        assert answer.status_code == 409 and "De tijd om te kiezen is voorbij." in answer.text


def test_the_queries_do_not_grow_with_the_children(app, school, talks, anna, count_queries):
    anna.client.get(address(talks))
    with count_queries() as few:
        anna.client.get(address(talks))
    add_child(app, school.anna, school.group_6, "Fien")
    add_child(app, school.anna, school.group_34, "Guus")
    with count_queries() as many:
        page = anna.client.get(address(talks))
    assert len(seats(page.text)) == 4
    assert len(few) == len(many) <= 5


def test_back_to_a_proposal_that_was_booked_leads_to_the_talks(talks, anna):
    page = anna.client.get(address(talks)).text
    anna.client.post(address(talks), data={"seat": seats(page)})
    answer = anna.client.get(address(talks))
    assert (answer.status_code, answer.location) == (303, f"/meetings/{talks.round}")


def test_a_round_by_wishes_has_none(talks, anna):
    talks.change(MeetingRound, talks.round, kind="wishes")
    assert anna.client.get(address(talks)).status_code == 409


def test_the_same_proposal_in_a_second_tab_is_booked_once_and_that_is_said(rows, talks, anna):
    page = anna.client.get(address(talks)).text
    answers = [anna.client.post(address(talks), data={"seat": seats(page)}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(times(rows)) == len(seats(page))


@pytest.mark.parametrize(
    ("way", "sent", "kept"),
    [
        ("choice", "video", "video"),
        ("choice", "place", "place"),
        ("choice", "thuis", "place"),
        ("place", "video", "place"),
    ],
)
def test_where_the_parent_chooses_the_proposal_asks_how(rows, talks, anna, way, sent, kept):
    talks.change(MeetingRound, talks.round, way=way)
    page = anna.client.get(address(talks)).text
    assert ('name="way"' in page) == (way == "choice")
    anna.client.post(address(talks), data={"seat": seats(page), "way": sent})
    assert {booking.way for booking in rows(Booking)} == {kept}
