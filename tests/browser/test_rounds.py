"""The office sets up a round of talks, publishes it and changes it after opening, on every screen."""

import re

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.models.meetings import Booking, MeetingRound, Slot
from tests.browser.looking import scrolls_sideways, violations
from tests.browser.test_journeys import on_every_screen


@pytest.fixture
def look(javascript):
    """Holds a page to what every page must be; axe itself needs script."""

    def check(page: Page) -> None:
        assert not scrolls_sideways(page)
        assert not javascript or violations(page) == []

    return check


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


@on_every_screen
def test_the_office_sets_up_a_round_looks_at_it_as_a_parent_and_publishes_it(
    open_page, school, rows, look, javascript
):
    page = open_page(school.otto, "/school/meetings")
    page.get_by_role("link", name="Nieuwe ronde").click()
    page.wait_for_url("**/new")
    page.fill("input[name=name]", "Rapportgesprekken")
    page.fill("input[name='days-0-day']", "2026-12-15")
    page.fill("input[name='days-0-ends_at']", "15.20")
    page.get_by_label("Minuten per gesprek").focus()
    if javascript:
        expect(page.locator("#fit")).to_contain_text("Er zijn 2 tijden voor 3 gesprekken.")
    press(page, "Dag erbij")
    expect(page.locator("input[name=name]")).to_have_value("Rapportgesprekken")
    page.fill("input[name='days-1-day']", "2026-12-16")
    page.fill("input[name='days-1-starts_at']", "18.30")
    page.fill("input[name='days-1-ends_at']", "19.30")
    page.fill("input[name='days-1-pause']", "19.00-19.10")
    look(page)
    press(page, "Verder: bekijk als ouder")
    expect(page).to_have_url(re.compile("/look$"))
    expect(page.locator("main")).to_contain_text("Ouders zien nog niets.")
    expect(page.locator("main")).to_contain_text("18.50 uur")
    look(page)
    assert [one.published_at for one in rows(MeetingRound)] == [None]
    press(page, "Publiceer de ronde")
    expect(page.locator("#flash")).to_contain_text("De ronde is gepubliceerd.")
    assert all(one.published_at for one in rows(MeetingRound))
    look(page)


@on_every_screen
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(open_page, school, rows, look):
    page = open_page(school.otto, "/school/meetings/new")
    page.fill("input[name='days-0-day']", "2026-12-15")
    page.fill("input[name='days-0-starts_at']", "half vier")
    press(page, "Verder: bekijk als ouder")
    expect(page.locator("#errors")).to_contain_text("Vul een naam in.")
    expect(page.locator("input[name='days-0-starts_at']")).to_have_value("half vier")
    expect(page.locator("main")).to_contain_text("Typ de tijd als 15.00.")
    look(page)
    assert rows(MeetingRound) == []


@on_every_screen
def test_the_length_changes_after_opening_and_the_office_sees_first_what_that_does(
    open_page, school, talks, rows, look
):
    for child, moment in ((school.noor, "15.20"), (school.sem, "15.30"), (school.lotte, "16.10")):
        person = {school.noor: school.anna, school.sem: school.carl, school.lotte: school.tess}[child]
        talks.book(person, talks.invitee(child), talks.host_6, f"2026-12-01 {moment}")
    page = open_page(school.otto, "/school/meetings")
    page.get_by_role("link", name="Rapportgesprekken").click()
    page.fill("input[name=talk_minutes]", "15")
    press(page, "Laat zien wat er verandert")
    moved = page.locator("section", has_text="Verschuift")
    expect(moved).to_contain_text("Sem")
    expect(moved).to_contain_text("15.35 uur")
    expect(page.locator("section", has_text="Blijft, met een wijziging")).to_contain_text("Noor")
    look(page)
    assert {one.sequence for one in rows(Booking)} == {0}
    press(page, "Voer deze wijziging door")
    expect(page.locator("#flash")).to_contain_text("3 gesprekken zijn anders geworden.")
    starts = sorted(clock.to_local(one.starts_at).strftime("%H.%M") for one in rows(Booking))
    assert starts == ["15.20", "15.35", "16.10"]
    assert len([slot for slot in rows(Slot) if slot.booking_id]) == 3


@on_every_screen
def test_a_substitute_comes_to_a_table_and_one_pupil_gets_longer(open_page, school, talks, rows, look):
    page = open_page(school.otto, f"/school/meetings/{talks.round}")
    page.locator("#fit").get_by_role("link", name=re.compile("Groep 6")).first.click()
    page.get_by_label("juf Yara").uncheck(force=True)
    page.get_by_label("Iemand anders erbij, of in de plaats").select_option(str(school.hedy.id))
    page.get_by_label(re.compile("Minuten voor Noor")).fill("20")
    look(page)
    press(page, "Laat zien wat er verandert")
    expect(page.locator("#flash")).to_contain_text("Alle gesprekken houden hun tijd.")
    page.locator("#fit").get_by_role("link", name=re.compile("Groep 6")).first.click()
    expect(page.get_by_label(re.compile("Minuten voor Noor"))).to_have_value("20")
