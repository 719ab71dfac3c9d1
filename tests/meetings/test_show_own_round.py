"""GET /meetings/<round>: what a family sees of a round, and GET /meetings and its history."""

import gzip
import re

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain.bookings import Choice, book
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.meeting_talks import TalkReport
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot
from tests.meetings.children import add_child
from tests.meetings.family import Family


@pytest.fixture
def anna(client_for, school, talks) -> Family:
    return Family(client_for(school.anna), talks)


@pytest.fixture
def carl(client_for, school, talks) -> Family:
    return Family(client_for(school.carl), talks)


def test_every_time_stays_in_its_place_and_says_why(school, talks, anna, carl):
    anna.book(school.bram, talks.host_34, "2026-12-01 15.20")
    carl.book(school.sem, talks.host_6, "2026-12-01 15.00")
    talks.change(Slot, anna.slot(talks.host_6, "2026-12-01 15.50"), state="blocked")
    page = anna.see(talks.invitee(school.noor))
    states = {
        moment: anna.state(page, talks.host_6, f"2026-12-01 {moment}")
        for moment in ("15.00", "15.10", "15.20", "15.30", "15.40", "15.50", "16.10")
    }
    assert states == {
        "15.00": "bezet", "15.10": "te krap", "15.20": "Bram", "15.30": "te krap", "15.40": "vrij",
        "15.50": "", "16.10": "vrij",
    }  # fmt: skip
    assert "Bram heeft om 15.20 uur een gesprek." in page
    assert re.findall(r"<small>(\d+) vrij</small>", page) == ["6", "6"]


def test_the_other_day_is_one_tap(school, talks, anna):
    noor = talks.invitee(school.noor)
    assert f'href="/meetings/{talks.round}?talk={noor}&amp;day=2026-12-03"' in anna.see(noor)
    page = anna.see(noor, "2026-12-03")
    assert "Avond" in page and "Middag" not in page


def test_the_first_child_without_a_time_is_shown_and_then_what_the_family_has(school, talks, anna):
    assert "Nog kiezen" in anna.see()
    anna.book(school.bram, talks.host_34, "2026-12-01 15.20")
    page = anna.see()
    assert "Zeg het gesprek over Bram af" in page
    assert f'href="/meetings/{talks.round}?talk={talks.invitee(school.noor)}"' in page


def test_between_two_talks_it_says_how_long_there_is(school, talks, anna):
    anna.book(school.bram, talks.host_34, "2026-12-01 15.20")
    anna.book(school.noor, talks.host_6, "2026-12-01 15.40")
    assert "10 minuten om van lokaal te wisselen" in anna.see()


def test_before_it_opens_it_says_from_when_this_family_chooses(school, talks, anna, carl, at):
    talks.change(MeetingRound, talks.round, early_from=clock.at_local("2026-11-17 16:00"))
    at("2026-11-16 12:00")
    assert "U kunt kiezen vanaf <b>dinsdag 17 november</b>, 16.00 uur." in anna.see()
    assert "U kunt kiezen vanaf <b>woensdag 18 november</b>, 16.00 uur." in carl.see()
    assert 'name="slot"' not in anna.see(talks.invitee(school.noor))


def test_after_the_deadline_there_is_nothing_to_choose_and_a_number_to_call(school, talks, carl, at):
    at("2026-11-27 17:00")
    page = carl.see(talks.invitee(school.sem))
    assert "De tijd om te kiezen is voorbij." in page
    assert "Er is geen tijd gekozen. Bel de school." in page
    assert "030 555 01 23" in page and 'name="slot"' not in page


def test_a_longer_talk_begins_where_there_is_room(school, talks, carl):
    talks.change(Invitee, talks.invitee(school.sem), minutes=20)
    page = carl.see(talks.invitee(school.sem))
    assert carl.state(page, talks.host_6, "2026-12-01 15.50") == "te kort"
    assert "di 1 dec, 15.40–16.00 uur" in page and "20 minuten per gesprek" in page


def test_a_place_kept_for_this_family_says_so_and_for_another_is_taken(school, talks, anna, carl):
    place = carl.slot(talks.host_6, "2026-12-01 15.20")
    talks.change(Slot, place, reserved_for=talks.invitee(school.sem))
    sem, noor = talks.invitee(school.sem), talks.invitee(school.noor)
    assert carl.state(carl.see(sem), talks.host_6, "2026-12-01 15.20") == "voor u"
    assert anna.state(anna.see(noor), talks.host_6, "2026-12-01 15.20") == "bezet"


