"""POST /absence/report: a visit on a day on which the child is absent all day waits, and that is said."""

from datetime import date, time

import pytest

from portal.models.absence import Absence, AbsenceNote
from tests.absence.test_create_report import report
from tests.absence.test_other_reasons import known, on, one
from tests.absence.test_visits_that_wait import said_at
from tests.staff.test_board import mark
from tests.staff.test_note_absent import note
from tests.staff.test_visits_on_the_board import reported

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2026, 11, day) for day in (23, 24, 25, 26, 27))
DENTIST = {"kind": "doctor", "from_time": "10:00", "until_time": "11:00"}
LATER = {"kind": "late", "until_time": "10:00"}
KEPT = "Uw melding is bewaard en geldt op de dagen waarop Bram toch niet de hele dag afwezig is."
BACK = "De eerdere melding over Bram (Dokter of tandarts) geldt weer, op donderdag 26 november."


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


@pytest.fixture
def daan(client_for, school):
    return client_for(school.daan)


@pytest.fixture
def ill(anna, school):
    """Bram is ill from Tuesday up to and including Thursday; it is Tuesday morning."""
    return report(anna, school.bram, note="Koorts.", **on(TUESDAY, THURSDAY)).location


def parts(rows, school):
    return [(first, last) for first, last, code in known(rows, school) if code == "late"]


def texts(rows, absence):
    return [row.text for row in rows(AbsenceNote) if row.absence_id == absence.id]


def test_it_is_kept_and_holds_when_the_illness_is_taken_back(anna, school, rows, ill):
    answer = report(anna, school.bram, **DENTIST, note="Beugel.", **on(THURSDAY))
    assert answer.location == ill
    page = anna.get(answer.location).text
    assert "School wist al dat Bram op deze dagen afwezig is." in page
    assert KEPT in page
    assert known(rows, school) == [(TUESDAY, THURSDAY, "sick")]
    assert texts(rows, one(rows, school, "sick")) == ["Koorts."]
    assert BACK in anna.get(anna.post(f"{ill}/withdrawal").location).text
    visit = one(rows, school, "doctor")
    assert (visit.first_day, visit.last_day, visit.from_time) == (THURSDAY, THURSDAY, time(10))
    assert texts(rows, visit) == ["Beugel."]


def test_or_when_the_child_is_better_before_that_day(anna, school, rows, at, ill):
    report(anna, school.bram, **DENTIST, **on(THURSDAY))
    at("2026-11-25 07:30")
    page = anna.get(anna.post(f"{ill}/recovery", data={"back_on": "2026-11-25"}).location).text
    assert known(rows, school) == [(TUESDAY, TUESDAY, "sick"), (THURSDAY, THURSDAY, "doctor")]
    assert BACK in page


def test_or_when_the_child_is_seen_at_school(anna, client_for, school, rows, at, ill):
    client_for(school.tess).post("/staff/sightings", data={"pupil": school.bram.id})
    report(anna, school.bram, **DENTIST)
    at("2026-11-24 08:40")
    page = client_for(school.tess).get(mark(client_for(school.tess), school.bram, was="absent").location)
    assert known(rows, school) == [(TUESDAY, TUESDAY, "doctor")]
    assert "10.00" in reported(page)


def test_in_english_too(anna, school, ill):
    anna.post("/language", data={"language": "en"})
    page = anna.get(report(anna, school.bram, **DENTIST, **on(THURSDAY)).location).text
    assert "Your report is kept, and holds on the days on which Bram is not absent all day after all." in page


@pytest.mark.usefixtures("ill")
def test_twice_is_once(anna, school, rows):
    for _ in range(2):
        answer = report(anna, school.bram, **DENTIST, note="Beugel.", **on(THURSDAY))
        assert KEPT in anna.get(answer.location).text
    assert len(rows(Absence)) == 2
    assert sorted(row.text for row in rows(AbsenceNote)) == ["Beugel.", "Koorts."]


def test_the_same_of_both_parents_is_one_with_a_note_of_each(anna, daan, school, rows, ill):
    report(daan, school.bram, **DENTIST, note="Kanarie was wakker.", **on(THURSDAY))
    page = anna.get(report(anna, school.bram, **DENTIST, note="Beugel.", **on(THURSDAY)).location).text
    page += anna.get(anna.post(f"{ill}/withdrawal").location).text
    visit = one(rows, school, "doctor")
    assert visit.reported_by == school.daan.id
    assert sorted(texts(rows, visit)) == ["Beugel.", "Kanarie was wakker."]
    page += anna.get(f"/absence/{visit.id}").text
    assert BACK in page
    assert "door een ouder" in page
    for trace in ("Kanarie", "Daan", "7.55 uur, door een"):
        assert trace not in page


