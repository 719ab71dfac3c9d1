"""What holds for every booking, by whatever path it comes."""

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain.bookings import Choice, SlotTaken, Stale, TooTight, book, cancel, open_booking
from portal.domain.meeting_invitees import invite_families
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingEvent
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.models.roster import Guardianship, Membership, Pupil


@pytest.fixture
def choose(app, talks):
    """Books or moves talks: (talk, table, time) each, all or none."""

    def choose_all(person, *wanted, source="guardian", **given):
        with app.app_context():
            start_writing()
            choices = [
                Choice(
                    db.session.get_one(Invitee, invitee),
                    db.session.get_one(Slot, talks.slot(host, moment)),
                    **given,
                )
                for invitee, host, moment in wanted
            ]
            try:
                made = [one.id for one in book(choices, Viewer(id=person.id), clock.now(), source)]
            except Refused:
                db.session.rollback()
                raise
            db.session.commit()
            return made

    return choose_all


def times(rows) -> list[str]:
    return sorted(
        clock.to_local(booking.starts_at).strftime("%d %H.%M")
        for booking in rows(Booking)
        if not booking.cancelled_at
    )


def taken(rows) -> list[str]:
    return sorted(
        clock.to_local(slot.starts_at).strftime("%d %H.%M") for slot in rows(Slot) if slot.booking_id
    )


def test_each_table_has_its_places_without_the_break(rows, talks):
    tuesday = [
        clock.to_local(slot.starts_at).strftime("%H.%M")
        for slot in rows(Slot)
        if slot.host_id == talks.host_6 and clock.to_local(slot.starts_at).day == 1
    ]
    assert tuesday == [f"{hour}.{minute:02}" for hour, minute in [(15, m) for m in range(0, 60, 10)]] + [
        "16.10", "16.20", "16.30", "16.40", "16.50",
    ]  # fmt: skip


def test_guardians_who_hide_have_a_talk_each_and_one_without_authority_has_none(rows, school, talks):
    offered = sorted((one.pupil_id, one.guardian_id or 0) for one in rows(Invitee))
    assert offered == sorted(
        [
            (school.bram.id, school.anna.id),
            (school.bram.id, school.daan.id),
            (school.noor.id, 0),
            (school.sem.id, 0),
            (school.lotte.id, 0),
        ]
    )


def test_a_talk_gets_its_time_once(rows, school, talks, choose):
    noor = talks.invitee(school.noor)
    first = choose(school.anna, (noor, talks.host_6, "2026-12-01 15.20"))
    again = choose(school.anna, (noor, talks.host_6, "2026-12-01 15.20"))
    assert first == again
    assert (times(rows), taken(rows)) == (["01 15.20"], ["01 15.20"])
    assert [event.what for event in rows(MeetingEvent)] == ["booked"]


def test_a_place_is_given_once(rows, school, talks, choose):
    choose(school.anna, (talks.invitee(school.noor), talks.host_6, "2026-12-01 15.20"))
    with pytest.raises(SlotTaken):
        choose(school.carl, (talks.invitee(school.sem), talks.host_6, "2026-12-01 15.20"))
    assert len(times(rows)) == 1


@pytest.mark.parametrize(
    ("moment", "fits"),
    [("15.00", True), ("15.10", False), ("15.20", False), ("15.30", False), ("15.40", True)],
)
def test_a_guardian_has_time_to_walk_from_one_table_to_the_other(school, talks, choose, moment, fits):
    choose(school.anna, (talks.invitee(school.noor), talks.host_6, "2026-12-01 15.20"))
    bram = (talks.invitee(school.bram, school.anna), talks.host_34, f"2026-12-01 {moment}")
    if fits:
        choose(school.anna, bram)
    else:
        with pytest.raises(TooTight):
            choose(school.anna, bram)


def test_the_talk_of_the_other_guardian_who_comes_apart_hinders_nobody(rows, school, talks, choose):
    choose(school.daan, (talks.invitee(school.bram, school.daan), talks.host_34, "2026-12-01 15.20"))
    choose(school.anna, (talks.invitee(school.bram, school.anna), talks.host_34, "2026-12-01 15.30"))
    assert times(rows) == ["01 15.20", "01 15.30"]


