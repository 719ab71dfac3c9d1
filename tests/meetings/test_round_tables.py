"""/school/meetings/<round>/tables: who sits at a table, where, when and for whom."""

import re
from dataclasses import replace

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain import meeting_change_work
from portal.domain.meeting_setup import Table, setup_of, with_groups
from portal.extensions import db, start_writing
from portal.models.arrangements import Barring
from portal.models.meetings import (
    Booking,
    HostTeacher,
    Invitee,
    MeetingDay,
    MeetingHost,
    MeetingRound,
    RoundGroup,
    RoundPupil,
    Slot,
)
from tests.meetings.hands import book_talk, do_now

__all__ = ["book_talk", "do_now"]


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def change(otto, school, talks):
    """Sends the form of the table of groep 6 as it is with other fields; presses through when asked."""

    def send(accept=True, **values):
        data = {
            "teachers": [school.yara.id],
            "substitute": "0",
            "room": "6",
            "pupils": [school.noor.id, school.sem.id, school.lotte.id],
        } | values
        return change_table(otto, talks, talks.host_6, accept, **data)

    return send


def change_table(otto, talks, host, accept=True, **data):
    """Send the form of a table; press through when asked."""
    address = f"/school/meetings/{talks.round}/tables/{host}"
    answer = otto.post(address, data=data)
    if accept and answer.status_code == 200 and "accepted" in answer.text:
        for name in ("accepted", "revision"):
            data[name] = re.search(f'name="{name}" value="([^"]*)"', answer.text)[1]
        answer = otto.post(address, data=data)
    return answer


def invited(rows, host_id: int) -> set[int]:
    return {one.pupil_id for one in rows(Invitee) if one.host_id == host_id and not one.ended_at}


def test_the_page_shows_the_table(otto, school, talks):
    page = otto.get(f"/school/meetings/{talks.round}/tables/{talks.host_6}").text
    assert 'value="6"' in page
    assert page.count('name="pupils"') == 3
    assert otto.get(f"/school/meetings/{talks.round}/tables/999").status_code == 404


def test_room_building_and_video_address_are_kept_and_touched_parents_hear_it(
    rows, school, talks, book_talk, change
):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    shown = change(accept=False, room="Aula")
    assert "Blijft, met een wijziging" in shown.text
    change(room="Aula", building="Dependance", video_url="https://meet.example/yara")
    host = next(one for one in rows(MeetingHost) if one.id == talks.host_6)
    assert (host.room, host.building, host.video_url) == ("Aula", "Dependance", "https://meet.example/yara")
    assert [one.sequence for one in rows(Booking)] == [1]


def test_a_substitute_takes_the_place_of_the_teacher(rows, school, talks, book_talk, change):
    booking = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    change(teachers=[], substitute=school.hedy.id)
    seated = [one.user_id for one in rows(HostTeacher) if one.host_id == talks.host_6]
    assert seated == [school.hedy.id]
    (kept,) = rows(Booking)
    assert (kept.id, kept.cancelled_at, kept.sequence) == (booking, None, 1)


def test_one_of_two_teachers_can_have_the_talks(otto, rows, school, talks):
    data = {"teachers": [school.tim.id], "substitute": "0", "room": "3", "pupils": [school.bram.id]}
    otto.post(f"/school/meetings/{talks.round}/tables/{talks.host_34}", data=data)
    assert [one.user_id for one in rows(HostTeacher) if one.host_id == talks.host_34] == [school.tim.id]