@pytest.mark.parametrize("buildings", [("", ""), ("A", "B")])
def test_the_page_and_the_booking_agree_about_every_place(app, school, talks, client_for, buildings):
    """Also of who works here, and where a talk of somebody else's keeps the people from it."""
    tess = Family(client_for(school.tess), talks)
    anna = Family(client_for(school.anna), talks)
    talks.change(MeetingHost, talks.host_34, building=buildings[0])
    talks.change(MeetingHost, talks.host_6, building=buildings[1])
    anna.book(school.bram, talks.host_34, "2026-12-01 15.20")
    tess.book(school.lotte, talks.host_6, "2026-12-01 15.40")
    client_for(school.daan).post(
        f"/meetings/slots/{anna.slot(talks.host_34, '2026-12-01 16.20')}/booking",
        data={"pupil": school.bram.id},
    )
    for person, family, child, host in [
        (school.anna, anna, school.noor, talks.host_6),
        (school.anna, anna, school.bram, talks.host_34),
        (school.tess, tess, school.lotte, talks.host_6),
    ]:
        invitee = talks.invitee(child, person)
        shown = set()
        for day in ("2026-12-01", "2026-12-03"):
            page = family.see(invitee, day)
            shown |= {int(number) for number in re.findall(r'id="s-(\d+)" value', page)}
        assert shown and shown == bookable(app, person, invitee, host)


def bookable(app, person, invitee: int, host: int) -> set[int]:
    """Return the places that the booking takes, each tried and undone; but the one that the talk has."""
    with app.app_context():
        slots = [slot.id for slot in db.session.query(Slot).filter_by(host_id=host)]
        has = db.session.query(Booking).filter_by(invitee_id=invitee, cancelled_at=None).one_or_none()
        own = {slot.id for slot in db.session.query(Slot).filter_by(booking_id=has.id)} if has else set()
    found = set()
    for slot in slots:
        with app.app_context():
            start_writing()
            choice = Choice(db.session.get_one(Invitee, invitee), db.session.get_one(Slot, slot))
            try:
                book([choice], Viewer(id=person.id), clock.now(), "guardian")
                found.add(slot)
            except Refused:
                pass
            db.session.rollback()
    return found - own


def test_the_queries_do_not_grow_with_children_and_places(app, school, talks, anna, count_queries):
    noor = talks.invitee(school.noor)
    anna.see(noor)
    with count_queries() as few:
        anna.see(noor)
    add_child(app, school.anna, school.group_6, "Fien")
    add_child(app, school.anna, school.group_34, "Guus")
    with app.app_context():
        start_writing()
        for minute in range(0, 60, 5):
            moment = clock.at_local(f"2026-12-04 15:{minute:02}")
            db.session.add(Slot(host_id=talks.host_6, starts_at=moment, ends_at=moment.replace(second=30)))
        db.session.commit()
    with count_queries() as many:
        anna.see(noor)
    assert len(few) == len(many) <= 5


def test_a_refresh_that_has_seen_it_gets_nothing(school, talks, anna, carl):
    page = anna.see(talks.invitee(school.noor))
    address = re.search(r'data-refresh="([^"]*)"', page)[1].replace("&amp;", "&")
    asked = {"HX-Request": "true", "X-Refresh": "1"}
    assert anna.client.get(address, headers=asked).status_code == 204
    carl.book(school.sem, talks.host_6, "2026-12-01 15.20")
    answer = anna.client.get(address, headers=asked)
    assert answer.status_code == 200
    assert anna.state(answer.text, talks.host_6, "2026-12-01 15.20") == "bezet"


def test_a_page_with_many_times_is_light(school, talks, anna):
    answer = anna.client.get(
        f"/meetings/{talks.round}?talk={talks.invitee(school.noor)}", headers={"Accept-Encoding": "gzip"}
    )
    assert len(answer.data) < 8000 and b"</html>" in gzip.decompress(answer.data)


def test_a_video_address_is_shown_only_around_the_time_and_to_this_family(school, talks, anna, at, rows):
    talks.change(MeetingRound, talks.round, way="video")
    anna.book(school.noor, talks.host_6, "2026-12-01 15.20")
    for moment, shown in [("15:04", False), ("15:05", True), ("15:29", True), ("15:30", False)]:
        at(f"2026-12-01 {moment}")
        assert ("https://meet.jit.si/talk-" in anna.see()) is shown
    talks.change(MeetingHost, talks.host_6, video_url="https://video.example/yara")
    at("2026-12-01 15:20")
    assert 'href="https://video.example/yara"' in anna.see()


