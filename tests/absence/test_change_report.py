"""What can still be done about a report: withdraw, correct, end, extend; and who may do it."""

import re
from datetime import date, time, timedelta

import pytest
from sqlalchemy import update

from portal.extensions import db, start_writing
from portal.models.absence import Absence, AbsenceNote, AttendanceMark
from portal.models.roster import Guardianship
from portal.models.school import FreeDay
from tests.absence.test_create_report import TODAY, report

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


def only(rows):
    (absence,) = rows(Absence)
    return absence


def act(client, path, **fields):
    return client.post(path, data=fields)


def test_the_confirmation_says_that_the_teachers_know(anna, school):
    page = anna.get(report(anna, school.bram).location)
    assert "Bram is ziek gemeld" in page.text
    assert "Juf Tess en meester Tim weten het nu" in page.text
    assert "tel:+31305550123" not in page.text


def test_after_the_cut_off_the_report_counts_and_asks_to_call(anna, school, at):
    at("2026-11-24 08:31")
    form = anna.get("/absence/report")
    page = anna.get(report(anna, school.bram).location)
    for answer in (form, page):
        assert "Het is na 8.30 uur. Bel ook even de school." in answer.text
        assert 'href="tel:+31305550123"' in answer.text
    assert "Bram is ziek gemeld" in page.text


def test_a_report_is_withdrawn_and_twice_is_once(anna, school, rows):
    report(anna, school.bram)
    for _ in range(2):
        assert act(anna, f"/absence/{only(rows).id}/withdrawal").status_code == 303
    assert only(rows).withdrawn_by == school.anna.id


def test_it_is_not_withdrawn_after_the_teacher_acted(anna, client_for, school, rows):
    report(anna, school.bram)
    act(client_for(school.tim), "/staff/sightings", pupil=school.bram.id)
    answer = act(anna, f"/absence/{only(rows).id}/withdrawal")
    assert answer.status_code == 409
    assert "Bel de school" in answer.text
    assert only(rows).withdrawn_at is None


def test_a_report_of_tomorrow_is_withdrawn_even_when_school_saw_it(anna, school, rows, at):
    report(anna, school.bram, days="dates", first_day="2026-11-25")
    assert act(anna, f"/absence/{only(rows).id}/withdrawal").status_code == 303


def test_better_from_today_ends_what_began_before(anna, school, rows, at):
    report(anna, school.bram, days="dates", first_day="2026-11-24", until_better="y")
    at("2026-11-26 07:40")
    act(anna, f"/absence/{only(rows).id}/recovery", back_on="2026-11-26")
    assert only(rows).last_day == date(2026, 11, 25)


def test_better_from_tomorrow_keeps_today(anna, school, rows):
    report(anna, school.bram, days="dates", first_day="2026-11-24", until_better="y")
    act(anna, f"/absence/{only(rows).id}/recovery", back_on="2026-11-25")
    assert only(rows).last_day == TODAY


def test_better_on_monday_looks_back_over_the_weekend(anna, school, rows, at):
    report(anna, school.bram, days="dates", first_day="2026-11-26", until_better="y")
    at("2026-11-30 07:40")
    act(anna, f"/absence/{only(rows).id}/recovery", back_on="2026-11-30")
    assert only(rows).last_day == date(2026, 11, 27)


def test_better_again_on_the_day_itself_although_the_teacher_had_seen_it(anna, client_for, school, rows, at):
    report(anna, school.bram)
    tim = client_for(school.tim)
    act(tim, "/staff/sightings", pupil=school.bram.id)
    at("2026-11-24 09:50")
    path = f"/absence/{only(rows).id}"
    assert "Weer op school: vandaag" in anna.get(path).text
    answer = act(anna, f"{path}/recovery", back_on="2026-11-24")
    assert answer.status_code == 303
    page = anna.get(answer.location).text
    assert "Bram is weer beter" in page
    assert "School verwacht Bram weer" in page
    absence = only(rows)
    assert (absence.withdrawn_by, absence.seen_by) == (school.anna.id, school.tim.id)
    assert absence.recovered_at is not None
    board = tim.get("/staff/today").text
    assert "beter gemeld, wordt vandaag verwacht" in board
    assert "Ziek melden" in anna.get("/").text


