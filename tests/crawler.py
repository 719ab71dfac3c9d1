"""Follows every link and sends every form of the portal, as somebody of the cast."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from flask.testing import FlaskClient

from tests.clients import client_of
from tests.databases import A_TUESDAY_MORNING

MOST_ALIKE = {"sqlite": 4, "postgres": 1}
"""Of the pages that differ by a number only, so many; where they lead is the same on both databases."""
TAGS_READ = re.compile(r"<(?:a|form|input)\s[^>]*>")
"""What is read of a page; the portal writes every > of a text as &gt;."""
PERSONS = ("anna", "carl", "gert", "tess", "yara", "otto", "hedy", "bea")


@dataclass
class Form:
    """A form of a page, with what is filled in already."""

    action: str
    method: str
    values: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What came back from an address."""

    name: str
    address: str
    status: int
    html: str


class PageReader(HTMLParser):
    """Collects the links and the forms of a page."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(urldefrag(urljoin(self.address, values["href"])).url)
        elif tag == "form":
            action = urldefrag(urljoin(self.address, values.get("action") or self.address)).url
            self.forms.append(Form(action, values.get("method", "get").upper()))
        elif tag == "input" and self.forms and values.get("type") == "hidden":
            self.forms[-1].values.append((values.get("name", ""), values.get("value", "")))


def read(address: str, html: str) -> PageReader:
    reader = PageReader(address)
    reader.feed("".join(TAGS_READ.findall(html)))
    reader.close()
    return reader


@cache
def is_ours(address: str) -> bool:
    parts = urlsplit(address)
    return not parts.scheme and not parts.netloc and parts.path.startswith("/")


@dataclass(frozen=True)
class Crawl:
    """What somebody reached: the pages, what came of forms sent empty, and which tables the pages changed."""

    pages: list[Answer]
    refusals: list[Answer]
    changed: list[str]


def pages(who: str, client: FlaskClient, start: str = "/", most_alike: int = 4) -> Iterator[Answer]:
    """Yield every page that can be reached by following links; of those that differ by a number only some."""
    waiting, seen = [start], {start}
    alike: Counter[str] = Counter()
    while waiting:
        address = waiting.pop(0)
        answer = client.get(address)
        if answer.status_code in (301, 302, 303):
            found = [answer.location]
        elif answer.mimetype == "text/html":
            yield Answer(f"{who} GET {address}", address, answer.status_code, answer.text)
            found = read(address, answer.text).links
        else:
            found = []
        for link in found:
            kind = re.sub(r"\d+", "0", link)
            if (
                is_ours(link)
                and link not in seen
                and not link.startswith("/static/")
                and alike[kind] < most_alike
            ):
                alike[kind] += 1
                seen.add(link)
                waiting.append(link)


def answers_to_forms(
    who: str, make_client: Callable[[], FlaskClient], found: list[Answer]
) -> Iterator[Answer]:
    """Send every form of these pages once, with nothing typed, and yield the pages that come back.

    Each is sent by a client of its own: one of the forms is the way out.
    """
    sent = set()
    for page in found:
        for form in read(page.address, page.html).forms:
            if form.method != "POST" or form.action in sent or not is_ours(form.action):
                continue
            sent.add(form.action)
            data: dict[str, list[str]] = {}
            for name, value in form.values:
                # The token belongs to the session that got the page; the client that sends has its own.
                if name != "csrf_token":
                    data.setdefault(name, []).append(value)
            answer = make_client().post(form.action, data=data)
            if answer.mimetype == "text/html" and answer.status_code >= 400:
                yield Answer(f"{who} POST {form.action}", form.action, answer.status_code, answer.text)


@pytest.fixture
def crawl(engine, at, tested_apps, databases) -> Callable[[str], Crawl]:
    """Returns what a person of the cast or "nobody" can reach in the school as it is at first.

    Each walks once in a test run, in a portal of their own, whatever tests look at what there was to see.
    """

    def walk(who: str) -> Crawl:
        at(A_TUESDAY_MORNING)
        tested = tested_apps(engine, "crawled")
        person = getattr(tested.to_school(), who, None)
        client, before = client_of(tested.app, person), tested.contents()
        reached = list(pages(who, client, most_alike=MOST_ALIKE[engine]))
        after = tested.contents()
        refusals = list(answers_to_forms(who, lambda: client_of(tested.app, person), reached))
        return Crawl(reached, refusals, [table for table in before if before[table] != after[table]])

    return lambda who: databases.once(f"crawl-{engine}-{who}", lambda: walk(who))


@pytest.fixture
def answers(crawl) -> list[Answer]:
    """Every page for every person of the cast and for a stranger, and what forms refuse."""
    found = [crawl(who) for who in ("nobody", *PERSONS)]
    return [answer for one in found for answer in (*one.pages, *one.refusals)]
