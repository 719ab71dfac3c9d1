"""POST /absence/report: a guardian reports children absent."""

import re
from datetime import date, time, timedelta

import pytest

from portal.extensions import db, start_writing
from portal.models.absence import Absence, AbsenceNote
from portal.models.school import FreeDay

TODAY = date(2026, 11, 24)


def report(client, *pupils, **fields):
    form = {"kind": "sick", "days": "one", **fields}
    return client.post("/absence/report", data={"pupil": [pupil.id for pupil in pupils], **form})


def spans(rows):
    return sorted(
        (row.pupil_id, row.first_day, row.last_day) for row in rows(Absence) if not row.withdrawn_at
    )


def test_a_mother_reports_her_child_sick_for_today(client_for, school, rows):
    answer = report(client_for(school.anna), school.bram)
    (absence,) = rows(Absence)
    assert answer.status_code == 303
    assert answer.location == f"/absence/{absence.id}"
    assert (absence.pupil_id, absence.kind_id) == (school.bram.id, school.kinds["sick"])
    assert (absence.first_day, absence.last_day) == (TODAY, TODAY)
    assert (absence.source, absence.reported_by, absence.seen_at) == ("guardian", school.anna.id, None)


def test_two_children_are_reported_at_once(client_for, school, rows):
    report(client_for(school.anna), school.bram, school.noor, days="two")
    tomorrow = TODAY + timedelta(days=1)
    assert spans(rows) == sorted([(school.bram.id, TODAY, tomorrow), (school.noor.id, TODAY, tomorrow)])


def test_dates_can_be_chosen_and_until_better_leaves_the_end_open(client_for, school, rows):
    report(client_for(school.anna), school.bram, days="dates", first_day="2026-11-26", last_day="2026-11-30")
    report(client_for(school.anna), school.noor, days="dates", first_day="2026-11-25", until_better="y")
    assert spans(rows) == sorted(
        [
            (school.bram.id, date(2026, 11, 26), date(2026, 11, 30)),
            (school.noor.id, date(2026, 11, 25), None),
        ]
    )


def test_only_a_first_day_means_that_day(client_for, school, rows):
    client_for(school.anna).post(
        "/absence/report", data={"pupil": school.bram.id, "kind": "sick", "first_day": "2026-11-25"}
    )
    assert spans(rows) == [(school.bram.id, date(2026, 11, 25), date(2026, 11, 25))]


def test_a_visit_to_the_dentist_keeps_its_times(client_for, school, rows):
    report(client_for(school.anna), school.bram, kind="doctor", from_time="09:30", until_time="10:15")
    (absence,) = rows(Absence)
    assert (absence.from_time, absence.until_time) == (time(9, 30), time(10, 15))


def test_times_of_a_whole_day_are_not_kept(client_for, school, rows):
    report(client_for(school.anna), school.bram, from_time="09:30", until_time="10:15")
    (absence,) = rows(Absence)
    assert (absence.from_time, absence.until_time) == (None, None)


def test_the_same_report_twice_is_one_absence(client_for, school, rows):
    anna = client_for(school.anna)
    first, second = report(anna, school.bram), report(anna, school.bram)
    assert first.location == second.location
    assert len(rows(Absence)) == 1


def test_both_parents_reporting_is_one_absence_with_a_note_of_each(client_for, school, rows):
    report(client_for(school.anna), school.bram, note="Slaapt nog.")
    report(client_for(school.daan), school.bram, note="Is bij mij.")
    (absence,) = rows(Absence)
    assert absence.reported_by == school.anna.id
    assert sorted(note.text for note in rows(AbsenceNote)) == ["Is bij mij.", "Slaapt nog."]


def test_a_longer_report_stretches_the_first(client_for, school, rows):
    report(client_for(school.anna), school.bram)
    report(client_for(school.daan), school.bram, days="two")
    assert spans(rows) == [(school.bram.id, TODAY, TODAY + timedelta(days=1))]


