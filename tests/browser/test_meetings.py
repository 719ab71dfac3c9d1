"""A family's way through a round of talks in a real browser: phone and desktop, with script and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from portal.models.meeting_talks import MeetingWish
from portal.models.meetings import Booking, MeetingRound, Slot
from tests.browser.looking import NARROW, crowded, enlarge, scrolls_sideways, violations
from tests.browser.taps import wait_out_a_second_tap
from tests.browser.test_journeys import on_every_screen, tab_to
from tests.meetings.family import Family, at_time

pytestmark = pytest.mark.browser


def times(rows) -> list[str]:
    return sorted(at_time(one.starts_at) for one in rows(Booking) if not one.cancelled_at)


def choose(page: Page, time: str) -> None:
    """Tap a time: the radio button itself is invisible under its label."""
    page.locator(".slot", has_text=time).click()


@on_every_screen
def test_a_mother_books_both_children_with_the_proposal_moves_one_and_cancels_the_other(
    open_page, school, talks, rows, javascript
):
    page = open_page(school.anna)
    page.get_by_role("link", name=re.compile("Rapportgesprekken: kies een tijd")).first.click()
    page.get_by_role("link", name="Stel tijden voor alle kinderen voor").click()
    expect(page.locator(".plan dt")).to_have_text(["15.00", "15.20"])
    page.get_by_role("link", name="Avond").click()
    expect(page.locator(".plan dt")).to_have_text(["18.30", "18.50"])
    page.get_by_role("button", name="Boek deze 2 gesprekken").click()
    expect(page.locator("#flash")).to_contain_text("Alle 2 gesprekken zijn geboekt.")
    assert times(rows) == ["3 18.30", "3 18.50"]

    page.get_by_role("link", name=re.compile("Wijzig.*Noor")).click()
    page.get_by_role("link", name=re.compile("di 1 dec")).click()
    choose(page, "15.50")
    if javascript:
        expect(page.locator("[data-chosen]")).to_have_text("di 1 dec, 15.50–16.00 uur")
    page.get_by_role("button", name="Verzet naar deze tijd").click()
    expect(page.locator("#flash")).to_contain_text("Het gesprek over Noor is verzet.")
    assert "1 15.50" in times(rows) and len(times(rows)) == 2

    wait_out_a_second_tap(page)
    page.locator("summary", has_text=re.compile("Zeg af.*Bram")).click()
    page.get_by_role("button", name="Zeg het gesprek over Bram af").click()
    expect(page.locator("#flash")).to_contain_text("Het gesprek over Bram is afgezegd.")
    expect(page.get_by_role("link", name=re.compile("Kies een tijd.*Bram"))).to_be_visible()
    assert times(rows) == ["1 15.50"]


@on_every_screen
def test_who_loses_a_race_takes_a_near_time_with_one_tap_and_keeps_what_was_typed(
    open_page, client_for, school, talks, rows
):
    page = open_page(school.anna, f"/meetings/{talks.round}?talk={talks.invitee(school.noor)}")
    choose(page, "15.50")
    page.locator("#subjects-fold summary").click()
    page.fill("#subjects", "Rekenen")
    Family(client_for(school.carl), talks).book(school.sem, talks.host_6, "2026-12-01 15.50")
    page.get_by_role("button", name="Bevestig").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("15.50 uur is net door een ander geboekt.")
    expect(page.locator(".slot.lost")).to_contain_text("net bezet")
    expect(page.locator("#subjects")).to_have_value("Rekenen")
    wait_out_a_second_tap(page)
    alert.get_by_role("button", name="15.40").click()
    expect(page.locator("#flash")).to_contain_text("Het gesprek over Noor is geboekt.")
    assert times(rows) == ["1 15.40", "1 15.50"]
    assert "Rekenen" in [one.subjects for one in rows(Booking)]


def test_times_refresh_by_themselves_and_what_is_chosen_stays(open_page, client_for, school, talks):
    page = open_page(school.anna, "")
    page.clock.install()
    page.goto(f"/meetings/{talks.round}?talk={talks.invitee(school.noor)}")
    choose(page, "15.40")
    carl = Family(client_for(school.carl), talks)
    carl.book(school.sem, talks.host_6, "2026-12-01 15.00")
    before = page.locator(".slot", has_text="15.40").bounding_box()
    page.clock.run_for(21_000)
    expect(page.locator(".slot", has_text="15.00")).to_contain_text("bezet")
    expect(page.locator(".slot:has(:checked)")).to_contain_text("15.40")
    expect(page.locator("[data-chosen]")).to_have_text("di 1 dec, 15.40–15.50 uur")
    assert page.locator(".slot", has_text="15.40").bounding_box() == before
    carl.book(school.sem, talks.host_6, "2026-12-01 15.40")
    page.clock.run_for(21_000)
    expect(page.locator(".slot", has_text="15.40")).to_contain_text("bezet")
    expect(page.locator("[data-chosen]")).to_have_text("Niet meer vrij. Kies een andere tijd.")


def test_a_chosen_time_that_the_teacher_blocks_is_said_to_be_free_no_longer(open_page, school, talks):
    page = open_page(school.anna, "")
    page.clock.install()
    page.goto(f"/meetings/{talks.round}?talk={talks.invitee(school.noor)}")
    choose(page, "15.40")
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.40"), state="blocked")
    page.clock.run_for(21_000)
    expect(page.locator("[data-chosen]")).to_have_text("Niet meer vrij. Kies een andere tijd.")
    page.clock.run_for(21_000)
    expect(page.locator("[data-chosen]")).to_have_text("Niet meer vrij. Kies een andere tijd.")
    choose(page, "15.50")
    expect(page.locator("[data-chosen]")).to_have_text("di 1 dec, 15.50–16.00 uur")


@pytest.mark.parametrize("where", ["the talks", "the page to move"])
def test_after_a_refresh_what_was_typed_does_not_wipe_out_the_other_guardians_words_unseen(
    open_page, client_for, school, talks, rows, where
):
    carl = Family(client_for(school.carl), talks)
    carl.book(school.sem, talks.host_6, "2026-12-01 15.20", subjects="Lezen")
    (booking,) = rows(Booking)
    page = open_page(school.carl, "")
    page.clock.install()
    moving = where == "the page to move"
    page.goto(f"/meetings/{talks.round}" + (f"?talk={booking.invitee_id}" if moving else ""))
    fold, field = (
        ("#subjects-fold", "#subjects") if moving else (f"#details-{booking.id}", f"#subjects-{booking.id}")
    )
    page.locator(f"{fold} summary").click()
    page.fill(field, "Gym")
    version = page.locator("#round").get_attribute("data-version")
    client_for(school.inge).post(f"/meetings/bookings/{booking.id}/details", data={"subjects": "Rekenen"})
    page.clock.run_for(21_000)
    expect(page.locator("#round")).not_to_have_attribute("data-version", version)
    expect(page.locator(field)).to_have_value("Gym")
    page.clock.run_for(1_000)
    if moving:
        choose(page, "15.40")
    save = (
        page.get_by_role("button", name="Verzet naar deze tijd") if moving else page.locator(f"{fold} button")
    )
    save.click()
    expect(page.locator(fold)).to_contain_text("Nu staat er: Rekenen")
    assert [one.subjects for one in rows(Booking)] == ["Rekenen"]
    page.clock.run_for(1_000)
    page.fill(field, "Rekenen en gym")
    save.click()
    expect(page.locator("#flash")).not_to_be_empty()
    assert [one.subjects for one in rows(Booking)] == ["Rekenen en gym"]


def test_everything_by_keyboard(open_page, school, talks, rows):
    page = open_page(school.anna, f"/meetings/{talks.round}?talk={talks.invitee(school.noor)}")
    tab_to(page, "input[name=slot]")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-chosen]")).to_contain_text("di 1 dec")
    tab_to(page, ".confirm button")
    page.keyboard.press("Enter")
    expect(page.locator("#flash")).to_contain_text("Het gesprek over Noor is geboekt.")
    (booked,) = rows(Booking)
    tab_to(page, f"#cancel-{booked.id} summary")
    page.keyboard.press("Enter")
    tab_to(page, f"#cancel-{booked.id} button")
    page.keyboard.press("Enter")
    expect(page.locator("#flash")).to_contain_text("is afgezegd")
    assert times(rows) == []


@pytest.mark.parametrize("width", [320])
def test_on_the_narrowest_phone_nothing_is_wider_than_the_screen(open_page, client_for, school, talks):
    anna = Family(client_for(school.anna), talks)
    noor = talks.invitee(school.noor)
    page = open_page(school.anna, f"/meetings/{talks.round}?talk={noor}")
    choose(page, "15.40")
    assert not scrolls_sideways(page) and violations(page) == []
    page.goto(f"/meetings/{talks.round}/proposal")
    assert not scrolls_sideways(page) and violations(page) == []
    anna.book(school.noor, talks.host_6, "2026-12-01 15.20")
    for path in (f"/meetings/{talks.round}", f"/meetings/{talks.round}/history", "/meetings"):
        page.goto(path)
        assert not scrolls_sideways(page) and violations(page) == [], path


@pytest.mark.parametrize("width", [320])
def test_wishes_are_given_on_the_narrowest_phone(open_page, school, talks, rows):
    talks.change(MeetingRound, talks.round, kind="wishes")
    page = open_page(school.anna, f"/meetings/{talks.round}")
    assert not scrolls_sideways(page) and violations(page) == []
    page.locator(".wish", has_text="15.00–15.30").get_by_text("kan niet").click()
    page.get_by_role("button", name="Verstuur deze tijden").click()
    expect(page.locator("#flash")).to_contain_text("De school weet wat u past.")
    assert {wish.availability for wish in rows(MeetingWish)} == {0, 1}


@on_every_screen
def test_who_cannot_come_at_the_planned_time_says_so_and_the_office_reads_it(open_page, school, talks):
    talks.change(MeetingRound, talks.round, kind="wishes")
    talks.book(school.otto, talks.invitee(school.noor), talks.host_6, "2026-12-01 15.20", "plan")
    page = open_page(school.anna, f"/meetings/{talks.round}")
    page.get_by_text("Deze tijd past niet").first.click()
    page.get_by_role("button", name="Geef door dat deze tijd niet past").click()
    expect(page.locator("main")).to_contain_text("U gaf door dat deze tijd niet past")
    office = open_page(school.otto, f"/school/meetings/{talks.round}/plan")
    expect(office.locator("main")).to_contain_text("1 gezin kan niet meer op de geplande tijd")
    expect(office.get_by_role("link", name=school.noor.name)).to_be_visible()


@pytest.mark.parametrize(("width", "letters"), NARROW)
@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_family_reads_everything_on_a_small_screen_and_with_large_letters(
    open_page, client_for, school, talks, width, letters
):
    talks.change(MeetingRound, talks.round, way="choice")
    anna = Family(client_for(school.anna), talks)
    assert anna.book(school.noor, talks.host_6, "2026-12-01 15.20").status_code == 303
    assert anna.book(school.bram, talks.host_34, "2026-12-01 15.50").status_code == 303
    page = open_page(school.anna)
    for path in (f"/meetings/{talks.round}", "/", "/absence/report", "/letters", "/groups", "/profile"):
        page.goto(path)
        enlarge(page, letters)
        assert (scrolls_sideways(page), crowded(page)) == (False, []), path
    page.goto(f"/meetings/{talks.round}")
    enlarge(page, letters)
    page.locator("[id^=details-] summary").first.click()
    assert (scrolls_sideways(page), crowded(page)) == (False, [])
