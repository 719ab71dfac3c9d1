"""After logging out nothing of anybody is left in the browser: back, caches, storages, disk (SAFETY 35)."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browsers import FLAGS
from tests.clients import session_cookie
from tests.privacy import columns
from tests.privacy.conftest import filled  # noqa: F401
from tests.privacy.rows import School
from tests.privacy.test_marks import Somebody
from tools.find_chromium import find_chromium

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]

MOST_PAGES = 12
HISTORY = ("Favicons", "History", "Sessions", "Shortcuts", "Top Sites", "Visited Links")
"""Where Chromium keeps titles and addresses of pages: its owner's history, out of a website's reach."""
KEPT = """async () => JSON.stringify({
    caches: await Promise.all((await caches.keys()).map(async name => {
        const cache = await caches.open(name);
        return Promise.all((await cache.keys()).map(async r => [r.url, await (await cache.match(r)).text()]));
    })),
    databases: (await indexedDB.databases()).map(database => database.name),
    local: {...localStorage},
    session: {...sessionStorage},
    state: history.state,
    workers: (await navigator.serviceWorker?.getRegistrations() ?? []).length,
})"""


@pytest.mark.parametrize("who", ["Anna", "Otto"])
def test_nothing_of_anybody_is_left_after_logging_out(browser, live_server, filled, tmp_path, who):  # noqa: F811
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    context = browser.browser_type.launch_persistent_context(
        tmp_path / "profile",
        executable_path=find_chromium(),
        args=flags,
        base_url=live_server.url,
        locale="nl-NL",
        viewport={"width": 390, "height": 844},
        has_touch=True,
    )
    try:
        cookie = session_cookie(live_server.app, Somebody(filled.people[who]))
        context.add_cookies([cookie | {"url": live_server.url}])
        page = context.new_page()
        seen = look_around(page, filled)
        assert len(seen) > 5, "the pages hold no marks to look for"
        page.goto("/logout")
        page.locator("main form button").first.click()
        page.wait_for_url("**/login**")
        for _ in range(MOST_PAGES):
            page.go_back()
            page.wait_for_load_state()
            assert marks_of(filled, page.content()) == set(), f"{page.url} comes back"
        page.goto("/login")
        assert marks_of(filled, page.evaluate(KEPT)) == set()
    finally:
        context.close()
    left = {
        f"{path.relative_to(tmp_path)}: {filled.marks[mark][0]}.{filled.marks[mark][2]}"
        for path in (tmp_path / "profile").rglob("*")
        if path.is_file() and not any(part.startswith(HISTORY) for part in path.parts)
        for mark in marks_on_disk(filled, path)
    }
    assert left == set()


def look_around(page: Page, school: School) -> set[str]:
    """Open some pages by following links, as somebody does, and return the marks that were there."""
    page.goto("/")
    waiting = [page.url]
    seen: set[str] = set()
    opened: set[str] = set()
    while waiting and len(opened) < MOST_PAGES:
        address = waiting.pop(0)
        page.goto(address)
        opened.add(address)
        seen |= marks_of(school, page.content())
        links = page.eval_on_selector_all("main a, nav a", "links => links.map(link => link.href)")
        ours = [link for link in links if link.startswith(address.split("/", 3)[0]) and "logout" not in link]
        waiting += [link for link in ours if "#" not in link and link not in opened and link not in waiting]
    return seen


def marks_of(school: School, text: str) -> set[str]:
    """Return the marks in a text, but those of the school itself, which stand on the login page too."""
    found = columns.found_marks(text) & school.marks.keys()
    return {mark for mark in found if school.marks[mark][0] != "school"}


def marks_on_disk(school: School, path: Path) -> set[str]:
    """Return the marks in a file, in one byte a letter and in two."""
    data = path.read_bytes()
    return marks_of(school, f"{data.decode('latin-1')}\n{data.decode('utf-16-le', 'ignore')}")
