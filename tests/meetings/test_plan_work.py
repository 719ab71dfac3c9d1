"""A plan is asked for by the office, made by one worker at a time, and booked when it is accepted."""

import re
import threading
from datetime import timedelta

import pytest
from sqlalchemy import event

from portal import clock
from portal.access import Viewer
from portal.domain import bookings, meeting_plans, plan_work
from portal.domain.bookings import Choice, book
from portal.domain.plan_work import LEASE
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingEvent, MeetingPlan, MeetingWish
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot
from portal.models.roster import Guardianship


@pytest.fixture
def booked(app, talks):
    """Books a talk at a time, as somebody."""

    def book_it(person, invitee, host, moment, source="guardian", **given):
        with app.app_context():
            start_writing()
            slot = db.session.get_one(Slot, talks.slot(host, moment))
            choice = Choice(db.session.get_one(Invitee, invitee), slot)
            (made,) = book([choice], Viewer(id=person.id), clock.now(), source, **given)
            number = made.id
            db.session.commit()
        return number

    return book_it


def test_everybody_gets_a_time_and_nothing_holds_before_the_office_accepts(rows, school, planning):
    number = planning.made()
    plan, result = planning.plan(number), planning.result(number)
    assert (plan.state, plan.attempts, plan.leased_until) == ("ready", 1, None)
    assert len(result["seats"]) == 5
    assert (result["left"], result["cannot"]) == ([], [])
    assert rows(Booking) == rows(MeetingEvent) == []
    planning.do(meeting_plans.accept_plan, number)
    assert rows(Booking) == []
    planning.work()
    assert planning.plan(number).state == "accepted"
    assert planning.lost(number) == {}
    assert {(one.source, one.booked_by) for one in rows(Booking)} == {("plan", school.otto.id)}
    assert [one.what for one in rows(MeetingEvent)] == ["booked"] * 5
    assert len(planning.times()) == 5


def test_what_is_booked_stays_and_others_come_around_it(school, talks, planning, booked):
    noor, bram = talks.invitee(school.noor), talks.invitee(school.bram, school.anna)
    booked(school.anna, noor, talks.host_6, "2026-12-01 15.20")
    planning.accepted()
    times = planning.times()
    assert times[noor] == "01 15.20"
    assert times[bram] in ("01 15.00", "01 15.40")
    assert len(times) == 5


def test_who_declined_or_is_not_needed_is_not_planned(school, talks, planning):
    talks.change(Invitee, talks.invitee(school.sem), declined_at=clock.now())
    talks.change(Invitee, talks.invitee(school.lotte), asked="not_needed")
    result = planning.result(planning.made())
    assert len(result["seats"]) == 3
    assert result["left"] == []


def test_blocked_kept_held_and_past_places_are_not_given(app, rows, school, talks, planning):
    sem = talks.invitee(school.sem)
    kept = talks.slot(talks.host_6, "2026-12-03 18.40")
    with app.app_context():
        start_writing()
        for slot in db.session.query(Slot).filter_by(host_id=talks.host_6):
            slot.state = "blocked"
        db.session.commit()
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.00"), state="open")
    talks.change(Slot, kept, state="open", reserved_for=sem)
    held = talks.slot(talks.host_6, "2026-12-01 15.30")
    later = clock.now() + timedelta(hours=1)
    talks.change(Slot, held, state="open", held_for=sem, held_until=later)
    clock.set_now(clock.now() + timedelta(minutes=1))
    number = planning.made()
    result = planning.result(number)
    assert result["seats"][str(sem)] == [kept]
    assert held not in [place for seat in result["seats"].values() for place in seat]
    (left,) = result["left"]
    assert (left["why"], left["places"]) == ("teacher-full", 1)
    clock.set_now(later + timedelta(minutes=1))
    assert planning.result(planning.made())["left"] == []
    clock.set_now(clock.at_local("2026-12-01 16:59"))
    assert len(planning.result(planning.made())["left"]) == 2


def test_what_cannot_fit_is_named_with_its_numbers_before_anything_runs(app, school, talks, planning):
    with app.app_context():
        start_writing()
        for slot in db.session.query(Slot).filter_by(host_id=talks.host_6):
            slot.state = "blocked"
        db.session.commit()
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.00"), state="open")
    with app.app_context():
        talks_wanted, (one,) = meeting_plans.to_plan(
            db.session.get_one(MeetingRound, talks.round), clock.now()
        )
    assert talks_wanted == 5
    assert (one.lack, one.needed, one.available, one.teachers) == ("teacher-full", 3, 1, (talks.host_6,))
    assert planning.result(planning.made())["cannot"][0]["needed"] == 3


