"""GET /staff/today and what is tapped on it."""

import re
from datetime import date

import pytest
from sqlalchemy import update

from portal.extensions import db, start_writing
from portal.models.absence import Absence, AttendanceMark
from portal.models.accounts import StaffMember
from portal.models.roster import Membership, Pupil, Teaching
from tests.absence.test_create_report import report


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


def mark(client, *pupils, **fields):
    data = {"pupil": [pupil.id for pupil in pupils], "state": "present", **fields}
    return client.post("/staff/attendance", data=data)


def tally(page):
    """Return the five numbers on top: not known, ill, other reason, late, present."""
    return [int(number) for number in re.findall(r"<b>(\d+)</b>", page.text)[:5]]


def test_a_pupil_is_not_known_until_somebody_says_or_sees_something(tess, school):
    page = tess.get("/staff/today")
    assert tally(page) == [1, 0, 0, 0, 0]
    assert "geen bericht van de ouders" in page.text


def test_a_report_is_on_the_board_at_once_with_its_note_folded(tess, client_for, school):
    report(client_for(school.anna), school.bram, note="Is bij oma.")
    page = tess.get("/staff/today")
    assert tally(page) == [0, 1, 0, 0, 0]
    assert re.search(r"<details[^>]*>(?:(?!</details>).)*Is bij oma\.", page.text, re.S)
    assert not re.search(r"<details[^>]* open", page.text)


@pytest.mark.parametrize(("state", "place"), [("present", 4), ("late", 3)])
def test_one_tap_marks_a_pupil_and_another_takes_it_back(tess, school, state, place):
    mark(tess, school.bram, state=state)
    assert tally(tess.get("/staff/today"))[place] == 1
    mark(tess, school.bram, state="unknown")
    assert tally(tess.get("/staff/today")) == [1, 0, 0, 0, 0]


def test_all_present_leaves_alone_who_was_reported_a_moment_ago(client_for, school, rows):
    yara = client_for(school.yara)
    report(client_for(school.anna), school.noor)
    answer = mark(yara, school.noor, school.sem, school.lotte, was="unknown")
    page = yara.get(answer.location)
    assert {row.pupil_id for row in rows(AttendanceMark)} == {school.sem.id, school.lotte.id}
    assert "Noor is afgemeld en is niet op aanwezig gezet." in page.text
    assert tally(page) == [0, 1, 0, 0, 2]


def test_two_children_with_one_first_name_are_told_apart(app, client_for, school):
    with app.app_context():
        start_writing()
        db.session.execute(
            update(Pupil).where(Pupil.id == school.sem.id).values(given_name="Noor", surname="Bos")
        )
        db.session.commit()
    yara = client_for(school.yara)
    mark(yara, school.noor, school.sem, school.lotte)
    present = yara.get("/staff/today").text.partition('id="present"')[2]
    called = re.findall(r"<bdi>([^<]*)</bdi>", present)
    assert sorted(called) == ["Lotte", "Noor B.", f"Noor {school.noor.surname[0]}."]


def test_all_present_can_be_undone_from_the_notice(client_for, school):
    yara = client_for(school.yara)
    page = yara.get(mark(yara, school.noor, school.sem, was="unknown").location)
    assert "Maak ongedaan" in page.text
    mark(yara, school.noor, school.sem, state="unknown")
    assert tally(yara.get("/staff/today")) == [3, 0, 0, 0, 0]


def test_who_is_reported_and_comes_all_the_same_is_present(tess, client_for, school, rows):
    report(client_for(school.anna), school.bram)
    mark(tess, school.bram, was="absent")
    assert tally(tess.get("/staff/today")) == [0, 0, 0, 0, 1]
    assert rows(Absence)[0].seen_by == school.tess.id


def test_the_parent_sees_that_the_teacher_saw_it(tess, client_for, school, rows, at):
    anna = client_for(school.anna)
    report(anna, school.bram)
    at("2026-11-24 08:02")
    tess.post("/staff/sightings", data={"pupil": school.bram.id})
    assert "Gezien door juf Tess, 8.02 uur" in anna.get("/").text