def test_better_again_today_takes_the_days_after_it_too(anna, client_for, school, rows):
    report(anna, school.bram, days="two")
    act(client_for(school.tim), "/staff/sightings", pupil=school.bram.id)
    act(client_for(school.daan), f"/absence/{only(rows).id}/recovery", back_on="2026-11-24")
    assert only(rows).withdrawn_by == school.daan.id


def test_a_child_who_is_ill_again_after_all_is_reported_anew(anna, client_for, school, rows):
    report(anna, school.bram)
    tim = client_for(school.tim)
    act(tim, "/staff/sightings", pupil=school.bram.id)
    act(anna, f"/absence/{only(rows).id}/recovery", back_on="2026-11-24")
    report(anna, school.bram)
    assert len([row for row in rows(Absence) if row.withdrawn_at is None]) == 1
    assert "beter gemeld" not in tim.get("/staff/today").text


def test_what_school_noted_today_is_not_ended_from_today(anna, client_for, school, rows):
    act(client_for(school.tess), f"/staff/pupils/{school.bram.id}/absences/new", kind="sick", days="one")
    path = f"/absence/{only(rows).id}"
    assert "Weer op school: vandaag" not in anna.get(path).text
    assert act(anna, f"{path}/recovery", back_on="2026-11-24").status_code == 409
    assert only(rows).withdrawn_at is None


def test_nor_is_the_absence_of_who_was_seen_at_school(anna, client_for, school, rows):
    report(anna, school.bram)
    act(client_for(school.tim), "/staff/attendance", pupil=school.bram.id, state="present")
    assert act(anna, f"/absence/{only(rows).id}/recovery", back_on="2026-11-24").status_code == 409


@pytest.mark.parametrize("day", ["2026-11-23", "2026-12-24", "x", ""])
def test_another_day_to_come_back_is_refused(anna, school, rows, day):
    report(anna, school.bram, days="dates", first_day="2026-11-24", until_better="y")
    assert act(anna, f"/absence/{only(rows).id}/recovery", back_on=day).status_code == 409
    assert only(rows).last_day is None


def test_also_tomorrow_extends_once_however_often_it_is_tapped(anna, school, rows):
    report(anna, school.bram)
    for _ in range(2):
        act(anna, f"/absence/{only(rows).id}/extension", until=TOMORROW.isoformat())
    assert only(rows).last_day == TOMORROW


def test_a_correction_changes_kind_days_times_and_note(anna, school, rows):
    report(anna, school.bram, note="Hoest.")
    answer = act(
        anna,
        f"/absence/{only(rows).id}/correction",
        kind="doctor",
        days="dates",
        first_day="2026-11-26",
        from_time="09:00",
        note="",
    )
    absence = only(rows)
    assert answer.status_code == 303
    assert (absence.kind_id, absence.first_day) == (school.kinds["doctor"], date(2026, 11, 26))
    assert absence.from_time == time(9, 0)
    assert rows(AbsenceNote) == []


def test_the_button_of_a_correction_speaks_of_a_report_of_absence(anna, school):
    page = anna.get(f"{report(anna, school.bram).location}/correction").text
    assert "Bewaar uw melding" in page
    assert "verslag" not in page


@pytest.mark.parametrize(
    ("days", "field"),
    [({"days": "dates", "first_day": "2026-11-24"}, "first_day"), ({"days": "one"}, "days")],
)
def test_a_correction_onto_another_report_is_refused_at_the_field_that_shows(anna, school, rows, days, field):
    report(anna, school.bram)
    report(anna, school.bram, days="dates", first_day="2026-11-27")
    later = next(row for row in rows(Absence) if row.first_day == date(2026, 11, 27))
    answer = act(anna, f"/absence/{later.id}/correction", kind="sick", **days)
    assert answer.status_code == 422
    at_field = answer.text.partition(f'<p class="err" id="{field}-error">')[2].partition("</p>")[0]
    assert "Er is al een andere melding" in at_field


