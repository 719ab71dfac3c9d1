"""Waiting for a time and taking it, in a real browser; with script and without."""

import pytest
from playwright.sync_api import expect

from portal import clock
from portal.access import Viewer
from portal.domain.bookings import cancel
from portal.extensions import db
from portal.models.meetings import Booking
from tests.browser.test_journeys import choose, on_every_screen

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]


@on_every_screen
def test_a_parent_waits_for_a_time_and_takes_it_when_it_comes_free(
    open_page, school, talks, book_talk, do_now
):
    number = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 16.30")
    page = open_page(school.carl, f"/meetings/{talks.round}?talk={talks.invitee(school.sem)}")
    page.get_by_role("link", name="Wacht erop").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wachtlijst")
    choose(page, "15.00")
    page.get_by_role("button", name="Wachtlijst bewaren").click()
    expect(page.get_by_role("status").first).to_contain_text("U staat op de wachtlijst")
    expect(page.get_by_label("15.00")).to_be_checked()
    do_now(lambda: cancel(db.session.get_one(Booking, number), Viewer(id=school.anna.id), clock.now()))
    page.goto(f"/meetings/{talks.round}")
    expect(page.get_by_role("button", name="Deze tijd nemen")).to_be_visible()
    page.goto("/")
    page.get_by_role("link", name="wordt voor u vastgehouden").click()
    expect(page.locator("main")).to_contain_text("Nu is het gesprek op dinsdag 1 december om 16.30 uur")
    page.get_by_role("button", name="Deze tijd nemen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("De tijd is van u")
