"""POST /absence/report when another reason is known for some of the days: each keeps its own."""

from datetime import date, time

import pytest

from portal.models.absence import Absence, AbsenceNote
from tests.absence.test_create_report import report
from tests.staff.test_note_absent import note

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, MONDAY = (date(2026, 11, day) for day in (24, 25, 26, 27, 30))
UNTIL_BETTER = {"days": "dates", "until_better": "y"}


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


def on(first, last=None):
    return {"days": "dates", "first_day": first.isoformat(), "last_day": last.isoformat() if last else ""}


def known(rows, school):
    """Return reason, first and last day of what holds, in order."""
    codes = {number: code for code, number in school.kinds.items()}
    return sorted(
        (row.first_day, row.last_day, codes[row.kind_id]) for row in rows(Absence) if not row.withdrawn_at
    )


def one(rows, school, kind):
    (found,) = [row for row in rows(Absence) if row.kind_id == school.kinds[kind] and not row.withdrawn_at]
    return found


def test_ill_until_better_ends_where_leave_begins_and_leaves_that_alone(anna, client_for, school, rows):
    note(client_for(school.otto), school.bram, kind="unauthorised", **on(FRIDAY))
    answer = report(anna, school.bram, **UNTIL_BETTER, first_day="2026-11-24")
    assert known(rows, school) == [(TUESDAY, THURSDAY, "sick"), (FRIDAY, FRIDAY, "unauthorised")]
    ill, leave = one(rows, school, "sick"), one(rows, school, "unauthorised")
    assert (ill.source, ill.reported_by, ill.seen_at) == ("guardian", school.anna.id, None)
    assert (leave.source, leave.reported_by) == ("school", school.otto.id)
    assert answer.location == f"/absence/{ill.id}"
    page = anna.get(answer.location).text
    assert "School wist al dat Bram op vrijdag 27 november afwezig is: Ongeoorloofd. Dat blijft zo." in page
    assert "Uw melding is tot en met donderdag 26 november." in page
    assert "Trek melding in" in page
    assert "nieuw" in client_for(school.tess).get("/staff/today").text


def test_better_again_takes_no_leave_of_a_later_day_away(anna, client_for, school, rows, at):
    note(client_for(school.otto), school.bram, kind="unauthorised", **on(FRIDAY))
    report(anna, school.bram, **UNTIL_BETTER, first_day="2026-11-24")
    at("2026-11-26 07:40")
    anna.post(f"/absence/{one(rows, school, 'sick').id}/recovery", data={"back_on": "2026-11-26"})
    assert known(rows, school) == [(TUESDAY, WEDNESDAY, "sick"), (FRIDAY, FRIDAY, "unauthorised")]


def test_a_report_with_an_end_goes_on_after_the_days_of_another_reason(anna, client_for, school, rows):
    note(client_for(school.otto), school.bram, kind="unauthorised", **on(FRIDAY))
    page = anna.get(report(anna, school.bram, note="Koorts.", **on(WEDNESDAY, MONDAY)).location).text
    assert known(rows, school) == [
        (WEDNESDAY, THURSDAY, "sick"),
        (FRIDAY, FRIDAY, "unauthorised"),
        (MONDAY, MONDAY, "sick"),
    ]
    assert "Uw melding is voor de andere dagen." in page
    assert [row.text for row in rows(AbsenceNote)] == ["Koorts."] * 2


def test_another_reason_for_a_day_ahead_leaves_the_illness_what_it_was(anna, client_for, school, rows, at):
    at("2026-11-23 07:50")
    report(anna, school.bram, **UNTIL_BETTER, first_day="2026-11-23")
    client_for(school.tess).post("/staff/sightings", data={"pupil": school.bram.id})
    at("2026-11-24 07:50")
    page = anna.get(report(anna, school.bram, kind="other", **on(FRIDAY)).location).text
    assert known(rows, school) == [(date(2026, 11, 23), THURSDAY, "sick"), (FRIDAY, FRIDAY, "other")]
    assert one(rows, school, "sick").seen_by == school.tess.id
    assert one(rows, school, "other").seen_at is None
    assert "De eerdere melding over Bram (Ziek) is nu tot en met donderdag 26 november." in page


def test_another_reason_for_days_that_school_has_seen_changes_nothing(anna, client_for, school, rows):
    report(anna, school.bram, days="two")
    client_for(school.tess).post("/staff/sightings", data={"pupil": school.bram.id})
    page = anna.get(report(anna, school.bram, kind="other", days="two").location).text
    assert known(rows, school) == [(TUESDAY, WEDNESDAY, "sick")]
    assert "School wist al dat Bram op deze dagen afwezig is." in page


def test_another_reason_of_the_other_parent_is_for_the_days_not_known_yet(anna, client_for, school, rows):
    report(anna, school.bram)
    report(client_for(school.daan), school.bram, kind="other", days="two")
    assert known(rows, school) == [(TUESDAY, TUESDAY, "sick"), (WEDNESDAY, WEDNESDAY, "other")]


def test_who_reports_again_in_other_words_changes_what_nobody_has_seen(anna, school, rows):
    report(anna, school.bram)
    report(anna, school.bram, kind="other", days="two")
    assert known(rows, school) == [(TUESDAY, WEDNESDAY, "other")]


