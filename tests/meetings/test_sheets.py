"""The evening on paper, as a workbook, and in the teacher's own calendar."""

import io
import re
from datetime import UTC, datetime

import pytest
from icalendar import Calendar
from openpyxl import load_workbook

from portal import clock
from portal.models.accounts import StaffMember
from portal.models.meetings import Booking, Slot

AT = "2026-12-01 15.20"


def show(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_schedule_is_printed_with_a_day_on_each_sheet(client_for, school, talks):
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, AT)
    client = client_for(school.yara)
    page = client.get(f"/staff/meetings/tables/{talks.host_6}/print").text
    assert page.count('class="sheet"') == 2
    text = show(client, f"/staff/meetings/tables/{talks.host_6}/print")
    assert "Rapportgesprekken: donderdag 3 december" in text
    assert "15.20–15.30 Geboekt Noor Smit Anna Bakker" in text
    assert "Bewaar dit blad niet langer dan nodig." in text
    assert "Lijst voor de deur" in show(client, f"/staff/meetings/tables/{talks.host_6}/sheets")


def test_a_door_has_the_own_tables_and_the_office_has_all(client_for, school, talks):
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, AT)
    path = f"/staff/meetings/rounds/{talks.round}/doors"
    own = show(client_for(school.yara), path)
    assert "15.20 N. S." in own
    assert "Juf Yara" in own
    assert "meester Tim" not in own
    assert "meester Tim" in show(client_for(school.otto), path)


def test_a_family_has_its_talks_together_for_the_office(client_for, school, talks):
    talks.book(school.anna, talks.invitee(school.bram, school.anna), talks.host_34, "2026-12-01 15.50")
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, AT)
    path = f"/staff/meetings/rounds/{talks.round}/families"
    page = show(client_for(school.otto), path)
    assert re.search(r"Anna Bakker di 1 dec, 15\.20 uur Noor Smit .*? di 1 dec, 15\.50 uur Bram Visser", page)
    assert page.count("Anna Bakker") == 1
    assert "Bram" not in show(client_for(school.yara), path)


def test_the_workbook_has_every_place_and_no_formula(client_for, school, talks):
    booking = talks.book(school.anna, talks.invitee(school.noor), talks.host_6, AT)
    talks.change(Booking, booking, subjects="=1+1")
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.30"), state="blocked")
    answer = client_for(school.yara).get(f"/staff/meetings/tables/{talks.host_6}/schedule.xlsx")
    assert 'filename="rapportgesprekken.xlsx"' in answer.headers["Content-Disposition"]
    rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.data)).worksheets[0].rows]
    assert rows[1][:6] == ["Dag", "Van", "Tot", "Status", "Leerling", "Met wie"]
    (noor,) = [row for row in rows if "Noor Smit" in row]
    assert noor[1:6] == ["15:20", "15:30", "Geboekt", "Noor Smit", "Anna Bakker"]
    assert noor[8] == "=1+1"
    (blocked,) = [row for row in rows if row[3] == "Geblokkeerd"]
    assert blocked[1] == "15:30"
    assert len(rows) == 2 + 17


@pytest.fixture
def feed_for(client_for):
    """Makes somebody's calendar and returns its address, '' when there is none."""

    def make(person, state="open") -> str:
        client = client_for(person)
        client.post("/staff/meetings/feed", data={"state": state})
        found = re.search(
            r'id="feed-address">[^<]*(/meetings/feed/[^<]+)<', client.get("/staff/meetings/feed").text
        )
        return found[1] if found else ""

    return make


def test_the_calendar_has_the_own_talks_with_a_first_name_and_no_more(anonymous, school, talks, feed_for):
    booking = talks.book(school.anna, talks.invitee(school.noor), talks.host_6, AT)
    talks.change(Booking, booking, subjects="Geheim", way="video")
    talks.book(school.anna, talks.invitee(school.bram, school.anna), talks.host_34, "2026-12-01 15.50")
    answer = anonymous.get(feed_for(school.yara))
    assert answer.content_type == "text/calendar; charset=utf-8"
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert event["SUMMARY"] == "Gesprek: Noor"
    assert event.decoded("DTSTART") == datetime(2026, 12, 1, 14, 20, tzinfo=UTC)
    for private in ("Smit", "Anna", "Geheim"):
        assert private not in answer.text


def test_the_calendar_follows_what_changes(anonymous, school, talks, feed_for):
    address = feed_for(school.yara)
    noor = talks.invitee(school.noor)
    booking = talks.book(school.anna, noor, talks.host_6, AT)
    (before,) = Calendar.from_ical(anonymous.get(address).data).walk("VEVENT")
    talks.book(school.anna, noor, talks.host_6, "2026-12-03 18.40")
    (after,) = Calendar.from_ical(anonymous.get(address).data).walk("VEVENT")
    assert (before["UID"], before["SEQUENCE"], after["SEQUENCE"]) == (after["UID"], 0, 1)
    talks.change(Booking, booking, cancelled_at=clock.now())
    assert not Calendar.from_ical(anonymous.get(address).data).walk("VEVENT")


def test_the_own_childs_talk_has_no_name_in_the_calendar(anonymous, school, talks, feed_for):
    talks.seat(school.tess, talks.host_6)
    talks.book(school.tess, talks.invitee(school.lotte), talks.host_6, AT)
    answer = anonymous.get(feed_for(school.tess))
    assert [str(event["SUMMARY"]) for event in Calendar.from_ical(answer.data).walk("VEVENT")] == ["Gesprek"]


def test_the_office_has_only_the_own_tables_in_its_calendar(anonymous, school, talks, feed_for):
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, AT)
    assert b"VEVENT" not in anonymous.get(feed_for(school.otto)).data


def test_an_address_ends_with_a_new_one_by_hand_and_when_somebody_leaves(anonymous, school, talks, feed_for):
    first, second = feed_for(school.yara), feed_for(school.yara)
    assert anonymous.get(first).status_code == 404
    assert anonymous.get(second).status_code == 200
    assert feed_for(school.yara, "closed") == ""
    assert anonymous.get(second).status_code == 404
    third = feed_for(school.yara)
    talks.change(StaffMember, school.yara.id, left_at=clock.now())
    assert anonymous.get(third).status_code == 404
