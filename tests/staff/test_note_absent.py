"""POST /staff/pupils/<id>/absences/new: what school notes counts, whatever a parent reported before."""

from datetime import date, time

import pytest

from portal.models.absence import Absence, AbsenceNote
from tests.absence.test_create_report import report

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (24, 25, 26, 27))
UNTIL_BETTER = {"days": "dates", "first_day": "2026-11-24", "until_better": "y"}


def note(client, pupil, **fields):
    return client.post(
        f"/staff/pupils/{pupil.id}/absences/new", data={"kind": "sick", "days": "one", **fields}
    )


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


def holding(rows):
    return sorted((row for row in rows(Absence) if not row.withdrawn_at), key=lambda row: row.first_day)


def test_a_child_who_comes_later_after_all_is_not_ill_any_more(anna, otto, school, rows):
    report(anna, school.bram, note="Slaapt nog.")
    answer = note(otto, school.bram, kind="late", until_time="13:00")
    (absence,) = holding(rows)
    assert (absence.kind_id, absence.until_time) == (school.kinds["late"], time(13))
    assert (absence.source, absence.reported_by, absence.seen_by) == (
        "school",
        school.otto.id,
        school.otto.id,
    )
    assert "De afwezigheid van Bram is genoteerd." in otto.get(answer.location).text
    assert [row.absence_id for row in rows(AbsenceNote)] == [absence.id]


@pytest.mark.parametrize("days", [UNTIL_BETTER, {"days": "two"}])
def test_a_visit_within_more_days_is_refused_in_words_and_not_dropped(anna, otto, school, rows, days):
    report(anna, school.bram, **days)
    answer = note(otto, school.bram, kind="late", until_time="13:00", note="Belde om tien uur.")
    assert answer.status_code == 422
    assert "School heeft al een melding over Bram vanaf dinsdag 24 november: Ziek." in answer.text
    assert "Belde om tien uur." in answer.text
    assert [row.kind_id for row in holding(rows)] == [school.kinds["sick"]]


def test_another_reason_for_the_same_days_is_the_one_that_counts(anna, otto, school, rows):
    report(anna, school.bram)
    note(otto, school.bram, kind="unauthorised")
    (absence,) = holding(rows)
    assert (absence.kind_id, absence.source) == (school.kinds["unauthorised"], "school")
    assert (absence.reported_by, absence.seen_by) == (school.otto.id, school.otto.id)
    assert anna.post(f"/absence/{absence.id}/withdrawal").status_code == 403


@pytest.mark.parametrize("reporter", ["anna", "daan"])
def test_when_a_parent_had_reported_it_is_not_told_with_what_school_noted(
    client_for, otto, school, rows, at, reporter
):
    at("2026-11-24 07:13")
    report(client_for(getattr(school, reporter)), school.bram)
    at("2026-11-24 07:55")
    note(otto, school.bram, kind="unauthorised")
    page = client_for(school.daan).get(f"/absence/{holding(rows)[0].id}").text
    assert "7.55 uur, door school" in page
    assert "7.13" not in page


def test_another_reason_for_one_day_leaves_the_days_before_it(anna, otto, school, rows):
    report(anna, school.bram, **UNTIL_BETTER)
    answer = note(otto, school.bram, kind="unauthorised", days="dates", first_day="2026-11-26")
    assert [(row.first_day, row.last_day) for row in holding(rows)] == [
        (TUESDAY, WEDNESDAY),
        (THURSDAY, THURSDAY),
    ]
    page = otto.get(answer.location).text
    assert "De eerdere melding over Bram (Ziek) is nu tot en met woensdag 25 november." in page


def test_another_reason_for_the_first_day_leaves_the_days_after_it(anna, otto, school, rows):
    report(anna, school.bram, days="dates", first_day="2026-11-24", last_day="2026-11-27")
    answer = note(otto, school.bram, kind="unauthorised")
    assert [(row.first_day, row.last_day) for row in holding(rows)] == [
        (TUESDAY, TUESDAY),
        (WEDNESDAY, FRIDAY),
    ]
    page = otto.get(answer.location).text
    assert "De eerdere melding over Bram (Ziek) is nu vanaf woensdag 25 november." in page


def test_a_visit_on_the_day_on_which_the_rest_now_begins_gives_way(anna, otto, school, rows):
    report(anna, school.bram, kind="doctor", days="dates", first_day="2026-11-25")
    report(anna, school.bram, **UNTIL_BETTER)
    assert note(otto, school.bram, kind="unauthorised").status_code == 303
    kinds = [(row.first_day, row.kind_id) for row in holding(rows)]
    assert kinds == [(TUESDAY, school.kinds["unauthorised"]), (WEDNESDAY, school.kinds["sick"])]


def test_another_reason_in_the_middle_is_refused_in_words(anna, otto, school, rows):
    report(anna, school.bram, days="dates", first_day="2026-11-24", last_day="2026-11-27")
    answer = note(otto, school.bram, kind="unauthorised", days="dates", first_day="2026-11-25")
    assert answer.status_code == 422
    assert "School heeft al een melding over Bram vanaf dinsdag 24 november: Ziek." in answer.text
    assert [(row.first_day, row.last_day) for row in holding(rows)] == [(TUESDAY, FRIDAY)]


def test_a_longer_absence_for_the_same_reason_is_schools_own_and_seen(anna, otto, school, rows):
    report(anna, school.bram)
    note(otto, school.bram, **UNTIL_BETTER)
    (absence,) = holding(rows)
    assert (absence.last_day, absence.source, absence.seen_by) == (None, "school", school.otto.id)
    assert anna.post(f"/absence/{absence.id}/withdrawal").status_code == 403


def test_the_same_again_is_seen_and_stays_the_report_of_the_parent(anna, otto, school, rows):
    report(anna, school.bram)
    note(otto, school.bram)
    (absence,) = holding(rows)
    assert (absence.source, absence.reported_by, absence.seen_by) == (
        "guardian",
        school.anna.id,
        school.otto.id,
    )
    assert anna.post(f"/absence/{absence.id}/withdrawal").status_code == 409


def test_what_is_reported_already_stands_on_the_page_to_be_ended_first(anna, otto, school, rows):
    path = f"/staff/pupils/{school.bram.id}/absences/new"
    assert "Al gemeld" not in otto.get(path).text
    report(anna, school.bram, **UNTIL_BETTER)
    answer = note(otto, school.bram, kind="late", until_time="13:00")
    for page in (otto.get(path), answer):
        assert "Al gemeld" in page.text
        assert f'href="/staff/absences/{holding(rows)[0].id}">Ziek' in page.text
