"""A visit, or a week of coming later, beside whole days: it keeps its other days, and that is said."""

from datetime import date, time

import pytest

from portal.models.absence import Absence, AbsenceNote
from tests.absence.test_create_report import report
from tests.absence.test_other_reasons import known, on, one
from tests.staff.test_note_absent import note

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (23, 24, 25, 26, 27))
LATER = {"kind": "late", "until_time": "10:00"}


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


@pytest.fixture
def week(anna, school, at):
    """Bram comes later the whole week."""
    at("2026-11-23 07:30")
    return report(anna, school.bram, **LATER, note="Fysio.", **on(MONDAY, FRIDAY))


@pytest.mark.usefixtures("week")
def test_one_sick_day_leaves_the_other_days_of_the_week(anna, school, rows):
    page = anna.get(report(anna, school.bram, **on(WEDNESDAY)).location).text
    assert known(rows, school) == [
        (MONDAY, TUESDAY, "late"),
        (WEDNESDAY, WEDNESDAY, "sick"),
        (THURSDAY, FRIDAY, "late"),
    ]
    assert "De eerdere melding over Bram (Te laat) is nu tot en met dinsdag 24 november." in page
    assert "De eerdere melding over Bram (Te laat) is nu vanaf donderdag 26 november." in page
    late = [row for row in rows(Absence) if row.kind_id == school.kinds["late"]]
    assert {(row.until_time, row.reported_by, row.source) for row in late} == {
        (time(10), school.anna.id, "guardian")
    }
    assert [row.text for row in rows(AbsenceNote)] == ["Fysio."] * 2


@pytest.mark.usefixtures("week")
@pytest.mark.parametrize(
    ("days", "left"),
    [
        (on(MONDAY), [(TUESDAY, FRIDAY)]),
        (on(THURSDAY, FRIDAY), [(MONDAY, WEDNESDAY)]),
        (on(MONDAY, FRIDAY), []),
    ],
)
def test_school_noting_whole_days_leaves_the_others(client_for, school, rows, days, left):
    note(client_for(school.otto), school.bram, kind="sick", **days)
    late = [(first, last) for first, last, kind in known(rows, school) if kind == "late"]
    assert late == left


@pytest.mark.usefixtures("week")
def test_of_a_visit_of_which_no_day_is_left_that_is_said(anna, school):
    words = "De eerdere melding over Bram (Te laat) geldt niet zolang Bram de hele dag afwezig is."
    page = anna.get(report(anna, school.bram, **on(MONDAY, FRIDAY)).location).text
    assert words in page
    assert words not in anna.get(report(anna, school.bram, **on(MONDAY, FRIDAY)).location).text


@pytest.mark.usefixtures("week")
def test_in_english_too(anna, school):
    anna.post("/language", data={"language": "en"})
    page = anna.get(report(anna, school.bram, **on(MONDAY, FRIDAY)).location).text
    assert "does not hold while Bram is absent all day." in page


@pytest.mark.usefixtures("week")
def test_ill_until_better_from_the_first_day_of_it_leaves_the_days_after(anna, school, rows):
    report(anna, school.bram, days="dates", first_day="2026-11-23", until_better="y")
    assert known(rows, school) == [(MONDAY, None, "sick"), (TUESDAY, FRIDAY, "late")]


def test_a_visit_where_an_illness_begins_by_what_school_notes_gives_way_and_that_is_said(
    anna, client_for, school, rows
):
    report(anna, school.bram, days="dates", first_day="2026-11-24", until_better="y")
    report(anna, school.bram, **LATER, **on(THURSDAY))
    otto = client_for(school.otto)
    page = otto.get(note(otto, school.bram, kind="unauthorised", **on(TUESDAY, WEDNESDAY)).location).text
    assert known(rows, school) == [(TUESDAY, WEDNESDAY, "unauthorised"), (THURSDAY, None, "sick")]
    assert "De eerdere melding over Bram (Te laat) geldt niet zolang Bram de hele dag afwezig is." in page