def test_the_wishes_of_a_family_are_kept(app, school, talks, planning):
    talks.change(MeetingRound, talks.round, kind="wishes")
    noor, bram = talks.invitee(school.noor), talks.invitee(school.bram, school.anna)
    with app.app_context():
        start_writing()
        for first, last, said in (("18:30", "19:00", 2), ("19:00", "19:30", 1)):
            db.session.add(
                MeetingWish(
                    invitee_id=noor,
                    starts_at=clock.at_local(f"2026-12-03 {first}"),
                    ends_at=clock.at_local(f"2026-12-03 {last}"),
                    availability=said,
                    said_by=school.anna.id,
                    said_at=clock.now(),
                )
            )
        db.session.commit()
    planning.accepted()
    times = planning.times()
    assert times[noor].startswith("03") and times[bram].startswith("03")
    assert {times[noor], times[bram]} <= {"03 18.30", "03 18.40", "03 18.50"}


def cancel(app, invitee):
    with app.app_context():
        start_writing()
        booking = db.session.query(Booking).filter_by(invitee_id=invitee, cancelled_at=None).one()
        bookings.cancel(booking, None, clock.now())
        db.session.commit()


def only(app, talks, *moments):
    """Leave the table of groep 6 only these places."""
    with app.app_context():
        start_writing()
        for slot in db.session.query(Slot).filter_by(host_id=talks.host_6):
            slot.state = "blocked"
        db.session.commit()
    for moment in moments:
        talks.change(Slot, talks.slot(talks.host_6, moment), state="open")


def test_a_late_change_moves_nobody_without_need(app, school, talks, planning):
    talks.change(MeetingRound, talks.round, kind="wishes")
    planning.accepted(seconds=1)
    before, sem = planning.times(), talks.invitee(school.sem)
    assert planning.result(planning.made(seconds=1))["seats"] == {}
    cancel(app, sem)
    talks.change(Slot, talks.slot(talks.host_6, f"2026-12-{before.pop(sem)}"), state="blocked")
    planning.accepted(seconds=1)
    after = planning.times()
    assert after.pop(sem)
    assert after == before


def test_a_late_change_moves_who_was_planned_when_that_places_a_talk_more(app, rows, school, talks, planning):
    talks.change(MeetingRound, talks.round, kind="wishes")
    only(app, talks, "2026-12-01 15.00", "2026-12-03 18.30", "2026-12-03 19.00")
    planning.accepted(seconds=1)
    before, sem = planning.times(), talks.invitee(school.sem)
    place = next(time for talk, time in before.items() if talk != sem and time in ("03 18.30", "03 19.00"))
    moved = next(talk for talk, time in before.items() if time == place)
    cancel(app, sem)
    starts_at = clock.at_local(f"2026-12-{place}".replace(".", ":"))
    with app.app_context():
        start_writing()
        wish = {"said_by": school.carl.id, "said_at": clock.now(), "availability": 1}
        ends_at = starts_at + timedelta(minutes=30)
        db.session.add(MeetingWish(invitee_id=sem, starts_at=starts_at, ends_at=ends_at, **wish))
        db.session.commit()
    number = planning.accepted(seconds=1)
    assert planning.lost(number) == {}
    assert planning.times()[sem] == place
    assert planning.times()[moved] == before[sem]
    assert {one.what for one in rows(MeetingEvent)} == {"booked", "cancelled", "moved"}


def test_who_booked_meanwhile_keeps_that_and_the_others_are_booked(school, talks, planning, booked):
    number = planning.made()
    sem = talks.invitee(school.sem)
    booked(school.carl, sem, talks.host_6, "2026-12-03 19.20")
    planning.do(meeting_plans.accept_plan, number)
    planning.work()
    assert planning.lost(number) == {str(sem): "changed"}
    assert planning.times()[sem] == "03 19.20"
    assert len(planning.times()) == 5


def test_a_place_that_somebody_else_took_is_told(app, rows, school, talks, planning):
    number = planning.made()
    seats = planning.result(number)["seats"]
    sem = talks.invitee(school.sem)
    talks.change(Slot, seats[str(sem)][0], state="blocked")
    planning.do(meeting_plans.accept_plan, number)
    planning.work()
    assert planning.lost(number) == {str(sem): "taken"}
    assert len(planning.times()) == 4


def test_who_declined_meanwhile_is_not_booked(school, talks, planning):
    number = planning.made()
    sem = talks.invitee(school.sem)
    talks.change(Invitee, sem, declined_at=clock.now())
    planning.do(meeting_plans.accept_plan, number)
    planning.work()
    assert planning.lost(number) == {str(sem): "gone"}


def test_a_plan_of_an_older_set_up_is_not_accepted(talks, planning):
    number = planning.made()
    talks.change(MeetingRound, talks.round, revision=7)
    with pytest.raises(Refused):
        planning.do(meeting_plans.accept_plan, number)


def test_one_plan_is_made_at_a_time(planning):
    planning.ask()
    with pytest.raises(Refused):
        planning.ask()


def test_a_new_plan_takes_the_place_of_one_that_was_not_accepted(planning):
    first = planning.made()
    planning.made()
    assert planning.plan(first).state == "dropped"


def test_good_enough_stops_the_planner(planning):
    number = planning.ask(seconds=600)
    planning.do(meeting_plans.say_enough, number)
    planning.work()
    assert planning.plan(number).state == "ready"


