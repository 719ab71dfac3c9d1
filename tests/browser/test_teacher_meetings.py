"""The teacher's evening in real browsers: shaping the times; a parent's phone and the hall that follow."""

import re

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.meetings import Booking, MeetingDay, Slot
from tests.browser.looking import NARROW, crowded, enlarge, scrolls_sideways
from tests.browser.taps import wait_out_a_second_tap
from tests.browser.test_journeys import choose, on_every_screen
from tests.crawler import Answer
from tests.meetings.making import make_round

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]

AT = "2026-12-01 15.20"


@pytest.fixture
def round_now(app, school):
    """The round of the cast with its Tuesday on the very day at which the server's clock stands."""
    made = make_round(app, school)
    with app.app_context():
        start_writing()
        shift = clock.at_local("2026-12-01 00:00") - clock.at_local("2026-11-24 00:00")
        for day in db.session.query(MeetingDay):
            day.day = day.day - shift
        for slot in db.session.query(Slot).order_by(Slot.starts_at):
            slot.starts_at, slot.ends_at = slot.starts_at - shift, slot.ends_at - shift
            db.session.flush()
        db.session.commit()
    return made


@on_every_screen
def test_a_teacher_shapes_the_times_and_plans_a_family(open_page, school, talks, rows):
    page = open_page(school.yara, "/staff/meetings")
    page.get_by_role("link", name="Tijd blokkeren").click()
    choose(page, "15.00–15.10")
    choose(page, "15.10–15.20")
    choose(page, "Pauze")
    page.get_by_role("button", name="Bewaar de tijden").click()
    expect(page.locator("#flash")).to_contain_text("2 tijden zijn pauze.")
    page.get_by_role("button", name=re.compile("Geef vrij.*15.10–15.20")).click()
    expect(page.get_by_role("link", name=re.compile("Plan in.*15.10–15.20"))).to_be_visible()
    page.get_by_role("link", name=re.compile("Plan in.*15.20–15.30")).click()
    choose(page, "Noor Smit")
    choose(page, "Boek vast")
    page.get_by_role("button", name="Plan het gesprek").click()
    expect(page.locator("#flash")).to_contain_text("Geboekt voor dinsdag 1 december om 15.20 uur.")
    expect(page.locator(".agenda")).to_contain_text("Noor Smit")
    page.get_by_role("link", name=re.compile("Wijzig.*Noor Smit")).click()
    choose(page, "Graag gesprek")
    page.get_by_role("button", name="Bewaar deze keuze").click()
    page.get_by_label("Vóór het gesprek").fill("Rekenen")
    page.get_by_role("button", name="Bewaar mijn aantekeningen").click()
    expect(page.locator("#flash")).to_contain_text("Alleen u leest ze.")
    page.get_by_role("link", name="Verzet het gesprek").click()
    choose(page, "15.50")
    page.get_by_role("button", name="Verzet het gesprek").click()
    expect(page.get_by_role("heading", name="Dinsdag 1 december, 15.50 uur")).to_be_visible()
    (booking,) = rows(Booking)
    assert (booking.fixed, booking.source) == (True, "teacher")


@on_every_screen
def test_the_evening_on_two_browsers_with_the_parent_and_the_hall(open_page, school, round_now, javascript):
    noor = round_now.invitee(school.noor)
    round_now.book(school.anna, noor, round_now.host_6, "2026-11-24 15.20")
    round_now.book(school.carl, round_now.invitee(school.sem), round_now.host_6, "2026-11-24 15.30")
    office = open_page(school.otto, f"/school/meetings/{round_now.round}/hall")
    office.get_by_role("button", name="Maak een adres").click()
    address = office.locator("#hall-address").inner_text()
    teacher = open_page(school.yara, f"/staff/meetings/tables/{round_now.host_6}/evening")
    parent = open_page(school.carl, f"/meetings/{round_now.round}/now")
    hall = open_page(None, address)
    expect(teacher.get_by_role("heading", name="Noor Smit")).to_be_visible()
    expect(parent.locator("#now")).to_contain_text("Op tijd")
    expect(hall.locator("#hall")).to_contain_text("15.20 N. S.")
    teacher.get_by_role("button", name="10 min").click()
    expect(teacher.get_by_role("heading", name="Loopt 10 minuten uit")).to_be_visible()
    wait_out_a_second_tap(teacher)
    teacher.get_by_role("button", name=re.compile("^Klaar")).click()
    expect(teacher.get_by_role("heading", name="Sem Peters")).to_be_visible()
    if not javascript:
        parent.reload()
        hall.reload()
    follow(parent, "#now", "Loopt 10 minuten uit")
    follow(parent, "#now", "Het begint om ongeveer 15.40 uur.")
    follow(hall, "#hall", "Loopt 10 minuten uit")
    expect(hall.locator("#hall")).not_to_contain_text("N. S.")
    wait_out_a_second_tap(teacher)
    teacher.get_by_role("button", name=re.compile("Maak ongedaan")).first.click()
    expect(teacher.get_by_role("heading", name="Noor Smit")).to_be_visible()