@pytest.mark.usefixtures("ill")
@pytest.mark.parametrize("reporter", ["anna", "daan"])
def test_another_visit_where_one_waits_is_refused_with_what_is_known_of_it(
    anna, client_for, school, rows, reporter
):
    report(client_for(getattr(school, reporter)), school.bram, **DENTIST, note="Kanarie.", **on(THURSDAY))
    answer = report(anna, school.bram, **LATER, note="Slaapt uit.", **on(WEDNESDAY, THURSDAY))
    assert answer.status_code == 422
    assert said_at(answer, "kind").endswith(
        "<span>Voor donderdag 26 november is er al een eerdere melding over Bram: Dokter of tandarts,"
        " van 10.00 uur tot 11.00 uur. Die geldt zodra Bram niet de hele dag afwezig is."
        " Moet dat anders? Trek die dan in, of bel de school.</span>"
    )
    assert "Slaapt uit." in answer.text
    for trace in ("Kanarie", "Daan"):
        assert trace not in answer.text
    assert known(rows, school) == [(TUESDAY, THURSDAY, "sick")]


def test_a_week_of_coming_later_round_an_illness_is_one_again_after_it(anna, school, rows, at):
    ill = report(anna, school.bram, **on(WEDNESDAY)).location
    visit = report(anna, school.bram, **LATER, note="Fysio.", **on(TUESDAY, FRIDAY)).location
    page = anna.get(visit).text
    assert "School wist al dat Bram op woensdag 25 november afwezig is: Ziek. Dat blijft zo." in page
    assert KEPT in page
    assert parts(rows, school) == [(TUESDAY, TUESDAY), (THURSDAY, FRIDAY)]
    anna.post(f"{ill}/withdrawal")
    late = one(rows, school, "late")
    assert (late.first_day, late.last_day) == (TUESDAY, FRIDAY)
    assert visit == f"/absence/{late.id}"
    assert texts(rows, late) == ["Fysio."]


def test_coming_later_without_an_end_goes_on_after_the_days_of_another_reason(anna, client_for, school, rows):
    note(client_for(school.otto), school.bram, kind="unauthorised", **on(WEDNESDAY))
    report(anna, school.bram, **LATER, days="dates", first_day="2026-11-24", until_better="y")
    assert parts(rows, school) == [(TUESDAY, TUESDAY), (THURSDAY, None)]


def test_a_visit_of_today_of_who_is_ill_until_better_holds_when_better_today(anna, school, rows, at):
    at("2026-11-23 07:50")
    ill = report(anna, school.bram, days="dates", first_day="2026-11-23", until_better="y").location
    at("2026-11-24 07:50")
    page = anna.get(report(anna, school.bram, **DENTIST).location).text
    assert "School wist al dat Bram vanaf maandag 23 november afwezig is: Ziek. Dat blijft zo." in page
    assert KEPT in page
    anna.post(f"{ill}/recovery", data={"back_on": "2026-11-24"})
    assert known(rows, school) == [(MONDAY, MONDAY, "sick"), (TUESDAY, TUESDAY, "doctor")]


def test_a_visit_on_the_first_day_of_an_illness_until_better_waits(anna, daan, school, rows):
    ill = report(daan, school.bram, days="dates", first_day="2026-11-24", until_better="y").location
    assert KEPT in anna.get(report(anna, school.bram, **DENTIST).location).text
    assert known(rows, school) == [(TUESDAY, None, "sick")]
    daan.post(f"{ill}/withdrawal")
    assert known(rows, school) == [(TUESDAY, TUESDAY, "doctor")]


def of_dentist(rows, school):
    (visit,) = [row for row in rows(Absence) if row.kind_id == school.kinds["doctor"]]
    return f"/absence/{visit.id}"


