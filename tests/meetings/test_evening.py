"""The evening itself: done, late, and what who waits sees, on the own phone and in the hall."""

import re

import pytest

from portal import clock
from portal.models.meeting_talks import HostEvening
from portal.models.meetings import Booking, MeetingRound

TUESDAY = "2026-12-01"


@pytest.fixture
def evening(client_for, school, talks, at):
    """Noor's and Sem's talks at 15.20 and 15.30, just before the first."""
    noor = talks.book(school.anna, talks.invitee(school.noor), talks.host_6, f"{TUESDAY} 15.20")
    sem = talks.book(school.carl, talks.invitee(school.sem), talks.host_6, f"{TUESDAY} 15.30")
    at(f"{TUESDAY} 15:18")
    return noor, sem


@pytest.fixture
def yara(client_for, school):
    return client_for(school.yara)


def show(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def table_page(talks) -> str:
    return f"/staff/meetings/tables/{talks.host_6}/evening"


def outcome(client, booking: int, value: str, **data):
    return client.post(f"/staff/meetings/bookings/{booking}/outcome", data={"outcome": value} | data)


def late(client, talks, minutes):
    return client.post(
        f"/staff/meetings/tables/{talks.host_6}/lateness", data={"day": TUESDAY, "minutes": minutes}
    )


def test_before_the_day_itself_the_evening_can_only_be_looked_at(yara, talks, evening, rows, at):
    noor, _sem = evening
    at("2026-11-24 10:00")
    page = show(yara, f"{table_page(talks)}?day={TUESDAY}")
    assert "Noor Smit" in page
    assert "Vanaf dinsdag 1 december zegt u hier" in page
    assert "Klaar" not in page
    assert outcome(yara, noor, "present").status_code == 409
    assert late(yara, talks, 15).status_code == 409
    assert rows(Booking)[0].outcome == ""
    assert rows(HostEvening) == []


def test_what_was_not_noted_is_noted_the_day_after_and_nobody_is_late_any_more(
    yara, talks, evening, rows, at
):
    noor, _sem = evening
    at("2026-12-02 10:00")
    assert "Loopt" not in show(yara, f"{table_page(talks)}?day={TUESDAY}")
    assert outcome(yara, noor, "present").status_code == 303
    assert late(yara, talks, 15).status_code == 409
    assert rows(Booking)[0].outcome == "present"


def test_done_brings_the_next_talk_and_undo_brings_it_back(yara, talks, evening, rows):
    noor, sem = evening
    assert re.search(r"15\.20–15\.30 .*?Noor Smit Anna Bakker", show(yara, table_page(talks)))
    answer = outcome(yara, noor, "present")
    assert answer.location == f"{table_page(talks)}?day={TUESDAY}"
    page = show(yara, answer.location)
    assert page.index("Sem Peters") < page.index("Noor Smit")
    first = rows(Booking)[0]
    assert (first.outcome, first.done_at) == ("present", clock.now())
    outcome(yara, noor, "")
    first = rows(Booking)[0]
    assert (first.outcome, first.done_at) == ("", None)
    assert "Klaar : Noor Smit" in show(yara, table_page(talks))


@pytest.mark.parametrize(("value", "words"), [("absent", "kwam niet"), ("later", "u belt later")])
def test_who_did_not_come_is_noted(yara, talks, evening, value, words):
    outcome(yara, evening[0], value)
    assert words in show(yara, table_page(talks))
    schedule = show(yara, f"/staff/meetings/tables/{talks.host_6}?day={TUESDAY}")
    assert {"absent": "Niet gekomen", "later": "Later gebeld"}[value] in schedule


def test_all_talks_are_done(yara, talks, evening):
    for booking in evening:
        outcome(yara, booking, "present")
    assert "Alle gesprekken zijn klaar." in show(yara, table_page(talks))


@pytest.mark.parametrize("value", ["x", None])
def test_an_outcome_is_one_of_four(yara, evening, value):
    assert (
        yara.post(
            f"/staff/meetings/bookings/{evening[0]}/outcome", data={"outcome": value} if value else {}
        ).status_code
        == 400
    )


def test_a_cancelled_talk_has_no_outcome(yara, talks, evening, rows):
    talks.change(Booking, evening[0], cancelled_at=clock.now())
    assert outcome(yara, evening[0], "present").status_code == 409
    assert rows(Booking)[0].outcome == ""


@pytest.mark.parametrize("data", [{}, {"minutes": "-5"}, {"minutes": "61"}, {"minutes": "x"}])
def test_lateness_is_a_number_of_minutes(yara, talks, data):
    path = f"/staff/meetings/tables/{talks.host_6}/lateness"
    assert yara.post(path, data={"day": TUESDAY} | data).status_code == 400
    assert yara.post(path, data={"minutes": "5", "day": "x"}).status_code == 400


def test_lateness_is_seen_by_who_waits(yara, client_for, school, talks, evening, rows):
    anna = client_for(school.anna)
    path = f"/meetings/{talks.round}/now"
    assert "15.20 uur: Noor Juf Yara · lokaal 6 Op tijd" in show(anna, path)
    late(yara, talks, 10)
    late(yara, talks, 15)
    assert len(rows(HostEvening)) == 1
    assert "Loopt 15 minuten uit Het begint om ongeveer 15.35 uur." in show(anna, path)
    late(yara, talks, 0)
    assert "Op tijd" in show(anna, path)
    outcome(yara, evening[0], "present")
    assert "Dit gesprek is geweest" in show(anna, path)


def test_a_talk_that_takes_long_is_noticed(yara, talks, evening, at):
    assert "duurt langer" not in show(yara, table_page(talks))
    at(f"{TUESDAY} 15:37")
    assert "Meld: loopt 10 minuten uit" in show(yara, table_page(talks))
    late(yara, talks, 10)
    assert "duurt langer" not in show(yara, table_page(talks))


def test_a_refresh_gets_nothing_new_until_something_changed(yara, client_for, school, talks, evening):
    for client, path in [
        (yara, table_page(talks)),
        (client_for(school.anna), f"/meetings/{talks.round}/now"),
    ]:
        refresh = re.search(r'data-refresh="([^"]+)"', client.get(path).text)[1].replace("&amp;", "&")
        headers = {"HX-Request": "true", "X-Refresh": "1"}
        assert client.get(refresh, headers=headers).status_code == 204
        late(yara, talks, 5)
        assert client.get(refresh, headers=headers).status_code == 200
        late(yara, talks, 0)


def test_a_guardian_sees_the_own_talks_only(client_for, school, talks, at):
    talks.book(school.daan, talks.invitee(school.bram, school.daan), talks.host_34, f"{TUESDAY} 15.20")
    at(f"{TUESDAY} 15:00")
    path = f"/meetings/{talks.round}/now"
    assert "15.20 uur: Bram" in show(client_for(school.daan), path)
    assert "U hebt vandaag geen gesprek in deze ronde." in show(client_for(school.anna), path)


# --- the hall ---------------------------------------------------------------------------------------------


@pytest.fixture
def hall(client_for, school, talks, anonymous):
    """Opens the screen as the office does and returns what it shows whoever has its address."""
    otto = client_for(school.otto)

    def open_hall(state: str = "open") -> str:
        otto.post(f"/school/meetings/{talks.round}/hall", data={"state": state})
        page = otto.get(f"/school/meetings/{talks.round}/hall").text
        found = re.search(r'href="[^"]*(/hall/[^"]+)"', page)
        return found[1] if found else ""

    return open_hall


def test_the_hall_shows_initials_or_first_names_and_lateness(anonymous, yara, talks, evening, hall):
    address = hall()
    page = show(anonymous, address)
    assert "Juf Yara Groep 6 · lokaal 6 Op tijd 15.20 N. S. 15.30 S. P." in page
    assert "Noor" not in page
    talks.change(MeetingRound, talks.round, hall_names="first_names")
    late(yara, talks, 10)
    outcome(yara, evening[0], "present")
    page = show(anonymous, address)
    assert "Juf Yara Groep 6 · lokaal 6 Loopt 10 minuten uit 15.30 Sem" in page
    for private in ("Noor", "Peters", "Carl"):
        assert private not in page
    assert '<noscript><meta http-equiv="refresh"' in anonymous.get(address).text


def test_a_talk_apart_leaves_no_trace_in_the_hall_and_on_the_door(
    anonymous, client_for, school, talks, evening, hall
):
    address = hall()
    before = anonymous.get(address).text
    doors = f"/staff/meetings/rounds/{talks.round}/doors"
    door_before = client_for(school.tim).get(doors).text
    talks.book(school.daan, talks.invitee(school.bram, school.daan), talks.host_34, f"{TUESDAY} 15.40")
    assert anonymous.get(address).text == before
    assert "15.40" in door_before
    assert client_for(school.tim).get(doors).text == door_before


def test_a_new_address_ends_the_old_one_and_closing_ends_it(anonymous, talks, hall):
    first, second = hall(), hall()
    assert first != second
    assert anonymous.get(first).status_code == 404
    assert anonymous.get(second).status_code == 200
    assert hall("closed") == ""
    assert anonymous.get(second).status_code == 404


def test_the_hall_of_a_withdrawn_round_is_closed(anonymous, talks, hall):
    address = hall()
    talks.change(MeetingRound, talks.round, withdrawn_at=clock.now())
    assert anonymous.get(address).status_code == 404


def test_on_another_day_the_hall_is_empty(anonymous, hall):
    assert "Vandaag zijn er geen gesprekken." in show(anonymous, hall())


def test_the_hall_and_the_own_page_take_few_queries(
    anonymous, client_for, school, talks, at, hall, count_queries
):
    address = hall()
    at(f"{TUESDAY} 15:00")
    counts = []
    for number in (1, 3):
        talks.book_some(school.otto, talks.host_6, number)
        with count_queries() as queries:
            anonymous.get(address)
            client_for(school.anna).get(f"/meetings/{talks.round}/now")
        counts.append(len(queries))
    assert counts[0] == counts[1]