def test_what_begins_on_the_day_after_stays_where_it_is(anna, client_for, school, rows, at):
    at("2026-11-23 07:30")
    report(anna, school.bram, days="dates", first_day="2026-11-24", until_better="y")
    report(anna, school.bram, **LATER, **on(MONDAY, FRIDAY))
    report(anna, school.bram, kind="other", **on(MONDAY))
    assert [row for row in known(rows, school) if row[2] != "late"] == [
        (MONDAY, MONDAY, "other"),
        (TUESDAY, None, "sick"),
    ]


@pytest.mark.usefixtures("week")
def test_correcting_a_report_into_the_week_leaves_its_other_days(anna, school, rows):
    ill = report(anna, school.bram, **on(date(2026, 11, 30))).location
    answer = anna.post(f"{ill}/correction", data={"kind": "sick", **on(TUESDAY)})
    assert known(rows, school) == [
        (MONDAY, MONDAY, "late"),
        (TUESDAY, TUESDAY, "sick"),
        (WEDNESDAY, FRIDAY, "late"),
    ]
    page = anna.get(answer.location).text
    assert "De eerdere melding over Bram (Te laat) is nu vanaf woensdag 25 november." in page


def test_also_tomorrow_takes_the_place_of_a_visit_of_tomorrow(anna, school, rows):
    ill = report(anna, school.bram).location
    report(anna, school.bram, kind="doctor", from_time="13:30", **on(WEDNESDAY))
    assert anna.post(f"{ill}/extension", data={"until": "2026-11-25"}).status_code == 303
    assert known(rows, school) == [(TUESDAY, WEDNESDAY, "sick")]


def test_also_tomorrow_leaves_the_days_after_it(anna, school, rows):
    ill = report(anna, school.bram).location
    report(anna, school.bram, **LATER, **on(WEDNESDAY, FRIDAY))
    answer = anna.post(f"{ill}/extension", data={"until": "2026-11-25"})
    assert known(rows, school) == [(TUESDAY, WEDNESDAY, "sick"), (THURSDAY, FRIDAY, "late")]
    words = "De eerdere melding over Bram (Te laat) is nu vanaf donderdag 26 november."
    assert words in anna.get(answer.location).text


@pytest.mark.parametrize(
    "wider",
    [{"kind": "sick"}, {"kind": "doctor", "from_time": "09:00", "until_time": "12:00"}, {"kind": "doctor"}],
)
def test_a_correction_after_the_cut_off_that_takes_more_of_today_asks_to_call(
    anna, client_for, school, rows, at, wider
):
    at("2026-11-24 07:30")
    times = {"from_time": "09:00", "until_time": "10:00"}
    visit = report(anna, school.bram, kind="doctor", **times).location
    at("2026-11-24 09:45")
    anna.post(f"{visit}/correction", data={"kind": "doctor", "days": "one", **times, "note": "Met oma."})
    assert "Bel ook even de school" not in anna.get(visit).text
    anna.post(f"{visit}/correction", data={"days": "one", **wider})
    assert "Bel ook even de school" in anna.get(visit).text
    assert "nieuw" in client_for(school.tess).get("/staff/today").text


def test_a_correction_that_takes_less_of_today_asks_nothing(anna, school, at):
    at("2026-11-24 07:30")
    ill = report(anna, school.bram).location
    at("2026-11-24 09:45")
    anna.post(f"{ill}/correction", data={"kind": "doctor", "days": "one", "until_time": "10:00"})
    assert "Bel ook even de school" not in anna.get(ill).text


def test_what_the_other_parent_wrote_stays_when_reports_become_one(anna, client_for, school, rows):
    report(client_for(school.daan), school.bram, note="Ligt bij papa op de bank.", **on(THURSDAY))
    report(anna, school.bram, note="Koorts.")
    report(anna, school.bram, **on(TUESDAY, THURSDAY))
    ill = one(rows, school, "sick")
    assert (ill.first_day, ill.last_day) == (TUESDAY, THURSDAY)
    assert {(row.text, row.absence_id) for row in rows(AbsenceNote)} == {
        ("Ligt bij papa op de bank.", ill.id),
        ("Koorts.", ill.id),
    }
