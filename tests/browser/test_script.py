"""What our own script adds to a page, on small pages of its own that come from no server."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from portal.handlers import POLICY

pytestmark = pytest.mark.browser

STATIC = Path(__file__).parents[2] / "portal" / "static"
BASE = (STATIC.parent / "templates" / "base.html").read_text(encoding="utf-8")
HTMX_CONFIG = re.search(r"<meta name=\"htmx-config\" content='(.*?)'>", BASE)
SITE = "https://portal.test"


class Server:
    """Answers with what a test put in `pages`; notes what was asked."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pages: dict[str, str] = {}
        self.status: dict[str, int] = {}
        self.asked: list[Request] = []
        self.held: list[Route] = []
        self.hold = False
        page.route(f"{SITE}/**", self.answer)

    def answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=STATIC / path.removeprefix("/static/"))
            return
        self.asked.append(route.request)
        if route.request.method == "POST" and self.hold:
            self.held.append(route)
            return
        self.fulfil(route, path)

    def fulfil(self, route: Route, path: str) -> None:
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY}
        status, body = self.status.get(path, 200), self.pages.get(path, "")
        # As the portal does: htmx gets an error as a fragment, everything else as the page.
        is_fragment = status >= 400 and status != 422 and "hx-request" in route.request.headers
        route.fulfill(status=status, headers=headers, body=body if is_fragment else frame(body))

    def release(self) -> None:
        """Answer what was held."""
        for route in self.held:
            self.fulfil(route, urlsplit(route.request.url).path)

    def show(self, body: str, path: str = "/") -> None:
        self.pages[path] = body
        self.page.goto(SITE + path)
        expect(self.page.locator("html.js")).to_be_attached()

    def posts(self) -> list[Request]:
        return [request for request in self.asked if request.method == "POST"]


def frame(body: str) -> str:
    assert HTMX_CONFIG
    return f"""<!doctype html><html lang="en"><head><title>A page</title>
    <meta name="htmx-config" content='{HTMX_CONFIG[1]}'>
    <link rel="icon" href="data:,"><link rel="stylesheet" href="/static/portal.css">
    <script src="/static/vendor/htmx.min.js" defer></script><script src="/static/portal.js" defer></script>
    </head><body data-busy="Busy"><main id="content"><div id="flash" role="status"></div>{body}</main>
    <p id="live" role="status"></p></body></html>"""


@contextmanager
def serving(page: Page) -> Iterator[Server]:
    """Answer what a page asks; no error of a script may be left at the end."""
    errors: list[str] = []
    note: Callable[[object], None] = lambda error: errors.append(str(error))  # noqa: E731
    page.on("pageerror", note)
    yield Server(page)
    page.goto("about:blank")
    page.unroute_all()
    page.remove_listener("pageerror", note)
    assert errors == []


