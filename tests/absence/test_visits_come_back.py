"""A visit that gave way to whole days holds again on the days that those do not take any more."""

from datetime import date, time

import pytest

from portal.models.absence import Absence, AbsenceNote, GivenUpDay, VisitPart
from tests.absence.test_create_report import report
from tests.absence.test_other_reasons import known, on, one
from tests.staff.test_board import mark
from tests.staff.test_note_absent import note
from tests.staff.test_visits_on_the_board import reported

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (23, 24, 25, 26, 27))
DENTIST = {"kind": "doctor", "from_time": "10:00", "until_time": "11:00"}
LATER = {"kind": "late", "until_time": "10:00"}


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


@pytest.fixture
def week(anna, school, at):
    """Bram comes later the whole week; it is Monday morning."""
    at("2026-11-23 07:30")
    return report(anna, school.bram, **LATER, note="Fysio.", **on(MONDAY, FRIDAY)).location


def parts(rows, school, kind="late"):
    return [(first, last) for first, last, code in known(rows, school) if code == kind]


def test_an_illness_by_mistake_taken_back_gives_the_dentist_back(anna, tess, school, rows):
    dentist = report(anna, school.bram, **DENTIST, note="Beugel.").location
    ill = report(anna, school.bram).location
    assert known(rows, school) == [(TUESDAY, TUESDAY, "sick")]
    answer = anna.post(f"{ill}/withdrawal")
    visit = one(rows, school, "doctor")
    assert (visit.first_day, visit.last_day, visit.from_time) == (TUESDAY, TUESDAY, time(10))
    assert dentist == f"/absence/{visit.id}"
    assert [row.text for row in rows(AbsenceNote)] == ["Beugel."]
    assert rows(GivenUpDay) == []
    page = anna.get(answer.location).text
    assert "School verwacht Bram." in page
    assert "De eerdere melding over Bram (Dokter of tandarts) geldt weer, op dinsdag 24 november." in page
    assert "10.00" in reported(tess.get("/staff/today"))


def test_in_english_too(anna, school):
    report(anna, school.bram, **LATER, **on(TUESDAY, THURSDAY))
    ill = report(anna, school.bram, **on(TUESDAY, THURSDAY)).location
    anna.post("/language", data={"language": "en"})
    page = anna.get(anna.post(f"{ill}/withdrawal").location).text
    assert "holds again, from Tuesday 24 November up to and including Thursday 26 November." in page


@pytest.mark.parametrize("person", ["anna", "otto"])
def test_better_before_the_day_of_the_dentist_gives_it_back(anna, client_for, school, rows, at, person):
    report(anna, school.bram, **DENTIST, **on(THURSDAY))
    ill = one_number(report(anna, school.bram, **on(TUESDAY, THURSDAY)))
    at("2026-11-25 07:30")
    side = "absence" if person == "anna" else "staff/absences"
    client = client_for(getattr(school, person))
    answer = client.post(f"/{side}/{ill}/recovery", data={"back_on": "2026-11-25"})
    assert known(rows, school) == [(TUESDAY, TUESDAY, "sick"), (THURSDAY, THURSDAY, "doctor")]
    assert "geldt weer, op donderdag 26 november." in client.get(answer.location).text


def one_number(answer):
    return int(answer.location.split("/")[2])


def test_better_on_the_day_after_the_dentist_does_not(anna, school, rows, at):
    report(anna, school.bram, **DENTIST, **on(WEDNESDAY))
    ill = report(anna, school.bram, **on(TUESDAY, THURSDAY)).location
    at("2026-11-25 07:30")
    page = anna.get(anna.post(f"{ill}/recovery", data={"back_on": "2026-11-26"}).location).text
    assert known(rows, school) == [(TUESDAY, WEDNESDAY, "sick")]
    assert "geldt weer" not in page