def test_until_better_stretches_too(client_for, school, rows):
    report(client_for(school.anna), school.bram)
    report(client_for(school.anna), school.bram, days="dates", first_day="2026-11-24", until_better="y")
    assert spans(rows) == [(school.bram.id, TODAY, None)]


def test_ill_takes_the_place_of_a_visit_on_that_day(client_for, school, rows):
    anna = client_for(school.anna)
    report(anna, school.bram, kind="doctor", until_time="10:15")
    report(anna, school.bram)
    holding = [row for row in rows(Absence) if row.withdrawn_at is None]
    assert [row.kind_id for row in holding] == [school.kinds["sick"]]


def test_a_visit_of_next_week_stays_when_the_child_is_ill_until_better(client_for, school, rows):
    anna = client_for(school.anna)
    report(anna, school.bram, kind="doctor", days="dates", first_day="2026-12-01")
    report(anna, school.bram, days="dates", first_day="2026-11-24", until_better="y")
    assert len([row for row in rows(Absence) if row.withdrawn_at is None]) == 2


def test_ill_from_today_joins_ill_from_tomorrow_and_a_visit_of_today_gives_way(client_for, school, rows):
    anna = client_for(school.anna)
    report(anna, school.bram, kind="doctor", until_time="10:15")
    report(anna, school.bram, days="dates", first_day="2026-11-25", until_better="y")
    assert report(anna, school.bram, days="two").status_code == 303
    assert spans(rows) == [(school.bram.id, TODAY, None)]


def test_who_reported_can_report_another_reason_for_the_same_day(client_for, school, rows):
    anna = client_for(school.anna)
    report(anna, school.bram, kind="other")
    report(anna, school.bram, kind="sick")
    assert [row.kind_id for row in rows(Absence)] == [school.kinds["sick"]]


def test_a_visit_on_a_day_of_one_s_own_report_is_asked_about_and_replaces_it_in_one_tap(
    client_for, school, rows
):
    anna = client_for(school.anna)
    report(anna, school.bram)
    visit = {"kind": "doctor", "until_time": "10:15", "note": "Is er om tien uur."}
    answer = report(anna, school.bram, **visit)
    assert answer.status_code == 422
    assert "Bram: Ziek, vandaag." in answer.text
    assert "Wijzig in “Dokter of tandarts”" in answer.text
    assert 'value="10:15"' in answer.text
    assert "Is er om tien uur." in answer.text
    assert [row.kind_id for row in rows(Absence)] == [school.kinds["sick"]]
    assert report(anna, school.bram, **visit, replaces="y").status_code == 303
    (absence,) = rows(Absence)
    assert (absence.kind_id, absence.until_time) == (school.kinds["doctor"], time(10, 15))
    assert [note.text for note in rows(AbsenceNote)] == ["Is er om tien uur."]


def test_a_visit_inside_more_days_leads_to_the_button_that_changes_them(client_for, school, rows):
    anna = client_for(school.anna)
    report(anna, school.bram, days="two")
    page = anna.get(report(anna, school.bram, kind="doctor").location).text
    assert "Moet het anders? Kies dan “Wijzig”." in page
    assert [row.kind_id for row in rows(Absence) if not row.withdrawn_at] == [school.kinds["sick"]]


DENTIST = {"kind": "doctor", "from_time": "09:00", "until_time": "10:00"}
LATER = {"kind": "doctor", "from_time": "14:00", "until_time": "15:00"}


def times(rows):
    return sorted((row.from_time, row.until_time) for row in rows(Absence) if not row.withdrawn_at)


def test_a_visit_that_the_other_parent_does_not_know_of_is_not_dropped_unsaid(client_for, school, rows):
    report(client_for(school.anna), school.bram, **DENTIST)
    answer = report(client_for(school.daan), school.bram, **LATER, note="Komt om half vier.")
    assert answer.status_code == 422
    assert "melding over Bram voor dinsdag 24 november: Dokter of tandarts." in answer.text
    assert "Anna" not in answer.text
    assert 'value="14:00"' in answer.text
    assert times(rows) == [(time(9), time(10))]
    assert rows(AbsenceNote) == []


