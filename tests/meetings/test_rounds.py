"""/school/meetings: the rounds of the office, and setting one up."""

import re

import pytest
from sqlalchemy import select

from portal import clock
from portal.extensions import db, start_writing
from portal.models.accounts import StaffMember
from portal.models.meetings import (
    HostTeacher,
    Invitee,
    MeetingDay,
    MeetingHost,
    MeetingRound,
    RoundGroup,
    Slot,
)
from portal.models.roster import Guardianship, Teaching
from tests.meetings.office import AS_IT_IS, round_form

HOURS = ["15.00", "15.10", "15.20", "15.40", "15.50"]


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def concept(otto, school, rows):
    """The number of a round that is not published."""
    otto.post("/school/meetings/new", data=round_form(school))
    (made,) = rows(MeetingRound)
    return made.id


def hours(rows, host_id: int) -> list[str]:
    slots = sorted(slot.starts_at for slot in rows(Slot) if slot.host_id == host_id)
    return [clock.to_local(moment).strftime("%H.%M") for moment in slots]


def test_a_concept_says_when_it_was_last_saved(otto, school, concept, at):
    path = f"/school/meetings/{concept}"
    assert "Concept, bewaard om 7.55 uur" in otto.get(path).text
    at("2026-11-24 14:48")
    otto.post(path, data=round_form(school, revision="0"))
    at("2026-11-25 09:00")
    assert "Concept, bewaard op di 24 nov, 14.48 uur" in otto.get(path).text


def test_a_new_round_is_a_concept_with_tables_places_and_talks(otto, school, rows):
    answer = otto.post("/school/meetings/new", data=round_form(school))
    assert answer.status_code == 303
    (round_,) = rows(MeetingRound)
    assert (round_.name, round_.published_at, round_.talk_minutes) == ("Rapportgesprekken", None, 10)
    assert clock.to_local(round_.opens_at).hour == 16
    groups = {group.group_id: group.host_id for group in rows(RoundGroup)}
    teachers = {(one.host_id, one.user_id) for one in rows(HostTeacher)}
    assert teachers == {
        (groups[school.group_34], school.tess.id),
        (groups[school.group_34], school.tim.id),
        (groups[school.group_6], school.yara.id),
    }
    assert hours(rows, groups[school.group_6]) == HOURS
    assert len(rows(Invitee)) == 5


def test_the_concept_is_in_the_list_of_the_office_only(client_for, school, concept):
    assert "Concept" in client_for(school.otto).get("/school/meetings").text
    assert "Rapportgesprekken" not in client_for(school.tess).get("/staff/meetings").text


def test_look_goes_on_to_see_it_as_a_parent(otto, school):
    answer = otto.post("/school/meetings/new", data=round_form(school, do="look"))
    assert answer.location.endswith("/look")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": ""}, "Vul een naam in."),
        ({"talk_minutes": "3"}, "Kies een aantal minuten van 5 tot en met 120."),
        ({"talk_minutes": "tien"}, "Kies een aantal minuten van 5 tot en met 120."),
        ({"groups": []}, "Kies ten minste één groep."),
        ({"days-0-starts_at": "half vier"}, "Typ de tijd als 15.00."),
        ({"days-0-pause": "even"}, "Typ de pauze als 16.40-16.50."),
        ({"days-0-pause": "25.00-26.00"}, "Typ de pauze als 16.40-16.50."),
        ({"days-0-ends_at": ""}, "Rij 1, Tot: Vul de tijd in."),
        ({"days-0-ends_at": "14.00"}, "Het einde moet na het begin komen."),
        ({"days-0-day": ""}, "Rij 1, Dag: Vul de dag in."),
        ({"days-0-pause": "20.00-20.10"}, "Een pauze moet tussen het begin en het einde liggen."),
        ({"days-0-day": "2025-12-15"}, "Maandag 15 december 2025 is voorbij. Kies een latere dag."),
        ({"days-0-day": "2036-12-15"}, "Maandag 15 december 2036 is ver weg. Kies een dag binnen een jaar."),
        ({"closes_at": "2026-11-30T16:00"}, "Het einde van het kiezen moet na het begin komen."),
        ({"days-0-day": "0001-01-01"}, "Typ de datum als dag, maand en jaar."),
        ({"closes_at": "0001-01-01T10:00"}, "Kies een dag en een tijd."),
        ({"closes_at": "morgen"}, "Kies een dag en een tijd."),
        ({"early": "y"}, "Kies een dag en een tijd."),
        ({"early": "y", "early_from": "2026-12-02T16:00"}, "Eerder kiezen moet vóór"),
        ({"shape_from": "2026-12-02T16:00"}, "Leerkrachten delen hun tijden in vóórdat ouders kiezen."),
        ({"filled_by": "2026-12-10T16:00"}, "De administratie vult de rest in nadat"),
        ({"hold_hours": "100"}, "Kies een aantal uren van 1 tot en met 72."),
        (
            {"days-1-day": "2026-12-15", "days-1-starts_at": "15.30", "days-1-ends_at": "17.00"},
            "Twee rijen van dezelfde dag vallen over elkaar.",
        ),
        (
            {"days-1-day": "2026-12-15", "days-1-starts_at": "15.00", "days-1-ends_at": "16.00"},
            "Twee rijen van dezelfde dag vallen over elkaar.",
        ),
    ],
)
def test_what_cannot_be_held_is_said_and_what_was_typed_stays(otto, school, rows, values, sentence):
    answer = otto.post("/school/meetings/new", data=round_form(school, **values))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="2026-12-15"' in answer.text or "days-0-day" in values
    assert not rows(MeetingRound)


