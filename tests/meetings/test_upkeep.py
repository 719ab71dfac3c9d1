"""What the roster changes, running rounds follow at once; what slipped past is repaired by a job."""

from datetime import timedelta

from sqlalchemy import delete, update

from portal import clock
from portal.access import Viewer, meeting_history_of
from portal.domain import arrangements, hiding, meeting_upkeep, roster, roster_guardians
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.meeting_talks import MeetingEvent, WaitingTime
from portal.models.meetings import Booking, Invitee, MeetingRound, RoundGroup, RoundPupil, Slot
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.worker import run_jobs


def offered(rows, child) -> list[tuple[int, int | None]]:
    return [
        (one.host_id, one.guardian_id)
        for one in rows(Invitee)
        if one.pupil_id == child.id and one.ended_at is None
    ]


def pupil(child) -> Pupil:
    return db.session.get_one(Pupil, child.id)


def guardianship(person, child) -> Guardianship:
    return (
        db.session.query(Guardianship).filter_by(user_id=person.id, pupil_id=child.id, revoked_at=None).one()
    )


def office(school) -> Viewer:
    return Viewer(id=school.otto.id, role="office")


def test_a_pupil_who_changes_group_is_invited_at_the_other_table_and_the_time_is_free(
    rows, school, talks, book_talk, do_now
):
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.00")
    do_now(
        lambda: roster.move_pupil(
            pupil(school.sem),
            db.session.get(Group, school.group_34),
            [],
            office(school),
            clock.now(),
            clock.today(),
        )
    )
    assert offered(rows, school.sem) == [(talks.host_34, None)]
    (booking,) = rows(Booking)
    assert booking.cancelled_at and not [slot for slot in rows(Slot) if slot.booking_id]


def test_a_pupil_who_leaves_is_invited_no_more_and_one_who_comes_back_is_again(rows, school, talks, do_now):
    now = clock.now()
    do_now(lambda: roster.archive_pupil(pupil(school.sem), clock.today(), office(school), now, clock.today()))
    assert offered(rows, school.sem) == []
    do_now(lambda: roster.return_pupil(pupil(school.sem), office(school), now))
    assert offered(rows, school.sem) == []
    do_now(
        lambda: roster.move_pupil(
            pupil(school.sem),
            db.session.get(Group, school.group_6),
            [],
            office(school),
            now,
            clock.today() + timedelta(days=1),
        )
    )
    assert offered(rows, school.sem) == [(talks.host_6, None)]


def test_a_revoked_guardian_has_no_talk_and_the_time_is_free(rows, school, talks, book_talk, do_now):
    book_talk(school.daan, school.bram, talks.host_34, "2026-12-01 15.00")
    kept = book_talk(school.anna, school.bram, talks.host_34, "2026-12-01 15.20")
    do_now(
        lambda: roster_guardians.revoke_guardianship(
            guardianship(school.daan, school.bram), "Op verzoek.", office(school), clock.now()
        )
    )
    assert offered(rows, school.bram) == [(talks.host_34, school.anna.id)]
    assert [one.id for one in rows(Booking) if not one.cancelled_at] == [kept]


def test_nobody_inherits_the_time_of_who_is_no_guardian_any_more(rows, school, talks, book_talk, do_now):
    do_now(
        lambda: hiding.choose_hiding(
            [guardianship(school.anna, school.bram)], False, Viewer(id=school.anna.id), clock.now()
        )
    )
    book_talk(school.daan, school.bram, talks.host_34, "2026-12-01 15.00")
    kept = book_talk(school.anna, school.bram, talks.host_34, "2026-12-01 15.20")
    do_now(
        lambda: arrangements.bar(
            pupil(school.bram),
            db.session.get_one(User, school.daan.id),
            "Beschikking.",
            office(school),
            clock.now(),
        )
    )
    assert offered(rows, school.bram) == [(talks.host_34, school.anna.id)]
    assert [one.id for one in rows(Booking) if not one.cancelled_at] == [kept]


def test_a_new_guardian_and_one_who_gets_authority_are_invited(rows, school, talks, do_now):
    now = clock.now()
    do_now(lambda: arrangements.deal_apart(pupil(school.noor), True, "Gescheiden.", office(school), now))
    assert offered(rows, school.noor) == [(talks.host_6, school.anna.id)]
    do_now(
        lambda: arrangements.change_authority(
            guardianship(school.gert, school.noor), True, "Uitspraak.", office(school), now
        )
    )
    assert sorted(offered(rows, school.noor)) == [
        (talks.host_6, school.anna.id),
        (talks.host_6, school.gert.id),
    ]
    do_now(
        lambda: roster_guardians.add_guardian(
            pupil(school.lotte), db.session.get_one(User, school.dora.id), "Moeder", True, office(school), now
        )
    )
    do_now(
        lambda: arrangements.set_hiding(
            guardianship(school.dora, school.lotte), "hide", "Op verzoek.", office(school), now
        )
    )
    assert sorted(offered(rows, school.lotte)) == sorted(
        [(talks.host_6, school.tess.id), (talks.host_6, school.dora.id)]
    )


