"""Everybody can use every page: nothing for axe to find, nothing wider than a small phone, light and dark."""

from collections.abc import Iterator

import pytest

from tests.browser.looking import bring_axe, faults
from tests.browser.shapes import unlike
from tests.browser.showing import Showing, showing
from tests.crawler import Answer

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]

PARTS = 4


@pytest.fixture
def unlike_pages(answers, databases) -> list[Answer]:
    """A page of each kind, and each page on which something stands that no other has, of all that is reached.

    What the links of each page lead to and whether its HTML is valid, tests/test_html.py asks of all of them.
    """
    return databases.once("unlike-pages", lambda: unlike(answers))


@pytest.fixture
def live_server(app) -> Iterator[Showing]:
    """What these pages are shown by, in the place of the server that `open_page` opens them at."""
    with showing(app) as server:
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_accessible_and_fits(unlike_pages, open_page, live_server, part):
    page = open_page(path="")
    bring_axe(page)
    wrong = []
    for number, answer in enumerate(unlike_pages[part::PARTS]):
        name = f"{answer.name} ({answer.status})"
        live_server.show(page, answer)
        wrong += faults(page, name, number)
    assert not wrong, "\n".join(wrong)
