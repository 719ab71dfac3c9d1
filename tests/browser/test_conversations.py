"""A parent and a teacher write to each other in a real browser, with script and without."""

import re

import pytest
from playwright.sync_api import expect

from portal.models.conversations import Conversation, ConversationMessage, ConversationReader
from tests.browser.looking import screenshot
from tests.browser.taps import wait_out_a_second_tap
from tests.browser.test_journeys import on_every_screen
from tests.conversations.writing import answer, begin


@on_every_screen
def test_a_mother_writes_and_reads_the_answer(open_page, school, rows, javascript):
    page = open_page(school.anna, f"/groups/{school.group_34}")
    page.get_by_role("link", name="Schrijf de leerkracht").click()
    expect(page.locator("main")).to_contain_text("Wordt gelezen door juf Tess en meester Tim")
    page.get_by_label("Uw bericht").fill("Bram slaapt slecht.")
    page.get_by_role("button", name="Verstuur het bericht").click()
    expect(page.locator("#flash")).to_contain_text("Uw bericht is verstuurd.")

    teacher = open_page(school.tess, "/staff/messages")
    teacher.get_by_role("link", name=re.compile("Anna Bakker")).click()
    if not javascript:
        teacher.get_by_role("button", name="Ik heb dit gelezen").click()
    expect(teacher.locator(".thread .new")).to_have_count(0)
    assert [row.user_id for row in rows(ConversationReader)] == [school.tess.id]
    wait_out_a_second_tap(teacher)
    teacher.get_by_label("Uw antwoord").fill("Zullen wij bellen?")
    teacher.get_by_role("button", name="Verstuur het bericht").click()
    expect(teacher.locator(".thread .mine")).to_contain_text("Zullen wij bellen?")

    page.goto("/messages")
    page.get_by_role("link", name=re.compile("Leerkrachten van groep")).click()
    expect(page.locator(".thread .theirs")).to_contain_text("Zullen wij bellen?")
    expect(page.locator(".thread .new")).to_have_count(0 if javascript else 1)
    wait_out_a_second_tap(page)
    teacher.get_by_role("button", name="Sluit het gesprek").click()
    expect(teacher.locator("#flash")).to_contain_text("Het gesprek is gesloten.")
    page.get_by_label("Uw bericht").fill("Graag, morgen.")
    page.get_by_role("button", name="Verstuur het bericht").click()
    expect(page.locator("#errors")).to_contain_text("Dit gesprek is gesloten.")
    expect(page.get_by_label("Dit had u getypt")).to_have_value("Graag, morgen.")
    assert len(rows(ConversationMessage)) == 2 and rows(Conversation)[0].closed_at


@pytest.mark.parametrize("width", [390])
@pytest.mark.parametrize("javascript", [True])
def test_an_answer_appears_while_one_types(open_page, school, rows, javascript, width, client_for):
    """The open page asks for what is new, and what is being typed stays."""
    number = begin(client_for(school.anna), school.bram, school.group_34)
    page = open_page(school.anna, f"/messages/{number}")
    page.get_by_label("Uw bericht").fill("Ik wilde nog")
    answer(client_for(school.tess), number)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(".thread .theirs")).to_contain_text("Zullen wij bellen?")
    expect(page.get_by_label("Uw bericht")).to_have_value("Ik wilde nog")


@pytest.mark.parametrize("width", [390])
@pytest.mark.parametrize("javascript", [True])
def test_a_file_that_is_too_large_is_said_before_it_is_sent(open_page, school, rows, width, tmp_path):
    (tmp_path / "boek.pdf").write_bytes(b"%PDF-1.4\n".ljust(15_000_001))
    page = open_page(school.anna, f"/messages/new?about={school.bram.id}-{school.group_34}")
    page.get_by_label("Uw bericht").fill("Zie het boek.")
    page.set_input_files("#files", tmp_path / "boek.pdf")
    expect(page.locator("#files-much")).to_contain_text("Kies hoogstens 5 bestanden van elk 15 MB.")
    page.get_by_role("button", name="Verstuur het bericht").click()
    expect(page.get_by_label("Uw bericht")).to_have_value("Zie het boek.")
    assert rows(Conversation) == []
    screenshot(page, "too-large")
    page.set_input_files("#files", [])
    page.get_by_role("button", name="Verstuur het bericht").click()
    expect(page.locator("#flash")).to_contain_text("Uw bericht is verstuurd.")
