"""Files with a letter, chosen on a phone and opened by a parent in a browser; with script and without."""

import pytest
from playwright.sync_api import expect

from portal.domain import letters
from portal.extensions import db, start_writing
from portal.models.letters import Attachment, Letter
from tests.albums.pictures import MARK, with_everything
from tests.browser.test_journeys import on_every_screen
from tests.letters.files import PDF

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]

PROGRAMME = {"name": "Programma.pdf", "mimeType": "application/pdf", "buffer": PDF}
HARMFUL = {"name": "spel.exe", "mimeType": "application/pdf", "buffer": b"MZ" * 500}
BUS = {"name": "De bus.jpg", "mimeType": "image/jpeg", "buffer": with_everything()}


@on_every_screen
def test_a_teacher_adds_files_and_a_photo_and_a_parent_opens_them(app, open_page, school, rows, javascript):
    page = open_page(school.tess, "/staff/letters/new")
    page.fill("#title", "Museum")
    page.fill("#text", "Wij gaan.")
    page.set_input_files("#files", [PROGRAMME, HARMFUL])
    if not javascript:
        page.get_by_role("button", name="Voeg deze bestanden toe").click()
    expect(page.locator("#attached")).to_contain_text("Programma")
    expect(page.locator("#files-field .err")).to_contain_text("Dit soort bestand kan niet mee.")
    if javascript:
        page.get_by_role("button", name="Sluiten").click()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Foto", exact=True).click()
        chooser.value.set_files([BUS])
    else:
        page.set_input_files("#files", [BUS])
        page.get_by_label("Zet foto's in de tekst").check()
        page.get_by_role("button", name="Voeg deze bestanden toe").click()
    expect(page.locator("#attached")).to_contain_text("foto 1")
    assert "![De bus](foto:1)" in page.input_value("#text")
    page.get_by_role("button", name="Verstuur de brief").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Museum")
    assert len(rows(Attachment)) == 2
    number = send_now(app, rows)

    parent = open_page(school.daan, f"/letters/{number}")
    expect(parent.locator(".files")).to_contain_text("1 bijlage")
    picture = parent.get_by_alt_text("De bus")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") == 300
    with parent.expect_download() as download:
        parent.get_by_role("link", name="Bewaar Programma.pdf").click()
    assert download.value.suggested_filename == "Programma.pdf"
    assert MARK not in parent.content()


def send_now(app, rows) -> int:
    with app.app_context():
        start_writing()
        letter = db.session.get_one(Letter, rows(Letter)[0].id)
        letter.send_at = letter.created_at
        assert letters.send_due(letter.created_at)
        db.session.commit()
        return letter.id
