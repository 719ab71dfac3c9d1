"""The whole school's talks of a day on one page."""

import re

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain.meeting_overview import overview
from portal.extensions import db, start_writing
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot
from portal.models.roster import Guardianship


@pytest.fixture
def office(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def address(talks) -> str:
    return f"/school/meetings/{talks.round}/evening"


def test_all_tables_stand_side_by_side(office, address, school, talks):
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, "2026-12-01 15.20")
    page = office.get(address).text
    assert "Dinsdag 1 december · één gesprek, 21 tijden vrij" in page
    assert "Groep 3/4" in page and "juf Tess en meester Tim" in page and "juf Yara" in page
    assert "Noor Smit" in page
    assert page.count("Vrij<span") == 21
    hint = "dan ziet u ook de vrije tijden"
    assert hint in page and hint not in office.get(f"{address}?table={talks.host_6}").text


def test_another_day_and_one_table_can_be_chosen(office, address, school, talks):
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, "2026-12-03 18.40")
    assert "Noor Smit" not in office.get(address).text
    page = office.get(f"{address}?day=2026-12-03").text
    assert "Noor Smit" in page
    page = office.get(f"{address}?day=2026-12-03&table={talks.host_34}").text
    assert "Noor Smit" not in page
    assert office.get(f"{address}?day=x&table=y").status_code == 200


def test_what_is_blocked_kept_or_of_one_parent_says_so(office, address, school, talks):
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.00"), state="blocked")
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.10"), reserved_for=talks.invitee(school.sem))
    talks.book(school.daan, talks.invitee(school.bram, school.daan), talks.host_34, "2026-12-01 15.20")
    page = office.get(address).text
    assert "Geblokkeerd" in page
    assert "Vrijgehouden voor Sem Peters" in page
    assert "met Daan Visser" in page


@pytest.mark.parametrize(
    ("room", "said"), [("12", "lokaal 12"), ("Hal", "Hal"), ("3a boven", "lokaal 3a boven")]
)
def test_a_room_with_a_name_is_called_by_it_everywhere(
    client_for, office, address, school, talks, room, said
):
    talks.change(MeetingHost, talks.host_6, room=room)
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, "2026-12-01 15.20")
    pages = [
        office.get(address).text,
        client_for(school.yara).get(f"/staff/meetings/tables/{talks.host_6}").text,
        client_for(school.anna).get(f"/meetings/{talks.round}").text,
    ]
    for page in pages:
        words = re.sub(r"<[^>]+>", "", page)
        assert said in words and "lokaal Hal" not in words and "lokaal lokaal" not in words


def test_a_double_talk_stands_on_two_lines(app, school, talks):
    noor = talks.invitee(school.noor)
    talks.change(Invitee, noor, minutes=20)
    talks.book(school.anna, noor, talks.host_6, "2026-12-01 15.20")
    with app.app_context(), app.test_request_context():
        viewer = Viewer(id=school.otto.id, role="office")
        round_ = db.session.get_one(MeetingRound, talks.round)
        found = overview(viewer, round_, None, None, clock.today(), clock.now())
        cells = [cell for _, line in found.lines for cell in line if cell.row and cell.row.kind == "booked"]
    assert [cell.lines for cell in cells] == [2]
    assert [len(line) for _, line in found.lines].count(1) == 1


def test_a_talk_of_the_own_child_is_only_taken(app, client_for, office, address, school, talks):
    talks.book(school.tess, talks.invitee(school.lotte), talks.host_6, "2026-12-01 15.20")
    with app.app_context():
        start_writing()
        db.session.add(
            Guardianship(pupil_id=school.lotte.id, user_id=school.otto.id, seat=2, created_at=clock.now())
        )
        db.session.commit()
    page = office.get(address).text
    assert "Lotte" not in page
    assert "Bezet" in page
    assert "Lotte" in client_for(school.hedy).get(address).text


def test_the_number_of_queries_does_not_grow_with_tables_and_talks(
    app, office, address, school, talks, count_queries
):
    def count() -> int:
        with count_queries() as queries:
            assert office.get(address).status_code == 200
        return len(queries)

    count()
    talks.book(school.carl, talks.invitee(school.sem), talks.host_6, "2026-12-01 16.20")
    before = count()
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, "2026-12-01 15.20")
    talks.book(school.daan, talks.invitee(school.bram, school.daan), talks.host_34, "2026-12-01 15.20")
    with app.app_context():
        assert db.session.query(Booking).count() == 3
    assert count() <= before


def test_where_times_run_out_the_office_reads_so_on_the_list_and_above_all_tables(
    app, office, address, school, talks, at
):
    words = "Weinig tijden over bij 1 tafel"
    for path in ("/school/meetings", address):
        assert "Weinig tijden over" not in office.get(path).text
    with app.app_context():
        start_writing()
        left = db.session.query(Slot).filter_by(host_id=talks.host_6).order_by(Slot.starts_at)[:14]
        for slot in left:
            slot.state = "blocked"
        db.session.commit()
    for path in ("/school/meetings", address, f"{address}?table={talks.host_34}"):
        assert words in office.get(path).text
    at("2026-12-04 09:00")
    for path in ("/school/meetings", address):
        assert "Weinig tijden over" not in office.get(path).text
