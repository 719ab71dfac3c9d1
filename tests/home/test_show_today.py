"""GET /: today for a guardian."""

from tests.absence.test_create_report import report


def test_a_mother_sees_her_children_and_one_tap_to_report(client_for, school):
    page = client_for(school.anna).get("/")
    assert "dinsdag 24 november" in page.text
    for child in (school.bram, school.noor):
        assert f'href="/absence/report?pupil={child.id}"' in page.text
    assert "Sem" not in page.text


def test_what_is_reported_takes_the_place_of_the_button(client_for, school):
    anna = client_for(school.anna)
    report(anna, school.bram)
    page = anna.get("/")
    assert f'href="/absence/report?pupil={school.bram.id}"' not in page.text
    assert "Bekijk of wijzig de melding" in page.text
    report(anna, school.bram, days="dates", first_day="2026-11-24", until_better="y")
    assert "Beter melden of wijzigen" in anna.get("/").text


def test_the_menu_of_who_decides_nothing_offers_nothing_to_report(client_for, school):
    for person, offered in ((school.anna, True), (school.gert, False), (school.dora, False)):
        page = client_for(person).get("/").text
        assert ('href="/absence/report"' in page) is offered
        assert ('href="/absence"' in page) is offered


def test_without_authority_there_is_no_report_and_no_absence(client_for, school):
    report(client_for(school.anna), school.noor)
    page = client_for(school.gert).get("/").text
    assert "School informeert u over Noor als u daarom vraagt." in page
    assert "Ziek gemeld" not in page
    assert "/absence/report?pupil=" not in page


def test_a_revoked_guardian_sees_nothing_of_the_child(client_for, school):
    assert "Bram" not in client_for(school.dora).get("/").text


def test_on_a_saturday_it_says_when_school_starts_again(client_for, school, at):
    at("2026-11-28 09:00")
    anna = client_for(school.anna)
    assert "De school begint weer op maandag 30 november om 8.30 uur." in anna.get("/").text
    assert "Uw melding is voor die dag." in anna.get("/absence/report").text


def test_in_a_holiday_it_names_the_holiday(client_for, school, at):
    at("2026-12-28 09:00")
    page = client_for(school.anna).get("/").text
    assert "Kerstvakantie" in page
    assert "De school begint weer op maandag 4 januari 2027 om 8.30 uur." in page


def test_who_works_at_school_goes_to_the_board(client_for, school):
    for person in (school.tim, school.otto):
        assert client_for(person).get("/").location == "/staff/today"


def test_a_teacher_who_is_a_parent_switches_sides_in_one_tap(client_for, school):
    tess = client_for(school.tess)
    assert tess.get("/").location == "/staff/today"
    tess.post("/side", data={"side": "parent"})
    assert "Lotte" in tess.get("/").text
    tess.post("/side", data={"side": "staff"})
    assert tess.get("/").location == "/staff/today"


def test_home_and_report_page_take_at_most_six_queries(client_for, school, count_queries, many_pupils):
    anna = client_for(school.anna)
    for path in ("/", "/absence/report"):
        anna.get(path)
        with count_queries() as few:
            anna.get(path)
        many_pupils(40)
        with count_queries() as many:
            anna.get(path)
        assert len(few) == len(many) <= 6
