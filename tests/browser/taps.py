"""How a person taps on a page."""

from playwright.sync_api import Page

HANDS_OFF = 400
"""For so many milliseconds after a part was replaced, portal.js lets no tap send what came in its place."""


def wait_out_a_second_tap(page: Page) -> None:
    """Wait as long as a page with script takes no tap after it has changed; a person is slower."""
    if page.locator("html.js").count():
        page.wait_for_timeout(HANDS_OFF + 20)
