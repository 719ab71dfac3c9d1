"""How a page looks and whether everybody can use it: screenshots and axe."""

import os
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

TESTS = Path(__file__).parent.parent
OUTPUT = TESTS / "output"
AXE = TESTS / "vendor" / "axe.min.js"

# The narrowest screen that pages are made for (WCAG 1.4.10), and one as wide as a desk.
PHONE = {"width": 320, "height": 700}
DESK = {"width": 1280, "height": 900}
WHOLE = "PROVE_ALL" in os.environ
RUN_AXE = "async options => window.axe ? (await axe.run(document, options)).violations : null"
"""What else axe tells, about rules that nothing breaks, takes as long to hand over as to find."""

SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll(".card")]
  .some(box => box.clientWidth && box.scrollWidth > box.clientWidth)"""

NARROW = [(320, 100), (390, 200)]
"""Screens in px with the size of letters in per cent: what every page is readable on."""
CROWDED = """() => {
  const wrong = [], seen = [], words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (words.nextNode()) {
    const text = words.currentNode, of = text.parentElement
    const shown = of.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})
    if (!shown || !text.textContent.trim() || of.closest(".vh, .skip, .nav, thead, option")) continue
    const range = document.createRange()
    range.selectNodeContents(text)
    for (const box of range.getClientRects()) {
      const scrolls = of.closest(".scroll, .seg, .days, .tabs")
      if (box.right > document.documentElement.clientWidth + 1 && !scrolls) wrong.push(text.textContent)
      for (const [other, words] of seen)
        if (Math.min(box.right, other.right) - Math.max(box.left, other.left) > 3
          && Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > box.height / 2)
          wrong.push(`${words} under ${text.textContent}`)
      seen.push([box, text.textContent])
    }
  }
  return [...new Set(wrong)]
}"""


@cache
def axe_source() -> str:
    return AXE.read_text()


def faults(page: Page, name: str, number: int) -> list[str]:
    """Return what is wrong with the page at hand: wider than a phone or a desk, or not for everybody.

    It is the same document on both, light or dark. So axe looks at it once, at one page on a phone and at the
    next on a desk, at two in the light and at two in the dark; with PROVE_ALL=1 at everything.
    """
    wrong = []
    screens = (DESK, PHONE) if number % 2 else (PHONE, DESK)
    page.emulate_media(color_scheme="dark" if number % 4 > 1 and not WHOLE else "light")
    for screen in screens:
        if page.viewport_size != screen:
            page.set_viewport_size(screen)
        if scrolls_sideways(page):
            wrong.append(f"{name}: wider than {screen['width']} px")
        if WHOLE or screen is screens[-1]:
            wrong += [f"{name}, {screen['width']} px: {line}" for line in violations(page)]
    if WHOLE:
        page.emulate_media(color_scheme="dark")
        wrong += [f"{name}, dark: {line}" for line in violations(page, "color-contrast")]
    return wrong


def bring_axe(page: Page) -> None:
    """Let every page that this tab opens from now on come with axe: for many that are all looked at.

    It is handed to the browser once; to bring it to each page by itself takes as long as its looking.
    """
    page.add_init_script(axe_source())


def violations(page: Page, *rules: str) -> list[str]:
    """Return what axe finds wrong on the page, a line for each element, by some or all of its rules."""
    # Into the frame that shows a mail no script comes, axe neither: it is the only one.
    options: dict[str, object] = {"resultTypes": ["violations"], "iframes": False}
    if rules:
        options["runOnly"] = list(rules)
    page.wait_for_load_state()
    result = page.evaluate(RUN_AXE, options)
    if result is None:
        page.evaluate(axe_source())
        result = page.evaluate(RUN_AXE, options)
    return [
        " ".join(f"{violation['id']}: {node['target']} {node['failureSummary']}".split())
        for violation in result
        for node in violation["nodes"]
    ]


def scrolls_sideways(page: Page) -> bool:
    """Tell whether the page is wider than the screen, or what is in a card is wider than that."""
    page.wait_for_load_state()
    return page.evaluate(SIDEWAYS)


def enlarge(page: Page, per_cent: int) -> None:
    """Let the page at hand have larger letters on the same screen, as WCAG 1.4.4 asks."""
    page.evaluate("size => { document.documentElement.style.fontSize = size }", f"{per_cent}%")


def crowded(page: Page) -> list[str]:
    """Return the words that lie under others or are cut off by the screen; the menu counts by itself."""
    page.wait_for_load_state()
    menu = page.evaluate(CROWDED.replace(".nav, ", "main, "))
    return menu + page.evaluate(CROWDED)


def screenshot(page: Page, name: str) -> None:
    """Keep a picture of the whole page in tests/output/, which is not in git; for who asks: `PICTURES=1`."""
    if "PICTURES" in os.environ:
        OUTPUT.mkdir(exist_ok=True)
        page.screenshot(path=OUTPUT / f"{name}.png", full_page=True)