def test_a_correction_of_the_days_gives_back_and_takes(anna, school, rows):
    report(anna, school.bram, **LATER, **on(TUESDAY, FRIDAY))
    ill = report(anna, school.bram, **on(TUESDAY)).location
    answer = anna.post(f"{ill}/correction", data={"kind": "sick", **on(FRIDAY)})
    assert known(rows, school) == [(TUESDAY, THURSDAY, "late"), (FRIDAY, FRIDAY, "sick")]
    assert (
        "geldt weer, van dinsdag 24 november tot en met donderdag 26 november."
        in anna.get(answer.location).text
    )


def test_who_is_here_after_all_goes_to_the_dentist_of_that_day(anna, tess, school, rows, at):
    report(anna, school.bram, **DENTIST)
    ill = report(anna, school.bram).location
    at("2026-11-24 08:40")
    page = tess.get(mark(tess, school.bram, was="absent").location)
    assert known(rows, school) == [(TUESDAY, TUESDAY, "doctor")]
    assert (
        "De eerdere melding over Bram (Dokter of tandarts) geldt weer, op dinsdag 24 november." in page.text
    )
    assert "10.00" in reported(page)
    assert "Nu geldt een andere melding over Bram" in anna.get(ill).text


def test_a_mark_on_the_wrong_row_that_is_undone_lets_it_give_way_again(anna, tess, school, rows, at):
    report(anna, school.bram, **DENTIST)
    report(anna, school.bram, **LATER, **on(WEDNESDAY, FRIDAY))
    report(anna, school.bram, **on(TUESDAY, THURSDAY))
    before = known(rows, school)
    for _ in range(2):
        at("2026-11-24 08:40")
        mark(tess, school.bram, was="absent")
        assert known(rows, school) == [(TUESDAY, TUESDAY, "doctor"), (WEDNESDAY, FRIDAY, "late")]
        at("2026-11-24 08:41")
        mark(tess, school.bram, state="unknown")
        assert known(rows, school) == before == [(TUESDAY, THURSDAY, "sick"), (FRIDAY, FRIDAY, "late")]
    at("2026-11-24 08:50")
    assert "10.00" not in reported(tess.get("/staff/today"))


def test_who_undoes_a_mark_reads_what_does_not_hold_after_that(anna, tess, school, at):
    report(anna, school.bram, **DENTIST)
    report(anna, school.bram, **on(TUESDAY, THURSDAY))
    at("2026-11-24 08:40")
    mark(tess, school.bram, was="absent")
    page = tess.get(mark(tess, school.bram, state="unknown").location).text
    assert (
        "De eerdere melding over Bram (Dokter of tandarts) geldt niet zolang Bram de hele dag afwezig is."
        in page
    )


def test_who_undoes_a_mark_reads_from_when_a_visit_holds_after_that(anna, tess, school, rows, at):
    report(anna, school.bram, **LATER, **on(TUESDAY, FRIDAY))
    report(anna, school.bram, **on(TUESDAY, WEDNESDAY))
    at("2026-11-24 08:40")
    mark(tess, school.bram, was="absent")
    assert parts(rows, school) == [(TUESDAY, FRIDAY)]
    page = tess.get(mark(tess, school.bram, state="unknown").location).text
    assert parts(rows, school) == [(THURSDAY, FRIDAY)]
    assert "De eerdere melding over Bram (Te laat) is nu vanaf donderdag 26 november." in page


def test_who_is_here_again_sooner_goes_to_the_dentist_of_a_later_day(anna, tess, school, rows, at):
    report(anna, school.bram, **DENTIST, **on(THURSDAY))
    report(anna, school.bram, **on(TUESDAY, THURSDAY))
    at("2026-11-25 08:40")
    mark(tess, school.bram, was="absent")
    assert known(rows, school) == [(TUESDAY, TUESDAY, "sick"), (THURSDAY, THURSDAY, "doctor")]