def test_what_is_wrong_in_the_rows_of_days_is_said_row_by_row_with_a_link_to_each_field(otto, school):
    wrong = {"days-0-starts_at": "25.00", "days-0-pause": "koffie"}
    page = otto.post("/school/meetings/new", data=round_form(school, **wrong)).text
    summary = page.partition('id="errors"')[2].partition("</div>")[0]
    assert "Nog 2 dingen nodig" in summary
    assert '<a href="#days-0-starts_at">Rij 1, Van: Typ de tijd als 15.00.</a>' in summary
    assert '<a href="#days-0-pause">Rij 1, Pauze: Typ de pauze als 16.40-16.50.</a>' in summary
    assert "{" not in summary


@pytest.mark.parametrize(("typed", "kept"), [("1530", "15.30"), ("930", "9.30"), ("15:30", "15.30")])
def test_a_time_is_understood_as_people_type_it(otto, school, rows, typed, kept):
    otto.post("/school/meetings/new", data=round_form(school, **{"days-0-starts_at": typed}))
    (day,) = rows(MeetingDay)
    assert f"{day.starts_at.hour}.{day.starts_at.minute:02}" == kept


def test_a_day_that_is_over_stays_in_a_round_that_has_it_and_is_not_added(otto, school, rows, concept, at):
    at("2027-01-12 10:00")
    path = f"/school/meetings/{concept}"
    assert otto.post(path, data=round_form(school, name="Nieuw", revision="0")).status_code == 303
    more = {"days-1-day": "2027-01-11", "days-1-starts_at": "15.30", "days-1-ends_at": "17.00"}
    answer = otto.post(path, data=round_form(school, revision="1", **more))
    assert answer.status_code == 422
    assert "Maandag 11 januari is voorbij. Kies een latere dag." in answer.text


def test_another_row_can_be_asked_for_and_taken_away_without_script(otto, school, rows):
    more = otto.post("/school/meetings/new", data=round_form(school, do="add_day"))
    assert (more.status_code, more.text.count("remove_day:")) == (200, 2)
    assert 'value="15.30–15.40"' in more.text  # noqa: RUF001
    fewer = otto.post("/school/meetings/new", data=round_form(school, do="remove_day:0"))
    assert (fewer.status_code, fewer.text.count("remove_day:")) == (200, 0)
    assert not rows(MeetingRound)


def test_a_concept_is_changed_without_asking_and_its_places_follow(otto, school, rows, concept):
    form = round_form(school, talk_minutes="15", groups=[school.group_6], revision="0")
    assert otto.post(f"/school/meetings/{concept}", data=form).status_code == 303
    (host,) = rows(MeetingHost)
    assert hours(rows, host.id) == ["15.00", "15.15", "15.40"]
    assert {one.host_id for one in rows(Invitee)} == {host.id}
    assert [one.revision for one in rows(MeetingRound)] == [1]


def test_who_saves_over_somebody_elses_change_is_told_first(otto, school, rows, concept):
    otto.post(f"/school/meetings/{concept}", data=round_form(school, name="Eerst", revision="0"))
    stale = otto.post(f"/school/meetings/{concept}", data=round_form(school, name="Daarna", revision="0"))
    assert stale.status_code == 409
    assert "Iemand anders heeft deze ronde net veranderd" in stale.text
    assert 'value="Daarna"' in stale.text
    assert [one.name for one in rows(MeetingRound)] == ["Eerst"]


def test_early_choosing_and_the_other_settings_are_kept(otto, school, rows, concept):
    form = round_form(
        school,
        early="y",
        early_from="2026-11-30T16:00",
        shape_from="2026-11-25T08:00",
        filled_by="2026-12-14T12:00",
        gap_minutes="20",
        building_gap_minutes="30",
        kind="wishes",
        way="choice",
        twins_together="y",
        hold_hours="6",
        hall_names="first_names",
    )
    otto.post(f"/school/meetings/{concept}", data=form)
    (made,) = rows(MeetingRound)
    assert (made.gap_minutes, made.building_gap_minutes, made.kind, made.way) == (20, 30, "wishes", "choice")
    assert (made.twins_together, made.hold_hours, made.hall_names) == (True, 6, "first_names")
    assert made.early_from == clock.at_local("2026-11-30 16:00")
    page = otto.get(f"/school/meetings/{concept}").text
    assert 'value="2026-11-30T16:00"' in page
    assert 'value="2026-12-14T12:00"' in page


