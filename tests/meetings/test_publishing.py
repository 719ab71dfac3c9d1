"""Looking at a round as a parent, publishing it, copying it, calling it off."""

from datetime import date, time

import pytest
from sqlalchemy import update

from portal import clock
from portal.domain.meeting_copies import each_teacher_once, next_setup
from portal.domain.meeting_round_lists import GroupChoice
from portal.domain.meeting_setup import Setup, Stretch, Table
from portal.extensions import db, start_writing
from portal.models.audit import AuditEntry
from portal.models.meeting_talks import MeetingEvent
from portal.models.meetings import Booking, Invitee, MeetingRound, RoundGroup, Slot
from portal.models.roster import Membership, Teaching
from tests.meetings.hands import book_talk
from tests.meetings.office import round_form

__all__ = ["book_talk"]


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def concept(otto, school, rows):
    """The number of a round that is not published."""
    otto.post("/school/meetings/new", data=round_form(school, opens_at="2026-11-23T16:00"))
    (made,) = rows(MeetingRound)
    return made.id


def test_before_publishing_the_office_sees_the_times_of_each_table_and_parents_nothing(
    otto, client_for, school, concept, rows
):
    page = otto.get(f"/school/meetings/{concept}/look").text
    assert "Ouders zien nog niets." in page
    assert "15.40 uur" in page
    assert "Juf Tess en meester Tim" in page
    host = next(one.host_id for one in rows(RoundGroup) if one.group_id == school.group_6)
    assert "Juf Yara" in otto.get(f"/school/meetings/{concept}/look?table={host}").text
    assert otto.get(f"/school/meetings/{concept}/look?table=999").status_code == 404
    assert client_for(school.anna).get(f"/meetings/{concept}").status_code == 404


def test_publishing_lets_parents_in_and_is_done_once(otto, client_for, school, concept, rows):
    for _ in range(2):
        assert otto.post(f"/school/meetings/{concept}/publication").status_code == 303
    (round_,) = rows(MeetingRound)
    assert (round_.published_at, round_.revision) == (clock.now(), 1)
    assert client_for(school.anna).get(f"/meetings/{concept}").status_code == 200
    assert [entry.verb for entry in rows(AuditEntry)].count("publish_round") == 1


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        ("2026-12-16 08:00", "is voorbij. Kies een latere dag."),
        ("2026-12-12 08:00", "De tijd om te kiezen is al voorbij. Kies een later einde."),
    ],
)
def test_a_round_of_which_nothing_can_be_chosen_any_more_is_not_published(
    otto, school, concept, rows, at, now, sentence
):
    at(now)
    answer = otto.post(f"/school/meetings/{concept}/publication")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert rows(MeetingRound)[0].published_at is None


def test_who_joined_the_group_meanwhile_is_invited_on_publishing(app, otto, school, concept, rows):
    (membership,) = [one.id for one in rows(Membership) if one.pupil_id == school.sem.id]
    with app.app_context():
        start_writing()
        db.session.get_one(Membership, membership).group_id = school.group_34
        db.session.commit()
    otto.post(f"/school/meetings/{concept}/publication")
    host = next(one.host_id for one in rows(RoundGroup) if one.group_id == school.group_34)
    assert [one.host_id for one in rows(Invitee) if one.pupil_id == school.sem.id and not one.ended_at] == [
        host
    ]


def test_a_table_without_times_is_not_published(otto, school, rows):
    otto.post(
        "/school/meetings/new",
        data=round_form(school, **{"days-0-ends_at": "15.05", "days-0-pause": ""}),
    )
    (round_,) = rows(MeetingRound)
    answer = otto.post(f"/school/meetings/{round_.id}/publication")
    assert answer.status_code == 422
    assert "Eén van de tafels heeft geen tijden." in answer.text
    assert [one.published_at for one in rows(MeetingRound)] == [None]