def test_of_who_is_here_without_a_visit_the_illness_is_over_and_stays(anna, tess, school, rows):
    report(anna, school.bram)
    mark(tess, school.bram, was="absent")
    assert known(rows, school) == [(TUESDAY, TUESDAY, "sick")]


def test_a_visit_that_was_cut_in_two_is_one_again_at_its_own_address(anna, school, rows, week):
    ill = report(anna, school.bram, **on(WEDNESDAY)).location
    assert len(parts(rows, school)) == 2
    anna.post(f"{ill}/withdrawal")
    visit = one(rows, school, "late")
    assert (visit.first_day, visit.last_day) == (MONDAY, FRIDAY)
    assert week == f"/absence/{visit.id}"
    texts = [row.text for row in rows(AbsenceNote) if row.absence_id == visit.id]
    assert texts == ["Fysio."]


@pytest.mark.usefixtures("week")
def test_of_more_days_those_that_are_free_come_back(anna, school, rows):
    report(anna, school.bram, **on(WEDNESDAY))
    friday = report(anna, school.bram, kind="other", **on(FRIDAY)).location
    assert parts(rows, school) == [(MONDAY, TUESDAY), (THURSDAY, THURSDAY)]
    anna.post(f"{friday}/withdrawal")
    assert parts(rows, school) == [(MONDAY, TUESDAY), (THURSDAY, FRIDAY)]
    anna.post(f"/absence/{one(rows, school, 'sick').id}/withdrawal")
    assert parts(rows, school) == [(MONDAY, FRIDAY)]


def test_days_that_another_whole_day_takes_stay_given_up_to_that_one(anna, client_for, school, rows):
    report(anna, school.bram, **DENTIST, **on(THURSDAY))
    ill = report(anna, school.bram, **on(TUESDAY, THURSDAY)).location
    note(client_for(school.otto), school.bram, kind="unauthorised", **on(THURSDAY))
    anna.post(f"{ill}/withdrawal")
    assert known(rows, school) == [(THURSDAY, THURSDAY, "unauthorised")]
    leave = one(rows, school, "unauthorised").id
    page = client_for(school.otto).post(f"/staff/absences/{leave}/withdrawal", follow_redirects=True)
    assert known(rows, school) == [(THURSDAY, THURSDAY, "doctor")]
    assert "geldt weer, op donderdag 26 november." in page.text


@pytest.mark.usefixtures("week")
def test_a_part_that_was_taken_back_stays_so_and_the_days_between_come_with_the_other(anna, school, rows):
    ill = report(anna, school.bram, **on(WEDNESDAY)).location
    first = next(row for row in rows(Absence) if row.first_day == MONDAY)
    anna.post(f"/absence/{first.id}/withdrawal")
    anna.post(f"{ill}/withdrawal")
    assert parts(rows, school) == [(WEDNESDAY, FRIDAY)]


@pytest.mark.usefixtures("week")
def test_a_part_that_was_changed_stays_as_it_is(anna, school, rows):
    ill = report(anna, school.bram, **on(WEDNESDAY)).location
    last = next(row for row in rows(Absence) if row.first_day == THURSDAY)
    anna.post(f"/absence/{last.id}/correction", data={"kind": "late", "until_time": "11:00", **on(THURSDAY)})
    anna.post(f"{ill}/withdrawal")
    assert parts(rows, school) == [(MONDAY, WEDNESDAY), (THURSDAY, THURSDAY)]
    assert {row.first_day: row.until_time for row in rows(Absence) if not row.withdrawn_at} == {
        MONDAY: time(10),
        THURSDAY: time(11),
    }


def test_who_takes_back_all_that_is_left_of_a_visit_means_all_of_it(anna, school, rows):
    visit = report(anna, school.bram, **LATER, **on(TUESDAY, FRIDAY)).location
    ill = report(anna, school.bram, **on(TUESDAY)).location
    anna.post(f"{visit}/withdrawal")
    anna.post(f"{ill}/withdrawal")
    assert known(rows, school) == []
    assert rows(GivenUpDay) == rows(VisitPart) == []


