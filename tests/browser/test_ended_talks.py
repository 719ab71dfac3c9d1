"""A booked talk that ends: the office sees it coming, and the family and the teacher keep what was theirs."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import scrolls_sideways, violations
from tests.browser.test_journeys import on_every_screen

pytestmark = pytest.mark.browser


@pytest.fixture
def look(javascript):
    """Holds a page to what every page must be; axe itself needs script."""

    def check(page: Page) -> None:
        assert not scrolls_sideways(page)
        assert not javascript or violations(page) == []

    return check


@pytest.fixture
def written(client_for, school, talks) -> int:
    """Carl's talk about Sem with juf Yara, with her notes and a report that he reads."""
    invitee = talks.invitee(school.sem)
    talks.book(school.carl, invitee, talks.host_6, "2026-12-01 15.20")
    client_for(school.yara).post(
        f"/staff/meetings/talks/{invitee}/notes", data={"before": "Leest graag.", "after": ""}
    )
    talks.report(school.yara, invitee, "Sem leest goed.")
    return invitee


@on_every_screen
def test_a_pupil_changes_group_and_nothing_of_its_talk_is_lost(open_page, school, talks, written, look):
    office = open_page(school.otto, f"/school/pupils/{school.sem.id}/groups")
    expect(office.locator("#coming_talks")).to_contain_text("Vervalt als Sem niet meer in groep 6 zit.")
    look(office)
    office.select_option("select[name=home]", str(school.group_34))
    office.get_by_role("button", name="Bewaar de groepen").click()
    expect(office.locator("#flash")).to_contain_text("Eén geboekt gesprek is vervallen")
    look(office)

    family = open_page(school.carl, f"/meetings/{talks.round}")
    expect(family.locator("#ended")).to_contain_text("Sem: het gesprek met juf Yara gaat niet door")
    look(family)
    family.goto(f"/meetings/{talks.round}/history")
    expect(family.locator("main")).to_contain_text("geboekt voor di 1 dec, 15.20")
    family.goto("/meetings")
    family.get_by_role("link", name="Gesprek over Sem").click()
    expect(family.locator("main")).to_contain_text("Sem leest goed.")

    teacher = open_page(school.yara, "/staff/meetings?all=1")
    look(teacher)
    teacher.locator("#written").get_by_role("link", name="Sem Peters").click()
    expect(teacher.locator("main")).to_contain_text("Leest graag.")
    look(teacher)


@on_every_screen
def test_a_table_that_goes_says_that_nobody_can_choose_again(open_page, school, talks, written, look):
    office = open_page(school.otto, f"/school/meetings/{talks.round}/tables/{talks.host_6}")
    office.get_by_role("button", name="Haal deze tafel uit de ronde").click()
    expect(office.locator("main")).to_contain_text("de ouders kunnen in deze ronde niet opnieuw kiezen")
    look(office)
    office.get_by_role("button", name="Voer deze wijziging door").click()
    family = open_page(school.carl, f"/meetings/{talks.round}")
    expect(family.locator("#ended")).to_contain_text("Sem: het gesprek met juf Yara gaat niet door")
    expect(family.locator("main")).to_contain_text("U hebt in deze ronde geen gesprek meer.")
    look(family)
