"""'Vul in' in a real browser with the real worker and the real planner; with script and without."""

import time

import pytest
from playwright.sync_api import Page, expect

from portal.models.meeting_talks import MeetingPlan
from portal.models.meetings import Booking
from tests.browser.test_journeys import on_every_screen

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]


def wait_for(page: Page, button: str, javascript: bool) -> None:
    """Wait until the worker is so far: the page shows it by itself, without script at a reload."""
    end = time.monotonic() + 40
    while not page.get_by_text(button).count():
        assert time.monotonic() < end
        page.wait_for_timeout(300)
        if javascript:
            page.clock.run_for(1000)
        else:
            page.get_by_role("link", name="Kijk opnieuw").click()
    expect(page.get_by_text(button)).to_be_visible()


@on_every_screen
def test_the_office_has_the_rest_planned_and_accepts_it(open_page, school, talks, rows, javascript):
    noor = talks.invitee(school.noor)
    talks.book(school.anna, noor, talks.host_6, "2026-12-01 15.20")
    page = open_page(school.otto, "")
    # What the page does every so many seconds, it does when the test lets time pass.
    page.clock.install()
    page.goto(f"/school/meetings/{talks.round}/families")
    page.locator("nav").get_by_role("link", name="Vul in").click()
    expect(page.locator("main")).to_contain_text("4 gesprekken hebben nog geen tijd")
    page.get_by_role("button", name="Maak een voorstel").click()
    expect(page.locator("main")).to_contain_text("De planner zoekt tijden")
    page.get_by_role("button", name="Dit is goed genoeg").click()
    wait_for(page, "Een tijd voor 4 gesprekken", javascript)
    expect(page.locator("main")).to_contain_text("Bram Visser")
    assert len(rows(Booking)) == 1
    page.get_by_role("button", name="Boek deze 4 gesprekken").click()
    wait_for(page, "4 gesprekken zijn geboekt", javascript)
    assert sorted(booking.source for booking in rows(Booking)) == ["guardian", "plan", "plan", "plan", "plan"]
    assert [plan.state for plan in rows(MeetingPlan)] == ["accepted"]
    page.locator("nav").get_by_role("link", name="Alle tafels").click()
    expect(page.locator("table.tables")).to_contain_text("Noor Smit")
    page.locator("nav").get_by_role("link", name="Gezinnen").click()
    expect(page.locator("main")).to_contain_text("Niemand om te bellen")


@on_every_screen
def test_the_office_books_and_moves_for_a_family_on_the_phone(open_page, school, talks, rows):
    page = open_page(school.otto, f"/school/meetings/{talks.round}/families")
    row = page.locator("tr", has_text="Carl Peters")
    expect(row).to_contain_text("06 5550 1234")
    row.get_by_role("link", name="Plan in").click()
    page.get_by_role("link", name="Kies een tijd").click()
    page.locator("label.slot", has_text="15.20").click()
    page.get_by_role("button", name="Plan het gesprek").click()
    expect(page.locator("main")).to_contain_text("Dinsdag 1 december, 15.20")
    page.get_by_role("link", name="Verzet").click()
    page.locator("label.slot", has_text="16.20").click()
    page.locator("main form button[type=submit]").click()
    expect(page.locator("main")).to_contain_text("verzet van di 1 dec, 15.20 uur naar di 1 dec, 16.20 uur")
    assert [booking.source for booking in rows(Booking)] == ["office"]
