"""The office reads a list in, in a real browser: files, look, decide; on a phone and at a desk."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from portal.models.imports import RosterImport
from portal.models.roster import Pupil
from tests.browser.looking import screenshot, scrolls_sideways, violations
from tests.domain.importers.edexml_files import SCHOOL
from tests.roster_import.export import export
from tests.roster_import.test_preview import guardians, pupils

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("engine", ["sqlite"]),
    pytest.mark.parametrize("width", [390, 1280]),
    pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"]),
]


def choose(page: Page, *files: tuple[str, bytes]) -> None:
    page.set_input_files(
        "input[type=file]",
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files],
    )


@pytest.fixture
def look(width, javascript, nu_check) -> Iterator[Callable[[Page, str], None]]:
    """Finds nothing for axe, nothing wider than the screen, and at the end nothing for the HTML checker."""
    seen: list[tuple[str, str]] = []

    def look_at(page: Page, name: str) -> None:
        assert not scrolls_sideways(page)
        if javascript:
            screenshot(page, f"import-{name}-{width}")
            assert violations(page) == []
            seen.append((name, page.request.get(page.url).text()))

    yield look_at
    if seen and width == 390:
        assert [str(one) for one in nu_check(seen) if one.kind == "error"] == []


def test_the_office_reads_a_list_in(open_page, school, rows, look) -> None:
    page = open_page(school.otto, "/school/import")
    look(page, "files")
    choose(page, pupils())
    page.get_by_role("button", name="Controleer deze bestanden").click()
    page.get_by_role("button", name="Lees 4 wijzigingen in").click()
    expect(page.locator("#flash")).to_contain_text("De lijst is ingelezen")

    page.goto("/school/import")
    name, data = pupils("Lotte", extra="105;Mila;Bos;1-2-2018;6\n106;Otis;de Kok;2-2-2018;3/4")
    data = data.replace(b"102;Noor;Smit;14-03-2017;6", b"102;Noor;Smit-Bakker;14-03-2017;3/4")
    parents = guardians(
        "101;Bram Visser;Eva Nieuw;eva@x.nl;;;",
        "105;Mila Bos;Ko Bos;thuis@x.nl;06 11112222;vader;ja",
        "106;Otis de Kok;Ria Roos;thuis@x.nl;;;",
        "103;Sem Peters;Carl Peters;carl@lindeboog.example;06 33334444;vader;",
        "999;Nora Smid;Ine Smid;ine@x.nl;;;",
    )
    choose(page, (name, data), parents)
    page.get_by_role("button", name="Controleer deze bestanden").click()
    expect(page.get_by_role("heading", name="Uw keuze nodig")).to_be_visible()
    look(page, "preview")
    accept = page.get_by_role("button", name="Lees")
    accept.click()
    expect(page.get_by_role("alert").first).to_be_visible()
    page.locator("label", has_text="Nee, twee personen").click()
    page.get_by_label("Hoeveel kinderen gaan er van school?").fill("1")
    accept.click()
    expect(page.locator("#flash")).to_contain_text("2 nieuwe leerlingen")
    assert {"Mila", "Otis"} <= {pupil.given_name for pupil in rows(Pupil)}
    assert rows(RosterImport) == []


def test_a_whole_school_and_a_layout_nobody_knows(open_page, school, look, width, javascript) -> None:
    page = open_page(school.hedy, "/school/import")
    choose(page, ("EDEX.XML", SCHOOL.replace("<jaargroep>5", "<jaargroep>S").encode()))
    page.get_by_role("button", name="Controleer deze bestanden").click()
    look(page, "edexml")
    page.goto("/school/import")
    made = export(60, 100)
    choose(page, ("EDEX.XML", made.edexml()), ("ouders.csv", made.guardians()))
    page.get_by_role("button", name="Controleer deze bestanden").click()
    look(page, "large")
    page.get_by_role("link", name="Bekijk alles").first.click()
    look(page, "rows")
    page.goto("/school/import")
    table = ("lijst.csv", b"Wie;Erbij;Thuis;BSN\nSem Peters;x;nieuw@x.nl;123456782\n")
    choose(page, table)
    page.get_by_role("button", name="Controleer deze bestanden").click()
    look(page, "columns")
    page.get_by_role("combobox", name="Wie").select_option("pupil.name")
    page.get_by_role("combobox", name="Thuis").select_option("guardian1.email")
    choose(page, table)
    page.get_by_role("button", name="Onthoud en controleer").click()
    expect(page.get_by_role("heading", name="Geweigerd")).to_be_visible()
    page.goto("/school/import")
    choose(page, ("foto.png", b"\x89PNG\r\n\x1a\n" + bytes(300)))
    page.get_by_role("button", name="Controleer deze bestanden").click()
    expect(page.get_by_role("alert")).to_contain_text("foto.png")
    if javascript:
        screenshot(page, f"import-refused-{width}")
        assert violations(page) == []
