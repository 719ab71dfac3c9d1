"""The page on which the office has a plan made, looks at it and accepts it."""

import re

import pytest

from portal import clock
from portal.domain.meeting_invitees import invite_families
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingPlan
from portal.models.meetings import Booking, MeetingRound, Slot


@pytest.fixture
def office(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def address(talks) -> str:
    return f"/school/meetings/{talks.round}/plan"


def plan_shown(page: str) -> str:
    return re.search(r'name="plan" value="(\d+)"', page)[1]


def test_it_says_what_a_plan_is_for_and_until_when_parents_choose(office, address):
    page = office.get(address).text
    assert "5 gesprekken hebben nog geen tijd" in page
    assert "vrijdag 27 november" in page


def test_it_names_what_cannot_fit_with_its_numbers(app, office, address, talks):
    with app.app_context():
        start_writing()
        for slot in db.session.query(Slot).filter_by(host_id=talks.host_6).order_by(Slot.id).offset(1):
            slot.state = "blocked"
        db.session.commit()
    page = office.get(address).text
    assert "3 tijden zijn nodig, 1 zijn er." in page
    assert "Groep 6 · juf Yara" in page


def test_a_plan_is_made_shown_and_booked(office, address, school, planning, rows):
    answer = office.post(address, data={"seconds": "30"})
    assert (answer.status_code, answer.headers["Location"]) == (303, address)
    (plan,) = rows(MeetingPlan)
    assert (plan.seconds, plan.asked_by, plan.state) == (30, school.otto.id, "waiting")
    page = office.get(address).text
    assert "De planner zoekt tijden" in page
    assert 'data-hx-trigger="every 2s"' in page
    assert office.get(f"{address}/progress").status_code == 200
    office.post(f"{address}/enough", data={"plan": plan.id})
    planning.work()
    assert office.get(f"{address}/progress").headers["HX-Refresh"] == "true"
    page = office.get(address).text
    assert "Een tijd voor 5 gesprekken" in page
    for child in (school.bram, school.noor, school.sem, school.lotte):
        assert child.name in page
    assert rows(Booking) == []
    answer = office.post(f"{address}/acceptance", data={"plan": plan_shown(page)})
    assert answer.status_code == 303
    assert "De gesprekken worden geboekt" in office.get(address).text
    planning.work()
    assert len(rows(Booking)) == 5
    page = office.get(address).text
    assert "5 gesprekken zijn geboekt" in page
    assert "Elk gesprek heeft een tijd" in page


def test_it_says_who_got_no_time_and_why(app, office, address, school, talks, planning):
    with app.app_context():
        start_writing()
        for slot in db.session.query(Slot).filter_by(host_id=talks.host_6).order_by(Slot.id).offset(2):
            slot.state = "blocked"
        db.session.commit()
    planning.made()
    page = office.get(address).text
    assert "één blijft over" in page
    assert "Anderen hebben alle tijden." in page


def test_it_says_who_was_first(office, address, school, talks, planning, rows):
    number = planning.made()
    sem = talks.invitee(school.sem)
    place = planning.result(number)["seats"][str(sem)][0]
    talks.change(Slot, place, state="blocked")
    office.post(f"{address}/acceptance", data={"plan": number})
    planning.work()
    page = office.get(address).text
    assert "Eén gesprek kon niet meer geboekt worden:" in page
    assert "iemand anders heeft deze tijd inmiddels" in page
    assert "4 gesprekken zijn geboekt" in page


def test_a_plan_that_is_not_the_one_shown_is_not_accepted(office, address, planning, rows):
    number = planning.made()
    assert office.post(f"{address}/acceptance", data={"plan": number + 1}).status_code == 409
    assert office.post(f"{address}/acceptance", data={"plan": "x"}).status_code == 409
    assert office.post(f"{address}/enough", data={}).status_code == 409
    assert office.post(f"{address}/removal", data={}).status_code == 409
    assert rows(MeetingPlan)[0].state == "ready"


def test_a_plan_of_an_older_set_up_can_only_be_made_again(office, address, talks, planning):
    number = planning.made()
    talks.change(MeetingRound, talks.round, revision=5)
    page = office.get(address).text
    assert "De ronde is veranderd nadat dit voorstel was gemaakt. Laat een nieuw voorstel maken." in page
    assert "/plan/acceptance" not in page
    assert office.post(f"{address}/acceptance", data={"plan": number}).status_code == 409


def test_a_plan_is_thrown_away(office, address, planning, rows):
    number = planning.made()
    answer = office.post(f"{address}/removal", data={"plan": number})
    assert answer.status_code == 303
    assert rows(MeetingPlan)[0].state == "dropped"
    assert rows(Booking) == []
    assert "5 gesprekken hebben nog geen tijd" in office.get(address).text


def test_only_one_plan_is_asked_for_at_a_time(office, address, rows):
    assert office.post(address).status_code == 303
    answer = office.post(address)
    assert answer.status_code == 409
    assert "Er wordt al een voorstel voor deze ronde gemaakt." in answer.text
    assert len(rows(MeetingPlan)) == 1


def test_no_plan_is_made_of_a_round_that_is_not_published_or_past(office, address, talks, rows, at):
    talks.change(MeetingRound, talks.round, published_at=None)
    assert "Deze ronde is niet gepubliceerd. U kunt haar nog niet invullen." in office.get(address).text
    assert office.post(address).status_code == 409
    talks.change(MeetingRound, talks.round, published_at=clock.now())
    at("2026-12-04 09:00")
    assert office.post(address).status_code == 409
    assert rows(MeetingPlan) == []


def test_a_failed_plan_can_be_asked_for_again(office, address, planning, talks, rows):
    number = planning.ask()
    talks.change(MeetingPlan, number, state="failed", finished_at=clock.now())
    page = office.get(address).text
    assert "Maak een voorstel" in page
    assert office.post(address).status_code == 303


def test_a_round_by_wishes_says_what_moves(office, address, school, talks, planning, rows):
    talks.change(MeetingRound, talks.round, kind="wishes")
    planning.accepted()
    sem = talks.invitee(school.sem)
    booking = next(one for one in rows(Booking) if one.invitee_id == sem)
    planning.made()
    assert "Door dit voorstel verandert er niets" in office.get(address).text
    assert booking.source == "plan"


def test_who_is_a_guardian_too_reads_nothing_of_the_own_child(client_for, school, address, planning, app):
    """Otto, who keeps the round, is now the guardian of Lotte."""
    with app.app_context():
        start_writing()
        db.session.execute(
            db.text("UPDATE guardianships SET user_id = :otto WHERE user_id = :tess"),
            {"otto": school.otto.id, "tess": school.tess.id},
        )
        db.session.commit()
    planning.made()
    page = client_for(school.otto).get(address).text
    assert school.lotte.name not in page
    assert "Eén daarvan ziet u hier niet." in page
    assert school.lotte.name in client_for(school.hedy).get(address).text


@pytest.mark.parametrize("state", ["none", "ready"])
def test_the_number_of_queries_does_not_grow_with_the_round(
    office, address, planning, many_pupils, talks, count_queries, app, state
):
    def count() -> int:
        if state == "ready":
            planning.made()
        with count_queries() as queries:
            assert office.get(address).status_code == 200
        return len(queries)

    count()
    before = count()
    many_pupils(12)
    with app.app_context():
        start_writing()
        invite_families(db.session.get_one(MeetingRound, talks.round), clock.now())
        db.session.commit()
    assert count() <= before