def test_yesterdays_absence_is_remembered_as_expected_today(tess, client_for, school, at):
    report(client_for(school.anna), school.bram)
    at("2026-11-25 08:20")
    assert "gisteren afwezig, vandaag verwacht" in tess.get("/staff/today").text


def test_on_monday_fridays_absence_is_remembered(tess, client_for, school, at):
    at("2026-11-27 07:55")
    report(client_for(school.anna), school.bram)
    at("2026-11-30 08:20")
    assert "afwezig, vandaag verwacht" in tess.get("/staff/today").text


def test_a_refresh_without_news_answers_nothing_and_with_news_the_board(tess, client_for, school):
    page = tess.get("/staff/today")
    again = re.search(r'data-refresh="([^"]+)"', page.text).group(1).replace("&amp;", "&")
    fragment = {"HX-Request": "true"}
    assert tess.get(again, headers=fragment).status_code == 204
    report(client_for(school.anna), school.bram)
    news = tess.get(again, headers=fragment)
    assert (news.status_code, tally(news)) == (200, [0, 1, 0, 0, 0])


def test_the_office_calls_who_was_missed_in_groups_that_have_begun(client_for, school):
    otto = client_for(school.otto)
    assert "geen bericht van de ouders" not in otto.get("/staff/today").text
    mark(client_for(school.yara), school.sem)
    page = otto.get("/staff/today").text
    assert page.count("geen bericht van de ouders") == 2
    assert "Noor Smit" in page
    assert 'href="tel:+31655501234"' in page


@pytest.fixture
def bram_without_group(app, school):
    with app.app_context():
        start_writing()
        db.session.execute(
            update(Membership).where(Membership.pupil_id == school.bram.id).values(ended_on=date(2026, 11, 1))
        )
        db.session.commit()


@pytest.mark.usefixtures("bram_without_group")
def test_a_sick_child_without_a_group_is_on_the_board_of_the_office(client_for, school):
    report(client_for(school.anna), school.bram)
    page = client_for(school.otto).get("/staff/today")
    assert tally(page)[1] == 1
    assert re.search(r"Bram Visser</bdi></a> <span class=\"meta\">geen groep", page.text)
    assert re.search(
        r'<th scope="row">geen groep</th><td class="num">0</td><td class="num">1</td>', page.text
    )
    assert "Bram Visser" not in client_for(school.yara).get("/staff/today").text


@pytest.mark.usefixtures("bram_without_group")
def test_the_office_misses_and_marks_who_has_no_group(client_for, school, at):
    at("2026-11-24 08:31")
    otto = client_for(school.otto)
    page = otto.get("/staff/today").text
    assert "Bram Visser" in page.partition('id="absent"')[0]
    assert 'href="tel:+31655501234"' in page
    assert "Eén groep is nog niet begonnen." in page
    mark(otto, school.bram)
    page = otto.get("/staff/today").text
    assert f'value="unknown:{school.bram.id}"' in page
    mark(otto, school.bram, state="unknown")
    assert f'value="present:{school.bram.id}"' in otto.get("/staff/today").text


def test_a_teacher_keeps_only_the_own_groups(tess, client_for, school, rows):
    assert tess.get(f"/staff/today?group={school.group_6}").status_code == 404
    assert mark(tess, school.sem).status_code == 404
    assert mark(tess, school.bram, school.sem).status_code == 404
    assert rows(AttendanceMark) == []


def test_a_teacher_does_not_read_the_note_of_the_other_parent_of_the_own_child(client_for, school, rows, app):
    """Tess is Lotte's mother; Yara's group is not hers, and as a guardian she reads no note of another."""
    report(client_for(school.tess), school.lotte, note="Van mama.")
    assert "Van mama." in client_for(school.yara).get("/staff/today").text


