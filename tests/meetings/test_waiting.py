"""Waiting for a time that is taken: it is offered to the first it suits, held for them, then to the next."""

import re
from datetime import timedelta

import pytest

from portal import clock, worker
from portal.access import Viewer
from portal.domain import meeting_offers, roster, shaping
from portal.domain.bookings import SlotTaken, cancel
from portal.domain.meeting_talk_lists import count_talks, is_unanswered
from portal.extensions import db
from portal.models.meeting_talks import MeetingEvent, SlotOffer, WaitingTime
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot
from portal.models.roster import Pupil
from tests.accounts.conftest import mailed_about_talks as mailed  # noqa: F401
from tests.meetings.office import AS_IT_IS, round_form


@pytest.fixture
def wait(school, talks, client_for):
    """Lets a guardian tick times of groep 6 about a child: wait(person, child, '2026-12-01 15.00', …)."""

    def tick(person, child, *moments):
        places = [str(talks.slot(talks.host_6, moment)) for moment in moments]
        address = f"/meetings/talks/{talks.invitee(child)}/waiting"
        answer = client_for(person).post(address, data={"slot": places})
        assert answer.status_code == 303, answer.text
        return answer

    return tick


@pytest.fixture
def give_up(school, do_now):
    def cancel_one(number: int, actor=None) -> None:
        viewer = Viewer(id=(actor or school.otto).id, role=None if actor else "office")
        do_now(lambda: cancel(db.session.get_one(Booking, number), viewer, clock.now()))

    return cancel_one


@pytest.fixture
def work(app, at):
    def work_at(moment: str) -> None:
        at(moment)
        with app.app_context():
            worker.run_jobs()

    return work_at


def offers(rows) -> list[tuple[int, str, str]]:
    return [
        (one.invitee_id, clock.to_local(one.starts_at).strftime("%H.%M"), one.answer)
        for one in rows(SlotOffer)
    ]


def held(rows) -> list[tuple[str, int]]:
    return [
        (clock.to_local(one.starts_at).strftime("%H.%M"), one.held_for)
        for one in rows(Slot)
        if one.held_for is not None
    ]


def test_the_page_lists_what_is_taken_and_keeps_what_was_ticked(school, talks, client_for, book_talk, wait):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.30"), state="blocked")
    address = f"/meetings/talks/{talks.invitee(school.sem)}/waiting"
    page = client_for(school.carl).get(address)
    assert page.text.count('name="slot"') == 1 and "15.00" in page.text and "15.30" not in page.text
    wait(school.carl, school.sem, "2026-12-01 15.00")
    # Carl and Inge come together: what one ticked, both see.
    assert 'name="slot"' in page.text
    assert " checked" in client_for(school.carl).get(address).text
    wait(school.carl, school.sem)
    assert " checked" not in client_for(school.carl).get(address).text


def test_a_time_that_is_given_up_is_held_for_who_waits_longest_and_both_guardians_are_told(
    rows,
    school,
    talks,
    at,
    book_talk,
    wait,
    give_up,
    mailed,  # noqa: F811
):
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    at("2026-11-24 08:10")
    wait(school.tess, school.lotte, "2026-12-01 15.00")
    mailed()
    give_up(number)
    sem = talks.invitee(school.sem)
    assert offers(rows) == [(sem, "15.00", "")] and held(rows) == [("15.00", sem)]
    told = {mail.recipients[0]: mail for mail in mailed() if "tijd vrij" in mail.subject}
    assert set(told) == {school.carl.email, school.inge.email}
    text = told[school.carl.email].text
    assert "dinsdag 1 december, 15.00 uur" in text and "20.10 uur" in text
    assert told[school.carl.email].links == ["http://127.0.0.1:8000/meetings/offers/1"]
    with pytest.raises(SlotTaken):
        book_talk(school.tess, school.lotte, talks.host_6, "2026-12-01 15.00")