def test_a_correction_to_a_day_with_a_visit_takes_its_place(anna, school, rows):
    report(anna, school.bram, kind="doctor", until_time="10:15")
    report(anna, school.bram, days="dates", first_day="2026-11-25", until_better="y")
    sick = next(row for row in rows(Absence) if row.kind_id == school.kinds["sick"])
    path = f"/absence/{sick.id}/correction"
    answer = act(anna, path, kind="sick", days="dates", first_day="2026-11-24", until_better="y")
    assert answer.status_code == 303
    assert [row.first_day for row in rows(Absence) if not row.withdrawn_at] == [TODAY]


def test_a_visit_that_is_corrected_onto_the_first_day_of_an_illness_waits_there(anna, school, rows):
    report(anna, school.bram, kind="doctor", until_time="10:15")
    ill = report(anna, school.bram, days="dates", first_day="2026-11-25", until_better="y").location
    visit = next(row for row in rows(Absence) if row.kind_id == school.kinds["doctor"])
    path = f"/absence/{visit.id}/correction"
    answer = act(anna, path, kind="doctor", days="dates", first_day="2026-11-25", until_time="10:15")
    page = anna.get(answer.location).text
    assert "Ziek. Dat blijft zo. Uw melding is bewaard en geldt op de dagen waarop" in page
    assert f'action="/absence/{visit.id}/withdrawal"' in page
    anna.post(f"{ill}/withdrawal")
    (holds,) = (row for row in rows(Absence) if not row.withdrawn_at)
    assert (holds.id, holds.first_day, holds.last_day) == (visit.id, date(2026, 11, 25), date(2026, 11, 25))


@pytest.fixture
def ill_on_a_day_that_became_free(anna, app, school, at):
    """Bram is ill since Monday; then school makes that Monday a free day. It is Tuesday."""
    at("2026-11-23 07:50")
    report(anna, school.bram, days="dates", first_day="2026-11-23", until_better="y")
    with app.app_context():
        start_writing()
        day = date(2026, 11, 23)
        db.session.add(FreeDay(kind="free", name="Storm", first_day=day, last_day=day))
        db.session.commit()
    at("2026-11-24 08:20")


@pytest.mark.usefixtures("ill_on_a_day_that_became_free")
def test_who_is_seen_after_days_that_became_free_was_not_absent(client_for, school, rows):
    tess = client_for(school.tess)
    answer = act(tess, "/staff/attendance", pupil=[school.bram.id], state="present", was="absent")
    assert answer.status_code == 303
    assert only(rows).withdrawn_at == only(rows).recovered_at is not None


@pytest.mark.usefixtures("ill_on_a_day_that_became_free")
@pytest.mark.parametrize(("person", "side"), [("anna", "absence"), ("otto", "staff/absences")])
def test_back_after_days_that_became_free_was_not_absent(client_for, school, rows, person, side):
    path = f"/{side}/{only(rows).id}/recovery"
    assert act(client_for(getattr(school, person)), path, back_on="2026-11-24").status_code == 303
    assert only(rows).withdrawn_at == only(rows).recovered_at is not None


def test_the_other_guardian_sees_the_fact_but_not_who_when_or_why(anna, client_for, school, rows, at):
    report(anna, school.bram, note="Kanarie was wakker.")
    at("2026-11-24 08:05")
    page = client_for(school.daan).get(f"/absence/{only(rows).id}").text
    assert "Bram is ziek gemeld" in page
    assert "door een ouder" in page
    for trace in ("Kanarie", "Anna", "Bakker", "7.55", "door de andere ouder", "door u"):
        assert trace not in page.replace("Het is nu 7.55", "")


def test_who_reported_reads_that_and_when(client_for, school, rows):
    report(client_for(school.carl), school.sem)
    page = client_for(school.carl).get(f"/absence/{only(rows).id}").text
    assert "7.55 uur, door u" in page
    assert "Juf Yara weet het nu" in page


