"""A letter before it goes: whom it reaches, the mail about it, its slip on paper; with and without script."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import screenshot, scrolls_sideways, violations
from tests.browser.test_journeys import on_every_screen
from tests.letters.sending import own, send
from tests.letters.slips import send_with_slip

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]


@on_every_screen
def test_a_teacher_looks_whom_a_letter_reaches_and_what_its_mail_says(open_page, school, javascript):
    page = open_page(school.tess, "/staff/letters/new")
    page.fill("#title", "Museum")
    page.fill("#text", "**Wij** gaan.")
    page.get_by_role("button", name="Wie zijn dat?").click()
    expect(page.locator("#recipients")).to_contain_text("Daan Visser")
    assert page.input_value("#text") == "**Wij** gaan."
    screenshot(page, "recipients")
    assert not scrolls_sideways(page)
    assert not javascript or violations(page) == []
    if javascript:
        page.get_by_role("button", name="Haal Groep 3/4 weg").click()
        expect(page.locator("#recipients")).to_contain_text("Niemand krijgt deze brief nog.")
        page.locator("#picker > summary").click()
        page.locator("#picker label", has_text="Groep 3/4").click()
        expect(page.locator("#recipients")).to_contain_text("Anna Bakker")
    page.locator("#more > summary").click()
    page.get_by_text("De tekst", exact=True).click()
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Bekijk de hele brief").click()
    look = opened.value
    mail = look.frame_locator("iframe")
    expect(mail.get_by_role("heading", name="Museum")).to_be_visible()
    button = mail.get_by_role("link", name="Lees de brief")
    expect(button).to_have_css("background-color", "rgb(21, 93, 123)")
    look.get_by_text("Als platte tekst").click()
    expect(look.locator("pre")).to_contain_text("Lees de brief in het portaal:")
    screenshot(look, "mail-of-letter")
    assert not scrolls_sideways(look)


@on_every_screen
def test_a_teacher_looks_at_a_correction_before_it_is_saved(app, open_page, school, javascript):
    page = open_page(school.tess, f"/staff/letters/{send(app, *own(school), mail_shows='text')}/correction")
    page.fill("#text", "Om **10 uur**.")
    assert not javascript or violations(page) == []
    screenshot(page, "correction")
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Bekijk de hele brief").click()
    look = opened.value
    expect(look.get_by_text("Deze mail gaat nu niet")).to_be_visible()
    expect(look.frame_locator("iframe").get_by_text("10 uur", exact=True)).to_be_visible()
    screenshot(look, "mail-of-correction")
    assert not scrolls_sideways(look)
    page.get_by_role("button", name="Bewaar de verbetering").click()
    expect(page.get_by_text("De brief is gewijzigd.")).to_be_visible()


@on_every_screen
def test_the_slip_is_a_form_on_screen_and_a_strip_on_paper(app, open_page, school):
    page = open_page(school.anna, f"/letters/{send_with_slip(app, school)}")
    strip, slip = page.locator(".strip"), page.locator("#slip")
    expect(slip).to_be_visible()
    expect(strip).to_be_hidden()
    page.emulate_media(media="print")
    expect(strip).to_be_visible()
    expect(slip).to_be_hidden()