def test_who_says_that_a_child_does_not_come_later_any_more_means_the_days_given_up_too(
    anna, school, rows, at
):
    visit = report(anna, school.bram, **LATER, **on(TUESDAY, FRIDAY)).location
    ill = report(anna, school.bram, **on(THURSDAY, FRIDAY)).location
    anna.post(f"{visit}/recovery", data={"back_on": "2026-11-25"})
    anna.post(f"{ill}/withdrawal")
    assert known(rows, school) == [(TUESDAY, TUESDAY, "late")]


@pytest.mark.usefixtures("week")
def test_a_part_with_another_message_stays_apart_so_that_no_message_is_lost(anna, client_for, school, rows):
    ill = report(anna, school.bram, **on(WEDNESDAY)).location
    last = next(row for row in rows(Absence) if row.first_day == THURSDAY)
    days = {"kind": "late", "until_time": "10:00", **on(THURSDAY, FRIDAY)}
    anna.post(f"/absence/{last.id}/correction", data={**days, "note": "Nu zwemmen."})
    anna.post(f"{ill}/withdrawal")
    assert parts(rows, school) == [(MONDAY, WEDNESDAY), (THURSDAY, FRIDAY)]
    assert {row.text for row in rows(AbsenceNote)} == {"Fysio.", "Nu zwemmen."}


def test_that_school_saw_the_visit_stays(anna, tess, school, rows):
    report(anna, school.bram, **DENTIST)
    tess.post("/staff/sightings", data={"pupil": school.bram.id})
    ill = report(anna, school.bram).location
    anna.post(f"{ill}/withdrawal")
    assert one(rows, school, "doctor").seen_by == school.tess.id


@pytest.mark.usefixtures("week")
def test_the_history_says_of_no_day_that_is_over_that_a_visit_took_the_place_of_an_illness(
    anna, school, rows, at
):
    ill = report(anna, school.bram, **on(TUESDAY, FRIDAY)).location
    at("2026-11-26 07:30")
    anna.post(f"{ill}/withdrawal")
    assert known(rows, school) == [(MONDAY, MONDAY, "late"), (THURSDAY, FRIDAY, "late")]


def test_but_a_day_that_was_over_when_school_noted_something_else_is_as_it_was(
    anna, client_for, school, rows, at
):
    at("2026-11-23 07:30")
    report(anna, school.bram, **DENTIST)
    at("2026-11-24 07:55")
    otto = client_for(school.otto)
    note(otto, school.bram, kind="sick", **on(MONDAY))
    assert known(rows, school) == [(MONDAY, MONDAY, "sick")]
    otto.post(f"/staff/absences/{one(rows, school, 'sick').id}/withdrawal")
    assert known(rows, school) == [(MONDAY, MONDAY, "doctor")]


def test_an_illness_that_lasts_until_better_after_all_leaves_a_later_visit_beside_it(anna, school, rows):
    report(anna, school.bram, **DENTIST, **on(THURSDAY))
    report(anna, school.bram, **on(TUESDAY, FRIDAY))
    report(anna, school.bram, days="dates", first_day="2026-11-24", until_better="y")
    assert known(rows, school) == [(TUESDAY, None, "sick"), (THURSDAY, THURSDAY, "doctor")]


def test_the_other_guardian_reads_no_more_than_that_a_parent_reported_it(anna, client_for, school, rows):
    report(anna, school.bram, **DENTIST, note="Kanarie was wakker.")
    daan = client_for(school.daan)
    ill = report(daan, school.bram).location
    page = daan.get(daan.post(f"{ill}/withdrawal").location).text
    page += daan.get(f"/absence/{one(rows, school, 'doctor').id}").text
    assert "geldt weer, op dinsdag 24 november." in page
    assert "door een ouder" in page
    for trace in ("Kanarie", "Anna", "7.55 uur, door"):
        assert trace not in page
