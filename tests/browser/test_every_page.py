"""Everybody can use every page: nothing for axe to find, nothing wider than a small phone, light and dark."""

import re
from collections import Counter

import pytest
from playwright.sync_api import Page, Route

from portal.handlers import POLICY
from tests.browser.looking import scrolls_sideways, violations
from tests.crawler import Answer

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]

# The narrowest screen that pages are made for (WCAG 1.4.10), and one as wide as a desk.
PHONE = {"width": 320, "height": 700}
DESK = {"width": 1280, "height": 900}
# Who sees other pages than the others.
PERSONS = ("nobody", "anna", "gert", "tess", "bea")
MOST_ALIKE = 2


def some_of_each(answers: list[Answer]) -> list[Answer]:
    """Return the answers without most of those that differ only in the number of a pupil or a report."""
    alike: Counter[tuple[str, int]] = Counter()
    some = []
    for answer in answers:
        kind = (re.sub(r"\d+", "0", answer.name), answer.status)
        alike[kind] += 1
        if alike[kind] <= MOST_ALIKE:
            some.append(answer)
    return some


def show(page: Page, answer: Answer) -> None:
    """Show the page as it came back, at its own address, with the styles and scripts of the server."""

    def fulfil(route: Route) -> None:
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
        route.fulfill(status=200, headers=headers, body=answer.html)

    page.route(lambda url: not url.split("?")[0].split("/", 3)[-1].startswith("static/"), fulfil)
    page.goto(answer.address)


@pytest.mark.parametrize("who", PERSONS)
def test_every_page_is_accessible_and_fits(crawl, open_page, who):
    page = open_page(path="")
    wrong = []
    for answer in some_of_each(crawl(who)):
        name = f"{answer.name} ({answer.status})"
        show(page, answer)
        for screen in (PHONE, DESK):
            page.set_viewport_size(screen)
            wrong += [f"{name}, {screen['width']} px: {line}" for line in violations(page)]
            if scrolls_sideways(page):
                wrong.append(f"{name}, {screen['width']} px: wider than the screen")
        page.emulate_media(color_scheme="dark")
        wrong += [f"{name}, dark: {line}" for line in violations(page, "color-contrast")]
        page.emulate_media(color_scheme="light")
        page.unroute_all()
    assert not wrong, "\n".join(wrong)
