"""Where a login leads: whatever `next` is, a browser stays at the portal."""

import re
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal import create_app
from portal.blueprints.accounts.returning import own_path

HERE = "https://ouders.school.example/login"
PIECES = ["/", "\\", ":", "@", ".", "?", "#", "\t", "\n", "\r", " ", "%2f", "%5c", "\u2028", "\x00", "\u3002"]
WORDS = [
    "evil.example",
    "https",
    "http:",
    "javascript:",
    "data:",
    "absence",
    "login",
    "//",
    "\u2044",
    "\uff0f",
]


@pytest.fixture(scope="module")
def app():
    return create_app({"DATABASE_URL": "sqlite://", "SECRET_KEY": "only-for-tests"})


def as_a_browser_reads(address: str) -> str:
    """Return the address as browsers do (WHATWG): no tabs and line ends, and a backslash is a slash."""
    return re.sub(r"[\t\r\n]", "", address.strip("\x00\x1f ")).replace("\\", "/")


@settings(max_examples=500, deadline=None)
@given(target=st.lists(st.sampled_from(PIECES + WORDS), max_size=8).map("".join))
@example(target="/\\/evil.example")
@example(target="/%09/evil.example")
@example(target="///evil.example")
def test_it_never_leads_to_another_host(app, target):
    with app.test_request_context("/login"):
        path = own_path(target)
    assert urlsplit(urljoin(HERE, as_a_browser_reads(path))).netloc == "ouders.school.example"
    assert urlsplit(urljoin(HERE, as_a_browser_reads(path))).scheme == "https"


@pytest.mark.parametrize("target", ["/", "/absence/report?pupil=3&day=2026-11-24", "/pupils/5#absence"])
def test_a_page_of_ours_is_kept(app, target):
    with app.test_request_context("/login"):
        assert own_path(target) == target
