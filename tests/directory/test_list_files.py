"""/groups/<group>/list, .csv and .xlsx: the class list to take along, if school lets parents."""

import csv
import io
import re

import pytest
from openpyxl import load_workbook

from portal.domain.spreadsheets import as_text
from portal.models.accounts import User
from portal.models.school import School
from tests.material import material

FORMULAS = ["=1+1", "+31 6 5550 1234", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1+1", '=HYPERLINK("x")']
KINDS = ["list", "list.csv", "list.xlsx"]


def rows_of_csv(answer) -> list[list[str]]:
    assert answer.data.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def sheet_of(answer):
    (sheet,) = load_workbook(io.BytesIO(answer.data)).worksheets
    return sheet


class TestWhoMay:
    @pytest.mark.parametrize("kind", KINDS)
    def test_parents_may_not_unless_school_allows_it(self, client_for, scene, school, kind):
        carl, path = client_for(school.carl), f"/groups/{school.group_6}"
        assert carl.get(f"{path}/{kind}").status_code == 404
        assert "Klassenlijst afdrukken" not in carl.get(path).text
        scene.lets_parents_take_lists()
        assert carl.get(f"{path}/{kind}").status_code == 200
        assert "Klassenlijst afdrukken" in carl.get(path).text

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("allowed", [True, False])
    def test_school_may_always_and_strangers_never(self, client_for, scene, school, kind, allowed):
        if allowed:
            scene.lets_parents_take_lists()
        path = f"/groups/{school.group_34}/{kind}"
        for person in (school.tess, school.tim, school.otto, school.hedy, school.bea):
            assert client_for(person).get(path).status_code == 200
        for person in (school.carl, school.dora, school.gert, school.yara):
            assert client_for(person).get(path).status_code == 404
        for person in (school.anna, school.daan):
            assert client_for(person).get(path).status_code == (200 if allowed else 404)

    def test_school_says_so_in_its_settings(self, client_for, school, rows):
        otto = client_for(school.otto)
        page = otto.get("/school/settings").text
        assert "Ouders mogen de klassenlijst afdrukken en downloaden" in page
        form = dict(re.findall(r'name="(\w+)"[^>]*? value="([^"]*)"', page))
        form |= {"region": "midden", "hue": "232", "late_sentence": ""}
        form.pop("csrf_token")
        otto.post("/school/settings", data=form | {"lists_for_parents": "y"})
        assert rows(School)[0].lists_for_parents is True
        form.pop("lists_for_parents", None)
        otto.post("/school/settings", data=form)
        assert rows(School)[0].lists_for_parents is False


class TestWhatStandsInIt:
    @pytest.fixture(autouse=True)
    def families(self, scene, school):
        scene.lets_parents_take_lists()
        scene.fills_in(school.anna)
        scene.shows(school.anna, school.group_6, "email", "address")
        scene.shows(school.carl, school.group_6, "phone")
        scene.shows(school.inge, school.group_6, "phone")

    def test_the_csv_has_who_took_it_and_what_is_shown(self, client_for, school):
        answer = client_for(school.carl).get(f"/groups/{school.group_6}/list.csv")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="klassenlijst-groep-6.csv"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert rows_of_csv(answer) == [
            ["Groep 6. Voor Carl Peters, 24 november 2026. Niet doorgeven."],
            ["Kind", "Ouder", "E-mail", "Mobiel", "Adres", "Talen", "Eigen zin"],
            ["Lotte", "niet gedeeld"],
            [
                "Noor",
                "Anna Bakker",
                "anna@lindeboog.example",
                "",
                "Merelplein 8, 3599 XX Lindedorp",
                "",
                "",
            ],
            ["Sem", "Carl Peters", "", "06 5550 1234", "", "", ""],
            ["Sem", "Inge Dekker", "", "06 5550 1234", "", "", ""],
        ]

    def test_the_workbook_has_the_same(self, client_for, school):
        carl = client_for(school.carl)
        sheet = sheet_of(carl.get(f"/groups/{school.group_6}/list.xlsx"))
        cells = [[value for value in row if value is not None] for row in sheet.iter_rows(values_only=True)]
        texts = rows_of_csv(carl.get(f"/groups/{school.group_6}/list.csv"))
        assert cells == [[text for text in row if text] for row in texts]

    def test_on_paper_the_name_and_the_day_stand_in_the_head_that_each_page_repeats(self, client_for, school):
        page = client_for(school.carl).get(f"/groups/{school.group_6}/list").text
        head = page[page.index("<thead>") : page.index("</thead>")]
        assert "Voor Carl Peters, 24 november 2026. Niet doorgeven." in head
        assert "Merelplein 8, 3599 XX Lindedorp" in page
        assert "niet gedeeld" in page

    @pytest.mark.parametrize("kind", KINDS)
    def test_who_hides_is_not_there_for_the_other_parent(self, client_for, scene, school, kind):
        scene.pupil("Kim", school.group_6, school.daan)

        def taken(person):
            answer = client_for(person).get(f"/groups/{school.group_6}/{kind}")
            return (
                " ".join(str(cell.value) for row in sheet_of(answer).iter_rows() for cell in row)
                if kind.endswith("xlsx")
                else answer.text
            )

        assert "Merelplein" in taken(school.carl)
        assert "Merelplein" not in taken(school.daan)
        assert "Anna" not in taken(school.daan)

    @pytest.mark.parametrize("pupils", [20, 500])
    def test_a_file_takes_as_many_queries_however_many_pupils(
        self, client_for, many_pupils, school, count_queries, pupils
    ):
        many_pupils(pupils)
        carl = client_for(school.carl)
        with count_queries() as queries:
            carl.get(f"/groups/{school.group_6}/list.csv")
        assert len(queries) <= 5


def hostile_texts() -> list[str]:
    lines = material("hostile", "text", "blns.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


class TestFormulas:
    @pytest.mark.parametrize("text", FORMULAS)
    def test_no_cell_can_be_one(self, client_for, scene, school, text):
        scene.lets_parents_take_lists()
        scene.fills_in(school.anna, line=text, spoken=text)
        scene.change(User, User.id == school.anna.id, phone=text)
        scene.shows(school.anna, school.group_6, "line", "spoken", "phone")
        self.check(client_for(school.carl), school)

    def check(self, carl, school):
        for row in rows_of_csv(carl.get(f"/groups/{school.group_6}/list.csv")):
            for cell in row:
                assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
                assert not cell.startswith(("\t", "\r", "\n"))
        for line in sheet_of(carl.get(f"/groups/{school.group_6}/list.xlsx")).iter_rows():
            assert {cell.data_type for cell in line if cell.value is not None} <= {"s", "inlineStr"}

    def test_naughty_strings_come_out_as_they_went_in_but_for_an_apostrophe(self):
        for text in hostile_texts():
            assert as_text(text).removeprefix("'") in (text, text.removeprefix("'"))
            assert not as_text(text).lstrip().startswith(("=", "+", "-", "@"))

    @pytest.mark.parametrize("text", [*FORMULAS, "gewoon", "", "'t Gooi", "a=b", "x@y.nl"])
    def test_our_own_naughty_strings_do_too(self, text):
        assert as_text(text) in (text, f"'{text}")
        assert (as_text(text) == text) is (text not in FORMULAS)


@pytest.mark.parametrize("allowed", [True, False])
def test_the_page_of_the_group_goes_on_paper_as_school_allows(client_for, scene, school, allowed):
    """Where parents may not take the list along, printing the page leaves it out; school's stays."""
    if allowed:
        scene.lets_parents_take_lists()
    for person, left_out in ((school.anna, not allowed), (school.tess, False)):
        page = client_for(person).get(f"/groups/{school.group_34}").text
        section = re.search(r'<section class="([^"]*)" id="class-list"', page)[1]
        assert ("no-print" in section) is left_out