def test_the_same_visit_of_both_parents_is_one(client_for, school, rows):
    first = report(client_for(school.anna), school.bram, **DENTIST)
    second = report(client_for(school.daan), school.bram, **DENTIST)
    assert (second.status_code, second.location) == (303, first.location)


def test_another_time_for_one_s_own_visit_is_asked_about_and_replaces_it(client_for, school, rows):
    anna = client_for(school.anna)
    first = report(anna, school.bram, **DENTIST)
    assert report(anna, school.bram, **DENTIST).location == first.location
    answer = report(anna, school.bram, **LATER)
    assert answer.status_code == 422
    assert "U hebt al een melding gedaan" in answer.text
    assert times(rows) == [(time(9), time(10))]
    assert report(anna, school.bram, **LATER, replaces="y").status_code == 303
    assert times(rows) == [(time(14), time(15))]


def test_other_times_for_a_visit_that_school_has_seen_are_refused(client_for, school, rows):
    anna = client_for(school.anna)
    report(anna, school.bram, **DENTIST)
    client_for(school.tim).post("/staff/sightings", data={"pupil": school.bram.id})
    assert report(anna, school.bram, **DENTIST).status_code == 303
    assert report(anna, school.bram, **LATER).status_code == 422
    assert times(rows) == [(time(9), time(10))]


def test_a_visit_on_one_day_of_a_week_of_coming_later_leaves_the_week(client_for, school, rows):
    anna = client_for(school.anna)
    week = {"kind": "late", "days": "dates", "first_day": "2026-11-30", "last_day": "2026-12-04"}
    report(anna, school.bram, **week, until_time="10:00")
    answer = report(anna, school.bram, **{**DENTIST, "days": "dates", "first_day": "2026-12-02"})
    assert answer.status_code == 422
    assert spans(rows) == [(school.bram.id, date(2026, 11, 30), date(2026, 12, 4))]


def test_a_visit_that_school_notes_beside_another_is_refused_in_words(client_for, school, rows):
    report(client_for(school.anna), school.bram, **DENTIST)
    path = f"/staff/pupils/{school.bram.id}/absences/new"
    answer = client_for(school.tess).post(path, data={**LATER, "days": "one"})
    assert answer.status_code == 422
    assert "Dokter of tandarts. Beëindig" in answer.text
    assert "bel de school" not in answer.text


@pytest.mark.parametrize("reporter", ["daan", "anna"])
def test_a_visit_replaces_no_report_of_another_nor_one_that_school_acted_on(
    client_for, school, rows, reporter
):
    report(client_for(getattr(school, reporter)), school.bram)
    if reporter == "anna":
        client_for(school.tim).post("/staff/sightings", data={"pupil": school.bram.id})
    answer = report(client_for(school.anna), school.bram, kind="doctor", replaces="y")
    assert answer.status_code == 303
    page = client_for(school.anna).get(answer.location).text
    assert "Kies dan “Wijzig”" not in page
    assert [row.kind_id for row in rows(Absence) if not row.withdrawn_at] == [school.kinds["sick"]]


def test_two_short_reports_join_when_one_covers_both(client_for, school, rows):
    anna = client_for(school.anna)
    for day in ("2026-11-25", "2026-11-27"):
        report(anna, school.bram, days="dates", first_day=day)
    report(anna, school.bram, days="dates", first_day="2026-11-24", last_day="2026-11-30")
    assert spans(rows) == [(school.bram.id, TODAY, date(2026, 11, 30))]


