"""The main ways through the portal in a real browser: phone and desktop, with script and without."""

import re

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.domain.invitations import invitation_link, invite
from portal.extensions import db, start_writing
from portal.models.absence import Absence
from portal.models.accounts import User
from tests.cast import PASSWORD

everywhere = [
    pytest.mark.parametrize("width", [390, 1280]),
    pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"]),
]


def on_every_screen(test):
    for mark in everywhere:
        test = mark(test)
    return test


def choose(page: Page, words: str) -> None:
    """Tap a tile or a segment: the input itself is invisible under its label."""
    page.locator("label", has_text=words).first.click()


def link_for(app, person) -> str:
    with app.app_context():
        start_writing()
        link = invitation_link(invite(db.session.get_one(User, person.id), None, clock.now()))
        db.session.commit()
    return link.removeprefix(app.config["BASE_URL"])


@on_every_screen
def test_an_invited_parent_gets_in_logs_out_and_logs_in_again(open_page, app, school):
    page = open_page(None, link_for(app, school.inge))
    expect(page.locator("main")).to_contain_text("Sem")
    page.fill("input[name=new_password]", "regenboog in mei")
    page.locator("main form button[type=submit]").last.click()
    expect(page).to_have_url(re.compile(r"/$"))
    expect(page.get_by_role("heading", name="Sem")).to_be_visible()
    page.goto("/logout")
    page.locator("main form button[type=submit]").first.click()
    page.goto("/")
    expect(page).to_have_url(re.compile(r"/login\?next="))
    page.fill("input[name=email]", "inge@lindeboog.example")
    page.fill("input[name=password]", "regenboog in mei")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("heading", name="Sem")).to_be_visible()


@on_every_screen
def test_a_mother_reports_two_children_sick_and_withdraws_one(open_page, school, rows, javascript):
    page = open_page(school.anna)
    page.get_by_role("link", name=re.compile(r"Ziek melden\s*: Bram")).click()
    choose(page, "Noor")
    button = page.locator("main form .btn.big")
    if javascript:
        expect(button).to_have_text(re.compile(r"Meld .* ziek voor vandaag"))
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("zijn ziek gemeld"))
    page.get_by_role("button", name=re.compile(r"Trek melding in\s*: Bram")).click()
    expect(page.locator("#flash")).to_contain_text("is ingetrokken")
    expect(page.get_by_role("link", name=re.compile(r"Ziek melden\s*: Bram"))).to_be_visible()
    assert sorted(absence.withdrawn_at is None for absence in rows(Absence)) == [False, True]


@on_every_screen
def test_the_board_shows_the_report_and_takes_a_tap(open_page, school, rows):
    parent = open_page(school.anna, f"/absence/report?pupil={school.noor.id}")
    parent.fill("textarea", "Blijft bij oma.")
    parent.locator("main form .btn.big").click()
    expect(parent.get_by_role("heading", level=1)).to_have_text("Noor is ziek gemeld")
    board = open_page(school.yara, "/staff/today")
    row = board.locator("tr", has_text="Noor Smit")
    expect(row).to_contain_text("Ziek")
    expect(row.get_by_text("Blijft bij oma.")).to_be_hidden()
    row.locator("summary").click()
    expect(row.get_by_text("Blijft bij oma.")).to_be_visible()
    board.get_by_role("button", name=re.compile(r"Te laat\s*: Sem Peters")).click()
    expect(board.locator("tr", has_text="Sem Peters")).to_contain_text("binnen om")
    board.get_by_role("button", name=re.compile(r"Aanwezig\s*: Lotte Jansen")).click()
    expect(board.locator(".tally li").last).to_contain_text("1")
    board.get_by_role("button", name="Gezien").click()
    expect(board.get_by_role("button", name="Gezien")).to_have_count(0)
    parent.goto("/")
    expect(parent.locator("main")).to_contain_text("Gezien door juf Yara")


@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_board_updates_by_itself_and_keeps_what_one_reads(open_page, school, client_for):
    board = open_page(school.yara, "")
    board.clock.install()
    board.goto("/staff/today")
    summary = board.locator(f"#call-{school.sem.id} summary")
    summary.click()
    phone = board.locator(f"#call-{school.sem.id} a[href^='tel:']").first
    expect(phone).to_be_visible()
    client_for(school.anna).post(
        "/absence/report", data={"pupil": school.noor.id, "kind": "sick", "days": "one"}
    )
    board.clock.run_for(11_000)
    expect(board.locator("tr", has_text="Noor Smit")).to_be_visible()
    expect(phone).to_be_visible()
    expect(summary).to_be_focused()


def test_everything_can_be_done_with_the_keyboard_alone(open_page, school, rows):
    page = open_page(None, "/login")
    tab_to(page, "input[name=email]")
    page.keyboard.type("anna@lindeboog.example")
    tab_to(page, "input[name=password]")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Vandaag")).to_be_visible()
    tab_to(page, f"a[href='/absence/report?pupil={school.bram.id}']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ziek melden")
    tab_to(page, f"input[name=pupil][value='{school.noor.id}']")
    page.keyboard.press("Space")
    tab_to(page, "main form .btn.big")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("zijn ziek gemeld"))
    board = open_page(school.tess, "/staff/today")
    tab_to(board, "#all-seen")
    board.keyboard.press("Enter")
    expect(board.locator("#all-seen")).to_have_count(0)
    assert [absence.seen_by for absence in rows(Absence) if absence.pupil_id == school.bram.id] == [
        school.tess.id
    ]


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, as somebody without a mouse does."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached with Tab")


def test_a_double_tap_and_the_back_button_make_one_absence(open_page, school, rows):
    page = open_page(school.carl, "/absence/report")
    page.locator("main form .btn.big").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sem is ziek gemeld")
    page.go_back()
    page.locator("main form .btn.big").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sem is ziek gemeld")
    assert len(rows(Absence)) == 1


def test_a_form_whose_time_is_up_keeps_what_was_typed(open_page, school, rows):
    page = open_page(school.carl, "/absence/report")
    page.fill("textarea", "Komt morgen weer.")
    page.evaluate("document.querySelector('main form [name=csrf_token]').value = 'old'")
    page.locator("main form .btn.big").click()
    expect(page.locator("main")).to_contain_text("opnieuw")
    assert rows(Absence) == []
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sem is ziek gemeld")
