"""POST /meetings/<round>/wishes: a family says which half hours suit, for all its children at once."""

import re
from datetime import timedelta

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain.meeting_talk_lists import count_talks, is_unanswered
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingWish
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from tests.meetings.children import add_child
from tests.meetings.family import Family, at_time


@pytest.fixture
def anna(client_for, school, talks) -> Family:
    talks.change(MeetingRound, talks.round, kind="wishes")
    return Family(client_for(school.anna), talks)


def fields(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r'name="(wish-\d+)"', page)))


def filled_in(page: str) -> dict[str, str]:
    """What the form sends when nothing of it is changed."""
    return dict(re.findall(r'name="(wish-\d+)" value="(\d)" checked', page))


def give(family: Family, page: str = "", **wishes):
    """Send the form of a page, of now if none is given, with these answers changed."""
    shown = filled_in(page or family.client.get(f"/meetings/{family.talks.round}").text)
    return family.client.post(f"/meetings/{family.talks.round}/wishes", data=shown | wishes)


@pytest.fixture
def add_place(app, talks):
    """Lets school open a place at both tables on Wednesday at 8.00."""

    def add() -> None:
        starts_at = clock.at_local("2026-12-02 08:00")
        with app.app_context():
            start_writing()
            for host in (talks.host_34, talks.host_6):
                times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=10)}
                db.session.add(Slot(host_id=host, **times))
            db.session.commit()

    return add


def test_the_form_has_the_half_hours_of_the_tables(anna):
    page = anna.see()
    assert len(fields(page)) == 6
    assert "15.00–15.30 uur" in page and "19.00–19.30 uur" in page
    assert 'name="slot"' not in page


def test_wishes_hold_for_all_children_and_can_be_changed(rows, school, talks, anna):
    first, *_, last = names = fields(anna.see())
    answer = give(anna, **{first: "0", last: "2"})
    assert answer.status_code == 303
    assert "De school weet wat u past." in anna.see()
    own = {talks.invitee(school.bram, school.anna), talks.invitee(school.noor)}
    kept = [(one.invitee_id, at_time(one.starts_at), one.availability) for one in rows(MeetingWish)]
    assert len(kept) == len(own) * len(names)
    assert {talk for talk, _, _ in kept} == own
    assert {(moment, said) for _, moment, said in kept} >= {("1 15.00", 0), ("1 15.30", 1), ("3 19.00", 2)}
    give(anna, **dict.fromkeys(names, "2"))
    assert {one.availability for one in rows(MeetingWish)} == {2}
    assert len(rows(MeetingWish)) == len(own) * len(names)


def test_what_was_said_is_filled_in(anna):
    first = fields(anna.see())[0]
    give(anna, **{first: "0"})
    assert re.search(rf'name="{first}" value="0" checked', anna.see())


def test_nothing_suits_is_refused_with_what_was_said_in_place(rows, anna):
    names = fields(anna.see())
    answer = give(anna, **dict.fromkeys(names, "0"))
    assert answer.status_code == 422
    assert "Geef minstens één tijd aan waarop u kunt." in answer.text
    assert len(re.findall(r'value="0" checked', answer.text)) == len(names)
    assert rows(MeetingWish) == []


def test_after_the_deadline_nothing_changes(rows, anna, at):
    at("2026-11-27 17:00")
    assert give(anna).status_code == 409
    assert rows(MeetingWish) == []
    assert "School maakt het plan" in anna.see().replace("De school maakt", "School maakt")


def test_the_plan_is_read_like_every_talk_and_not_moved(rows, school, talks, anna, at):
    noor = talks.invitee(school.noor)
    talks.book(school.otto, noor, talks.host_6, "2026-12-01 15.20")
    at("2026-11-28 09:00")
    page = anna.see()
    assert "Dinsdag 1 december" in page and "15.20" in page
    assert "/cancellation" not in page
    assert anna.book(school.noor, talks.host_6, "2026-12-01 15.40").status_code == 409
    assert [at_time(one.starts_at) for one in rows(Booking)] == ["1 15.20"]


def test_in_a_round_by_booking_there_are_no_wishes(rows, talks, anna):
    talks.change(MeetingRound, talks.round, kind="booking")
    assert give(anna).status_code == 409
    assert rows(MeetingWish) == []


