"""The teacher's board in a browser, and on paper."""

import re

import pytest
from playwright.sync_api import expect

from tests.absence.test_create_report import report
from tests.browser.looking import scrolls_sideways, violations
from tests.browser.test_journeys import on_every_screen

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]


@pytest.fixture
def dentist(client_for, school):
    """Noor goes to the dentist at half past one, and somebody wrote why."""
    times = {"from_time": "13:30", "until_time": "14:15"}
    report(client_for(school.anna), school.noor, kind="doctor", **times, note="Beugel.")


@on_every_screen
@pytest.mark.usefixtures("dentist")
def test_who_is_marked_present_before_a_visit_keeps_the_row_of_the_visit(open_page, school, javascript):
    board = open_page(school.yara, "/staff/today")
    expect(board.locator("#unknown")).to_contain_text("Dokter of tandarts vanaf 13.30 uur tot 14.15 uur")
    if javascript:
        assert violations(board) == []
        assert not scrolls_sideways(board)
    board.get_by_role("button", name=re.compile(r"Aanwezig\s*: Noor Smit")).click()
    row = board.locator("tr", has_text="Noor Smit")
    expect(row).to_contain_text("Aanwezig")
    expect(row).to_contain_text("13.30")
    expect(board.locator("#present")).to_contain_text("Noor")
    if javascript:
        assert violations(board) == []
        assert not scrolls_sideways(board)


@pytest.mark.usefixtures("dentist")
def test_on_paper_are_the_numbers_to_call_and_no_message(open_page, school):
    board = open_page(school.yara, "/staff/today")
    phone = board.locator(f"#call-{school.sem.id} a[href^='tel:']").first
    expect(phone).to_be_hidden()
    board.emulate_media(media="print")
    expect(phone).to_be_visible()
    expect(board.get_by_role("link", name=re.compile("^Noteer"))).to_have_count(0)
    expect(board.get_by_text("Beugel.")).to_be_hidden()