def test_who_booked_keeps_the_time_when_the_guardians_come_apart(rows, school, talks, book_talk, do_now):
    kept = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.00")
    do_now(
        lambda: hiding.choose_hiding(
            [guardianship(school.inge, school.sem)], True, Viewer(id=school.inge.id), clock.now()
        )
    )
    assert sorted(offered(rows, school.sem)) == sorted(
        [(talks.host_6, school.carl.id), (talks.host_6, school.inge.id)]
    )
    (booking,) = rows(Booking)
    (own,) = [one for one in rows(Invitee) if one.guardian_id == school.carl.id]
    assert (booking.id, booking.invitee_id, booking.sequence) == (kept, own.id, 1)


def test_a_talk_that_was_held_stays_when_the_child_leaves_afterwards(
    rows, school, talks, book_talk, do_now, at
):
    kept = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.00")
    at("2026-12-02 10:00")
    do_now(
        lambda: roster.archive_pupil(
            pupil(school.sem), clock.today(), office(school), clock.now(), clock.today()
        )
    )
    assert [one.id for one in rows(Booking) if not one.cancelled_at] == [kept]


def test_what_was_kept_and_waited_for_goes_with_the_talk(rows, school, talks, do_now):
    invitee, now = talks.invitee(school.sem), clock.now()
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.00"), reserved_for=invitee)

    def wait():
        db.session.add(WaitingTime(invitee_id=invitee, starts_at=now, ends_at=now + timedelta(1), since=now))

    do_now(wait)
    do_now(lambda: roster.archive_pupil(pupil(school.sem), clock.today(), office(school), now, clock.today()))
    assert not rows(WaitingTime) and not [slot for slot in rows(Slot) if slot.reserved_for]


def test_who_was_invited_alone_from_a_group_stays_invited(app, rows, school, talks, do_now):
    with app.app_context():
        start_writing()
        db.session.execute(update(RoundGroup).values(everyone=False))
        db.session.add(RoundPupil(round_id=talks.round, host_id=talks.host_6, pupil_id=school.sem.id))
        db.session.execute(delete(Invitee).where(Invitee.pupil_id == school.lotte.id))
        db.session.commit()
    do_now(lambda: meeting_upkeep.follow_roster([school.sem.id, school.lotte.id], clock.now()))
    assert (offered(rows, school.sem), offered(rows, school.lotte)) == ([(talks.host_6, None)], [])


def test_a_round_that_is_over_or_not_published_stays_as_it_is(rows, school, talks, do_now, at):
    talks.change(MeetingRound, talks.round, published_at=None)
    do_now(
        lambda: roster.archive_pupil(
            pupil(school.sem), clock.today(), office(school), clock.now(), clock.today()
        )
    )
    assert offered(rows, school.sem)
    talks.change(MeetingRound, talks.round, published_at=clock.now())
    at("2026-12-04 10:00")
    do_now(lambda: meeting_upkeep.repair(clock.now()))
    assert offered(rows, school.sem)


def test_the_worker_repairs_what_slipped_past_and_then_changes_nothing(app, rows, school, talks, at):
    with app.app_context():
        start_writing()
        db.session.query(Membership).filter_by(pupil_id=school.sem.id).one().ended_on = clock.today()
        db.session.commit()
        run_jobs()
    assert offered(rows, school.sem) == []
    events = len(rows(MeetingEvent))
    at("2026-11-24 12:00")
    with app.app_context():
        run_jobs()
    assert len(rows(MeetingEvent)) == events


def test_without_a_round_it_costs_one_question_and_another_where_many_write_at_once(
    app, school, engine, count_queries
):
    with app.app_context():
        start_writing()
        with count_queries() as queries:
            meeting_upkeep.follow_roster([school.sem.id, school.noor.id], clock.now())
        assert len(queries) == {"sqlite": 1, "postgres": 2}[engine]


def test_what_one_wrote_and_did_apart_stays_theirs_when_the_two_come_together(
    app, rows, school, talks, book_talk, do_now, at
):
    number = book_talk(school.daan, school.bram, talks.host_34, "2026-12-01 15.00")
    talks.change(Booking, number, subjects="Over Anna")
    at("2026-11-24 09:00")
    for person in (school.anna, school.daan):
        own = Viewer(id=person.id)
        do_now(
            lambda person=person, own=own: hiding.choose_hiding(
                [guardianship(person, school.bram)], False, own, clock.now()
            )
        )
    assert offered(rows, school.bram) == [(talks.host_34, None)]
    assert [(one.id, one.subjects) for one in rows(Booking) if not one.cancelled_at] == [(number, "")]
    with app.app_context():
        for person in (school.anna, school.daan):
            seen = db.session.query(MeetingEvent).filter(meeting_history_of(Viewer(id=person.id)))
            assert [one for one in seen if one.what == "booked"] == []