def test_each_of_two_who_come_apart_says_what_suits_alone(client_for, school, talks, anna):
    daan = Family(client_for(school.daan), talks)
    before = daan.see()
    give(anna, **{fields(anna.see())[0]: "2"})
    assert daan.see().replace("csrf", "").count("checked") == before.count("checked")
    assert "De school weet wat u past." not in daan.see()


def test_who_needs_no_talk_about_one_child_says_what_suits_for_the_others(rows, school, talks, anna):
    noor = talks.invitee(school.noor)
    anna.client.post(f"/meetings/talks/{noor}/need", data={"needed": "no"})
    assert "Toch een gesprek" in anna.see()
    give(anna, **{fields(anna.see())[0]: "2"})
    assert {wish.invitee_id for wish in rows(MeetingWish)} == {talks.invitee(school.bram, school.anna)}


def test_a_talk_that_has_a_time_already_is_there_with_all_of_it_above_the_form(school, talks, anna, at):
    noor = talks.invitee(school.noor)
    booking = talks.book(school.yara, noor, talks.host_6, "2026-12-01 15.20", "teacher")
    talks.change(Booking, booking, fixed=True, way="video", subjects="Over rekenen")
    page = anna.see()
    assert page.index("15.20") < page.index('name="wish-')
    for words in ("Over rekenen", "talks.ics", "/history", "video", f"/bookings/{booking}/details"):
        assert words in page
    assert "/cancellation" not in page
    at("2026-12-01 15:10")
    talks.change(MeetingRound, talks.round, closes_at=clock.at_local("2026-12-01 16:00"))
    assert "https://meet.jit.si/talk-" in anna.see()


@pytest.fixture
def carl(app, client_for, school, talks) -> Family:
    """Carl, whose children Sem and Fien are twins, in a round by wishes that lets them be one talk."""
    talks.change(MeetingRound, talks.round, kind="wishes", twins_together=True)
    add_child(app, school.carl, school.group_6, "Fien", school.inge, "Peters")
    return Family(client_for(school.carl), talks)


def test_twins_become_one_talk_and_two_again(rows, school, talks, carl):
    sem = talks.invitee(school.sem)
    page = carl.see()
    assert page.count("Eén gesprek over allebei kan ook") == 1
    join = re.search(r'action="(/meetings/talks/\d+/joining)".*?name="with" value="(\d+)"', page, re.S)
    assert carl.client.post(join[1], data={"with": join[2]}).status_code == 303
    joined = [one for one in rows(Invitee) if one.joined_to]
    assert len(joined) == 1 and sem in (joined[0].id, joined[0].joined_to)
    page = carl.see()
    assert "samen met" in page and "Eén gesprek over allebei" not in page
    assert carl.client.post(join[1]).status_code == 303
    assert [one for one in rows(Invitee) if one.joined_to] == []


def test_of_a_time_that_was_not_on_the_page_nothing_is_kept(rows, anna, add_place):
    page = anna.see()
    add_place()
    assert give(anna, page).status_code == 303
    assert "2 08.00" not in {at_time(one.starts_at) for one in rows(MeetingWish)}
    assert "De school heeft tijden toegevoegd nadat u antwoordde." in anna.see()


def test_what_was_said_of_a_time_stays_when_an_older_page_is_sent(rows, anna, add_place):
    page = anna.see()
    add_place()
    give(anna, **{"wish-202612020700": "2"})
    give(anna, page)
    assert {one.availability for one in rows(MeetingWish) if at_time(one.starts_at) == "2 08.00"} == {2}


def test_a_day_that_is_added_later_is_asked_for_and_suits_nobody_until_then(
    app, school, talks, anna, add_place
):
    give(anna)

    def unanswered() -> int:
        with app.app_context():
            return count_talks(Viewer(id=school.anna.id), talks.round, is_unanswered(clock.now()))

    assert unanswered() == 0 and "nieuw" not in anna.see()
    add_place()
    assert unanswered() == 2
    page = anna.see()
    assert "De school heeft tijden toegevoegd nadat u antwoordde." in page and page.count(">nieuw<") == 1
    assert re.search(r'name="wish-202612020700" value="0" checked', page)
    give(anna, **{"wish-202612020700": "1"})
    assert unanswered() == 0 and "tijden toegevoegd" not in anna.see()