def test_what_waits_stands_on_the_page_of_the_illness_and_is_taken_back_on_its_own(
    anna, daan, school, rows, ill
):
    report(anna, school.bram, **DENTIST, note="Kanarie.", **on(THURSDAY))
    visit = of_dentist(rows, school)
    page = anna.get(ill).text
    assert f'href="{visit}">Dokter of tandarts, donderdag' in page
    assert "Geldt op de dagen waarop Bram toch niet de hele dag afwezig is" in page
    assert f'action="{visit}/withdrawal"' in anna.get(visit).text
    assert f'href="{visit}">Dokter of tandarts, donderdag' in daan.get(ill).text
    assert "/withdrawal" not in daan.get(visit).text
    assert "Kanarie" not in daan.get(ill).text + daan.get(visit).text
    assert daan.post(f"{visit}/withdrawal").status_code == 403
    for _ in range(2):
        page = anna.get(anna.post(f"{visit}/withdrawal").location).text
        assert "Uw melding over Bram is ingetrokken." in page
        assert "School verwacht Bram" not in page
    assert "Dokter of tandarts" not in anna.get(ill).text
    assert report(anna, school.bram, **LATER, **on(THURSDAY)).status_code == 303
    anna.post(f"{ill}/withdrawal")
    assert known(rows, school) == [(THURSDAY, THURSDAY, "late")]


def test_a_visit_that_gave_way_to_what_the_other_guardian_reported_is_taken_back_too(
    anna, daan, school, rows
):
    visit = report(anna, school.bram, **DENTIST).location
    ill = report(daan, school.bram).location
    anna.post(f"{visit}/withdrawal")
    daan.post(f"{ill}/withdrawal")
    assert known(rows, school) == []


@pytest.mark.usefixtures("ill")
def test_a_correction_of_the_day_of_a_visit_says_so_too(anna, school, rows):
    visit = report(anna, school.bram, **DENTIST, **on(FRIDAY)).location
    answer = anna.post(f"{visit}/correction", data={**DENTIST, **on(THURSDAY)})
    page = anna.get(answer.location).text
    assert "School wist al dat Bram vanaf dinsdag 24 november afwezig is: Ziek. Dat blijft zo." in page
    assert KEPT in page
    answer = report(anna, school.bram, **LATER, **on(WEDNESDAY, THURSDAY))
    assert answer.status_code == 422
    assert "Voor donderdag 26 november is er al een eerdere melding over Bram" in said_at(answer, "kind")
    assert "Trek die dan in" in said_at(answer, "kind")


def test_a_correction_to_days_around_an_illness_holds_on_both_sides_and_waits_between(
    anna, school, rows, ill
):
    visit = report(anna, school.bram, **LATER, **on(FRIDAY)).location
    answer = anna.post(f"{visit}/correction", data={**LATER, **on(WEDNESDAY, FRIDAY), "note": "Kanarie."})
    assert KEPT in anna.get(answer.location).text
    assert parts(rows, school) == [(FRIDAY, FRIDAY)]
    anna.post(f"{ill}/withdrawal")
    assert parts(rows, school) == [(WEDNESDAY, FRIDAY)]
    (holds,) = (row for row in rows(Absence) if not row.withdrawn_at)
    assert f"/absence/{holds.id}" == visit
    assert texts(rows, holds) == ["Kanarie."]


def test_a_correction_of_what_still_holds_of_a_visit_leaves_the_day_that_waits(anna, school, rows):
    visit = report(anna, school.bram, **LATER, **on(WEDNESDAY, THURSDAY), note="Kanarie.").location
    ill = report(anna, school.bram, **on(THURSDAY)).location
    answer = anna.post(f"{visit}/correction", data={"kind": "late", "until_time": "11:00", **on(WEDNESDAY)})
    waiting = "donderdag 26 november, op school vanaf 10.00 uur"
    assert waiting in anna.get(answer.location).text
    assert waiting in anna.get(ill).text
    anna.post(f"{ill}/withdrawal")
    held = {row.first_day: row for row in rows(Absence) if not row.withdrawn_at}
    assert {day: row.until_time for day, row in held.items()} == {WEDNESDAY: time(11), THURSDAY: time(10)}
    assert texts(rows, held[THURSDAY]) == ["Kanarie."]


def test_a_correction_that_is_for_the_day_that_waits_too_takes_its_place(anna, school, rows):
    visit = report(anna, school.bram, **LATER, **on(WEDNESDAY, THURSDAY)).location
    ill = report(anna, school.bram, **on(THURSDAY)).location
    sent = {"kind": "late", "until_time": "11:00", **on(WEDNESDAY, THURSDAY)}
    assert anna.post(f"{visit}/correction", data=sent).status_code == 303
    assert parts(rows, school) == [(WEDNESDAY, WEDNESDAY)]
    anna.post(f"{ill}/withdrawal")
    assert parts(rows, school) == [(WEDNESDAY, THURSDAY)]
    assert {row.until_time for row in rows(Absence) if not row.withdrawn_at} == {time(11)}