def test_a_withdrawn_round_is_gone_for_parents_and_its_talks_are_cancelled(
    otto, client_for, school, talks, book_talk, rows
):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    assert "Eén gesprek heeft een tijd." in otto.get(f"/school/meetings/{talks.round}/withdrawal").text
    for _ in range(2):
        assert otto.post(f"/school/meetings/{talks.round}/withdrawal").status_code == 303
    assert [bool(one.cancelled_at) for one in rows(Booking)] == [True]
    assert [event.what for event in rows(MeetingEvent)] == ["booked", "cancelled"]
    assert not [slot for slot in rows(Slot) if slot.booking_id]
    assert client_for(school.anna).get(f"/meetings/{talks.round}").status_code == 404
    assert "Ingetrokken" in otto.get("/school/meetings").text


def test_a_withdrawn_concept_is_gone_from_the_list(otto, concept):
    otto.post(f"/school/meetings/{concept}/withdrawal")
    assert "Rapportgesprekken" not in otto.get("/school/meetings").text
    refused = otto.post(f"/school/meetings/{concept}/publication")
    assert "Deze ronde is ingetrokken." in refused.text


def test_a_past_round_is_copied_as_the_next_one(otto, school, talks, rows):
    answer = otto.post(f"/school/meetings/{talks.round}/copy")
    assert answer.status_code == 303
    new = next(one for one in rows(MeetingRound) if one.id != talks.round)
    assert (new.copied_from, new.published_at, new.name) == (talks.round, None, "Rapportgesprekken")
    assert clock.to_local(new.opens_at).strftime("%d-%m %H.%M") == "02-12 16.00"
    hosts = {one.host_id for one in rows(RoundGroup) if one.round_id == new.id}
    days = {clock.to_local(slot.starts_at).strftime("%d-%m") for slot in rows(Slot) if slot.host_id in hosts}
    assert days == {"15-12", "17-12"}


def test_a_copy_for_the_next_year_takes_the_groups_and_teachers_of_that_year(app, school):
    afternoon = Stretch(date(2026, 10, 20), time(15), time(17))
    setup = Setup(
        "Rapporten",
        clock.at_local("2026-10-06 16:00"),
        clock.at_local("2026-10-16 17:00"),
        (afternoon,),
        (Table((school.group_6,), (school.yara.id,), room="6", pupils=(school.noor.id,)),),
    )
    of_next_year = GroupChoice(77, "6", (school.tim.id,))
    with app.app_context():
        made = next_setup(setup, [of_next_year], date(2027, 2, 1))
    assert made.tables == (Table((77,), (school.tim.id,), room="6"),)
    assert made.days == (Stretch(date(2027, 2, 23), time(15), time(17)),)
    # Chosen in summer time, copied into winter time: the same hour of the clock.
    assert clock.to_local(made.opens_at).strftime("%d-%m %H.%M") == "09-02 16.00"


def test_two_tables_whose_groups_have_one_teacher_now_become_one(app, school):
    tables = (Table((school.group_34,), (school.tess.id,)), Table((school.group_6,), (school.yara.id,)))
    setup = Setup("R", clock.now(), clock.now(), (), tables)
    choices = [
        GroupChoice(school.group_34, "3/4", (school.tim.id,)),
        GroupChoice(school.group_6, "6", (school.tim.id,)),
    ]
    with app.app_context():
        made = next_setup(setup, choices, date(2026, 11, 24))
    assert [(one.groups, one.teachers) for one in made.tables] == [
        ((school.group_34, school.group_6), (school.tim.id,))
    ]


def test_a_colleague_who_has_a_table_of_the_own_stays_there():
    made = each_teacher_once((Table((1,), (11,)), Table((2,), (12,)), Table((3,), (11, 12, 13))))
    assert [(one.groups, one.teachers) for one in made] == [((1, 3), (11, 13)), ((2,), (12,))]


def test_a_group_that_nobody_teaches_is_left_out_of_the_copy_and_named(app, otto, school, talks, rows):
    with app.app_context():
        start_writing()
        db.session.execute(
            update(Teaching).where(Teaching.group_id == school.group_6).values(ended_on=clock.today())
        )
        db.session.commit()
    answer = otto.post(f"/school/meetings/{talks.round}/copy")
    assert answer.status_code == 303
    new = next(one.id for one in rows(MeetingRound) if one.id != talks.round)
    assert [one.group_id for one in rows(RoundGroup) if one.round_id == new] == [school.group_34]
    assert "Niet in de kopie, want er is nu geen leerkracht: groep 6." in otto.get(answer.location).text