def test_a_holiday_of_half_a_year_ahead_is_known_and_said(app, client_for, school, rows):
    first, last = date(2027, 4, 24), date(2027, 5, 9)
    with app.app_context():
        start_writing()
        db.session.add(FreeDay(kind="holiday", name="Meivakantie", first_day=first, last_day=last))
        db.session.commit()
    anna = client_for(school.anna)
    answer = report(anna, school.bram, days="dates", first_day="2027-05-04")
    assert answer.status_code == 422
    assert "maandag 10 mei" in answer.text
    assert rows(Absence) == []
    answer = report(anna, school.bram, days="dates", first_day="2027-04-22", last_day="2027-05-11")
    assert "Meivakantie: geen school" in anna.get(answer.location).text


REFUSED = [
    ({"pupil": []}, "Kies Noor, Bram of allebei."),
    ({"kind": "leave-holiday"}, "Kies een reden."),
    ({"kind": "unauthorised"}, "Kies een reden."),
    ({"kind": ""}, "Kies een reden."),
    ({"days": "dates", "first_day": ""}, "Kies de eerste dag."),
    ({"days": "dates", "first_day": "2026-11-23"}, "Kies vandaag of een latere dag."),
    ({"days": "dates", "first_day": "2026-11-28"}, "Op zaterdag 28 november is er geen school."),
    ({"days": "dates", "first_day": "2026-12-22"}, "maandag 4 januari"),
    ({"days": "dates", "first_day": "2028-11-24"}, "Kies een dag binnen een jaar vanaf nu."),
    ({"days": "dates", "first_day": "2026-11-26", "last_day": "2026-11-25"}, "Deze dag ligt vóór"),
    ({"days": "dates", "first_day": "2026-11-26", "last_day": "2027-11-25"}, "binnen vier maanden"),
    ({"days": "dates", "first_day": "26 november"}, "datum"),
    ({"kind": "doctor", "from_time": "10:15", "until_time": "09:30"}, "Kies een tijd na 10.15 uur."),
    ({"note": "x" * 201}, "Gebruik hoogstens 200 tekens."),
]


@pytest.mark.parametrize(("fields", "sentence"), REFUSED)
def test_bad_input_is_said_at_the_field_with_everything_typed_still_there(
    client_for, school, rows, fields, sentence
):
    note = fields.get("note", "Komt morgen misschien.")
    data = {"pupil": school.bram.id, "kind": "sick", "days": "one", "note": note, **fields}
    answer = client_for(school.anna).post("/absence/report", data=data)
    assert answer.status_code == 422
    assert "<title>Fout: " in answer.text
    assert sentence in answer.text
    assert note in answer.text
    assert rows(Absence) == []


@pytest.mark.parametrize("stranger", ["carl", "gert", "dora", "tess", "otto"])
def test_nobody_reports_a_child_of_somebody_else(client_for, school, rows, stranger):
    answer = report(client_for(getattr(school, stranger)), school.bram)
    assert answer.status_code == 404
    assert rows(Absence) == []


def test_a_guardian_without_authority_reports_nothing(client_for, school, rows):
    assert report(client_for(school.gert), school.noor).status_code == 404
    assert rows(Absence) == []


def test_one_child_of_another_family_among_the_own_stops_all(client_for, school, rows):
    assert report(client_for(school.anna), school.bram, school.sem).status_code == 404
    assert rows(Absence) == []


def test_the_note_loses_line_breaks_and_unseen_characters(client_for, school, rows):
    report(client_for(school.anna), school.bram, note="Blijft\r\nthuis\u202e bij oma ")
    assert [note.text for note in rows(AbsenceNote)] == ["Blijft thuis bij oma"]


def test_the_page_has_a_box_for_each_child_and_ticks_the_one_it_was_opened_for(client_for, school):
    page = client_for(school.anna).get(f"/absence/report?pupil={school.bram.id}").text
    boxes = re.findall(r'<input type="checkbox"[^>]*name="pupil"[^>]*>', page)
    assert [box for box in boxes if " checked" in box] == [
        box for box in boxes if f'value="{school.bram.id}"' in box
    ]
    assert len(boxes) == 2


