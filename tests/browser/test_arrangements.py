"""How school deals with guardians, in a real browser: phone and desktop, with script and without."""

import re

import pytest
from playwright.sync_api import expect

from portal.domain.demo.arrangements import pdf_of
from portal.domain.letter_audience import GROUP, Part
from portal.models.arrangements import ArrangementEntry
from tests.albums.pictures import jpeg
from tests.browser.looking import scrolls_sideways, violations
from tests.browser.test_journeys import choose, on_every_screen
from tests.letters.files import attach
from tests.letters.sending import send

pytestmark = pytest.mark.browser


def look_over(page, javascript):
    """Let axe look at the page, which needs script to do so."""
    if javascript:
        assert violations(page) == [] and not scrolls_sideways(page)


@on_every_screen
def test_the_office_locks_and_bars_with_a_reason(open_page, school, rows, javascript):
    page = open_page(school.otto, f"/school/pupils/{school.sem.id}")
    page.get_by_role("link", name="Afspraken: wie mag wat weten").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Afspraken rond Sem Peters")
    page.get_by_role("link", name=re.compile(r"Verbergen of vastzetten\s*: Carl Peters")).click()
    choose(page, "Verbergen en vastzetten")
    page.get_by_role("button", name="Bewaar").click()
    expect(page.locator("#errors")).to_contain_text("Schrijf de reden op.")
    page.fill("textarea", "Beschikking van 3 mei.")
    page.get_by_role("button", name="Bewaar").click()
    expect(page.locator("#flash")).to_contain_text("Hierover krijgt niemand bericht.")
    expect(page.locator("main")).to_contain_text("alleen school kan het opheffen")
    page.get_by_role("link", name="Contact verbieden").click()
    choose(page, "Iemand anders")
    page.fill("input[name=surname]", "Kuis")
    page.fill("textarea", "Contactverbod.")
    page.get_by_role("button", name="Contact verbieden").click()
    expect(page.locator("main")).to_contain_text("Geen contact: Kuis")
    look_over(page, javascript)
    assert [one.what for one in rows(ArrangementEntry)] == ["locked", "barred"]


@on_every_screen
def test_a_father_asks_and_school_answers_with_a_report(open_page, school, rows, javascript):
    father = open_page(school.gert)
    father.get_by_role("link", name=re.compile(r"Vraag school om informatie\s*: Noor")).click()
    father.fill("textarea", "Mag ik het rapport zien?")
    father.get_by_role("button", name="Verstuur naar school").click()
    expect(father.locator("main")).to_contain_text("wacht op school")
    office = open_page(school.otto, "/school/pupils")
    office.get_by_role("link", name="Naar de vragen").click()
    office.get_by_role("link", name="Noor Smit").click()
    choose(office, "Antwoorden")
    office.fill("textarea[name=answer]", "Bijgevoegd.")
    pdf = {"name": "Rapport.pdf", "mimeType": "application/pdf", "buffer": pdf_of("Rapport")}
    office.set_input_files("input[name=file]", pdf)
    office.fill("input[name=title]", "Rapport van Noor")
    look_over(office, javascript)
    office.get_by_role("button", name="Versturen").click()
    expect(office.locator("main")).to_contain_text("beantwoord")
    father.goto("/")
    look_over(father, javascript)
    father.get_by_role("link", name="Rapport van Noor").click()
    with father.expect_download() as download:
        father.get_by_role("button", name="Download Rapport.pdf").click()
    assert download.value.suggested_filename == "Rapport.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    expect(father.get_by_role("button", name="Download Rapport.pdf")).to_be_enabled()
    assert [one.what for one in rows(ArrangementEntry)] == ["released", "answered", "downloaded"]


@on_every_screen
def test_school_gives_a_father_a_letter_that_was_sent(app, open_page, school, rows, javascript):
    text = "Wij gaan **mee**.\n\n![De bus](foto:1)"
    letter = send(app, school.yara, [Part(GROUP, school.group_6)], "teacher", text=text)
    attach(app, letter, school.yara)
    attach(app, letter, school.yara, jpeg(), "bus.jpg", inline=True)
    office = open_page(school.otto, f"/school/pupils/{school.noor.id}/releases/new")
    office.get_by_label("Brief", exact=True).select_option(label="vandaag: Museum op 10 december")
    look_over(office, javascript)
    office.get_by_role("button", name="Vrijgeven").click()
    expect(office.locator("#flash")).to_contain_text("Vrijgegeven aan Gert Smit")
    expect(office.locator("main")).to_contain_text("brief voor Gert Smit")
    look_over(office, javascript)
    father = open_page(school.gert)
    father.get_by_role("link", name="Museum op 10 december").click()
    expect(father.get_by_role("heading", level=1)).to_have_text("Museum op 10 december")
    expect(father.get_by_role("img", name="De bus")).to_be_visible()
    expect(father.get_by_role("link", name="Programma", exact=True)).to_be_visible()
    look_over(father, javascript)