@pytest.mark.parametrize("person", ["anna", "carl", "dora"])
def test_for_parents_the_board_does_not_exist(client_for, school, person):
    client = client_for(getattr(school, person))
    assert client.get("/staff/today").status_code == 404
    assert mark(client, school.bram).status_code == 404


def test_the_board_takes_the_same_few_queries_for_any_number_of_pupils(
    client_for, school, count_queries, many_pupils
):
    otto = client_for(school.otto)
    otto.get("/staff/today")
    with count_queries() as few:
        otto.get("/staff/today")
    many_pupils(300)
    with count_queries() as many:
        otto.get("/staff/today")
    assert len(few) == len(many) <= 6


def test_a_teacher_does_not_get_the_number_of_the_other_parent_of_the_own_child(client_for, school, app):
    """Daan becomes a teacher of his own son's group; Anna hides from him."""
    with app.app_context():
        start_writing()
        db.session.add(StaffMember(user_id=school.daan.id, role="teacher", called="meester Daan"))
        db.session.add(
            Teaching(user_id=school.daan.id, group_id=school.group_34, started_on=date(2026, 8, 24))
        )
        db.session.commit()
    for person, shown in ((school.tim, True), (school.daan, False)):
        page = client_for(person).get("/staff/today").text
        assert "Bram Visser" in page
        assert ("Anna Bakker" in page) is shown


def test_a_report_after_a_pupil_was_marked_present_is_on_the_board_until_the_next_mark(
    tess, client_for, school, at
):
    mark(tess, school.bram)
    at("2026-11-24 08:25")
    report(client_for(school.anna), school.bram)
    assert tally(tess.get("/staff/today")) == [0, 1, 0, 0, 0]
    at("2026-11-24 08:26")
    mark(tess, school.bram, was="absent")
    assert tally(tess.get("/staff/today")) == [0, 0, 0, 0, 1]


def test_a_visit_says_from_when_until_when(tess, client_for, school):
    report(client_for(school.anna), school.bram, kind="doctor", from_time="13:30", until_time="14:15")
    assert re.search(r"vanaf 13\.30 uur\s*<br>\s*tot 14\.15 uur", tess.get("/staff/today").text)


def test_on_a_day_without_school_nobody_is_asked_to_mark_pupils(tess, school, at):
    at("2026-11-28 10:00")
    page = tess.get("/staff/today").text
    assert "maandag 30 november" in page
    assert "/staff/attendance" not in page
    assert "nog niet begonnen" not in page


def refreshed(client, page):
    """Return what a board that was left open gets when it asks for news."""
    again = re.search(r'data-refresh="([^"]+)"', page.text).group(1).replace("&amp;", "&")
    return client.get(again, headers={"HX-Request": "true", "X-Refresh": "1"})


def test_a_board_that_is_left_open_over_a_weekend_is_there_on_monday(tess, school, at):
    at("2026-11-27 15:00")
    friday = tess.get("/staff/today")
    assert refreshed(tess, friday).status_code == 204
    at("2026-11-28 00:01")
    saturday = refreshed(tess, friday)
    assert 'id="board"' in saturday.text
    assert "maandag 30 november" in saturday.text
    assert refreshed(tess, saturday).status_code == 204
    at("2026-11-30 07:30")
    monday = refreshed(tess, saturday)
    assert tally(monday) == [1, 0, 0, 0, 0]
    assert re.search(r'<time id="board-day"[^>]*>maandag 30 november', monday.text)


def test_a_board_that_is_left_open_overnight_says_the_day(tess, school, at):
    at("2026-11-25 15:00")
    yesterday = tess.get("/staff/today")
    at("2026-11-26 07:30")
    assert "donderdag 26 november" in refreshed(tess, yesterday).text


