"""Everybody can use every page: nothing for axe to find, nothing wider than a small phone, light and dark."""

import re

import pytest
from playwright.sync_api import Page, Route

from portal.handlers import POLICY
from tests.browser.looking import scrolls_sideways, violations
from tests.crawler import Answer

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]

# The narrowest screen that pages are made for (WCAG 1.4.10), and one as wide as a desk.
PHONE = {"width": 320, "height": 700}
DESK = {"width": 1280, "height": 900}
PERSONS = ("nobody", "anna", "gert", "tess", "otto", "bea")


def one_of_each(answers: list[Answer]) -> list[Answer]:
    """Leave out what differs only in the number of a pupil, a group or a report."""
    answers = [answer for answer in answers if answer.name.split()[0] in PERSONS]
    kinds = {(re.sub(r"\d+", "0", answer.name), answer.status): answer for answer in answers}
    return list(kinds.values())


def show(page: Page, answer: Answer) -> None:
    """Show the page as it came back, at its own address, with the styles and scripts of the server."""

    def fulfil(route: Route) -> None:
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
        route.fulfill(status=200, headers=headers, body=answer.html)

    page.route(lambda url: not url.split("?")[0].split("/", 3)[-1].startswith("static/"), fulfil)
    page.goto(answer.address)


@pytest.mark.parametrize(
    ("scheme", "screens"), [("light", (PHONE, DESK)), ("dark", (DESK,))], ids=["light", "dark"]
)
def test_every_page_is_accessible_and_fits(answers, open_page, scheme, screens):
    page = open_page(path="", color_scheme=scheme)
    wrong = []
    for answer in one_of_each(answers):
        show(page, answer)
        for screen in screens:
            page.set_viewport_size(screen)
            name = f"{answer.name} ({answer.status}, {scheme}, {screen['width']} px)"
            wrong += [f"{name}: {line}" for line in violations(page)]
            if scrolls_sideways(page):
                wrong.append(f"{name}: wider than the screen")
        page.unroute_all()
    assert not wrong, "\n".join(wrong)
