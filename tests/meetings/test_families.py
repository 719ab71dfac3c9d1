"""The office's list of families to call, and what it does for one that is on the phone."""

import pytest

from portal import clock
from portal.domain.meeting_invitees import invite_families
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingEvent
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.models.roster import Guardianship


@pytest.fixture
def office(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def address(talks) -> str:
    return f"/school/meetings/{talks.round}/families"


def become_guardian(app, person, child):
    """Let somebody who works here be the second guardian of a child."""
    with app.app_context():
        start_writing()
        db.session.add(Guardianship(pupil_id=child.id, user_id=person.id, seat=2, created_at=clock.now()))
        db.session.commit()


def test_it_lists_who_has_no_time_with_their_numbers(office, address, school):
    page = office.get(address).text
    for name in ("Anna Bakker", "Daan Visser", "Tess Jansen", "Bram", "Noor", "06 5550 1234"):
        assert name in page
    assert "4 gezinnen hebben nog niet gekozen" in page


def test_brothers_and_sisters_are_one_family_and_parents_apart_are_two(office, address, school):
    page = office.get(address).text
    rows = [row for row in page.split("<tr>") if "06 5550" in row]
    (annas,) = [row for row in rows if "Anna Bakker" in row]
    assert "Bram" in annas and "Noor" in annas and "Daan" not in annas
    (daans,) = [row for row in rows if "Daan Visser" in row]
    assert "Bram" in daans and "Noor" not in daans


def test_who_has_a_time_or_declined_is_not_called(office, address, school, talks):
    talks.book(school.carl, talks.invitee(school.sem), talks.host_6, "2026-12-01 15.20")
    talks.change(Invitee, talks.invitee(school.lotte), declined_at=clock.now())
    page = office.get(address).text
    assert "Carl" not in page and "Tess Jansen" not in page
    page = office.get(f"{address}?show=answered").text
    assert "di 1 dec, 15.20 uur" in page
    assert "het gezin vindt een gesprek niet nodig" in page
    assert "Anna Bakker" not in page
    assert "Anna Bakker" in office.get(f"{address}?show=all").text


def test_the_list_can_be_of_one_table(office, address, school, talks):
    page = office.get(f"{address}?table={talks.host_34}").text
    assert "Daan Visser" in page
    assert "Carl" not in page


def test_it_is_empty_when_everybody_has_answered(app, office, address, talks):
    with app.app_context():
        start_writing()
        for invitee in db.session.query(Invitee):
            invitee.declined_at = clock.now()
        db.session.commit()
    page = office.get(address).text
    assert "Niemand om te bellen" in page
    assert "Elk gezin heeft geantwoord" in page


def test_the_family_page_shows_talks_numbers_and_who_did_what(office, address, school, talks):
    noor = talks.invitee(school.noor)
    talks.book(school.anna, noor, talks.host_6, "2026-12-01 15.20")
    page = office.get(f"{address}/{noor}").text
    assert "Dinsdag 1 december" in page and "15.20" in page
    assert "06 5550 1234" in page
    assert "Anna Bakker</bdi>" in page
    assert "geboekt voor di 1 dec, 15.20 uur" in page
    assert "Bram" in page and "Daan" not in page


def test_a_time_is_booked_moved_and_cancelled_by_phone(office, address, school, talks, rows):
    noor = talks.invitee(school.noor)
    place = talks.slot(talks.host_6, "2026-12-01 15.20")
    page = office.get(f"{address}/{noor}/booking").text
    assert f'value="{place}"' in page
    answer = office.post(f"{address}/{noor}/booking", data={"slot": place, "was": ""})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{address}/{noor}")
    (booking,) = rows(Booking)
    assert (booking.source, booking.booked_by, booking.fixed) == ("office", school.otto.id, False)
    later = talks.slot(talks.host_6, "2026-12-03 18.40")
    assert (
        office.post(f"{address}/{noor}/booking", data={"slot": later, "was": booking.id}).status_code == 303
    )
    assert [slot.id for slot in rows(Slot) if slot.booking_id] == [later]
    answer = office.post(f"{address}/{noor}/cancellation", data={"booking": booking.id})
    assert answer.status_code == 303
    assert rows(Booking)[0].cancelled_at
    assert [event.what for event in rows(MeetingEvent)] == ["booked", "moved", "cancelled"]
    page = office.get(f"{address}/{noor}").text
    assert "afgezegd, was do 3 dec, 18.40 uur" in page
    assert "Otto Vos" in page


def test_a_time_that_has_begun_is_not_booked_from_an_old_page(office, address, school, talks, rows, at):
    noor, place = talks.invitee(school.noor), talks.slot(talks.host_6, "2026-12-01 15.20")
    at("2026-12-01 15:20")
    answer = office.post(f"{address}/{noor}/booking", data={"slot": place, "was": ""})
    assert answer.status_code == 409 and "Deze tijd is voorbij. Kies een andere." in answer.text
    assert rows(Booking) == []


def test_what_only_school_moves_stays_so(office, address, school, talks, rows):
    noor = talks.invitee(school.noor)
    number = talks.book(school.anna, noor, talks.host_6, "2026-12-01 15.20")
    talks.change(Booking, number, fixed=True)
    place = talks.slot(talks.host_6, "2026-12-01 16.20")
    office.post(f"{address}/{noor}/booking", data={"slot": place, "was": number})
    assert rows(Booking)[0].fixed


def test_a_time_too_close_to_a_sisters_says_so_and_cannot_be_booked(office, address, school, talks, rows):
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, "2026-12-01 15.20")
    bram = talks.invitee(school.bram, school.anna)
    page = office.get(f"{address}/{bram}/booking").text
    assert "te dicht bij Noor" in page
    place = talks.slot(talks.host_34, "2026-12-01 15.30")
    answer = office.post(f"{address}/{bram}/booking", data={"slot": place, "was": ""})
    assert answer.status_code == 409
    assert len(rows(Booking)) == 1