def follow(page: Page, part: str, words: str) -> None:
    """Expect words on a page that refreshes itself, without its next turn: somebody looks at it again."""
    page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(part)).to_contain_text(words)


@pytest.mark.parametrize(("width", "letters"), NARROW)
def test_a_teacher_reads_everything_on_a_small_screen_and_with_large_letters(
    open_page, school, round_now, width, letters
):
    noor = round_now.invitee(school.noor)
    round_now.change(User, school.anna.id, phone="+31 6 1234 5678", prefix="van der", surname="Broekhuizen")
    round_now.book(school.anna, noor, round_now.host_6, "2026-11-24 15.20")
    for state, moment in (("blocked", "15.00"), ("break", "15.10")):
        slot = round_now.slot(round_now.host_6, f"2026-11-24 {moment}")
        round_now.change(Slot, slot, state=state)
    table, talk = f"/staff/meetings/tables/{round_now.host_6}", f"/staff/meetings/talks/{noor}"
    of_teacher = ("/staff/today", f"/pupils/{school.noor.id}", "/staff/meetings", table, f"{table}/evening")
    of_teacher += (f"{table}/print", talk, f"{talk}/booking")
    of_office = (f"/school/meetings/{round_now.round}", "/school/meetings", "/staff/today", "/school/pupils")
    for person, paths in ((school.yara, of_teacher), (school.otto, of_office)):
        page = open_page(person, "")
        for path in paths:
            page.goto(path)
            enlarge(page, letters)
            assert (scrolls_sideways(page), crowded(page)) == (False, []), path


def test_every_page_of_the_evening_is_accessible_and_fits(client_for, faults_of, school, round_now):
    noor = round_now.invitee(school.noor)
    booking = round_now.book(school.anna, noor, round_now.host_6, "2026-11-24 15.20")
    round_now.change(Booking, booking, subjects="Hoe gaat het?")
    round_now.change(Slot, round_now.slot(round_now.host_6, "2026-11-24 15.00"), state="blocked")
    free = round_now.slot(round_now.host_6, "2026-11-24 15.40")
    report = round_now.report(school.yara, noor)
    table = f"/staff/meetings/tables/{round_now.host_6}"
    pages = [
        (school.yara, "/staff/meetings?all=1"),
        (school.yara, "/staff/meetings/feed"),
        (school.yara, table),
        *[(school.yara, f"{table}/{part}") for part in ("times", "extra", "sheets", "print", "evening")],
        (school.yara, f"/staff/meetings/slots/{free}/booking"),
        *[(school.yara, f"/staff/meetings/talks/{noor}{part}") for part in ("", "/booking", "/report")],
        *[
            (school.otto, f"/staff/meetings/rounds/{round_now.round}/{part}")
            for part in ("doors", "families")
        ],
        (school.otto, f"/school/meetings/{round_now.round}/hall"),
        (school.anna, f"/meetings/{round_now.round}/now"),
        (school.anna, f"/meetings/reports/{report}"),
    ]
    clients = {person: client_for(person) for person in (school.yara, school.otto, school.anna)}
    seen = [(path, clients[person].get(path)) for person, path in pages]
    assert [path for path, answer in seen if answer.status_code != 200] == []
    wrong = faults_of(Answer(path, path, answer.status_code, answer.text) for path, answer in seen)
    assert not wrong, "\n".join(wrong)