def test_who_is_teacher_and_guardian_is_not_at_two_talks_at_once(school, talks, choose):
    choose(school.anna, (talks.invitee(school.bram, school.anna), talks.host_34, "2026-12-01 15.20"))
    with pytest.raises(TooTight):
        choose(school.tess, (talks.invitee(school.lotte), talks.host_6, "2026-12-01 15.20"))
    choose(school.tess, (talks.invitee(school.lotte), talks.host_6, "2026-12-01 15.30"))
    with pytest.raises(TooTight):
        choose(school.daan, (talks.invitee(school.bram, school.daan), talks.host_34, "2026-12-01 15.30"))


def test_all_children_are_booked_or_none(rows, school, talks, choose):
    choose(school.carl, (talks.invitee(school.sem), talks.host_6, "2026-12-01 15.40"))
    with pytest.raises(SlotTaken):
        choose(
            school.anna,
            (talks.invitee(school.bram, school.anna), talks.host_34, "2026-12-01 15.20"),
            (talks.invitee(school.noor), talks.host_6, "2026-12-01 15.40"),
        )
    assert times(rows) == ["01 15.40"]


def test_moving_keeps_the_booking_and_gives_the_old_place_up(rows, school, talks, choose):
    noor = talks.invitee(school.noor)
    (first,) = choose(school.anna, (noor, talks.host_6, "2026-12-01 15.20"))
    (moved,) = choose(school.anna, (noor, talks.host_6, "2026-12-03 18.40"))
    (booking,) = rows(Booking)
    assert (first, booking.sequence) == (moved, 1)
    assert taken(rows) == ["03 18.40"]


def test_two_talks_change_places(rows, school, talks, choose):
    noor, sem = talks.invitee(school.noor), talks.invitee(school.sem)
    first = choose(
        school.otto, (noor, talks.host_6, "2026-12-01 15.20"), (sem, talks.host_6, "2026-12-01 15.30")
    )
    again = choose(
        school.otto,
        (noor, talks.host_6, "2026-12-01 15.30"),
        (sem, talks.host_6, "2026-12-01 15.20"),
        source="plan",
    )
    assert again == first
    assert [clock.to_local(one.starts_at).minute for one in rows(Booking)] == [30, 20]
    assert [one.source for one in rows(Booking)] == ["plan", "plan"]
    assert len(taken(rows)) == 2


def test_both_children_move_to_where_the_other_one_was(rows, school, talks, choose):
    bram, noor = talks.invitee(school.bram, school.anna), talks.invitee(school.noor)
    choose(school.anna, (bram, talks.host_34, "2026-12-01 15.00"), (noor, talks.host_6, "2026-12-01 15.20"))
    choose(school.anna, (bram, talks.host_34, "2026-12-01 15.20"), (noor, talks.host_6, "2026-12-01 15.00"))
    assert times(rows) == ["01 15.00", "01 15.20"]
    with pytest.raises(TooTight):
        choose(
            school.anna, (bram, talks.host_34, "2026-12-01 15.10"), (noor, talks.host_6, "2026-12-01 15.00")
        )


def test_a_lost_place_leaves_the_old_one(rows, school, talks, choose):
    noor = talks.invitee(school.noor)
    choose(school.carl, (talks.invitee(school.sem), talks.host_6, "2026-12-01 15.40"))
    choose(school.anna, (noor, talks.host_6, "2026-12-01 15.20"))
    with pytest.raises(SlotTaken):
        choose(school.anna, (noor, talks.host_6, "2026-12-01 15.40"))
    assert taken(rows) == ["01 15.20", "01 15.40"]


def test_a_page_that_is_out_of_date_changes_nothing(rows, school, talks, choose):
    noor = talks.invitee(school.noor)
    choose(school.anna, (noor, talks.host_6, "2026-12-01 15.20"))
    with pytest.raises(Stale):
        choose(school.anna, (noor, talks.host_6, "2026-12-01 15.40"), instead_of="")
    assert times(rows) == ["01 15.20"]


def test_a_double_talk_takes_two_places_that_follow_each_other(rows, school, talks, choose):
    noor = talks.invitee(school.noor)
    talks.change(Invitee, noor, minutes=20)
    with pytest.raises(Refused):
        choose(school.anna, (noor, talks.host_6, "2026-12-01 15.50"))
    choose(school.anna, (noor, talks.host_6, "2026-12-01 15.20"))
    assert taken(rows) == ["01 15.20", "01 15.30"]
    choose(school.anna, (noor, talks.host_6, "2026-12-01 15.30"))
    assert taken(rows) == ["01 15.30", "01 15.40"]