def test_what_the_other_guardian_reads_is_the_same_whether_or_not_one_hides(anna, client_for, app, school):
    def page_of_daan(number):
        page = client_for(school.daan).get(f"/absence/{number}")
        return re.sub(r'name="csrf_token" value="[^"]+"', "", page.text)

    number = int(report(anna, school.bram).location.split("/")[2].split("?")[0])
    hidden = page_of_daan(number)
    with app.app_context():
        start_writing()
        db.session.execute(update(Guardianship).values(hidden_at=None))
        db.session.commit()
    assert page_of_daan(number) == hidden
    assert "door een ouder" in hidden


def test_what_school_noted_is_told_with_its_time(client_for, school, rows):
    act(client_for(school.tess), f"/staff/pupils/{school.bram.id}/absences/new", kind="sick", days="one")
    assert "7.55 uur, door school" in client_for(school.daan).get(f"/absence/{only(rows).id}").text


def test_school_reads_when_a_parent_reported_and_what_was_written(anna, client_for, school, rows):
    report(anna, school.bram, note="Kanarie was wakker.")
    page = client_for(school.tess).get(f"/staff/absences/{only(rows).id}").text
    assert "7.55 uur, door een ouder" in page
    assert "Kanarie was wakker." in page


def test_the_other_guardian_can_end_it_but_not_withdraw_or_correct(anna, client_for, school, rows):
    report(anna, school.bram, days="dates", first_day="2026-11-24", until_better="y")
    daan, number = client_for(school.daan), only(rows).id
    assert act(daan, f"/absence/{number}/withdrawal").status_code == 403
    assert daan.get(f"/absence/{number}/correction").status_code == 403
    assert act(daan, f"/absence/{number}/recovery", back_on="2026-11-25").status_code == 303
    assert only(rows).withdrawn_at is None


@pytest.mark.parametrize("stranger", ["carl", "gert", "dora", "yara"])
@pytest.mark.parametrize("what", ["withdrawal", "recovery", "extension", "correction"])
def test_for_a_stranger_the_report_does_not_exist(anna, client_for, school, rows, stranger, what):
    report(anna, school.bram)
    client = client_for(getattr(school, stranger))
    assert act(client, f"/absence/{only(rows).id}/{what}").status_code == 404
    assert client.get(f"/absence/{only(rows).id}").status_code == 404


def test_the_history_is_for_guardians_and_own_teachers(anna, client_for, school, rows):
    report(anna, school.bram)
    path = f"/pupils/{school.bram.id}/absences"
    for person in (school.anna, school.daan, school.tess, school.otto):
        assert "Ziek" in client_for(person).get(path).text
    for person in (school.carl, school.dora, school.yara):
        assert client_for(person).get(path).status_code == 404


def test_a_child_who_is_marked_present_keeps_no_mark_when_school_notes_it_ill(client_for, school, rows):
    tess = client_for(school.tess)
    act(tess, "/staff/attendance", pupil=school.bram.id, state="present")
    act(tess, f"/staff/pupils/{school.bram.id}/absences/new", kind="sick", days="one")
    assert only(rows).source == "school"
    assert [mark.state for mark in rows(AttendanceMark)] == ["present", "unknown"]


def test_noting_yesterday_leaves_the_mark_of_today(client_for, school, rows):
    tess = client_for(school.tess)
    tess.post("/staff/attendance", data={"pupil": [school.bram.id], "state": "present"})
    path = f"/staff/pupils/{school.bram.id}/absences/new"
    answer = act(tess, path, kind="sick", days="dates", first_day="2026-11-23", last_day="2026-11-23")
    assert answer.status_code == 303
    assert [row.state for row in rows(AttendanceMark)] == ["present"]
    act(tess, path, kind="sick", days="dates", first_day="2026-11-23", last_day="2026-11-24")
    assert [row.state for row in rows(AttendanceMark)] == ["present", "unknown"]


def test_school_can_note_yesterday_but_not_last_month(client_for, school, rows):
    otto = client_for(school.otto)
    path = f"/staff/pupils/{school.bram.id}/absences/new"
    assert act(otto, path, kind="sick", days="dates", first_day="2026-11-23").status_code == 303
    assert act(otto, path, kind="sick", days="dates", first_day="2026-10-26").status_code == 422