def test_taking_it_gives_the_old_time_up_which_goes_to_the_next(
    rows, school, talks, client_for, book_talk, wait, give_up
):
    old = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 16.30")
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    wait(school.tess, school.lotte, "2026-12-01 16.30")
    give_up(number)
    client = client_for(school.carl)
    page = client.get("/meetings/offers/1").text
    assert "15.00" in page and "16.30 uur" in page
    answer = client.post("/meetings/offers/1/acceptance")
    assert answer.status_code == 303 and "is van u" in client.get(answer.location).text
    (booking,) = [one for one in rows(Booking) if not one.cancelled_at]
    assert (booking.id, booking.source) == (old, "waiting")
    assert clock.to_local(booking.starts_at).hour == 15
    lotte = talks.invitee(school.lotte)
    assert offers(rows) == [(talks.invitee(school.sem), "15.00", "taken"), (lotte, "16.30", "")]
    assert [one.invitee_id for one in rows(WaitingTime)] == [lotte]
    assert client.post("/meetings/offers/1/acceptance").status_code == 409


def test_who_passes_leaves_it_to_the_next_and_is_not_asked_again(
    rows, school, talks, client_for, book_talk, wait, give_up
):
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    wait(school.tess, school.lotte, "2026-12-01 15.00")
    give_up(number)
    client = client_for(school.carl)
    assert client.post("/meetings/offers/1/refusal").status_code == 303
    assert client.post("/meetings/offers/1/refusal").status_code == 303
    sem, lotte = talks.invitee(school.sem), talks.invitee(school.lotte)
    assert offers(rows) == [(sem, "15.00", "passed"), (lotte, "15.00", "")]
    assert held(rows) == [("15.00", lotte)]
    assert client.post("/meetings/offers/1/acceptance").status_code == 409
    client_for(school.tess).post("/meetings/offers/2/refusal")
    assert held(rows) == [] and rows(WaitingTime) == []


def test_an_offer_that_nobody_answers_goes_to_the_next(
    rows, school, talks, work, client_for, book_talk, wait, give_up
):
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    wait(school.tess, school.lotte, "2026-12-01 15.00")
    give_up(number)
    work("2026-11-24 19:54")
    assert [one[2] for one in offers(rows)] == [""]
    work("2026-11-24 19:56")
    assert [one[2] for one in offers(rows)] == ["expired", ""]
    assert held(rows) == [("15.00", talks.invitee(school.lotte))]
    assert client_for(school.carl).post("/meetings/offers/1/acceptance").status_code == 409


def test_while_the_worker_is_away_a_time_that_is_held_no_more_can_be_chosen(
    rows, school, talks, at, work, book_talk, wait, give_up
):
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    give_up(number)
    at("2026-11-24 21:00")
    number = book_talk(school.tess, school.lotte, talks.host_6, "2026-12-01 15.00")
    wait(school.anna, school.noor, "2026-12-01 15.00")
    give_up(number)
    work("2026-11-24 21:05")
    assert [one[2] for one in offers(rows)] == ["expired", ""]


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-11-25 10:00", "2026-11-25 22:00"),
        ("2026-11-26 23:00", "2026-11-27 11:00"),
        ("2026-11-27 10:00", "2026-11-27 11:00"),
        ("2026-11-27 16:30", "2026-11-27 17:00"),
    ],
)
def test_how_long_a_time_is_held(moment, until):
    closes_at, starts_at = clock.at_local("2026-11-27 17:00"), clock.at_local("2026-12-01 15:00")
    held = meeting_offers.held_until(clock.at_local(moment), 12, closes_at, starts_at)
    assert held == clock.at_local(until)


def test_after_the_deadline_nothing_is_offered(rows, school, talks, at, work, book_talk, wait, give_up):
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    at("2026-11-27 17:00")
    give_up(number)
    work("2026-11-27 17:05")
    assert offers(rows) == []


def test_a_double_talk_is_offered_two_places_that_follow_each_other(
    rows, school, talks, book_talk, wait, give_up
):
    talks.change(Invitee, talks.invitee(school.sem), minutes=20)
    first = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    second = book_talk(school.tess, school.lotte, talks.host_6, "2026-12-01 15.10")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    give_up(first)
    assert offers(rows) == []
    give_up(second)
    sem = talks.invitee(school.sem)
    assert held(rows) == [("15.00", sem), ("15.10", sem)] and offers(rows) == [(sem, "15.00", "")]


