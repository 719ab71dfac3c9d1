"""Where a visit waits for a whole day to hold no more, no other visit takes its place unseen."""

from datetime import date

import pytest

from portal.models.absence import GivenUpDay
from tests.absence.test_create_report import report
from tests.absence.test_other_reasons import known, on
from tests.staff.test_note_absent import note

TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (24, 25, 26))
DENTIST = {"kind": "doctor", "from_time": "10:00", "until_time": "11:00"}
LATER = {"kind": "late", "until_time": "09:30"}
WAITS = (
    "Voor dinsdag 24 november is er al een eerdere melding over Bram: Dokter of tandarts,"
    " van 10.00 uur tot 11.00 uur. Trek de melding in dat Bram de hele dag afwezig is, dan geldt de eerdere"
    " weer. Zijn beide nodig? Bel dan de school."
)


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


def correct(client, address, **fields):
    return client.post(f"{address}/correction", data={"days": "one", **fields})


def said_at(page, field):
    """Return what the page says at a field, in the mark that belongs to it."""
    return page.text.partition(f'<p class="err" id="{field}-error">')[2].partition("</p>")[0]


def test_an_illness_does_not_become_another_visit_where_the_dentist_waits(anna, school, rows):
    report(anna, school.bram, **DENTIST)
    ill = report(anna, school.bram).location
    answer = correct(anna, ill, **LATER, note="Slaapt uit.")
    assert answer.status_code == 422
    assert WAITS in said_at(answer, "kind")
    assert 'value="09:30"' in answer.text
    assert "Slaapt uit." in answer.text
    assert known(rows, school) == [(TUESDAY, TUESDAY, "sick")]
    anna.post(f"{ill}/withdrawal")
    assert known(rows, school) == [(TUESDAY, TUESDAY, "doctor")]


def test_in_english_too(anna, school):
    report(anna, school.bram, **DENTIST)
    ill = report(anna, school.bram).location
    anna.post("/language", data={"language": "en"})
    said = said_at(correct(anna, ill, **LATER), "kind")
    assert "For Tuesday 24 November there is an earlier report about Bram: Doctor or dentist, from" in said
    assert "Take back that Bram is absent all day, and it holds again." in said


def test_nor_by_reporting_that_visit_and_tapping_to_change_the_illness(anna, school, rows):
    report(anna, school.bram, **DENTIST)
    report(anna, school.bram)
    answer = report(anna, school.bram, **LATER, replaces="y")
    assert answer.status_code == 422
    assert WAITS in said_at(answer, "kind")
    assert known(rows, school) == [(TUESDAY, TUESDAY, "sick")]


def test_nor_by_what_school_notes(anna, client_for, school, rows):
    report(anna, school.bram, **DENTIST)
    ill = report(anna, school.bram).location
    otto = client_for(school.otto)
    answer = note(otto, school.bram, **LATER, note="Belde net.")
    assert answer.status_code == 422
    assert "vanaf dinsdag 24 november: Ziek. Beëindig" in answer.text
    assert "Belde net." in answer.text
    assert known(rows, school) == [(TUESDAY, TUESDAY, "sick")]
    page = otto.post(f"/staff{ill.replace('absence', 'absences')}/withdrawal", follow_redirects=True).text
    assert "De eerdere melding over Bram (Dokter of tandarts) geldt weer" in page


def test_what_the_other_guardian_reported_is_told_as_a_fact_and_no_more(anna, client_for, school, rows):
    report(client_for(school.daan), school.bram, **DENTIST, note="Kanarie was wakker.")
    ill = report(anna, school.bram).location
    answer = correct(anna, ill, **LATER)
    assert WAITS in said_at(answer, "kind")
    for trace in ("Kanarie", "Daan", "andere ouder"):
        assert trace not in answer.text


def test_days_on_which_no_other_visit_waits_are_corrected_and_the_dentist_holds_again(anna, school, rows):
    report(anna, school.bram, **DENTIST, **on(THURSDAY))
    ill = report(anna, school.bram, **on(TUESDAY, THURSDAY)).location
    answer = correct(anna, ill, **LATER)
    assert known(rows, school) == [(TUESDAY, TUESDAY, "late"), (THURSDAY, THURSDAY, "doctor")]
    assert "geldt weer, op donderdag 26 november." in anna.get(answer.location).text


def test_an_illness_becomes_the_dentist_that_waits_and_who_takes_that_back_means_it(anna, school, rows):
    report(anna, school.bram, **DENTIST)
    ill = report(anna, school.bram).location
    assert correct(anna, ill, **DENTIST).status_code == 303
    assert known(rows, school) == [(TUESDAY, TUESDAY, "doctor")]
    assert rows(GivenUpDay) == []
    anna.post(f"{ill}/withdrawal")
    assert known(rows, school) == []


def test_but_the_same_dentist_that_the_other_guardian_reported_is_still_theirs(
    anna, client_for, school, rows
):
    report(client_for(school.daan), school.bram, **DENTIST)
    ill = report(anna, school.bram).location
    assert correct(anna, ill, **DENTIST).status_code == 303
    anna.post(f"{ill}/withdrawal")
    assert known(rows, school) == [(TUESDAY, TUESDAY, "doctor")]


def test_a_correction_to_a_day_with_another_visit_says_which_at_the_days(anna, school, rows):
    report(anna, school.bram, **DENTIST, **on(THURSDAY))
    ill = report(anna, school.bram).location
    answer = anna.post(f"{ill}/correction", data={**LATER, **on(THURSDAY)})
    assert answer.status_code == 422
    said = said_at(answer, "days")
    assert "melding over Bram voor donderdag 26 november: Dokter of tandarts. Wijzig die melding" in said
    assert known(rows, school) == [(TUESDAY, TUESDAY, "sick"), (THURSDAY, THURSDAY, "doctor")]
