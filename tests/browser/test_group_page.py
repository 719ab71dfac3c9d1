"""The page of a group in a browser: the teacher writes the week in two taps, the parent reads it."""

import re

import pytest
from playwright.sync_api import expect

from portal.models.groups import GroupNews, WeekItem
from tests.browser.test_journeys import choose, on_every_screen
from tests.crawler import Answer

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]


@on_every_screen
def test_a_teacher_adds_gym_in_two_taps_and_a_parent_sees_it(open_page, school, rows):
    teacher = open_page(school.tess, f"/groups/{school.group_34}")
    teacher.get_by_role("link", name="Zet iets op woensdag 25 november").click()
    teacher.get_by_role("button", name="Bewaar voor elke week").click()
    expect(teacher.locator("#flash")).to_contain_text(
        "Ouders zien dit elke week vanaf woensdag 25 november: gym."
    )
    assert [(row.weekday, row.last_week) for row in rows(WeekItem)] == [(5, None), (3, None)]
    parent = open_page(school.daan, "/")
    expect(parent.locator("article")).to_contain_text("Morgen: gym")
    parent.get_by_role("link", name="Groep", exact=True).click()
    expect(parent.locator(".week li").nth(2)).to_contain_text("Gym")
    parent.get_by_role("link", name="Week erna").click()
    expect(parent.get_by_role("heading", name="Volgende week")).to_be_visible()
    expect(parent).to_have_url(re.compile("week=2026-11-30"))
    expect(parent.locator(".week > li").nth(2)).to_contain_text("Gym")


@on_every_screen
def test_once_it_is_something_else_and_then_it_is_back(open_page, school):
    page = open_page(school.tess, f"/groups/{school.group_34}")
    page.get_by_role("link", name=re.compile("^Gym")).click()
    choose(page, "Iets anders")
    page.fill("input[name=text]", "Schaatsen op de baan")
    page.get_by_role("button", name="Wijzig alleen deze week").click()
    expect(page.locator(".week")).to_contain_text("Schaatsen op de baan")
    page.get_by_role("link", name="Week erna").click()
    expect(page.get_by_role("heading", name="Volgende week")).to_be_visible()
    expect(page.locator(".week")).to_contain_text("Gym")
    expect(page.locator(".week")).not_to_contain_text("Schaatsen")
    page.get_by_role("link", name=re.compile("^Gym")).click()
    page.get_by_role("button", name="Haal weg vanaf deze week").click()
    expect(page.locator("#flash")).to_contain_text("Weggehaald vanaf de week van ma 30 nov: gym.")
    expect(page.locator(".week")).not_to_contain_text("Gym")


@on_every_screen
def test_news_is_placed_corrected_and_withdrawn(open_page, school, rows):
    page = open_page(school.tim, f"/groups/{school.group_34}")
    page.get_by_role("link", name="Schrijf een bericht").click()
    page.fill("input[name=title]", "Kastanjes")
    page.fill("textarea", "Wij hebben er genoeg.\n\nZie https://bos.example/kastanje")
    page.get_by_role("button", name="Plaats het bericht").click()
    newest = page.locator("#news details").first
    expect(newest).to_contain_text("Wij hebben er genoeg.")
    expect(newest.get_by_role("link", name="https://bos.example/kastanje")).to_be_visible()
    newest.get_by_role("link", name="Wijzig : Kastanjes").click()
    page.fill("textarea", "Wij hebben er heel veel.")
    page.get_by_role("button", name="Bewaar het bericht").click()
    parent = open_page(school.anna, "/")
    parent.get_by_role("link", name="Nieuws van groep 3/4: Kastanjes").click()
    expect(parent.locator("#news details").first).to_contain_text("gewijzigd")
    older = parent.get_by_text("Wij zoeken kastanjes.")
    expect(older).to_be_hidden()
    parent.locator("#news summary", has_text="Herfst").click()
    expect(older).to_be_visible()
    page.get_by_role("link", name="Wijzig : Kastanjes").click()
    page.get_by_role("button", name="Trek het bericht in").click()
    expect(page.locator("#news")).not_to_contain_text("Kastanjes")
    assert sorted(bool(row.withdrawn_at) for row in rows(GroupNews)) == [False, True]


def test_everybody_can_use_it(client_for, faults_of, school):
    teacher = client_for(school.tess)
    paths = [
        f"/groups/{school.group_34}{part}"
        for part in (
            "", "/news", "/news/new", f"/news/{school.news}/correction",
            "/week/items/new?day=2026-11-25", f"/week/items/{school.gym}",
        )
    ]  # fmt: skip
    seen = [(path, teacher.get(path)) for path in (*paths, "/profile/reach")]
    assert [path for path, answer in seen if answer.status_code != 200] == []
    wrong = faults_of(Answer(path, path, answer.status_code, answer.text) for path, answer in seen)
    assert not wrong, "\n".join(wrong)


def test_on_paper_it_is_only_what_one_reads(open_page, school):
    page = open_page(school.tess, f"/groups/{school.group_34}")
    page.emulate_media(media="print")
    expect(page.locator(".nav")).to_be_hidden()
    expect(page.get_by_role("link", name="Zet iets op woensdag 25 november")).to_be_hidden()
    expect(page.locator(".week")).to_contain_text("Gym")