def test_a_place_that_somebody_took_and_a_page_that_is_old_change_nothing(
    office, address, school, talks, rows
):
    noor = talks.invitee(school.noor)
    place = talks.slot(talks.host_6, "2026-12-01 15.20")
    taken = talks.book(school.carl, talks.invitee(school.sem), talks.host_6, "2026-12-01 15.20")
    answer = office.post(f"{address}/{noor}/booking", data={"slot": place, "was": ""})
    assert answer.status_code == 409
    assert "Deze tijd is net door een ander gekozen" in answer.text
    free = talks.slot(talks.host_6, "2026-12-01 15.40")
    answer = office.post(f"{address}/{noor}/booking", data={"slot": free, "was": taken})
    assert answer.status_code == 409
    assert office.post(f"{address}/{noor}/booking", data={}).status_code == 422
    assert len(rows(Booking)) == 1


def test_nothing_is_booked_in_a_round_that_nobody_sees(office, address, school, talks, rows):
    talks.change(MeetingRound, talks.round, published_at=None)
    place = talks.slot(talks.host_6, "2026-12-01 15.20")
    answer = office.post(f"{address}/{talks.invitee(school.noor)}/booking", data={"slot": place, "was": ""})
    assert answer.status_code == 409
    assert rows(Booking) == []


def test_a_talk_of_another_round_or_booking_is_not_there(office, address, school, talks):
    noor, sem = talks.invitee(school.noor), talks.invitee(school.sem)
    number = talks.book(school.carl, sem, talks.host_6, "2026-12-01 15.20")
    assert office.post(f"{address}/{noor}/cancellation", data={"booking": number}).status_code == 404
    assert office.get(f"/school/meetings/{talks.round + 1}/families/{noor}").status_code == 404
    place = talks.slot(talks.host_6, "2026-12-01 15.40")
    elsewhere = f"/school/meetings/{talks.round + 1}/families/{noor}/booking"
    assert office.post(elsewhere, data={"slot": place}).status_code == 404
    assert office.get(f"{address}/999/booking").status_code == 404


def test_who_works_here_reads_nothing_of_the_own_child(app, client_for, school, address, talks):
    become_guardian(app, school.otto, school.lotte)
    lotte = talks.invitee(school.lotte)
    otto, hedy = client_for(school.otto), client_for(school.hedy)
    assert "Lotte" not in otto.get(f"{address}?show=all").text
    assert otto.get(f"{address}/{lotte}").status_code == 404
    assert otto.get(f"{address}/{lotte}/booking").status_code == 404
    place = talks.slot(talks.host_6, "2026-12-01 15.40")
    assert otto.post(f"{address}/{lotte}/booking", data={"slot": place, "was": ""}).status_code == 404
    assert "Lotte" in hedy.get(f"{address}?show=all").text


@pytest.mark.parametrize("page", ["", "?show=all", "/{noor}", "/{noor}/booking"])
def test_the_number_of_queries_does_not_grow_with_the_families(
    app, office, address, school, talks, many_pupils, count_queries, page
):
    path = address + page.format(noor=talks.invitee(school.noor))

    def count() -> int:
        with count_queries() as queries:
            assert office.get(path).status_code == 200
        return len(queries)

    count()
    before = count()
    many_pupils(70)
    with app.app_context():
        start_writing()
        invite_families(db.session.get_one(MeetingRound, talks.round), clock.now())
        db.session.commit()
    assert count() <= before


def test_a_long_list_has_pages_and_a_whole_one_to_print(app, office, address, talks, many_pupils):
    many_pupils(70)
    with app.app_context():
        start_writing()
        invite_families(db.session.get_one(MeetingRound, talks.round), clock.now())
        db.session.commit()
    page = office.get(address).text
    assert "Bladzijde 1 van 2" in page
    assert "Kind 69" not in page
    assert "Kind 69" in office.get(f"{address}?page=2").text
    assert "Kind 69" in office.get(f"{address}?whole=1").text
