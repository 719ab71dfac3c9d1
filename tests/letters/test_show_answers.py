"""GET /staff/letters/<id>/answers, and as a workbook: what came in on a reply slip, for who handles it."""

from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from portal import clock
from portal.domain.letter_audience import GROUP, SCHOOL, Part
from portal.extensions import db
from portal.models.letters import Letter
from portal.models.roster import Guardianship, Teaching
from portal.models.school import SchoolYear
from tests.letters.sending import send
from tests.letters.slips import EVERY_KIND, Asked, send_with_slip


@pytest.fixture
def letter(app, school, at):
    at("2026-11-23 15:30")
    number = send_with_slip(app, school)
    at("2026-11-24 07:58")
    return number


def answer(client, app, letter: int, about, *answers: str, **more: str):
    return client.post(f"/letters/{letter}/reply", data=Asked(app, letter).form(about, *answers, **more))


def words_on(page) -> str:
    return " ".join(page.text.split())


def sheet(answer) -> list[list[str]]:
    rows = load_workbook(BytesIO(answer.data)).worksheets[0].iter_rows()
    return [[cell.value or "" for cell in row] for row in rows]


def test_it_counts_and_names_what_came_in(app, client_for, school, letter):
    tess = client_for(school.tess)
    page = words_on(tess.get(f"/staff/letters/{letter}/answers"))
    assert "<b>1</b><span>" in page and "Nog geen antwoorden" in page
    answer(client_for(school.anna), app, letter, school.bram, "Ja", "Ja, ik rijd")
    page = words_on(tess.get(f"/staff/letters/{letter}/answers"))
    assert "<dt><bdi>Ja, ik rijd</bdi></dt><dd>1 van 12</dd>" in page
    assert "<bdi>Bram Visser</bdi>" in page and "<bdi>Anna Bakker</bdi>" in page
    assert "Daan Visser" not in page.split("Wat er geantwoord is")[-1]
    assert "1 van 12" in words_on(tess.get(f"/staff/letters/{letter}"))


def test_two_answers_that_differ_are_marked_and_count_as_one_child(app, client_for, school, letter):
    answer(client_for(school.anna), app, letter, school.bram, "Ja", "Nee")
    answer(client_for(school.daan), app, letter, school.bram, "Nee", "Nee")
    page = words_on(client_for(school.tess).get(f"/staff/letters/{letter}/answers"))
    assert page.count('class="marked"') == 2
    assert "antwoordden twee ouders verschillend" in page
    assert page.count("<dt><bdi>Nee</bdi></dt><dd>1</dd>") == 2


def test_where_both_are_asked_one_answer_is_not_enough(app, client_for, school):
    number = send_with_slip(app, school, by="both")
    answer(client_for(school.anna), app, number, school.bram, "Ja", "Nee")
    page = words_on(client_for(school.tess).get(f"/staff/letters/{number}/answers"))
    waiting = page.split('id="t-waiting"')[1].split("</section>")[0]
    assert "Daan Visser" in waiting and "Anna Bakker" not in waiting


def test_a_family_is_who_has_a_child_in_common(app, client_for, school):
    number = send_with_slip(
        app, school, per="family", parts=[Part(SCHOOL)], author=school.otto, role="office"
    )
    answer(client_for(school.anna), app, number, None, "Ja", "Ja, ik rijd")
    page = words_on(client_for(school.otto).get(f"/staff/letters/{number}/answers"))
    assert "Noor Smit, Bram Visser" in page
    assert "gezin beantwoord" in page


def test_only_who_handles_the_letter(app, client_for, school, letter):
    for path in ("answers", "answers.xlsx", f"answers/{school.anna.id}"):
        for person, status in (
            (school.otto, 200), (school.tess, 200), (school.tim, 403), (school.yara, 404), (school.anna, 404),
        ):  # fmt: skip
            assert client_for(person).get(f"/staff/letters/{letter}/{path}").status_code == status
    without = send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")
    assert client_for(school.tess).get(f"/staff/letters/{without}/answers").status_code == 404