@pytest.fixture(scope="module")
def one_page(browser: Browser) -> Iterator[Page]:
    """The page of all these tests, each of which begins with loading it anew."""
    context = browser.new_context(viewport={"width": 800, "height": 600}, ignore_https_errors=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def server(one_page: Page) -> Iterator[Server]:
    with serving(one_page) as server:
        yield server


def board(*names: str, version: int = 1, every: float = 0.2) -> str:
    rows = "".join(
        f'<div class="todo"><b>{name}</b><form method="post" action="/mark">'
        f'<button type="submit" class="btn" name="pupil" value="{name}">Present: {name}</button></form></div>'
        for name in names
    )
    return f"""<div id="board" data-refresh="/board" data-refresh-every="{every}" data-version="{version}"
    data-announce="{len(names)} not known yet"><section id="unknown"><h2>Not known yet</h2>{rows}</section>
    <details id="note"><summary>Read</summary>At home</details><label>Words <input id="words"></label></div>
    <p data-stale-for="board" hidden>No connection</p>"""


TAPS = """() => new Promise((resolve) => {
  const button = document.querySelector("button");
  button.click(); button.click(); button.click();
  setTimeout(() => resolve([button.textContent, document.querySelector("#live").textContent]), 600);
})"""


@pytest.mark.parametrize("htmx", ["", 'data-hx-post="/report"'])
def test_a_form_is_sent_once_however_often_it_is_tapped(server: Server, htmx: str) -> None:
    server.hold = True
    server.show(f'<form method="post" action="/report" {htmx}><button type="submit">Report</button></form>')
    assert server.page.evaluate(TAPS) == ["Busy", "Busy"]
    assert len(server.posts()) == 1


def test_what_belongs_to_a_board_elsewhere_on_the_page_is_refreshed_with_it(server: Server) -> None:
    def page(day: str, version: str) -> str:
        return f'''<h1>Today</h1><p id="day">{day}</p><div id="board" data-refresh="/board"
        data-refresh-every="0.2" data-refresh-with="#day" data-version="{version}">{version}</div>'''

    server.pages["/board"] = page("Monday", "no school")
    server.show(page("Sunday", "no school"))
    server.page.wait_for_timeout(600)
    expect(server.page.locator("#day")).to_have_text("Sunday")
    server.pages["/board"] = page("Monday", "two pupils")
    expect(server.page.locator("#board")).to_have_text("two pupils")
    expect(server.page.locator("#day")).to_have_text("Monday")


def test_the_button_can_be_used_again_after_going_back(server: Server) -> None:
    server.pages["/report"] = "<h1>Thank you</h1>"
    server.show('<form method="post" action="/report"><button type="submit">Report</button></form>')
    server.page.click("button")
    expect(server.page.locator("h1")).to_have_text("Thank you")
    server.page.go_back()
    server.page.click("button")
    expect(server.page.locator("h1")).to_have_text("Thank you")
    assert len(server.posts()) == 2


def test_an_unchanged_board_is_left_alone(server: Server) -> None:
    server.pages["/board"] = board("Daan", version=1)
    server.show(board("Daan", version=1))
    server.page.evaluate("() => { document.querySelector('#board').mine = true }")
    wait_for_refresh(server)
    assert server.page.evaluate("() => document.querySelector('#board').mine")


def test_a_new_board_keeps_what_one_was_doing(server: Server) -> None:
    server.pages["/board"] = board("Daan", "Zoë")
    server.show(board("Daan", "Zoë"))
    server.page.click("#note summary")
    server.page.fill("#words", "half a sentence")
    server.page.evaluate("() => document.querySelector('#words').setSelectionRange(2, 6)")
    server.pages["/board"] = board("Zoë", version=2)
    expect(server.page.get_by_text("Daan")).to_have_count(0)
    expect(server.page.locator("#note")).to_have_attribute("open", "")
    expect(server.page.locator("#words")).to_be_focused()
    assert server.page.input_value("#words") == "half a sentence"
    assert server.page.evaluate("() => document.querySelector('#words').selectionEnd") == 6
    expect(server.page.locator("#live")).to_have_text("1 not known yet")


def test_with_the_keyboard_one_goes_from_pupil_to_pupil(server: Server) -> None:
    server.pages["/board"] = board("Zoë", version=2)
    server.pages["/mark"] = board("Zoë", version=2)
    server.show(board("Daan", "Zoë", every=60))
    server.page.locator("button").first.focus()
    server.page.keyboard.press("Enter")
    expect(server.page.get_by_role("button", name="Present: Zoë")).to_be_focused()
    assert server.posts()[0].post_data == "pupil=Daan"
    server.pages["/mark"] = board(version=3)
    server.page.keyboard.press("Enter")
    expect(server.page.get_by_role("heading", name="Not known yet")).to_be_focused()


SECOND_TAP = """() => document.addEventListener("htmx:afterSettle", () => setTimeout(() => {
  const tap = new MouseEvent("click", { detail: 2, bubbles: true, cancelable: true });
  document.querySelector("button").dispatchEvent(tap);
  document.body.dataset.tapped = "yes";
}, 100))"""


def test_a_double_tap_does_not_mark_the_next_pupil(server: Server) -> None:
    server.pages["/mark"] = board("Zoë", version=2)
    server.show(board("Daan", "Zoë", every=60))
    server.page.evaluate(SECOND_TAP)
    server.page.get_by_role("button", name="Present: Daan").click()
    expect(server.page.locator("[data-tapped]")).to_be_attached()
    server.page.wait_for_timeout(200)
    assert len(server.posts()) == 1


SLIP = """<form id="slip" method="post"><label>Day <input id="day" value="Monday"></label>{more}
<button type="submit" data-hx-post="/slip" data-hx-target="#slip" data-hx-select="#slip"
data-hx-swap="outerHTML">Add</button></form>"""
LONGER_SLIP = SLIP.format(more='<input type="checkbox"><input id="question" autofocus>')


@pytest.fixture
def with_slip(server: Server) -> Page:
    """A form that comes back with more, and with the field in which one types next."""
    server.pages["/slip"] = LONGER_SLIP
    server.show(SLIP.format(more=""))
    return server.page


def test_a_field_that_is_asked_for_has_the_focus(with_slip: Page) -> None:
    with_slip.get_by_role("button", name="Add").click()
    expect(with_slip.locator("#question")).to_be_focused()


def test_who_is_elsewhere_at_once_is_not_fetched_back(with_slip: Page) -> None:
    with_slip.evaluate("""() => document.addEventListener("htmx:afterSwap", () => setTimeout(() => {
      document.querySelector("#day").focus();
      setTimeout(() => document.body.dataset.typed = "yes", 100);
    }))""")
    with_slip.get_by_role("button", name="Add").click()
    expect(with_slip.locator("[data-typed]")).to_be_attached()
    expect(with_slip.locator("#day")).to_be_focused()


def test_who_goes_on_typing_meanwhile_keeps_the_words_and_the_place(server: Server, with_slip: Page) -> None:
    server.hold = True
    with_slip.get_by_role("button", name="Add").click()
    with_slip.fill("#day", "Friday")
    with_slip.evaluate("() => document.querySelector('#day').setSelectionRange(2, 3)")
    server.release()
    expect(with_slip.locator("#question")).to_be_visible()
    with_slip.keyboard.type("!")
    assert with_slip.input_value("#day") == "Fr!day"
    assert with_slip.input_value("#question") == ""


def test_no_connection_is_said_and_taken_back(server: Server) -> None:
    server.status["/board"] = 503
    server.show(board("Daan"))
    words = server.page.locator("[data-stale-for]")
    expect(words).to_be_visible()
    expect(server.page.locator("#live")).to_have_text("No connection")
    expect(server.page.get_by_text("Daan", exact=True)).to_be_visible()
    server.status["/board"] = 200
    server.pages["/board"] = board("Daan")
    expect(words).to_be_hidden()


def test_a_page_that_nobody_looks_at_asks_nothing(one_page: Page) -> None:
    with serving(one_page.context.new_page()) as server:
        server.page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => true})")
        server.show(board("Daan"))
        server.page.wait_for_timeout(700)
    server.page.close()
    assert all(urlsplit(request.url).path != "/board" for request in server.asked)