def test_the_list_has_every_round(school, talks, anna):
    page = anna.client.get("/meetings").text
    assert f'href="/meetings/{talks.round}"' in page and "Rapportgesprekken" in page


def test_a_round_that_is_not_published_is_not_there(school, talks, anna):
    talks.change(MeetingRound, talks.round, published_at=None)
    assert anna.client.get(f"/meetings/{talks.round}").status_code == 404
    assert "Rapportgesprekken" not in anna.client.get("/meetings").text
    assert "Rapportgesprekken" not in anna.client.get("/").text


def test_the_history_says_who_did_what(client_for, school, talks, carl):
    carl.book(school.sem, talks.host_6, "2026-12-01 15.20")
    inge = Family(client_for(school.inge), talks)
    inge.book(school.sem, talks.host_6, "2026-12-01 15.40")
    page = carl.client.get(f"/meetings/{talks.round}/history").text
    assert "geboekt voor di 1 dec, 15.20 uur" in page and "door u" in page
    assert "verzet van di 1 dec, 15.20 uur naar di 1 dec, 15.40 uur" in page
    assert "door de andere ouder" in page


def test_the_history_tells_nothing_of_the_other_guardians_own_talk(client_for, school, talks, anna):
    daan = Family(client_for(school.daan), talks)
    before = anna.client.get(f"/meetings/{talks.round}/history").text
    daan.book(school.bram, talks.host_34, "2026-12-01 15.20")
    assert anna.client.get(f"/meetings/{talks.round}/history").text == before


def test_home_leads_to_what_is_to_choose_and_says_what_is_booked(school, talks, anna, at):
    bram, noor = talks.invitee(school.bram, school.anna), talks.invitee(school.noor)
    page = anna.client.get("/").text
    assert f'href="/meetings/{talks.round}?talk={bram}"' in page
    assert "Rapportgesprekken: kies een tijd (tot vr 27 nov)" in page
    anna.book(school.noor, talks.host_6, "2026-12-01 15.20")
    page = anna.client.get("/").text
    assert f"?talk={noor}" not in page
    assert "Gesprek bij juf Yara: di 1 dec, 15.20 uur" in page
    at("2026-12-01 15:30")
    assert "Rapportgesprekken" not in anna.client.get("/").text
    assert "Gesprek bij" not in anna.client.get("/").text


def test_the_calendar_file_has_the_familys_talks(client_for, school, talks, anna, rows):
    anna.book(school.noor, talks.host_6, "2026-12-01 15.20")
    Family(client_for(school.daan), talks).book(school.bram, talks.host_34, "2026-12-01 16.20")
    answer = anna.client.get(f"/meetings/{talks.round}/talks.ics")
    assert answer.mimetype == "text/calendar"
    assert answer.text.count("BEGIN:VEVENT") == 1
    assert "DTSTART:20261201T142000Z" in answer.text
    booking = next(one for one in rows(Booking) if one.booked_by == school.anna.id)
    assert f"UID:{booking.uid}@" in answer.text.replace("\r\n ", "")


def test_a_report_that_the_teacher_shares_is_there_for_this_family(app, client_for, school, talks, anna, at):
    anna.book(school.bram, talks.host_34, "2026-12-01 15.20")
    Family(client_for(school.daan), talks).book(school.bram, talks.host_34, "2026-12-01 15.40")
    bram = talks.invitee(school.bram, school.anna)
    with app.app_context():
        start_writing()
        db.session.add(
            TalkReport(
                invitee_id=bram,
                author_id=school.tess.id,
                text="Leest goed.",
                written_at=clock.now(),
                shared_at=clock.now(),
            )  # fmt: skip
        )
        db.session.commit()
    at("2026-12-02 09:00")
    assert "Leest goed." in anna.see()
    assert "Leest goed." not in client_for(school.daan).get(f"/meetings/{talks.round}").text


def test_where_a_time_is_taken_one_can_wait_for_it(school, talks, anna, carl):
    noor = talks.invitee(school.noor)
    link = f'href="/meetings/talks/{noor}/waiting"'
    assert link not in anna.see(noor)
    carl.book(school.sem, talks.host_6, "2026-12-01 15.00")
    assert link in anna.see(noor)


def test_on_the_day_itself_it_leads_to_whether_the_talks_are_on_time(school, talks, anna, at):
    anna.book(school.noor, talks.host_6, "2026-12-01 15.20")
    link = f'href="/meetings/{talks.round}/now"'
    assert link not in anna.see()
    at("2026-12-01 15:00")
    assert link in anna.see()