def test_of_the_own_child_one_stays_a_guardian(app, client_for, school):
    """Tess's own Lotte is in groep 6: what her other guardian answers is not for her, nor is she listed."""
    number = send_with_slip(app, school, parts=[Part(SCHOOL)], author=school.tess)
    answer(client_for(school.tess), app, number, school.lotte, "Ja", "Nee")
    page = client_for(school.tess).get(f"/staff/letters/{number}/answers").text
    assert "Lotte" not in page
    assert "Lotte" in client_for(school.otto).get(f"/staff/letters/{number}/answers").text
    assert client_for(school.tess).get(f"/staff/letters/{number}/answers/{school.tess.id}").status_code == 404


def test_the_workbook_has_strings_and_no_formula(app, client_for, school):
    number = send_with_slip(app, school, EVERY_KIND)
    typed = ("Ja", "Klei", "3", '=HYPERLINK("http://x")', "2026-12-24", "Ja")
    answer(client_for(school.anna), app, number, school.bram, *typed, signed="=1+1")
    found = client_for(school.tess).get(f"/staff/letters/{number}/answers.xlsx")
    assert found.headers["Content-Disposition"] == 'attachment; filename="museum-op-10-december.xlsx"'
    rows = sheet(found)
    assert rows[1][:3] == ["Kind", "Groep", "Ouder"] and rows[1][-3:] == [
        "Ondertekend",
        "Beantwoord",
        "Ingevuld door",
    ]
    assert rows[2][:3] == ["Bram Visser", "Groep 3/4", "Anna Bakker"]
    assert rows[2][3:9] == ["Ja", "Klei", "3", '=HYPERLINK("http://x")', "24 december 2026", "Ja"]
    cells = [cell for row in load_workbook(BytesIO(found.data)).worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}


def test_the_workbook_names_who_has_not_answered(app, client_for, school, letter):
    rows = sheet(client_for(school.tess).get(f"/staff/letters/{letter}/answers.xlsx"))
    assert [row[2] for row in rows[2:]] == ["Anna Bakker", "Daan Visser"]
    assert all("Nog geen antwoord" in row for row in rows[2:])


def test_it_takes_few_queries_however_many_answers(app, client_for, school, many_pupils, count_queries):
    many_pupils(5)
    otto = client_for(school.otto)
    number = send_with_slip(app, school, parts=[Part(SCHOOL)], author=school.otto, role="office")
    otto.get(f"/staff/letters/{number}/answers")
    with count_queries() as few:
        otto.get(f"/staff/letters/{number}/answers")
    many_pupils(60)
    more = send_with_slip(app, school, EVERY_KIND, parts=[Part(SCHOOL)], author=school.otto, role="office")
    answer(client_for(school.anna), app, more, school.bram, "Ja", "Klei", "3", "x", "", "Ja", signed="Anna")
    answer(client_for(school.carl), app, more, school.sem, "Ja", "Verf", "3", "x", "", "Ja", signed="Carl")
    with count_queries() as many:
        otto.get(f"/staff/letters/{more}/answers")
    assert len(few) == len(many) <= 12


def test_of_a_letter_that_is_withdrawn_school_keeps_the_answers_and_gathers_no_more(
    app, client_for, school, letter
):
    answer(client_for(school.anna), app, letter, school.bram, "Ja", "Ja, ik rijd")
    tess, path = client_for(school.tess), f"/staff/letters/{letter}"
    assert "Wat ouders antwoordden, blijft bij school." in tess.get(f"{path}/withdrawal").text
    assert tess.post(f"{path}/withdrawal").status_code == 303
    assert f"{path}/answers" in tess.get(path).text
    page = words_on(tess.get(f"{path}/answers"))
    assert "1 van 12" in page and "Anna Bakker" in page and "ouders antwoorden niet meer" in page
    assert "Herinner" not in page and f"{path}/slip" not in page and f"{path}/answers/" not in page
    assert sheet(tess.get(f"{path}/answers.xlsx"))[2][2] == "Anna Bakker"
    assert tess.get(f"{path}/answers/{school.anna.id}").status_code == 404
    assert tess.post(f"{path}/answers/{school.anna.id}").status_code == 404
    assert tess.post(f"{path}/answers/reminders").status_code == 404