@pytest.mark.parametrize("status", [403, 409, 413, 500, 503])
def test_an_error_is_shown_where_messages_are(server: Server, status: int) -> None:
    server.pages["/mark"] = '<div class="notice bad" id="error" role="alert" tabindex="-1">Not possible</div>'
    server.status["/mark"] = status
    server.show(board("Daan", every=60))
    server.page.click("button")
    expect(server.page.locator("#flash #error")).to_be_focused()
    expect(server.page.get_by_text("Daan", exact=True)).to_be_visible()


def test_an_invalid_form_comes_back_with_its_mistakes(server: Server) -> None:
    server.pages["/mark"] = '<div id="board"><div id="errors" role="alert" tabindex="-1">Choose</div></div>'
    server.status["/mark"] = 422
    server.show(board("Daan", every=60))
    server.page.click("button")
    expect(server.page.locator("#errors")).to_be_focused()


def test_the_mistakes_have_the_focus_when_the_page_comes_whole(server: Server) -> None:
    server.show('<div id="errors" role="alert" tabindex="-1">Choose</div>')
    expect(server.page.locator("#errors")).to_be_focused()


@pytest.mark.parametrize(
    ("names", "kind", "when", "words"),
    [
        (["1"], "sick", "today", "Report Noor ill for today"),
        (["1", "2"], "sick", "tomorrow", "Report Noor and Sem ill for today and tomorrow"),
        (["1", "2"], "late", "today", "Report that Noor and Sem come later"),
        (["2"], "late", "dates", "Report that Sem comes later"),
        (["1"], "sick", "dates", "Send the report"),
        ([], "sick", "today", "Send the report"),
    ],
)
def test_the_button_says_what_it_will_do(
    server: Server, names: list[str], kind: str, when: str, words: str
) -> None:
    server.show("""<form method="post">
    <input type="checkbox" name="pupil" value="1" data-words="Noor">
    <input type="checkbox" name="pupil" value="2" data-words="Sem">
    <input type="radio" name="kind" value="sick" data-words="Report {names} ill {when}">
    <input type="radio" name="kind" value="late" data-words="Report that {names} comes later"
      data-words-many="Report that {names} come later">
    <input type="radio" name="days" value="today" data-words="for today">
    <input type="radio" name="days" value="tomorrow" data-words="for today and tomorrow">
    <input type="radio" name="days" value="dates">
    <button type="submit" data-follows="pupil kind days">Send the report</button></form>""")
    for name, value in [*(("pupil", name) for name in names), ("kind", kind), ("days", when)]:
        server.page.check(f"[name={name}][value='{value}']")
    expect(server.page.locator("button")).to_have_text(words)