def test_a_dropped_plan_is_not_made_and_changes_nothing(rows, planning):
    number = planning.ask()
    planning.do(meeting_plans.drop_plan, number)
    planning.work()
    assert planning.plan(number).state == "dropped"
    number = planning.accepted()
    with pytest.raises(Refused):
        planning.do(meeting_plans.drop_plan, number)


def lease(app):
    with app.app_context():
        start_writing()
        task = plan_work.lease(clock.now())
        db.session.commit()
        return task


def test_each_plan_is_made_by_one_worker(app, planning):
    planning.ask()
    taken, gate = [], threading.Barrier(4)

    def take() -> None:
        gate.wait(20)
        taken.append(lease(app))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [task is not None for task in taken].count(True) == 1


def test_the_plan_of_a_worker_that_died_is_taken_over(app, planning):
    number = planning.ask()
    dead = lease(app)
    planning.work()
    assert planning.plan(number).state == "running"
    clock.set_now(clock.now() + LEASE + timedelta(seconds=1))
    planning.work()
    assert planning.plan(number).state == "ready"
    with app.app_context():
        start_writing()
        assert plan_work.keep(dead, clock.now(), result="of the dead") is None
        db.session.commit()
    assert planning.plan(number).result != "of the dead"


def test_a_worker_that_comes_back_late_changes_nothing(app, planning):
    planning.ask()
    late = lease(app)
    clock.set_now(clock.now() + LEASE + timedelta(seconds=1))
    assert lease(app).leased_until > late.leased_until
    with app.app_context():
        start_writing()
        assert plan_work.keep(late, clock.now()) is None
        plan_work.give_back(late)
        db.session.commit()
    assert lease(app) is None


def test_a_plan_at_which_workers_end_again_and_again_is_given_up(app, planning):
    number = planning.ask()
    for _ in range(plan_work.MOST_ATTEMPTS):
        assert lease(app)
        clock.set_now(clock.now() + LEASE + timedelta(seconds=1))
    assert lease(app) is None
    assert planning.plan(number).state == "failed"
    planning.made()


def test_an_accepted_plan_is_booked_on_where_a_dead_worker_left_it(app, school, planning):
    number = planning.made()
    planning.do(meeting_plans.accept_plan, number)
    task = lease(app)
    with app.app_context():
        start_writing()
        part, reason = plan_work.book_part(task, 0, clock.now())
        db.session.commit()
    assert part and not reason
    clock.set_now(clock.now() + LEASE + timedelta(seconds=1))
    planning.work()
    assert planning.lost(number) == {}
    assert len(planning.times()) == 5
    with app.app_context():
        assert db.session.query(MeetingEvent).count() == 5
        assert db.session.query(MeetingPlan).one().state == "accepted"


def test_who_is_a_teacher_too_is_not_at_two_tables_at_once(app, rows, school, talks, planning, booked):
    """Tess has the table of 3/4 and is mother of Lotte at the other one."""
    with app.app_context():
        start_writing()
        for slot in db.session.query(Slot).filter_by(host_id=talks.host_34):
            slot.state = "blocked"
        for guardianship in db.session.query(Guardianship).filter_by(user_id=school.gert.id):
            guardianship.has_authority = True
        db.session.commit()
    for moment in ("15.00", "15.10"):
        talks.change(Slot, talks.slot(talks.host_34, f"2026-12-01 {moment}"), state="open")
    planning.accepted()
    times = planning.times()
    assert len(times) == 5
    assert times[talks.invitee(school.lotte)] not in ("01 15.00", "01 15.10")


def test_tables_that_change_while_a_round_is_read_leave_a_plan_that_is_out_of_date(
    app, school, talks, planning, rows, client_for, booked
):
    """On Postgres each query sees what is there by then; on SQLite all see the first moment."""
    noor, sem = talks.invitee(school.noor), talks.invitee(school.sem)
    booked(school.anna, noor, talks.host_6, "2026-12-01 15.20")
    number = planning.ask()

    def split() -> None:
        with app.app_context():
            start_writing()
            host = MeetingHost(round_id=talks.round)
            db.session.add(host)
            db.session.flush()
            for talk in (noor, sem):
                db.session.get_one(Invitee, talk).host_id = host.id
            db.session.get_one(MeetingRound, talks.round).revision += 1
            db.session.commit()

    def between(_connection, _cursor, statement, *_others) -> None:
        if re.search(r"FROM slots\s", statement) and not done:
            done.append(statement)
            other = threading.Thread(target=split)
            other.start()
            other.join()

    done: list[str] = []
    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", between)
    try:
        planning.work()
    finally:
        event.remove(engine, "before_cursor_execute", between)
    assert done
    plan, seats = planning.plan(number), planning.result(number)["seats"]
    assert plan.state == "ready" and str(noor) not in seats
    assert set(seats) >= {str(one.id) for one in rows(Invitee) if one.host_id == talks.host_34}
    page = client_for(school.otto).get(f"/school/meetings/{talks.round}/plan").text
    assert "De ronde is veranderd nadat dit voorstel was gemaakt" in page