def test_a_time_too_close_to_another_talk_is_not_offered(rows, school, talks, book_talk, wait, give_up):
    book_talk(school.anna, school.bram, talks.host_34, "2026-12-01 15.10")
    number = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.00")
    wait(school.anna, school.noor, "2026-12-01 15.00")
    give_up(number)
    assert offers(rows) == []


def test_a_place_that_the_teacher_opens_is_offered(rows, school, talks, wait, do_now):
    place = talks.slot(talks.host_6, "2026-12-01 15.00")

    def wait_already():
        slot = db.session.get_one(Slot, place)
        now, sem = clock.now(), talks.invitee(school.sem)
        db.session.add(WaitingTime(invitee_id=sem, starts_at=slot.starts_at, ends_at=slot.ends_at, since=now))

    talks.change(Slot, place, state="blocked")
    do_now(wait_already)
    yara = Viewer(id=school.yara.id, role="teacher")
    do_now(lambda: shaping.set_state([db.session.get_one(Slot, place)], "open", yara, clock.now()))
    assert [one[1] for one in offers(rows)] == ["15.00"]


def test_moving_away_from_a_time_does_not_offer_it_to_oneself(rows, school, talks, book_talk, wait):
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.00")
    with_times = [clock.at_local("2026-12-01 15:00"), clock.at_local("2026-12-01 16:30")]
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 16.30")
    wait(school.carl, school.sem, "2026-12-01 16.30")
    assert [one.starts_at for one in rows(WaitingTime)] == with_times[1:]
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.20")
    assert offers(rows) == []


def test_a_free_time_that_is_ticked_is_offered_at_once(rows, school, talks, client_for, wait):
    wait(school.carl, school.sem, "2026-12-01 15.00")
    assert [one[1:] for one in offers(rows)] == [("15.00", "")]
    events = [one.what for one in rows(MeetingEvent) if one.what != "invited"]
    assert events == ["waits", "offered"]


def test_booking_the_held_time_oneself_closes_the_offer(rows, school, talks, book_talk, wait, give_up):
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    give_up(number)
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.00")
    assert [one[2] for one in offers(rows)] == ["taken"] and rows(WaitingTime) == []


def test_when_the_child_leaves_the_held_time_goes_to_the_next(
    rows, school, talks, do_now, book_talk, wait, give_up
):
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    wait(school.tess, school.lotte, "2026-12-01 15.00")
    give_up(number)
    do_now(
        lambda: roster.archive_pupil(
            db.session.get_one(Pupil, school.sem.id), clock.today(), None, clock.now(), clock.today()
        )
    )
    assert [one[2] for one in offers(rows)] == ["expired", ""]


def test_a_time_that_the_teacher_keeps_for_the_family_stays(
    rows, school, talks, client_for, book_talk, wait, give_up
):
    own = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 16.30")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    talks.change(Booking, own, fixed=True)
    answer = client_for(school.carl).post("/meetings/offers/1/acceptance")
    assert answer.status_code == 409 and "houdt deze tijd" in answer.text
    (booking,) = rows(Booking)
    assert clock.to_local(booking.starts_at).hour == 16


@pytest.mark.parametrize("who", ["anna", "tess", "otto"])
def test_another_family_finds_nothing(school, talks, client_for, wait, who):
    wait(school.carl, school.sem, "2026-12-01 15.00")
    client = client_for(getattr(school, who))
    assert client.get(f"/meetings/talks/{talks.invitee(school.sem)}/waiting").status_code == 404
    assert client.get("/meetings/offers/1").status_code == 404
    assert client.post("/meetings/offers/1/acceptance").status_code == 404