@pytest.mark.parametrize("values", [{"state": "blocked"}, {"state": "break"}])
def test_what_the_teacher_took_away_is_gone(school, talks, choose, values):
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.20"), **values)
    with pytest.raises(SlotTaken):
        choose(school.anna, (talks.invitee(school.noor), talks.host_6, "2026-12-01 15.20"))


def test_a_place_kept_for_another_family_is_not_given(school, talks, choose):
    place = talks.slot(talks.host_6, "2026-12-01 15.20")
    talks.change(Slot, place, reserved_for=talks.invitee(school.sem))
    with pytest.raises(SlotTaken):
        choose(school.anna, (talks.invitee(school.noor), talks.host_6, "2026-12-01 15.20"))
    choose(school.carl, (talks.invitee(school.sem), talks.host_6, "2026-12-01 15.20"))


def test_a_cancelled_talk_gives_its_place_up_and_can_be_booked_again(app, rows, school, talks, choose):
    noor = talks.invitee(school.noor)
    (first,) = choose(school.anna, (noor, talks.host_6, "2026-12-01 15.20"))
    for _ in range(2):
        with app.app_context():
            start_writing()
            cancel(db.session.get_one(Booking, first), Viewer(id=school.anna.id), clock.now())
            db.session.commit()
    assert (times(rows), taken(rows)) == ([], [])
    (second,) = choose(school.anna, (noor, talks.host_6, "2026-12-01 15.20"))
    assert second != first
    assert [event.what for event in rows(MeetingEvent)] == ["booked", "cancelled", "booked"]


@pytest.fixture
def bring_up_to_date(app, talks):
    def bring():
        with app.app_context():
            start_writing()
            invite_families(db.session.get_one(MeetingRound, talks.round), clock.now())
            db.session.commit()

    return bring


def test_who_leaves_is_invited_no_more_and_the_place_comes_free(
    rows, school, talks, choose, bring_up_to_date
):
    sem = talks.invitee(school.sem)
    choose(school.carl, (sem, talks.host_6, "2026-12-01 15.20"))
    talks.change(Pupil, school.sem.id, archived_at=clock.now())
    bring_up_to_date()
    assert (times(rows), taken(rows)) == ([], [])
    assert [one.pupil_id for one in rows(Invitee) if one.ended_at] == [school.sem.id]


def test_who_changes_group_is_invited_by_the_new_teacher(rows, school, talks, choose, bring_up_to_date):
    choose(school.carl, (talks.invitee(school.sem), talks.host_6, "2026-12-01 15.20"))
    (membership,) = [one.id for one in rows(Membership) if one.pupil_id == school.sem.id]
    talks.change(Membership, membership, group_id=school.group_34)
    bring_up_to_date()
    (invitee,) = [one for one in rows(Invitee) if one.pupil_id == school.sem.id and not one.ended_at]
    assert invitee.host_id == talks.host_34
    assert taken(rows) == []


def test_when_guardians_come_apart_the_time_stays_with_who_booked(
    app, rows, school, talks, choose, bring_up_to_date
):
    sem = talks.invitee(school.sem)
    choose(school.inge, (sem, talks.host_6, "2026-12-01 15.20"))
    talks.change(Pupil, school.sem.id, apart_at=clock.now())
    bring_up_to_date()
    offered = {one.guardian_id: one.id for one in rows(Invitee) if one.pupil_id == school.sem.id}
    assert set(offered) == {school.inge.id, school.carl.id}
    with app.app_context():
        assert open_booking(db.session.get_one(Invitee, offered[school.inge.id]))
        assert not open_booking(db.session.get_one(Invitee, offered[school.carl.id]))


def test_a_guardian_who_is_revoked_has_no_talk(rows, school, talks, choose, bring_up_to_date):
    choose(school.daan, (talks.invitee(school.bram, school.daan), talks.host_34, "2026-12-01 15.20"))
    (place,) = [one.id for one in rows(Guardianship) if one.user_id == school.daan.id and not one.revoked_at]
    talks.change(Guardianship, place, revoked_at=clock.now())
    bring_up_to_date()
    assert taken(rows) == []
    assert [one.guardian_id for one in rows(Invitee) if one.ended_at] == [school.daan.id]