def test_of_a_visit_that_holds_in_part_the_days_that_wait_stand_on_its_page_too(anna, school):
    visit = report(anna, school.bram, **LATER, **on(WEDNESDAY, THURSDAY)).location
    ill = report(anna, school.bram, **on(THURSDAY)).location
    assert f'href="{visit}">Te laat, donderdag 26 november' in anna.get(ill).text
    page = anna.get(visit).text
    assert "<b>Te laat, donderdag 26 november" in page
    assert page.count(f'action="{visit}/withdrawal"') == 1


def test_school_reads_what_waits_and_takes_it_back(anna, client_for, school, rows, ill):
    report(anna, school.bram, **DENTIST, note="Kanarie.", **on(THURSDAY))
    visit = of_dentist(rows, school).replace("absence", "staff/absences")
    otto = client_for(school.otto)
    page = otto.get(ill.replace("absence", "staff/absences")).text
    assert f'href="{visit}">Dokter of tandarts, donderdag' in page
    assert "Kanarie" not in page
    page = otto.get(visit).text
    assert "Geldt op de dagen waarop Bram toch niet de hele dag afwezig is" in page
    assert "Ingetrokken" not in page
    assert otto.post(f"{visit}/withdrawal").status_code == 303
    assert "Ingetrokken" in otto.get(visit).text
    anna.post(f"{ill}/withdrawal")
    assert known(rows, school) == []


def test_what_holds_again_beside_an_illness_that_is_made_longer_is_said(anna, daan, school, rows, ill):
    report(daan, school.bram, **DENTIST, **on(THURSDAY))
    page = anna.get(report(anna, school.bram, **on(TUESDAY), until_better="y").location).text
    assert (THURSDAY, THURSDAY, "doctor") in known(rows, school)
    assert BACK in page


def test_who_takes_back_what_waits_takes_back_the_days_that_were_shown_and_no_others(
    anna, daan, school, rows
):
    report(anna, school.bram, **LATER, **on(WEDNESDAY, date(2026, 12, 1)))
    friday = report(daan, school.bram, **on(FRIDAY)).location
    other = report(daan, school.bram, kind="other", **on(WEDNESDAY, THURSDAY)).location
    assert "Te laat, morgen tot en met vr 27 nov" in anna.get(other).text
    (waiting,) = (row for row in rows(Absence) if row.reported_by == school.anna.id and row.withdrawn_at)
    anna.post(f"/absence/{waiting.id}/withdrawal")
    assert "Te laat" not in anna.get(other).text
    daan.post(f"{friday}/withdrawal")
    daan.post(f"{other}/withdrawal")
    assert parts(rows, school) == [(date(2026, 11, 30), date(2026, 12, 1))]


def test_what_a_changed_part_leaves_to_wait_is_taken_back_by_itself(anna, daan, school, rows):
    visit = report(anna, school.bram, **LATER, **on(TUESDAY, FRIDAY)).location
    sick = report(daan, school.bram, **on(WEDNESDAY)).location
    other = report(daan, school.bram, kind="other", **on(THURSDAY, FRIDAY)).location
    anna.post(f"{visit}/correction", data={"kind": "late", "until_time": "11:00", **on(TUESDAY)})
    page = anna.get(sick).text
    assert "Te laat, morgen, wo 25 nov" in page
    assert "Te laat, do 26 nov tot en met vr 27 nov" in page
    (of_wednesday,) = (row for row in rows(Absence) if row.withdrawn_at and row.first_day == WEDNESDAY)
    anna.post(f"/absence/{of_wednesday.id}/withdrawal")
    daan.post(f"{sick}/withdrawal")
    daan.post(f"{other}/withdrawal")
    assert parts(rows, school) == [(TUESDAY, TUESDAY), (THURSDAY, FRIDAY)]


def test_a_correction_to_the_day_on_which_the_child_was_seen_holds(anna, client_for, school, rows, at):
    visit = report(anna, school.bram, **DENTIST, **on(FRIDAY)).location
    report(anna, school.bram)
    at("2026-11-24 08:40")
    mark(client_for(school.tess), school.bram)
    answer = anna.post(f"{visit}/correction", data={**DENTIST, **on(TUESDAY)})
    assert KEPT not in anna.get(answer.location).text
    assert known(rows, school) == [(TUESDAY, TUESDAY, "doctor")]