def test_a_ticked_time_that_the_teacher_takes_away_meanwhile_costs_the_others_nothing(
    rows, school, talks, client_for, book_talk
):
    carl, moments = client_for(school.carl), ("2026-12-01 15.00", "2026-12-01 15.20")
    book_talk(school.anna, school.noor, talks.host_6, moments[0])
    book_talk(school.tess, school.lotte, talks.host_6, "2026-12-01 15.10")
    ticked = [str(talks.slot(talks.host_6, moment)) for moment in moments]
    talks.change(Slot, int(ticked[1]), state="blocked")
    address = f"/meetings/talks/{talks.invitee(school.sem)}/waiting"
    answer = carl.post(address, data={"slot": ticked})
    assert answer.status_code == 303
    assert [clock.to_local(one.starts_at).strftime("%H.%M") for one in rows(WaitingTime)] == ["15.00"]
    page = carl.get(address).text
    assert "Een van de tijden is er niet meer." in page and "U staat op de wachtlijst." in page
    carl.post(address, data={"slot": ticked[1:]})
    page = carl.get(address).text
    assert "Een van de tijden is er niet meer." in page and "U wacht op geen" not in page


def test_nobody_waits_before_the_round_opens_or_for_places_of_another_table(
    rows, school, talks, client_for, wait
):
    address = f"/meetings/talks/{talks.invitee(school.sem)}/waiting"
    elsewhere = str(talks.slot(talks.host_34, "2026-12-01 15.00"))
    assert client_for(school.carl).post(address, data={"slot": elsewhere}).status_code == 404
    talks.change(MeetingRound, talks.round, opens_at=clock.now() + timedelta(days=1))
    place = str(talks.slot(talks.host_6, "2026-12-01 15.00"))
    answer = client_for(school.carl).post(address, data={"slot": place})
    assert answer.status_code == 422 and "Bel de school" in answer.text
    assert rows(WaitingTime) == []


def test_the_page_asks_as_much_for_many_times_as_for_few(school, talks, client_for, book_talk, count_queries):
    client, address = client_for(school.carl), f"/meetings/talks/{talks.invitee(school.sem)}/waiting"
    client.get(address)
    with count_queries() as few:
        client.get(address)
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    book_talk(school.tess, school.lotte, talks.host_6, "2026-12-01 15.10")
    with count_queries() as many:
        client.get(address)
    assert len(many) == len(few)


# --- places that nobody can take --------------------------------------------------------------------------


def plan_in(client, talks, invitee: int, moment: str, how: str):
    address = f"/staff/meetings/slots/{talks.slot(talks.host_6, moment)}/booking"
    answer = client.post(address, data={"talk": invitee, "how": how})
    assert answer.status_code == 303, answer.text


def kept(rows) -> list[str]:
    return [clock.to_local(one.starts_at).strftime("%H.%M") for one in rows(Slot) if one.reserved_for]


def test_who_gets_a_time_for_good_waits_no_more_and_the_offer_goes_to_the_next(
    rows, school, talks, client_for, book_talk, wait, give_up
):
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    wait(school.tess, school.lotte, "2026-12-01 15.00")
    give_up(number)
    sem, lotte = talks.invitee(school.sem), talks.invitee(school.lotte)
    plan_in(client_for(school.yara), talks, sem, "2026-12-01 16.30", "fix")
    assert offers(rows) == [(sem, "15.00", "passed"), (lotte, "15.00", "")]
    assert [one.invitee_id for one in rows(WaitingTime)] == [lotte]


def test_nothing_is_offered_to_who_has_a_time_for_good(rows, school, talks, book_talk, wait, give_up):
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    own = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 16.30")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    talks.change(Booking, own, fixed=True)
    give_up(number)
    assert offers(rows) == [] and held(rows) == []


def test_a_kept_time_is_kept_no_more_when_the_family_chooses_another(
    rows, school, talks, client_for, book_talk, wait
):
    sem, lotte = talks.invitee(school.sem), talks.invitee(school.lotte)
    plan_in(client_for(school.yara), talks, sem, "2026-12-01 15.00", "keep")
    assert kept(rows) == ["15.00"]
    wait(school.tess, school.lotte, "2026-12-01 15.00")
    assert offers(rows) == []
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.20")
    assert kept(rows) == [] and offers(rows) == [(lotte, "15.00", "")]