@pytest.mark.parametrize(
    "form", [{"days": "one"}, {"days": "dates", "first_day": "2026-11-24", "until_better": "y"}]
)
def test_who_is_seen_at_school_is_not_absent_any_longer(tess, client_for, school, rows, at, form):
    report(client_for(school.anna), school.bram, **form)
    at("2026-11-24 08:40")
    mark(tess, school.bram)
    (absence,) = rows(Absence)
    assert (absence.last_day, absence.present_at is not None) == (date(2026, 11, 24), True)
    assert "Op school gezien" in client_for(school.anna).get("/").text
    at("2026-11-25 08:20")
    assert tally(tess.get("/staff/today")) == [1, 0, 0, 0, 0]


def test_who_was_ill_and_is_seen_today_was_ill_until_yesterday(tess, client_for, school, rows, at):
    report(client_for(school.anna), school.bram, days="dates", first_day="2026-11-24", until_better="y")
    at("2026-11-26 08:40")
    mark(tess, school.bram)
    (absence,) = rows(Absence)
    assert (absence.last_day, absence.present_at) == (date(2026, 11, 25), None)


@pytest.mark.parametrize("began", ["2026-11-24", "2026-11-23"])
@pytest.mark.parametrize("taps", [["present"], ["present", "late"], ["late", "present", "present"]])
def test_a_mark_on_the_wrong_row_is_taken_back_with_what_it_ended(
    tess, client_for, school, rows, at, began, taps
):
    at(f"{began} 07:50")
    report(client_for(school.anna), school.bram, days="dates", first_day=began, until_better="y")
    at("2026-11-24 08:40")
    for state in taps:
        mark(tess, school.bram, state=state)
    assert rows(Absence)[0].last_day is not None
    mark(tess, school.bram, state="unknown")
    (absence,) = rows(Absence)
    assert (absence.last_day, absence.present_at, absence.recovered_at) == (None, None, None)
    assert tally(tess.get("/staff/today")) == [0, 1, 0, 0, 0]
    at("2026-11-25 08:40")
    assert tally(tess.get("/staff/today")) == [0, 1, 0, 0, 0]


def test_a_mark_of_yesterday_is_not_taken_back_today(tess, client_for, school, rows, at):
    report(client_for(school.anna), school.bram, days="dates", first_day="2026-11-24", until_better="y")
    mark(tess, school.bram)
    at("2026-11-25 08:40")
    mark(tess, school.bram, state="unknown")
    assert rows(Absence)[0].last_day == date(2026, 11, 24)


def test_taking_a_mark_back_undoes_nothing_that_was_reported_since(tess, client_for, school, rows, at):
    anna = client_for(school.anna)
    at("2026-11-23 07:50")
    report(anna, school.bram, days="dates", first_day="2026-11-23", until_better="y")
    at("2026-11-24 08:40")
    mark(tess, school.bram)
    report(anna, school.bram)
    mark(tess, school.bram, state="unknown")
    spans = sorted((row.first_day, row.last_day) for row in rows(Absence))
    assert spans == [(date(2026, 11, 23),) * 2, (date(2026, 11, 24),) * 2]


def test_taking_a_mark_back_does_not_take_back_that_a_parent_ended_it(tess, client_for, school, rows, at):
    anna = client_for(school.anna)
    report(anna, school.bram, days="dates", first_day="2026-11-24", until_better="y")
    mark(tess, school.bram)
    (absence,) = rows(Absence)
    anna.post(f"/absence/{absence.id}/recovery", data={"back_on": "2026-11-25"})
    mark(tess, school.bram, state="unknown")
    assert rows(Absence)[0].last_day == date(2026, 11, 24)


def test_after_the_cut_off_the_office_sees_which_groups_have_not_begun(client_for, school, at):
    otto = client_for(school.otto)
    assert "nog niet begonnen" not in otto.get("/staff/today").text
    at("2026-11-24 08:31")
    assert "2 groepen zijn nog niet begonnen." in otto.get("/staff/today").text
    mark(client_for(school.yara), school.sem)
    assert "Eén groep is nog niet begonnen." in otto.get("/staff/today").text
