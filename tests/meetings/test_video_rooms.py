"""The address of a talk by video: for who sits at it, around its time, also when the table runs late."""

import re

import pytest

from portal.models.meetings import Booking, MeetingRound
from portal.models.outbox import OutgoingMessage
from tests.meetings.office import AS_IT_IS, round_form

TUESDAY = "2026-12-01"


@pytest.fixture
def sem(school, talks, at) -> int:
    """Carl's talk about Sem, by video, on Tuesday from 15.20 to 15.30."""
    talks.change(MeetingRound, talks.round, way="video")
    booking = talks.book(school.carl, talks.invitee(school.sem), talks.host_6, f"{TUESDAY} 15.20")
    at(f"{TUESDAY} 15:10")
    return booking


@pytest.fixture
def pages(school, talks) -> dict[str, list[str]]:
    """Where the address is to be read: by the teacher, and by a guardian."""
    table = f"/staff/meetings/tables/{talks.host_6}"
    return {
        "teacher": [
            f"/staff/meetings/talks/{talks.invitee(school.sem)}",
            f"{table}?day={TUESDAY}",
            f"{table}/evening?day={TUESDAY}",
        ],
        "guardian": [f"/meetings/{talks.round}", f"/meetings/{talks.round}/now"],
    }


def address_on(client, path: str) -> str:
    found = re.search(r'href="(https://meet\.jit\.si/talk-[^"]+)"', client.get(path).text)
    return found[1] if found else ""


def shows(client, paths: list[str]) -> set[bool]:
    return {bool(address_on(client, path)) for path in paths}


def say_late(client, talks, minutes: int) -> None:
    client.post(f"/staff/meetings/tables/{talks.host_6}/lateness", data={"day": TUESDAY, "minutes": minutes})


def test_teacher_and_guardians_read_one_address_on_every_page(client_for, school, sem, pages):
    read = [address_on(client_for(school.yara), path) for path in pages["teacher"]]
    for guardian in (school.carl, school.inge):
        read += [address_on(client_for(guardian), path) for path in pages["guardian"]]
    assert len(set(read)) == 1 and "" not in read


@pytest.mark.parametrize(
    ("moment", "shown"), [("15:04", False), ("15:05", True), ("15:29", True), ("15:30", False)]
)
def test_it_is_there_around_the_time(client_for, school, sem, pages, at, moment, shown):
    at(f"{TUESDAY} {moment}")
    assert shows(client_for(school.yara), pages["teacher"]) == {shown}
    assert shows(client_for(school.carl), pages["guardian"]) == {shown}


def test_it_stays_as_long_as_the_table_runs_late(client_for, school, talks, sem, pages, at):
    yara, carl = client_for(school.yara), client_for(school.carl)
    say_late(yara, talks, 15)
    for moment, shown in [("15:34", True), ("15:44", True), ("15:45", False)]:
        at(f"{TUESDAY} {moment}")
        assert shows(yara, pages["teacher"]) == {shown}
        assert shows(carl, pages["guardian"]) == {shown}


def test_it_goes_when_the_teacher_noted_how_the_talk_went(client_for, school, sem, pages):
    yara, carl = client_for(school.yara), client_for(school.carl)
    yara.post(f"/staff/meetings/bookings/{sem}/outcome", data={"outcome": "present"})
    assert shows(yara, pages["teacher"]) == {False}
    assert shows(carl, pages["guardian"]) == {False}


def test_who_does_not_sit_at_the_talk_reads_no_address(client_for, school, talks, sem, pages):
    office = pages["teacher"] + [f"/school/meetings/{talks.round}/evening?day={TUESDAY}"]
    assert shows(client_for(school.otto), office) == {False}
    assert shows(client_for(school.anna), pages["guardian"]) == {False}
    assert client_for(school.tess).get(pages["teacher"][0]).status_code == 404


def test_a_talk_at_school_has_no_address(client_for, school, talks, sem, pages):
    talks.change(Booking, sem, way="place")
    assert shows(client_for(school.yara), pages["teacher"]) == {False}
    assert shows(client_for(school.carl), pages["guardian"]) == {False}


def test_an_open_page_gets_the_address_when_it_is_time(client_for, school, talks, sem, pages, at):
    at(f"{TUESDAY} 15:04")
    open_pages = [
        (client_for(school.yara), pages["teacher"][2]),
        (client_for(school.carl), pages["guardian"][1]),
    ]
    for client, path in open_pages:
        at(f"{TUESDAY} 15:04")
        refresh = re.search(r'data-refresh="([^"]+)"', client.get(path).text)[1].replace("&amp;", "&")
        headers = {"HX-Request": "true", "X-Refresh": "1"}
        assert client.get(refresh, headers=headers).status_code == 204
        at(f"{TUESDAY} 15:05")
        assert "meet.jit.si" in client.get(refresh, headers=headers).text


def test_many_talks_by_video_cost_one_query_more(client_for, school, talks, sem, pages, at, count_queries):
    yara = client_for(school.yara)
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, f"{TUESDAY} 15.00")
    yara.get(pages["teacher"][1])
    with count_queries() as near:
        yara.get(pages["teacher"][1])
    at(f"{TUESDAY} 09:00")
    with count_queries() as far:
        yara.get(pages["teacher"][1])
    assert len(near) <= len(far) + 1


@pytest.mark.parametrize(("was", "way"), [("place", "video"), ("video", "place"), ("choice", "video")])
def test_another_way_for_the_whole_round_reaches_the_talks_that_are_booked(
    client_for, rows, school, talks, was, way
):
    talks.change(MeetingRound, talks.round, way=was)
    kept = talks.book(school.carl, talks.invitee(school.sem), talks.host_6, f"{TUESDAY} 15.20")
    address, form = f"/school/meetings/{talks.round}", round_form(school, **AS_IT_IS, way=way)
    otto = client_for(school.otto)
    page = otto.post(address, data=form).text
    assert "Blijft, met een wijziging" in page and "Sem" in page
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    data = {name: [value for key, value in fields if key == name] for name, _ in fields}
    otto.post(address, data=data)
    assert [(one.id, one.way, one.sequence) for one in rows(Booking)] == [(kept, way, 1)]
    assert [one.kind for one in rows(OutgoingMessage)].count("meeting_changed") >= 1


def test_where_the_family_chooses_it_keeps_what_it_chose(client_for, rows, school, talks):
    talks.book(school.carl, talks.invitee(school.sem), talks.host_6, f"{TUESDAY} 15.20")
    form = round_form(school, **AS_IT_IS, way="choice")
    assert client_for(school.otto).post(f"/school/meetings/{talks.round}", data=form).status_code == 303
    assert [(one.way, one.sequence) for one in rows(Booking)] == [("place", 0)]
