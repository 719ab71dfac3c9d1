"""Everybody can use every page: nothing for axe to find, nothing wider than a small phone, light and dark."""

import pytest
from playwright.sync_api import Page, Route

from portal.handlers import POLICY
from tests.browser.looking import faults
from tests.browser.shapes import unlike
from tests.crawler import Answer

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]

PARTS = 4


@pytest.fixture
def unlike_pages(answers, databases) -> list[Answer]:
    """A page of each kind, and each page on which something stands that no other has, of all that is reached.

    What the links of each page lead to and whether its HTML is valid, tests/test_html.py asks of all of them.
    """
    return databases.once("unlike-pages", lambda: unlike(answers))


def show(page: Page, answer: Answer) -> None:
    """Show the page as it came back, at its own address, with the styles and scripts of the server."""

    def fulfil(route: Route) -> None:
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
        route.fulfill(status=200, headers=headers, body=answer.html)

    # What the page before still fetches is not to meet this one.
    page.goto("about:blank")
    page.route(lambda url: not url.split("?")[0].split("/", 3)[-1].startswith("static/"), fulfil)
    page.goto(answer.address)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_accessible_and_fits(unlike_pages, open_page, part):
    page = open_page(path="")
    wrong = []
    for number, answer in enumerate(unlike_pages[part::PARTS]):
        name = f"{answer.name} ({answer.status})"
        show(page, answer)
        wrong += faults(page, name, number)
        page.unroute_all()
    assert not wrong, "\n".join(wrong)
