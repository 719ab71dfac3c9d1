"""How a page looks and whether everybody can use it: screenshots and axe."""

import os
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

TESTS = Path(__file__).parent.parent
OUTPUT = TESTS / "output"
AXE = TESTS / "vendor" / "axe.min.js"


@cache
def axe_source() -> str:
    return AXE.read_text()


def violations(page: Page, *rules: str) -> list[str]:
    """Return what axe finds wrong on the page, a line for each element, by some or all of its rules."""
    page.wait_for_load_state()
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe_source())
    # Into the frame that shows a mail no script comes, axe neither: it is the only one.
    options: dict[str, object] = {"resultTypes": ["violations"], "iframes": False}
    if rules:
        options["runOnly"] = list(rules)
    result = page.evaluate("options => axe.run(document, options)", options)
    return [
        " ".join(f"{violation['id']}: {node['target']} {node['failureSummary']}".split())
        for violation in result["violations"]
        for node in violation["nodes"]
    ]


def scrolls_sideways(page: Page) -> bool:
    """Tell whether the page is wider than the screen."""
    page.wait_for_load_state()
    return page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth")


def screenshot(page: Page, name: str) -> None:
    """Keep a picture of the whole page in tests/output/, which is not in git; for who asks: `PICTURES=1`."""
    if "PICTURES" in os.environ:
        OUTPUT.mkdir(exist_ok=True)
        page.screenshot(path=OUTPUT / f"{name}.png", full_page=True)
