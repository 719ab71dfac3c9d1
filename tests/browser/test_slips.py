"""A reply slip from the author's first question to the last parent's answer, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from portal import clock
from portal.domain import letters
from portal.extensions import db, start_writing
from portal.models.letters import Letter
from portal.models.roster import Membership
from portal.models.slips import SlipAnswer, SlipOption
from tests.browser.looking import screenshot, scrolls_sideways, violations
from tests.browser.taps import wait_out_a_second_tap
from tests.browser.test_journeys import choose, on_every_screen

pytestmark = pytest.mark.browser


def fine(page: Page, name: str, javascript: bool) -> None:
    """Hold a page to what every page keeps, and take its picture; axe is a script itself."""
    screenshot(page, name)
    assert not scrolls_sideways(page)
    assert not javascript or violations(page) == []


def add(page: Page, kind: str) -> None:
    """Ask for a question of a kind."""
    questions = page.locator("fieldset.ask")
    number = questions.count()
    page.get_by_role("button", name=kind).click()
    expect(questions).to_have_count(number + 1)
    wait_out_a_second_tap(page)


def let_it_go(app) -> int:
    """Let the letter that was just sent be two minutes older, and a worker look."""
    with app.app_context():
        start_writing()
        letter = db.session.query(Letter).order_by(Letter.id.desc()).first()
        letter.send_at = clock.now()
        db.session.flush()
        letters.send_due(clock.now())
        number = letter.id
        db.session.commit()
    return number


def let_join(app, pupil, group: int) -> None:
    """Let a second family belong to a group: a letter to one family asks nothing with places."""
    with app.app_context():
        start_writing()
        db.session.add(Membership(pupil_id=pupil.id, group_id=group, home=False, started_on=clock.today()))
        db.session.commit()


@on_every_screen
def test_a_teacher_asks_a_mother_answers_changes_it_and_the_teacher_reads_it(
    open_page, app, school, rows, javascript, width
):
    let_join(app, school.sem, school.group_34)
    page = open_page(school.tess, "/staff/letters/new")
    page.fill("#title", "Museum op 10 december")
    page.fill("#text", "Beste ouders,\n\nWij gaan naar het museum.")
    page.get_by_role("button", name="Antwoordstrook").click()
    expect(page.get_by_role("heading", name="Antwoordstrook")).to_be_visible()
    add(page, "Ja of nee")
    page.fill("#q0-words", "Mag uw kind mee?")
    add(page, "Keuze")
    page.fill("#q1-words", "Hoe helpt u?")
    page.fill("#q1-o0-words", "Rijden")
    page.fill("#q1-o0-places", "1")
    page.fill("#q1-o1-words", "Koffie")
    add(page, "Toestemming")
    expect(page.locator("#q2-words")).to_be_focused()
    page.get_by_role("button", name="Bewaar antwoordstrook").last.click()
    expect(page.locator("#errors")).to_contain_text("Schrijf de vraag, of haal hem weg.")
    page.fill("#q2-words", "Mogen wij foto's maken?")
    page.get_by_role("button", name=re.compile("Zet hoger.*vraag 2")).click()
    expect(page.locator("#q0-words")).to_have_value("Hoe helpt u?")
    fine(page, f"slip-maken-{width}", javascript)
    page.get_by_role("button", name="Bewaar antwoordstrook").last.click()
    expect(page.locator("#slip")).to_contain_text("3 vragen, antwoord uiterlijk di 1 dec")
    fine(page, f"slip-brief-{width}", javascript)
    page.get_by_role("button", name="Verstuur de brief").click()
    expect(page.locator("main")).to_contain_text("Mogen wij foto's maken?")
    fine(page, f"slip-wacht-{width}", javascript)
    letter = let_it_go(app)

    page = open_page(school.anna)
    expect(page.locator("main")).to_contain_text("Antwoord uiterlijk di 1 dec")
    page.get_by_role("link", name=re.compile("Museum op 10 december")).click()
    choose(page, "Rijden")
    page.locator("#slip").get_by_role("button", name="Verstuur antwoord").last.click()
    expect(page.locator("#errors")).to_contain_text("Typ uw naam om te ondertekenen.")
    fine(page, f"slip-fout-{width}", javascript)
    page.locator("#slip fieldset", has_text="Mag uw kind mee?").locator("label", has_text="Ja").click()
    choose(page, "Ja, ik geef toestemming")
    page.fill("#signed", "Anna Bakker")
    page.locator("#slip").get_by_role("button", name="Verstuur antwoord").last.click()
    expect(page.locator("#slip")).to_contain_text("U antwoordde")
    fine(page, f"slip-beantwoord-{width}", javascript)
    assert len(rows(SlipAnswer)) == 1
    choose(page, "Koffie")
    page.get_by_role("button", name="Wijzig antwoord").click()
    expect(page.locator("#flash")).to_contain_text("Uw antwoord is verstuurd.")
    assert {one.words: one.taken for one in rows(SlipOption) if one.places} == {"Rijden": 0}
    page.goto("/letters?show=answer")
    expect(page.locator("main")).to_contain_text("Niets te beantwoorden")
    page.goto("/letters")
    expect(page.locator("main")).to_contain_text("U antwoordde")
    fine(page, f"slip-brieven-{width}", javascript)

    page = open_page(school.tess, f"/staff/letters/{letter}")
    fine(page, f"slip-bezorging-{width}", javascript)
    page.get_by_role("link", name="Alle antwoorden").click()
    expect(page.locator("main")).to_contain_text("Anna Bakker")
    expect(page.locator("main")).to_contain_text("0 van 1")
    fine(page, f"slip-antwoorden-{width}", javascript)


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize(
    ("button", "comes"),
    [("Getal", "#q1-words"), (re.compile("Nog een antwoord.*vraag 1"), "#q0-o2-words")],
    ids=["question", "answer"],
)
def test_words_typed_while_a_field_is_added_stay_where_they_are_typed(open_page, school, button, comes):
    page = open_page(school.tess, "/staff/letters/new")
    page.fill("#title", "Museum")
    page.get_by_role("button", name="Antwoordstrook").click()
    add(page, "Keuze")
    held = hold_answers(page)
    page.get_by_role("button", name=button).click()
    page.fill("#q0-words", "Hoe ")
    let_come(page, held)
    expect(page.locator(comes)).to_be_visible()
    page.keyboard.type("helpt u?")
    assert page.input_value("#q0-words") == "Hoe helpt u?"
    assert page.input_value(comes) == ""


@pytest.mark.parametrize("engine", ["sqlite"])
def test_while_questions_change_places_nothing_can_be_typed_in_one(open_page, school):
    page = open_page(school.tess, "/staff/letters/new")
    page.fill("#title", "Museum")
    page.get_by_role("button", name="Antwoordstrook").click()
    add(page, "Keuze")
    add(page, "Datum")
    page.fill("#q1-words", "Wanneer?")
    held = hold_answers(page)
    page.get_by_role("button", name=re.compile("Zet hoger.*vraag 2")).click()
    expect(page.locator("#q0-words")).to_be_disabled()
    let_come(page, held)
    expect(page.locator("#q0-words")).to_have_value("Wanneer?")
    expect(page.locator("#q0-words")).to_be_focused()


def hold_answers(page: Page) -> list[Route]:
    """Let what is asked from now on wait for the test."""
    held: list[Route] = []
    page.route("**/slip", lambda route: held.append(route))
    return held


def let_come(page: Page, held: list[Route]) -> None:
    while not held:
        page.wait_for_timeout(10)
    held.pop().continue_()