def test_a_kept_time_stays_the_familys_when_it_books_it_and_cancels(
    rows, school, talks, client_for, book_talk, give_up
):
    plan_in(client_for(school.yara), talks, talks.invitee(school.sem), "2026-12-01 15.00", "keep")
    number = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.00")
    give_up(number)
    assert kept(rows) == ["15.00"]


def test_a_time_that_is_kept_instead_of_another_leaves_that_to_who_waits(
    rows, school, talks, client_for, wait
):
    sem, lotte = talks.invitee(school.sem), talks.invitee(school.lotte)
    yara = client_for(school.yara)
    plan_in(yara, talks, sem, "2026-12-01 15.00", "keep")
    wait(school.tess, school.lotte, "2026-12-01 15.00")
    plan_in(yara, talks, sem, "2026-12-01 15.20", "keep")
    assert kept(rows) == ["15.20"] and offers(rows) == [(lotte, "15.00", "")]


def test_passing_twice_passes_no_other_offer(rows, school, talks, client_for, book_talk, wait, give_up):
    first = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    second = book_talk(school.tess, school.lotte, talks.host_6, "2026-12-01 16.30")
    wait(school.carl, school.sem, "2026-12-01 15.00", "2026-12-01 16.30")
    give_up(first)
    give_up(second)
    carl, sem = client_for(school.carl), talks.invitee(school.sem)
    for _ in range(2):
        assert carl.post("/meetings/offers/1/refusal").status_code == 303
    assert offers(rows) == [(sem, "15.00", "passed"), (sem, "16.30", "")]
    assert held(rows) == [("16.30", sem)]
    assert [event.what for event in rows(MeetingEvent)].count("passed") == 1


def test_a_time_is_held_until_it_begins_and_not_taken_after_that(rows, school, talks, at, wait, client_for):
    talks.change(MeetingRound, talks.round, closes_at=clock.at_local("2026-12-03 17:00"))
    at("2026-12-01 14:55")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    (offer,) = rows(SlotOffer)
    assert offer.expires_at == offer.starts_at == clock.at_local("2026-12-01 15:00")
    talks.change(SlotOffer, offer.id, expires_at=clock.at_local("2026-12-01 16:00"))
    at("2026-12-01 15:00")
    assert client_for(school.carl).post("/meetings/offers/1/acceptance").status_code == 409
    assert rows(Booking) == []


@pytest.fixture
def unanswered(app, school, talks):
    """Says how many talks Carl has said nothing about."""

    def count() -> int:
        with app.app_context():
            return count_talks(Viewer(id=school.carl.id), talks.round, is_unanswered(clock.now()))

    return count


def test_who_waits_for_a_time_that_a_change_took_away_has_not_answered(
    rows, school, talks, book_talk, wait, client_for, unanswered
):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    book_talk(school.tess, school.lotte, talks.host_6, "2026-12-03 18.40")
    wait(school.carl, school.sem, "2026-12-01 15.00", "2026-12-03 18.40")
    assert unanswered() == 0
    otto, address = client_for(school.otto), f"/school/meetings/{talks.round}"
    page = otto.post(address, data=round_form(school, **AS_IT_IS | {"days-0-day": "2026-12-02"})).text
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    otto.post(address, data={name: [value for key, value in fields if key == name] for name, _ in fields})
    assert [one.starts_at for one in rows(WaitingTime)] == [clock.at_local("2026-12-03 18:40")]
    assert unanswered() == 0
    talks.change(
        Slot, talks.slot(talks.host_6, "2026-12-03 18.40"), starts_at=clock.at_local("2026-12-03 18:41")
    )
    assert unanswered() == 1


def test_who_waits_for_a_time_that_is_past_has_not_answered(school, talks, book_talk, wait, at, unanswered):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    assert unanswered() == 0
    at("2026-12-01 15:00")
    assert unanswered() == 1


def test_the_offer_and_the_calendar_say_in_which_building(school, talks, wait, client_for, book_talk):
    talks.change(MeetingHost, talks.host_6, building="Dependance")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    carl = client_for(school.carl)
    assert "lokaal 6, Dependance" in carl.get("/meetings/offers/1").text
    carl.post("/meetings/offers/1/acceptance")
    file = carl.get(f"/meetings/{talks.round}/talks.ics").text.replace("\r\n ", "")
    assert "LOCATION:Lokaal 6\\, Dependance\\, De Lindeboog" in file