def test_does_it_fit_counts_both_talks_of_parents_who_come_apart(otto, school):
    page = otto.get("/school/meetings/new").text
    assert "1 kind, 2 gesprekken" in page
    form = round_form(school, **{"days-0-ends_at": "15.10", "days-0-pause": ""})
    fit = otto.post("/school/meetings/fit", data=form)
    assert fit.status_code == 200
    assert "te weinig" in fit.text
    assert "Er zijn 1 tijden voor 2 gesprekken." in fit.text
    assert "De ouders van één kind komen apart." in fit.text


@pytest.mark.parametrize("apart", [False, True])
def test_does_it_fit_does_not_tell_an_office_whether_the_own_childs_other_parent_hides(
    client_for, school, app, apart
):
    with app.app_context():
        start_writing()
        db.session.add(StaffMember(user_id=school.carl.id, role="office", called=""))
        inge = db.session.scalars(select(Guardianship).where(Guardianship.user_id == school.inge.id)).one()
        inge.hidden_at = clock.now() if apart else None
        db.session.commit()
    page = client_for(school.carl).get("/school/meetings/new").text
    assert "3 kinderen, 4 gesprekken" in page


def test_does_it_fit_knows_on_which_days_teachers_work(app, otto, school, rows):
    from_tuesday = round_form(school)
    with app.app_context():
        start_writing()
        for one in db.session.scalars(select(Teaching).where(Teaching.user_id == school.yara.id)):
            one.weekdays = 0b11000
        db.session.commit()
    fit = otto.post("/school/meetings/fit", data=from_tuesday).text
    assert "Niemand van deze tafel werkt op dinsdag." in fit
    assert "Er zijn 0 tijden voor 3 gesprekken." in fit


def test_while_booking_runs_the_office_is_warned_of_a_table_that_runs_out(otto, rows, talks):
    quiet = otto.get(f"/school/meetings/{talks.round}").text
    assert "De tijden raken op" not in quiet
    for hour in range(15, 17):
        for minute in range(0, 60, 10):
            if (hour, minute) != (16, 0):
                talks.change(
                    Slot, talks.slot(talks.host_6, f"2026-12-01 {hour}.{minute:02}"), state="blocked"
                )
    for minute in (30, 40, 50):
        talks.change(Slot, talks.slot(talks.host_6, f"2026-12-03 18.{minute}"), state="blocked")
    loud = otto.get(f"/school/meetings/{talks.round}").text
    assert "De tijden raken op" in loud
    assert "Groep 6: 3 tijden vrij, 3 gesprekken nog te plannen." in loud


def test_the_page_of_a_round_shows_what_is_kept(otto, school, talks):
    page = otto.get(f"/school/meetings/{talks.round}").text
    for name, value in AS_IT_IS.items():
        assert re.search(f'name="{name}" [^>]*value="{value}"', page)


def test_the_pages_ask_the_database_as_often_for_many_rounds_and_tables(otto, school, talks, count_queries):
    otto.post("/school/meetings/new", data=round_form(school))
    with count_queries() as few:
        otto.get("/school/meetings")
    with count_queries() as of_round:
        otto.get(f"/school/meetings/{talks.round}")
    for _ in range(3):
        otto.post("/school/meetings/new", data=round_form(school))
    with count_queries() as many:
        otto.get("/school/meetings")
    with count_queries() as again:
        otto.get(f"/school/meetings/{talks.round}")
    assert len(few) == len(many)
    assert len(of_round) == len(again) <= 22


def test_days_of_a_table_replace_those_of_the_round(otto, school, rows, concept):
    host = next(one.host_id for one in rows(RoundGroup) if one.group_id == school.group_6)
    form = {
        "teachers": [school.yara.id],
        "substitute": "0",
        "own_days": "y",
        "days-0-day": "2026-12-16",
        "days-0-starts_at": "13:00",
        "days-0-ends_at": "13:30",
        "pupils": [school.noor.id, school.sem.id, school.lotte.id],
    }
    assert otto.post(f"/school/meetings/{concept}/tables/{host}", data=form).status_code == 303
    assert hours(rows, host) == ["13.00", "13.10", "13.20"]
    otto.post(f"/school/meetings/{concept}", data=round_form(school, talk_minutes="15"))
    assert hours(rows, host) == ["13.00", "13.15"]
    assert [day.host_id for day in rows(MeetingDay) if day.host_id] == [host]