def test_home_says_that_the_times_are_passed_on_until_school_adds_some(anna, add_place, count_queries):
    assert "geef aan welke tijden passen" in anna.client.get("/").text
    with count_queries() as before:
        anna.client.get("/")
    give(anna)
    with count_queries() as after:
        home = anna.client.get("/").text
    assert "uw tijden zijn doorgegeven (te wijzigen tot vr 27 nov)" in home and "geef aan" not in home
    assert len(before) == len(after)
    add_place()
    home = anna.client.get("/").text
    assert "geef aan welke tijden passen" in home and "doorgegeven" not in home


def test_that_one_guardian_passed_times_on_does_not_show_to_who_hides(client_for, school, anna):
    give(anna)
    home = client_for(school.daan).get("/").text
    assert "geef aan welke tijden passen" in home and "doorgegeven" not in home


@pytest.fixture
def planned(school, talks, anna, do_now) -> int:
    """The plan gave Anna's talk about Noor Tuesday at 15.20, after she said what suits."""
    give(anna)
    noor = talks.invitee(school.noor)
    return talks.book(school.otto, noor, talks.host_6, "2026-12-01 15.20", "plan")


def object_to(family: Family, booking: int):
    page = family.see()
    assert f'action="/meetings/bookings/{booking}/objection"' in page
    shown = re.search(rf'bookings/{booking}/objection".*?name="shown" value="([^"]*)"', page, re.S)[1]
    return family.client.post(f"/meetings/bookings/{booking}/objection", data={"shown": shown})


def test_once_planned_the_page_says_so_and_lets_the_family_say_that_the_time_does_not_suit(
    rows, school, talks, anna, planned
):
    page = anna.see()
    assert "De school plant wat nog geen tijd heeft." in page and "maakt daarna een plan" not in page
    bram = talks.invitee(school.bram, school.anna)
    talks.book(school.otto, bram, talks.host_34, "2026-12-03 18.30", "plan")
    assert "Uw gesprekken zijn gepland." in anna.see()
    assert object_to(anna, planned).status_code == 303
    page = anna.see()
    assert "De school ziet dat een geplande tijd u niet past" in page
    assert page.count("U gaf door dat deze tijd niet past. De school zoekt een andere") == 1
    assert page.count("/objection") == 1
    said = {(at_time(one.starts_at), one.availability) for one in rows(MeetingWish)}
    assert ("1 15.00", 0) in said and {one for _, one in said} == {0, 1}
    times = [(at_time(one.starts_at), one.cancelled_at) for one in rows(Booking)]
    assert times == [("1 15.20", None), ("3 18.30", None)]


def test_a_planned_time_may_be_objected_to_until_school_has_settled_the_round(anna, talks, planned, at):
    at("2026-11-28 09:00")
    talks.change(MeetingRound, talks.round, filled_by=clock.at_local("2026-11-29 17:00"))
    page = anna.see()
    assert "Tijden doorgeven kan niet meer." in page and "kiezen" not in page
    at("2026-11-29 17:00")
    assert "/objection" not in anna.see()
    assert anna.client.post(f"/meetings/bookings/{planned}/objection").status_code == 409
    at("2026-11-29 16:59")
    assert object_to(anna, planned).status_code == 303
    assert "De school zoekt een andere" in anna.see()


def test_no_other_time_or_one_that_school_keeps_is_not_objected_to(rows, anna, talks, planned):
    address = f"/meetings/bookings/{planned}/objection"
    assert anna.client.post(address, data={"shown": "0"}).status_code == 409
    names = fields(anna.see())
    give(anna, **dict.fromkeys(names, "0") | {names[0]: "1"})
    answer = anna.client.post(address)
    assert answer.status_code == 409 and "Geef minstens één tijd aan" in answer.text
    talks.change(Booking, planned, fixed=True)
    assert "/objection" not in anna.see()
    assert anna.client.post(address).status_code == 409
    assert 0 not in {one.availability for one in rows(MeetingWish) if at_time(one.starts_at) == "1 15.00"}


def test_in_a_round_by_booking_no_time_is_objected_to(rows, talks, anna, planned):
    talks.change(MeetingRound, talks.round, kind="booking")
    assert anna.client.post(f"/meetings/bookings/{planned}/objection").status_code == 409
    assert "/objection" not in anna.see()