def test_a_password_can_be_looked_at(server: Server) -> None:
    server.show("""<form><div class="secret"><input type="password" id="secret" value="geheim">
    <button type="button" data-reveals="secret" data-hide="Hide">Show<span class="vh"> Password</span>
    </button></div></form>""")
    server.page.get_by_role("button", name="Show Password").click()
    expect(server.page.locator("#secret")).to_have_attribute("type", "text")
    server.page.get_by_role("button", name="Hide Password").click()
    expect(server.page.locator("#secret")).to_have_attribute("type", "password")


def test_a_link_can_be_copied(server: Server) -> None:
    server.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    server.show("""<input id="link" value="https://portal.test/x"><button type="button" data-copies="link"
    data-copied="Copied">Copy</button>""")
    server.page.click("button")
    expect(server.page.locator("button")).to_have_text("Copied")
    assert server.page.evaluate("() => navigator.clipboard.readText()") == "https://portal.test/x"


def test_htmx_is_told_to_take_no_script_and_to_stay_here() -> None:
    assert HTMX_CONFIG
    config = json.loads(HTMX_CONFIG[1])
    assert not config["allowEval"] and not config["allowScriptTags"] and not config["includeIndicatorStyles"]
    assert config["selfRequestsOnly"] and config["historyCacheSize"] == 0


def wait_for_refresh(server: Server, times: int = 2) -> None:
    seen: Callable[[], int] = lambda: sum(urlsplit(request.url).path == "/board" for request in server.asked)  # noqa: E731
    while seen() < times:
        server.page.wait_for_timeout(100)


@pytest.mark.parametrize("engine", ["sqlite"])
def test_back_to_a_form_that_was_refused_shows_the_form_and_no_error_of_the_browser(open_page, school):
    page = open_page(school.tim, f"/groups/{school.group_34}/news/new")
    page.fill("textarea", "Wij zoeken kastanjes.")
    page.get_by_role("button", name="Plaats het bericht").click()
    expect(page.locator("main")).to_contain_text("Geef het bericht een titel.")
    page.fill("input[name=title]", "Kastanjes")
    page.get_by_role("button", name="Plaats het bericht").click()
    expect(page.locator("#news")).to_contain_text("Kastanjes")
    page.go_back()
    expect(page.get_by_role("button", name="Plaats het bericht")).to_be_visible()