def test_a_correction_of_the_message_alone_changes_nothing_else(anna, school, rows):
    visit = report(anna, school.bram, **LATER, **on(WEDNESDAY, FRIDAY), note="Kanarie.").location
    report(anna, school.bram, **on(THURSDAY))
    anna.post(f"/absence/{one(rows, school, 'sick').id}/withdrawal")
    report(anna, school.bram, **on(THURSDAY), until_better="y")
    sent = {**LATER, **on(WEDNESDAY, FRIDAY), "note": ""}
    assert anna.post(f"{visit}/correction", data=sent).status_code == 303
    assert parts(rows, school) == [(WEDNESDAY, FRIDAY)]
    assert rows(AbsenceNote) == []


def test_the_message_of_a_correction_goes_with_all_of_it(anna, school, rows):
    visit = report(anna, school.bram, **LATER, **on(THURSDAY, FRIDAY), note="Kanarie.").location
    report(anna, school.bram, **on(WEDNESDAY))
    anna.post(f"{visit}/correction", data={**LATER, **on(TUESDAY, FRIDAY), "note": "Merel."})
    assert parts(rows, school) == [(TUESDAY, TUESDAY), (THURSDAY, FRIDAY)]
    assert {row.text for row in rows(AbsenceNote)} == {"Merel."}
    anna.post(f"{visit}/correction", data={**LATER, **on(TUESDAY), "note": ""})
    assert len(rows(AbsenceNote)) == 1


def test_a_correction_that_waits_and_is_sent_twice_is_one(anna, school):
    visit = report(anna, school.bram, **LATER, **on(FRIDAY)).location
    report(anna, school.bram, **on(WEDNESDAY))
    sent = {**LATER, **on(WEDNESDAY)}
    answers = [anna.post(f"{visit}/correction", data=sent) for _ in range(2)]
    assert [answer.location for answer in answers] == [visit, visit]
    page = anna.get(visit).text
    assert "Uw melding is gewijzigd." in page
    assert "Dit kon niet" not in page


def test_another_correction_of_what_waits_says_what_to_do(anna, school, ill):
    visit = report(anna, school.bram, **DENTIST, **on(FRIDAY)).location
    anna.post(f"{visit}/correction", data={**DENTIST, **on(THURSDAY)})
    refused = "Deze melding geldt als Bram toch niet de hele dag afwezig is. Moet het anders? Trek"
    assert refused in anna.post(f"{visit}/correction", data={**LATER, **on(THURSDAY)}).text
    assert refused in anna.get(f"{visit}/correction").text
    anna.post(f"{visit}/withdrawal")
    assert "Deze melding is ingetrokken. Maak een nieuwe melding." in anna.get(f"{visit}/correction").text


def test_a_visit_is_not_corrected_onto_a_day_on_which_ones_own_other_one_waits(anna, school, rows):
    visit = report(anna, school.bram, **LATER, **on(WEDNESDAY, THURSDAY)).location
    report(anna, school.bram, **on(THURSDAY))
    eleven = {"kind": "late", "until_time": "11:00"}
    anna.post(f"{visit}/correction", data={**eleven, **on(WEDNESDAY)})
    answer = anna.post(f"{visit}/correction", data={**eleven, **on(WEDNESDAY, THURSDAY)})
    assert answer.status_code == 422
    assert "Moet dat anders? Trek die dan in, of bel de school." in said_at(answer, "kind")


def test_a_part_that_is_corrected_onto_the_day_between_takes_the_place_of_what_waits_there(
    anna, school, rows
):
    visit = report(anna, school.bram, **LATER, **on(TUESDAY, THURSDAY)).location
    ill = report(anna, school.bram, **on(WEDNESDAY)).location
    eleven = {"kind": "late", "until_time": "11:00"}
    assert anna.post(f"{visit}/correction", data={**eleven, **on(TUESDAY, WEDNESDAY)}).status_code == 303
    anna.post(f"{ill}/withdrawal")
    held = {row.first_day: row for row in rows(Absence) if not row.withdrawn_at}
    assert {day: (row.last_day, row.until_time) for day, row in held.items()} == {
        TUESDAY: (WEDNESDAY, time(11)),
        THURSDAY: (THURSDAY, time(10)),
    }


def test_of_a_visit_that_waited_school_does_not_read_that_it_was_taken_back(
    anna, client_for, school, rows, at, ill
):
    report(anna, school.bram, **DENTIST, **on(WEDNESDAY))
    at("2026-11-26 08:00")
    visit = of_dentist(rows, school).replace("absence", "staff/absences")
    assert "Ingetrokken" not in client_for(school.otto).get(visit).text