def test_who_says_later_that_the_planned_time_does_not_suit_is_told_and_shows_at_the_office(
    client_for, school, talks, anna, planned
):
    otto = client_for(school.otto)
    pages = [f"/school/meetings/{talks.round}/{page}" for page in ("plan", "families")]
    assert all("geplande tijd" not in otto.get(page).text for page in pages)
    give(anna, **{fields(anna.see())[1]: "0"})
    assert "De geplande tijden blijven staan." in anna.see()
    assert all("geplande tijd" not in otto.get(page).text for page in pages)
    give(anna, **{fields(anna.see())[0]: "0"})
    assert "De school ziet dat een geplande tijd u niet past" in anna.see()
    assert all("1 gezin kan niet meer op de geplande tijd" in otto.get(page).text for page in pages)
    assert re.search(r"Noor [^<]*</bdi>(</a>)?[^<]*(</a>)?: di 1 dec, 15.20 uur", otto.get(pages[0]).text)


def test_who_keeps_the_round_and_is_the_childs_guardian_reads_nothing_of_it_there(
    app, client_for, school, talks, anna, planned
):
    object_to(anna, planned)
    with app.app_context():
        start_writing()
        db.session.execute(
            db.text("UPDATE guardianships SET user_id = :otto WHERE user_id = :anna"),
            {"otto": school.otto.id, "anna": school.anna.id},
        )
        db.session.commit()
    address = f"/school/meetings/{talks.round}/plan"
    assert "geplande tijd" not in client_for(school.otto).get(address).text
    assert "1 gezin kan niet meer op de geplande tijd" in client_for(school.hedy).get(address).text


def test_a_plan_made_again_moves_who_cannot_come_and_nobody_else(
    client_for, school, talks, anna, planned, planning
):
    sem = talks.invitee(school.sem)
    talks.book(school.otto, sem, talks.host_6, "2026-12-01 16.30", "plan")
    object_to(anna, planned)
    planning.accepted()
    noor = talks.invitee(school.noor)
    times = planning.times()
    assert times[sem] == "01 16.30" and times[noor] not in ("01 15.00", "01 15.10", "01 15.20")
    assert "geplande tijd" not in client_for(school.otto).get(f"/school/meetings/{talks.round}/plan").text
    assert "De school zoekt een andere" not in anna.see()


def test_what_school_books_all_the_same_is_not_named(client_for, school, talks, anna):
    give(anna, **{fields(anna.see())[0]: "0"})
    noor = talks.invitee(school.noor)
    talks.book(school.otto, noor, talks.host_6, "2026-12-01 15.20", "office")
    assert "geplande tijd" not in client_for(school.otto).get(f"/school/meetings/{talks.round}/plan").text


def test_the_office_sees_the_half_hours_as_a_parent_does(client_for, school, talks, anna):
    otto = client_for(school.otto)
    page = otto.get(f"/school/meetings/{talks.round}/look").text
    shown = re.findall(r'<fieldset class="wish"><legend>([^<]*)<', page)
    assert shown == re.findall(r'<fieldset class="wish"><legend>([^<]*)<', anna.see())[: len(shown)]
    assert len(shown) == 6 and page.count("liefst") == 6 and 'name="time"' not in page
    assert "Kiezen" not in page and "geven ouders in deze ronde door" in page


def test_the_words_are_those_of_passing_on(client_for, school, talks, anna, at):
    listed = anna.client.get("/meetings").text
    assert "U kunt tot vrijdag 27 november" in listed and "Kies tot" not in listed
    families = client_for(school.otto).get(f"/school/meetings/{talks.round}/families").text
    assert "hebben nog geen tijd" in families and "gekozen" not in families
    set_up = client_for(school.otto).get(f"/school/meetings/{talks.round}").text
    assert "Wanneer geven ouders hun tijden door?" in set_up and "Wanneer kiezen ouders" not in set_up
    noor = talks.invitee(school.noor)
    anna.client.post(f"/meetings/talks/{noor}/need", data={"needed": "no"})
    refused = give(anna, **dict.fromkeys(fields(anna.see()), "0"))
    assert "Toch een gesprek" in refused.text and "Toch een tijd kiezen" not in refused.text
    talks.change(Invitee, noor, declined_at=None)
    at("2026-11-10 09:00")
    for page in (anna.see(), anna.client.get("/").text, anna.client.get("/meetings").text):
        assert "doorgeven welke tijden passen" in page and "u kiest" not in page.lower()