def test_a_visit_of_next_week_is_kept_beside_an_illness_until_better(anna, client_for, school, rows):
    report(anna, school.bram, **UNTIL_BETTER, first_day="2026-11-24")
    report(anna, school.bram, kind="doctor", from_time="13:30", **on(MONDAY))
    assert known(rows, school) == [(TUESDAY, None, "sick"), (MONDAY, MONDAY, "doctor")]
    assert "13.30" not in client_for(school.tess).get("/staff/today").text


def test_a_report_that_begins_earlier_after_all_counts_from_now(anna, client_for, school, rows, at):
    tess = client_for(school.tess)
    report(anna, school.bram, **on(WEDNESDAY))
    at("2026-11-24 08:30")
    tess.post("/staff/attendance", data={"mark": f"present:{school.bram.id}"})
    at("2026-11-24 10:00")
    page = anna.get(report(anna, school.bram, days="two").location).text
    assert known(rows, school) == [(TUESDAY, WEDNESDAY, "sick")]
    assert "Bel ook even de school" in page
    board = tess.get("/staff/today").text
    assert f'value="unknown:{school.bram.id}"' not in board
    assert "nieuw" in board


def test_nor_does_a_correction_to_an_earlier_day_look_as_old_as_the_report(
    anna, client_for, school, rows, at
):
    tess = client_for(school.tess)
    report(anna, school.bram, **on(WEDNESDAY))
    at("2026-11-24 08:30")
    tess.post("/staff/attendance", data={"mark": f"present:{school.bram.id}"})
    at("2026-11-24 10:00")
    path = f"/absence/{one(rows, school, 'sick').id}"
    anna.post(f"{path}/correction", data={"kind": "sick", "days": "one"})
    assert "Bel ook even de school" in anna.get(path).text
    assert f'value="unknown:{school.bram.id}"' not in tess.get("/staff/today").text


def test_the_time_of_a_report_that_makes_another_longer_is_not_told_to_the_other_parent(
    anna, client_for, school, rows, at
):
    daan = client_for(school.daan)
    report(daan, school.bram, **on(WEDNESDAY))
    at("2026-11-24 08:13")
    address = report(anna, school.bram, days="two").location
    assert "8.13 uur, door u" in anna.get(address).text
    at("2026-11-24 09:00")
    page = daan.get(address).text
    assert "door een ouder" in page
    assert "8.13" not in page


@pytest.fixture
def seen_at_school(anna, client_for, school, at):
    """Bram was reported sick at 7.50 and came all the same; it is 10 o'clock."""
    at("2026-11-24 07:50")
    report(anna, school.bram)
    at("2026-11-24 08:40")
    client_for(school.tess).post("/staff/attendance", data={"mark": f"present:{school.bram.id}"})
    at("2026-11-24 10:00")


@pytest.mark.usefixtures("seen_at_school")
@pytest.mark.parametrize("reporter", ["anna", "daan"])
def test_a_visit_on_the_day_that_a_child_came_after_all_is_kept(client_for, school, rows, reporter):
    client = client_for(getattr(school, reporter))
    page = client.get(report(client, school.bram, kind="doctor", from_time="13:00").location).text
    assert known(rows, school) == [(TUESDAY, TUESDAY, "doctor")]
    assert one(rows, school, "doctor").from_time == time(13)
    assert "School wist al" not in page
    over = next(row for row in rows(Absence) if row.withdrawn_at)
    assert over.recovered_at is not None
    assert "13.00" in client_for(school.tess).get("/staff/today").text


@pytest.mark.usefixtures("seen_at_school")
def test_another_reason_on_the_day_that_a_child_came_after_all_is_kept(anna, school, rows):
    report(anna, school.bram, kind="other")
    assert known(rows, school) == [(TUESDAY, TUESDAY, "other")]


@pytest.mark.usefixtures("seen_at_school")
def test_the_absence_of_who_came_after_all_is_not_made_longer(anna, school, rows, at):
    path = f"/absence/{rows(Absence)[0].id}"
    assert "Ook morgen" not in anna.get(path).text
    answer = anna.post(f"{path}/extension", data={"until": "2026-11-25"})
    assert answer.status_code == 409
    assert "Doe een nieuwe melding" in answer.text
    assert known(rows, school) == [(TUESDAY, TUESDAY, "sick")]
    at("2026-11-25 07:30")
    assert "Ziek melden" in anna.get("/").text


def test_the_page_of_a_report_that_gave_way_leads_to_what_holds_now(anna, client_for, school, rows):
    visit = report(anna, school.bram, kind="doctor", until_time="10:15").location
    report(client_for(school.daan), school.bram)
    page = anna.get(visit).text
    assert "<h1>Nu geldt een andere melding over Bram</h1>" in page
    assert f'href="/absence/{one(rows, school, "sick").id}">Ziek, vandaag' in page
    assert "School verwacht" not in page


def test_the_page_of_a_report_that_was_taken_back_says_that_school_expects_the_child(anna, school):
    ill = report(anna, school.bram).location
    anna.post(f"{ill}/withdrawal")
    page = anna.get(ill).text
    assert "<h1>De melding over Bram is ingetrokken</h1>" in page
    assert "School verwacht Bram gewoon." in page


def test_a_day_on_which_something_else_is_known_is_not_offered_to_make_it_longer(
    anna, client_for, school, rows
):
    note(client_for(school.otto), school.bram, kind="unauthorised", **on(WEDNESDAY))
    address = report(anna, school.bram).location
    assert "Ook morgen" not in anna.get(address).text
    client_for(school.otto).post(f"/staff/absences/{one(rows, school, 'unauthorised').id}/withdrawal")
    assert "Ook morgen" in anna.get(address).text