def test_an_only_child_is_ticked_already(client_for, school):
    page = client_for(school.carl).get("/absence/report").text
    assert re.search(rf'<input type="checkbox"[^>]*value="{school.sem.id}" checked', page)


def test_two_sick_children_are_said_to_be_sick_and_every_teacher_is_named(client_for, school):
    anna = client_for(school.anna)
    page = anna.get(report(anna, school.bram, school.noor).location).text
    assert "Bram en Noor zijn ziek gemeld" in page
    lead = " ".join(re.search(r"<p class=.lead.>(.*?)</p>", page, re.S).group(1).split())
    assert lead == "Juf Tess, meester Tim en juf Yara weten het nu. Beterschap, Bram en Noor."


def test_a_sibling_is_asked_about_only_after_a_sick_child_and_when_not_known_already(client_for, school):
    anna = client_for(school.anna)
    visit = anna.get(report(anna, school.bram, kind="doctor").location).text
    sick = anna.get(report(anna, school.bram).location).text
    both = anna.get(report(anna, school.noor).location).text
    assert "Is Noor ook ziek?" not in visit
    assert "Is Noor ook ziek?" in sick
    assert "Is Bram ook ziek?" not in both


def test_a_child_who_comes_later_is_said_to_come_later(client_for, school):
    anna = client_for(school.anna)
    page = anna.get(report(anna, school.bram, kind="late", until_time="09:15").location).text
    assert "<h1>Bram komt later</h1>" in page


def test_an_absence_that_is_over_wishes_nobody_better(client_for, school, at):
    anna = client_for(school.anna)
    address = report(anna, school.bram).location
    at("2026-12-01 08:00")
    page = anna.get(address).text
    assert "<h1>Afwezigheid van Bram</h1>" in page
    assert "Beterschap" not in page


def test_a_second_child_who_is_reported_late_asks_to_call(client_for, school, at):
    anna = client_for(school.anna)
    at("2026-11-24 07:50")
    report(anna, school.bram)
    at("2026-11-24 09:10")
    page = anna.get(report(anna, school.bram, school.noor).location).text
    assert page.count('href="tel:') >= 1
    assert "Uw melding is aangekomen." in page
    assert 'href="tel:' not in anna.get(report(anna, school.bram).location).text


def test_the_other_parent_is_not_told_that_a_hidden_report_came_late(client_for, school, at):
    at("2026-11-24 08:45")
    address = report(client_for(school.anna), school.bram).location
    page = client_for(school.daan).get(address).text
    assert "School weet het" in page
    assert "Het is na 8.30 uur" not in page
    assert "Uw melding" not in page


def test_a_visit_inside_an_absence_adds_nothing_and_says_so(client_for, school):
    anna = client_for(school.anna)
    first = report(anna, school.bram, days="two").location
    second = report(anna, school.bram, kind="late", until_time="10:00").location
    assert second == first
    assert "School wist al dat Bram op deze dagen afwezig is." in anna.get(second).text


def test_who_and_why_are_enough_for_today(client_for, school, rows):
    client_for(school.anna).post("/absence/report", data={"pupil": school.bram.id, "kind": "sick"})
    assert spans(rows) == [(school.bram.id, TODAY, TODAY)]


def test_ill_again_after_being_seen_at_school_is_on_the_board_again(client_for, school, rows, at):
    anna, tess = client_for(school.anna), client_for(school.tess)
    report(anna, school.bram)
    at("2026-11-24 08:40")
    tess.post("/staff/attendance", data={"mark": f"present:{school.bram.id}"})
    assert "Bram is op school gezien" in anna.get(f"/absence/{rows(Absence)[0].id}").text
    at("2026-11-24 11:00")
    report(anna, school.bram)
    assert [row.present_at for row in rows(Absence)] == [None]
    assert "Bram is ziek gemeld" in anna.get(f"/absence/{rows(Absence)[0].id}").text