HELD = "15.00 uur op di 1 dec wordt voor u vastgehouden tot vandaag 19.55 uur"


@pytest.fixture
def carl_waits(school, talks, client_for, book_talk, wait):
    """Carl waits for the time that Anna has; his browser, and the number of her booking."""
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00")
    return client_for(school.carl), number


def test_home_and_the_rounds_say_who_waits_and_lead_to_what_is_held(
    rows, school, talks, carl_waits, give_up, work
):
    carl, number = carl_waits
    pages = ("/", "/meetings", f"/meetings/{talks.round}", f"/pupils/{school.sem.id}")
    assert all("op de wachtlijst" in carl.get(page).text for page in pages)
    assert f"/meetings/talks/{talks.invitee(school.sem)}/waiting" in carl.get(pages[2]).text
    assert all("wordt voor u vastgehouden" not in carl.get(page).text for page in pages)
    give_up(number)
    assert all("op de wachtlijst" not in carl.get(page).text for page in pages)
    for home in (pages[0], pages[3]):
        assert HELD in carl.get(home).text and 'href="/meetings/offers/1"' in carl.get(home).text
        assert "kies een tijd" not in carl.get(home).text
    assert "15.00 uur op dinsdag 1 december wordt voor u vastgehouden" in carl.get(pages[1]).text
    for act in ("acceptance", "refusal"):
        assert f'action="/meetings/offers/1/{act}"' in carl.get(pages[2]).text
    work("2026-11-24 19:56")
    assert all("wordt voor u vastgehouden" not in carl.get(page).text for page in pages)


def test_what_is_held_too_late_or_is_gone_is_not_said_before_the_worker_comes_by(
    school, talks, carl_waits, give_up, at
):
    carl, number = carl_waits
    give_up(number)
    place = talks.slot(talks.host_6, "2026-12-01 15.00")
    held_for, page = talks.invitee(school.sem), f"/meetings/{talks.round}"
    talks.change(Slot, place, held_for=None)
    assert "wordt voor u vastgehouden" not in carl.get("/").text + carl.get(page).text
    talks.change(Slot, place, held_for=held_for)
    assert HELD in carl.get("/").text
    at("2026-11-24 19:56")
    assert "wordt voor u vastgehouden" not in carl.get("/").text + carl.get(page).text


def test_a_time_that_is_held_stands_beside_the_time_that_would_be_given_up(
    school, talks, client_for, book_talk, carl_waits, give_up
):
    carl, number = carl_waits
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 16.30")
    client_for(school.carl).post(
        f"/meetings/talks/{talks.invitee(school.sem)}/waiting",
        data={"slot": talks.slot(talks.host_6, "2026-12-01 15.00")},
    )
    give_up(number)
    home = carl.get("/").text
    assert HELD in home and "di 1 dec, 16.30 uur" in home
    page = carl.get(f"/meetings/{talks.round}").text
    assert "16.30 uur. Die tijd geeft u op als u de nieuwe neemt." in page


def test_home_asks_as_many_queries_for_who_waits_or_is_offered_a_time(
    school, talks, client_for, book_talk, wait, give_up, count_queries
):
    carl = client_for(school.carl)
    carl.get("/")
    with count_queries() as without:
        carl.get("/")
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    wait(school.carl, school.sem, "2026-12-01 15.00", "2026-12-01 15.00")
    give_up(number)
    with count_queries() as held:
        carl.get("/")
    assert len(held) == len(without)


def test_who_ticks_nothing_and_never_waited_is_not_told_that_waiting_is_over(
    school, talks, client_for, book_talk, wait
):
    carl, address = client_for(school.carl), f"/meetings/talks/{talks.invitee(school.sem)}/waiting"
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    carl.post(address)
    assert "U hebt geen tijd aangevinkt" in carl.get(address).text
    wait(school.carl, school.sem, "2026-12-01 15.00")
    carl.post(address)
    assert "U wacht niet meer op een tijd" in carl.get(address).text