def test_a_child_of_whom_nobody_has_the_letter_is_named_as_not_reached(app, client_for, school, change, rows):
    (place,) = [row for row in rows(Guardianship) if row.pupil_id == school.lotte.id]
    change(Guardianship, place.id, revoked_at=clock.now())
    number = send_with_slip(app, school, parts=[Part(GROUP, school.group_6)], author=school.yara)
    yara, path = client_for(school.yara), f"/staff/letters/{number}/answers"
    page = words_on(yara.get(path))
    part = page.split('id="t-unreached"')[1].split("</section>")[0]
    assert "Niet bereikt" in part and "Lotte Jansen" in part and "Sem" not in part
    assert "<b>2</b><span>" in page
    lost = [row for row in sheet(yara.get(f"{path}.xlsx")) if row[0] == "Lotte Jansen"]
    assert [(row[1], row[2], row[-2]) for row in lost] == [("Groep 6", "", "Niet bereikt")]


def test_who_was_a_guardian_when_answering_stays_in_it_also_for_a_teacher(
    app, client_for, school, letter, rows, change, at
):
    answer(client_for(school.daan), app, letter, school.bram, "Ja", "Nee")
    at("2026-11-30 10:00")
    (place,) = [row for row in rows(Guardianship) if row.user_id == school.daan.id]
    change(Guardianship, place.id, revoked_at=clock.now())
    for person in (school.tess, school.otto):
        client = client_for(person)
        page = words_on(client.get(f"/staff/letters/{letter}/answers"))
        assert "<bdi>Daan Visser</bdi>" in page
        assert f"/answers/{school.daan.id}" not in page
        assert sheet(client.get(f"/staff/letters/{letter}/answers.xlsx"))[2][2] == "Daan Visser"
        assert client.get(f"/staff/letters/{letter}/answers/{school.daan.id}").status_code == 404


def test_who_does_not_teach_the_group_any_more_is_offered_no_change_of_the_slip(
    app, client_for, school, letter, rows, change
):
    tess, path = client_for(school.tess), f"/staff/letters/{letter}"
    assert f"{path}/slip" in tess.get(f"{path}/answers").text
    (place,) = [row for row in rows(Teaching) if row.user_id == school.tess.id]
    change(Teaching, place.id, ended_on=clock.today())
    assert f"{path}/slip" not in tess.get(f"{path}/answers").text
    assert tess.get(f"{path}/slip").status_code == 403


def test_of_a_letter_of_a_year_that_is_over_nobody_who_is_there_now_is_not_reached(
    app, client_for, school, change, rows, do
):
    (place,) = [row for row in rows(Guardianship) if row.pupil_id == school.lotte.id]
    change(Guardianship, place.id, revoked_at=clock.now())
    number = send_with_slip(app, school, parts=[Part(GROUP, school.group_6)], author=school.yara)

    def last_year() -> None:
        year = SchoolYear(name="2025-2026", first_day=date(2025, 8, 25), last_day=date(2026, 7, 10))
        db.session.add(year)
        db.session.flush()
        db.session.get_one(Letter, number).school_year_id = year.id

    yara, path = client_for(school.yara), f"/staff/letters/{number}"
    assert "Lotte" in yara.get(f"{path}/answers").text and "Lotte" in yara.get(path).text
    do(last_year)
    assert "Lotte" not in yara.get(f"{path}/answers").text and "Lotte" not in yara.get(path).text
