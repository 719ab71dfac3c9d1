"""Everybody can use every page: nothing for axe to find, nothing wider than a small phone, light and dark."""

import pytest

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


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_accessible_and_fits(unlike_pages, faults_of, part):
    wrong = faults_of(unlike_pages[part::PARTS])
    assert not wrong, "\n".join(wrong)
