"""Shows a browser pages that came back before, with no server of a school behind them, and looks at each."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask
from playwright.sync_api import Page
from werkzeug import Response
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.handlers import POLICY
from tests.browser.looking import bring_axe, faults
from tests.browsers import Tabs, opening
from tests.crawler import Answer

HEADERS = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}


class OneConnection(WSGIRequestHandler):
    """Answers a browser over the connection that it has, and keeps no log."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:
        pass


class Showing:
    """A server of one page at a time, at whatever address, with the portal's own styles and scripts.

    The browser keeps those, as it does at home; pages that a test's `route` answers make it fetch all again.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.html = ""
        self.url = ""

    def __call__(self, environ: dict, start_response) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/static/"):
            return self.app.wsgi_app(environ, start_response)
        return Response(self.html, mimetype="text/html", headers=HEADERS)(environ, start_response)

    def show(self, page: Page, answer: Answer) -> None:
        """Show the page as it came back, at its own address."""
        self.html = answer.html
        page.goto(answer.address)


@contextmanager
def showing(app: Flask) -> Iterator[Showing]:
    """Serve what is to be shown until the test is over."""
    made = Showing(app)
    server = make_server("127.0.0.1", 0, made, threaded=True, request_handler=OneConnection)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def faults_of(tabs: Tabs, app: Flask) -> Iterator[Callable[[Iterable[Answer]], list[str]]]:
    """Returns what is wrong with pages that came back: wider than a phone or a desk, or not for everybody."""
    with showing(app) as site, opening(tabs, site) as open_page:
        page = open_page(path="")
        bring_axe(page)

        def look_at_each(answers: Iterable[Answer]) -> list[str]:
            wrong = []
            for number, answer in enumerate(answers):
                site.show(page, answer)
                wrong += faults(page, f"{answer.name} ({answer.status})", number)
            return wrong

        yield look_at_each
