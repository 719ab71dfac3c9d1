"""A real Chromium, as a phone and as a desktop, with JavaScript and without."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.clients import Person, session_cookie
from tests.live_server import LiveServer
from tools.find_chromium import find_chromium

PHONE = 390
DESKTOP = 1280
HEIGHTS = {PHONE: 844, DESKTOP: 900}
LEFT_OUT = (
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
    # What Chromium's own window loads: half of the time that it takes to open one.
    "InitialWebUI",
    "SpareRendererForSitePerProcess",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    "WebUIReloadButton",
    "WebUIToolbar",
    # A frame of its own for every page of a site, where one served them all before: a quarter of each page.
    "RenderDocument",
)
"""Features that the tests do without. The first are what Playwright leaves out: only the last list counts."""
FLAGS = [
    f"--disable-features={','.join(LEFT_OUT)}",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    # A page is looked at for a moment: what makes a script fast that runs for long is not earned back, and
    # with room enough for what a page makes, nothing is cleared away before the page goes itself.
    "--js-flags=--no-opt --no-maglev --min-semi-space-size=32 --max-semi-space-size=64",
]
SECONDS_TO_WAIT = 10
EMPTY = "/healthz"
"""A page of the same site with nothing on it: Chromium goes on in the process that showed the last one."""
LASTING = {
    "add_init_script",
    "clock",
    "context",
    "emulate_media",
    "expose_binding",
    "expose_function",
    "on",
    "once",
    "route",
    "route_from_har",
    "route_web_socket",
    "set_default_navigation_timeout",
    "set_default_timeout",
    "set_extra_http_headers",
    "set_viewport_size",
}
"""What of a page stays when it shows another one: who asks for any of these has it alone."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of this worker."""
    path = find_chromium()
    if path is None:
        pytest.fail("No Chromium on this machine: install it, or name one with CHROMIUM=/path/to/chromium")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=flags)
        yield launched
        launched.close()


@pytest.fixture
def width() -> int:
    """How wide the screen is; `@pytest.mark.parametrize("width", [390, 1280])` for both."""
    return PHONE


@pytest.fixture
def javascript() -> bool:
    """Whether scripts run; `@pytest.mark.parametrize("javascript", [True, False])` for both."""
    return True


class Site(Protocol):
    """Where pages come from; `app` is on its database, to sign somebody in."""

    url: str
    app: Flask


class WatchedPage(Page):
    """A page that knows whether a test changed more about it than where it is."""

    changed = False

    def __getattribute__(self, name: str) -> object:
        if name in LASTING:
            self.changed = True
        return super().__getattribute__(name)


class Tab:
    """A browser of somebody's own that opens one page, and notes what goes wrong on it."""

    def __init__(self, browser: Browser, settings: dict[str, object]) -> None:
        self.settings = settings
        self.problems: list[str] = []
        self.context: BrowserContext = browser.new_context(**settings)
        self.context.set_default_timeout(SECONDS_TO_WAIT * 1000)
        self.context.on("console", self.note_console)
        self.context.on("weberror", lambda error: self.problems.append(str(error.error)))
        self.context.on("request", self.note_request)
        self.page = self.context.new_page()
        self.page.__class__ = WatchedPage

    def note_console(self, message: ConsoleMessage) -> None:
        # The answer 422 of a form is no error of ours, but Chromium calls every 4xx one.
        if (
            message.type in ("error", "warning")
            and "the server responded with a status of 4" not in message.text
        ):
            self.problems.append(message.text)

    def note_request(self, request: Request) -> None:
        if urlsplit(request.url).scheme in ("http", "https") and not request.url.startswith(
            self.settings["base_url"]
        ):
            self.problems.append(f"request to {request.url}")

    def is_as_new(self) -> bool:
        """Empty the tab; tell whether nothing in it is left of who had it."""
        if self.problems or self.page.changed or self.page.is_closed() or len(self.context.pages) != 1:
            return False
        self.context.clear_cookies()
        self.page.goto(EMPTY)
        self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self.page.mouse.move(0, 0)
        return not self.problems


class Tabs:
    """The tabs of this worker that nobody has now; a used one shows a page in a third of the time."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.free: list[Tab] = []

    def take(self, settings: dict[str, object]) -> Tab:
        """Return an empty tab with these settings and with nothing of anybody in it."""
        for tab in self.free:
            if tab.settings == settings:
                self.free.remove(tab)
                return tab
        return Tab(self.browser, settings)

    def give_back(self, tab: Tab) -> None:
        if tab.is_as_new():
            self.free.append(tab)
        else:
            tab.context.close()


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Tabs:
    return Tabs(browser)


@pytest.fixture
def open_page(
    tabs: Tabs, live_server: LiveServer, width: int, javascript: bool
) -> Iterator[Callable[..., Page]]:
    """Opens the portal for a person of the cast, each in their own browser: `open_page(school.anna, "/")`.

    Fails the test on an error of a script, on anything the content policy stops and on a request elsewhere.
    """
    with opening(tabs, live_server, width, javascript) as open_one:
        yield open_one


@contextmanager
def opening(
    tabs: Tabs, site: Site, width: int = PHONE, javascript: bool = True
) -> Iterator[Callable[..., Page]]:
    """Yield what opens pages of a site as `open_page` does, and look at the end what went wrong on them."""
    taken: list[Tab] = []
    problems: list[str] = []

    def open_one(person: Person | None = None, path: str = "/", **settings: object) -> Page:
        phone = width < 600
        defaults = {
            "base_url": site.url,
            "viewport": {"width": width, "height": HEIGHTS.get(width, 900)},
            "java_script_enabled": javascript,
            "has_touch": phone,
            "locale": "nl-NL",
            "timezone_id": "Europe/Amsterdam",
            "reduced_motion": "reduce",
        }
        tab = tabs.take(defaults | settings)
        taken.append(tab)
        if person is not None:
            tab.context.add_cookies([session_cookie(site.app, person) | {"url": site.url}])
        if path:
            tab.page.goto(path)
        return tab.page

    yield open_one
    for tab in taken:
        tabs.give_back(tab)
        problems += tab.problems
    assert problems == []


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """An empty page of somebody who is not signed in."""
    return open_page(path="")