def test_a_teacher_is_not_at_two_tables(rows, school, talks, change):
    answer = change(substitute=school.tess.id)
    assert answer.status_code == 422
    assert "Een leerkracht kan niet aan twee tafels tegelijk zitten." in answer.text
    assert len(rows(HostTeacher)) == 3


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"teachers": []}, "Kies wie de gesprekken voert."),
        ({"pupils": []}, "Kies wie is uitgenodigd."),
        ({"video_url": "javascript:alert(1)"}, "Begin het adres met https://."),
        ({"minutes": "4"}, "Kies een aantal minuten van 5 tot en met 120."),
        ({"room": "x" * 61}, "60 tekens"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(rows, change, values, sentence):
    answer = change(**values)
    assert answer.status_code == 422
    assert sentence in answer.text


def test_a_length_of_a_pupils_own_takes_two_places_also_when_it_is_booked(
    rows, school, talks, book_talk, change
):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    change(**{f"minutes-{school.noor.id}": "20", f"minutes-{school.sem.id}": "20"})
    assert {one.pupil_id: one.minutes for one in rows(Invitee) if one.host_id == talks.host_6} == {
        school.noor.id: 20, school.sem.id: 20, school.lotte.id: None,
    }  # fmt: skip
    (booking,) = rows(Booking)
    assert (booking.ends_at - booking.starts_at).seconds == 20 * 60
    assert len([slot for slot in rows(Slot) if slot.booking_id == booking.id]) == 2
    change()
    assert not [one for one in rows(Invitee) if one.minutes]


def test_a_wrong_length_of_a_pupil_is_said_and_stays(rows, school, change):
    answer = change(**{f"minutes-{school.noor.id}": "drie"})
    assert answer.status_code == 422
    assert "Kies een aantal minuten van 5 tot en met 120." in answer.text


def test_only_some_pupils_are_invited(rows, school, talks, change):
    change(pupils=[school.noor.id, school.lotte.id])
    assert invited(rows, talks.host_6) == {school.noor.id, school.lotte.id}
    assert [one.everyone for one in rows(RoundGroup) if one.group_id == school.group_6] == [False]
    assert {one.pupil_id for one in rows(RoundPupil)} == {school.noor.id, school.lotte.id}
    change()
    assert invited(rows, talks.host_6) == {school.noor.id, school.lotte.id, school.sem.id}
    assert rows(RoundPupil) == []


def test_a_pupil_of_another_group_is_invited_too(otto, rows, school, talks, change):
    page = otto.get(f"/school/meetings/{talks.round}/tables/{talks.host_6}?group={school.group_34}").text
    assert "Bram" in page
    change(pupils=[school.noor.id, school.sem.id, school.lotte.id, school.bram.id], group=school.group_34)
    assert school.bram.id in invited(rows, talks.host_6)
    assert school.bram.id in invited(rows, talks.host_34)


def test_a_pupil_kept_from_who_changes_the_table_stays_invited(app, rows, school, talks, change):
    with app.app_context():
        start_writing()
        db.session.add(
            Barring(pupil_id=school.sem.id, user_id=school.otto.id, reason="?", barred_at=clock.now())
        )
        db.session.commit()
    answer = change(accept=False, pupils=[school.noor.id])
    assert "Sem" not in answer.text
    assert invited(rows, talks.host_6) == {school.noor.id, school.sem.id}


def test_a_table_for_single_pupils_comes_and_goes(otto, rows, school, talks):
    data = {"teacher": school.hedy.id, "pupil": school.noor.id}
    assert otto.post(f"/school/meetings/{talks.round}/tables/new", data=data).status_code == 303
    host = next(one.id for one in rows(MeetingHost) if one.id not in (talks.host_34, talks.host_6))
    assert invited(rows, host) == {school.noor.id}
    assert len([slot for slot in rows(Slot) if slot.host_id == host]) == 17
    otto.post(f"/school/meetings/{talks.round}/tables/{host}/removal")
    assert invited(rows, host) == set()
    assert not [slot for slot in rows(Slot) if slot.host_id == host]
    assert invited(rows, talks.host_6) == {school.noor.id, school.sem.id, school.lotte.id}


@pytest.mark.parametrize("missing", ["teacher", "pupil"])
def test_a_table_needs_somebody_on_both_sides(otto, rows, school, talks, missing):
    data = {"teacher": school.hedy.id, "pupil": school.noor.id} | {missing: "0"}
    assert otto.post(f"/school/meetings/{talks.round}/tables/new", data=data).status_code == 422
    assert len(rows(MeetingHost)) == 2


def test_the_last_table_stays(otto, rows, talks):
    otto.post(f"/school/meetings/{talks.round}/tables/{talks.host_34}/removal")
    otto.post(f"/school/meetings/{talks.round}/tables/{talks.host_6}/removal")
    assert {one.host_id for one in rows(HostTeacher)} == {talks.host_6}


def test_rows_of_own_days_come_without_script(change, rows):
    answer = change(accept=False, do="add_day")
    assert (answer.status_code, answer.text.count("remove_day:")) == (200, 1)
    assert [one for one in rows(MeetingDay) if one.host_id] == []


def test_a_substitute_at_a_table_for_single_pupils_keeps_its_talks_and_places(otto, rows, school, talks):
    data = {"teacher": school.hedy.id, "pupil": school.noor.id}
    otto.post(f"/school/meetings/{talks.round}/tables/new", data=data)
    host = next(one.id for one in rows(MeetingHost) if one.id not in (talks.host_34, talks.host_6))
    talk = next(one.id for one in rows(Invitee) if one.host_id == host)
    booking = talks.book(school.anna, talk, host, "2026-12-01 15.20")
    change_table(otto, talks, host, teachers=[], substitute=school.otto.id, pupils=[school.noor.id])
    assert [(one.id, one.host_id, one.cancelled_at) for one in rows(Booking)] == [(booking, host, None)]
    assert [one.host_id for one in rows(Slot) if one.booking_id] == [host]
    assert [one.user_id for one in rows(HostTeacher) if one.host_id == host] == [school.otto.id]


def test_a_table_that_joins_another_one_leaves_no_taken_places(rows, school, talks, book_talk, do_now):
    booking = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.20")

    def join() -> None:
        round_ = db.session.get_one(MeetingRound, talks.round)
        setup = setup_of(round_)
        one, other = setup.tables
        both = replace(one, groups=one.groups + other.groups, teachers=one.teachers + other.teachers)
        office, wanted = Viewer(id=school.otto.id, role="office"), replace(setup, tables=(both,))
        shown = meeting_change_work.preview(round_, wanted, office, clock.now())
        meeting_change_work.accept(round_, wanted, office, clock.now(), shown.fingerprint)

    do_now(join)
    (kept,) = rows(Booking)
    assert (kept.id, kept.host_id, kept.cancelled_at) == (booking, talks.host_34, None)
    assert [one.host_id for one in rows(Slot) if one.booking_id] == [talks.host_34]


def test_of_a_group_that_goes_from_a_table_nobody_stays_invited(app, school):
    one = Table(
        (school.group_34, school.group_6),
        (school.tess.id,),
        some=frozenset({school.group_34, school.group_6}),
        pupils=(school.bram.id, school.noor.id),
    )
    with app.app_context():
        (left,) = with_groups((one,), [school.group_6], {})
    assert (left.groups, left.some, left.pupils) == (
        (school.group_6,), frozenset({school.group_6}), (school.noor.id,)
    )  # fmt: skip


def test_a_length_of_its_own_reaches_the_place_that_is_kept_for_a_pupil(rows, school, talks, change):
    place = talks.slot(talks.host_6, "2026-12-01 15.20")
    talks.change(Slot, place, reserved_for=talks.invitee(school.noor))
    change(**{f"minutes-{school.noor.id}": "20"})
    kept = [clock.to_local(one.starts_at).strftime("%H.%M") for one in rows(Slot) if one.reserved_for]
    assert kept == ["15.20", "15.30"]
    change()
    kept = [clock.to_local(one.starts_at).strftime("%H.%M") for one in rows(Slot) if one.reserved_for]
    assert kept == ["15.20"]


def test_a_kept_place_that_gets_longer_moves_where_the_next_one_is_taken(
    rows, school, talks, book_talk, change
):
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.20"), reserved_for=talks.invitee(school.noor))
    sem = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.30")
    shown = change(accept=False, **{f"minutes-{school.noor.id}": "20"})
    assert "De vrijgehouden tijd van Noor Smit verschuift." in shown.text
    change(**{f"minutes-{school.noor.id}": "20"})
    kept = [clock.to_local(one.starts_at).strftime("%H.%M") for one in rows(Slot) if one.reserved_for]
    assert kept == ["15.10", "15.20"]
    assert [one.booking_id for one in rows(Slot) if one.booking_id] == [sem]
