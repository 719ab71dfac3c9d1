"""Every address that somebody could type: all routes with the numbers of all rows, plain and for htmx."""

import inspect
import io
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, TypeVar
from urllib.parse import urldefrag, urljoin

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.extensions import Base
from tests.crawler import is_ours
from tests.privacy import columns
from tests.privacy.rows import School

EVERYTHING = bool(os.environ.get("PROVE_ALL"))
MOST_ALIKE = 3 if EVERYTHING else 1
MOST_TYPED = 8 if EVERYTHING else 2
MOST_NUMBERS = 1000 if EVERYTHING else 8
MOST_PATHS = 100_000 if EVERYTHING else 3
MOST_PATHS_OF_FAMILY = 100_000 if EVERYTHING else 2
T = TypeVar("T")
HTMX = {"HX-Request": "true"}
LINK = re.compile(r'\b(?:src|href|hx-get)="([^"#]+)|<form\b([^>]*)>')
ACTION = re.compile(r'\baction="([^"]*)')
SECRET = "x" * 43
ENDINGS = (("ies", "y"), ("s", ""))


def singular(table: str) -> str:
    for ending, other in ENDINGS:
        if table.endswith(ending):
            return table.removesuffix(ending) + other
    return table


def numbers_for(world: School, name: str, reader: int = 0) -> list[int]:
    """Return the numbers that an address or a query may have under a name: `pupil_id`, `year`, `also`.

    Those of the tables that are called so; when there is none, the numbers of every table. Of many only some,
    for each reader others, unless PROVE_ALL=1.
    """
    stem = name.removesuffix("_id")
    one = {table: singular(table) for table in world.rows}
    named = (
        [table for table in one if one[table] == stem]
        or [table for table in one if one[table].endswith(f"_{stem}")]
        or [table for table in one if one[table].startswith(stem)]
        or list(one)
    )
    found = {row.get("id", row.get("user_id")) for table in named for row in world.near(table)}
    numbers = sorted(number for number in found if isinstance(number, int))
    return some_of(numbers, MOST_NUMBERS, reader)


def some_of(many: list[T], most: int, reader: int) -> list[T]:
    """Return at most so many, spread over all, for each reader others."""
    step = -(-len(many) // most) or 1
    return many[reader % step :: step]


def words_for(name: str) -> list[str]:
    """Return the words that an address may have under a name: those that such a column may hold."""
    found = {
        code
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name == name
        for code in columns.choices(column)
    }
    return sorted(map(str, found)) or [SECRET]


def values_for(world: School, rule: Rule, name: str, reader: int) -> list[str]:
    kind = type(rule._converters[name]).__name__
    return list(map(str, numbers_for(world, name, reader))) if kind == "IntegerConverter" else words_for(name)


def typed_addresses(app: Flask, world: School, reader: int) -> Iterator[str]:
    """Yield the address of every route that answers GET, once for every row it could be about."""
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        yield from paths(world, rule, reader)
        if not rule.arguments:
            for name in numeric_parameters(app, rule):
                numbers = numbers_for(world, name, reader)[:MOST_TYPED]
                yield from (f"{rule.rule}?{name}={number}" for number in numbers)


def paths(world: School, rule: Rule, reader: int) -> Iterator[str]:
    """Yield the paths of a route, one for every row it could be about."""
    names = sorted(rule.arguments)
    combinations = list(product(*(values_for(world, rule, name, reader) for name in names)))
    most = MOST_PATHS_OF_FAMILY if world.family else MOST_PATHS
    for values in some_of(combinations, most, reader):
        path = rule.rule
        for name, value in zip(names, values, strict=True):
            path = re.sub(rf"<(?:\w+(?:\([^)]*\))?:)?{name}>", value, path)
        yield path


def take_all(
    app: Flask, world: School, client: FlaskClient, reader: int = 0
) -> Iterator[tuple[str, TestResponse]]:
    """Yield what somebody gets from the buttons that give a file and note who took it."""
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and rule.endpoint.partition(".")[2].startswith("download_"):
            for path in paths(world, rule, reader):
                yield f"POST {path}", client.post(path)


def numeric_parameters(app: Flask, rule: Rule) -> set[str]:
    """Return the numbers that the module of a view reads from the query."""
    module = inspect.getmodule(inspect.unwrap(app.view_functions[rule.endpoint]))
    source = inspect.getsource(module) if module else ""
    return set(re.findall(r"args\.get(?:list)?\(\s*\"(\w+)\"[^)]*type=int", source))


def links_in(address: str, html: str) -> Iterator[str]:
    """Yield where a page leads by links, pictures and forms that ask, and what it loads by itself."""
    for link, form in LINK.findall(html):
        action = ACTION.search(form)
        if link:
            yield urljoin(address, link)
        elif 'method="post"' not in form.lower():
            yield urldefrag(urljoin(address, action[1] if action else address)).url


class Noting(dict[str, Any]):
    """What a server hands over about a request; notes whether the portal asked for what htmx sends."""

    asked_for_htmx = False

    def __getitem__(self, name: str) -> Any:
        self.asked_for_htmx |= name == "HTTP_HX_REQUEST"
        return super().__getitem__(name)

    def __contains__(self, name: object) -> bool:
        self.asked_for_htmx |= name == "HTTP_HX_REQUEST"
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.asked_for_htmx |= name == "HTTP_HX_REQUEST"
        return super().get(name, default)


@contextmanager
def htmx_noted(app: Flask) -> Iterator[Callable[[], bool]]:
    """Yield what tells whether the last answer could have been another one for htmx."""
    whole, last = app.wsgi_app, Noting()

    def noting(environ: dict[str, Any], start_response: Any) -> Any:
        nonlocal last
        last = Noting(environ)
        return whole(last, start_response)

    app.wsgi_app = noting  # type: ignore[method-assign]
    try:
        yield lambda: last.asked_for_htmx
    finally:
        app.wsgi_app = whole  # type: ignore[method-assign]


def walk(
    app: Flask, world: School, client: FlaskClient, reader: int = 0
) -> Iterator[tuple[str, TestResponse]]:
    """Yield what somebody gets from every address: typed, and found on the pages.

    `reader`: a number for each, so that they do not all type the same.
    """
    waiting = list(dict.fromkeys(["/", *typed_addresses(app, world, reader)]))
    seen = set(waiting)
    alike: Counter[str] = Counter()
    most = MOST_ALIKE + bool(world.family)
    while waiting:
        address = waiting.pop()
        with htmx_noted(app) as may_differ:
            answer = client.get(address)
        yield f"GET {address}", answer
        found = [answer.location] if answer.location else []
        if answer.status_code == 200 and answer.mimetype == "text/html":
            if may_differ() and is_another(f"htmx {address}", alike, most):
                yield f"htmx {address}", client.get(address, headers=HTMX)
            found += links_in(address, answer.text)
        for link in (link.replace("&amp;", "&") for link in found):
            if is_ours(link) and link not in seen and is_another(link, alike, most):
                seen.add(link)
                waiting.append(link)


def is_another(address: str, alike: Counter[str], most: int) -> bool:
    """Whether few enough addresses were seen that differ from this one by numbers only."""
    kind = re.sub(r"\d+", "0", address)
    alike[kind] += 1
    return alike[kind] <= most and not address.startswith("/static/")


def everything_in(answer: TestResponse) -> str:
    """Return all that came back as one text: headers, and the body unpacked."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers)
    return f"{answer.status}\n{headers}\n\n{unpacked(answer.data)}"


def unpacked(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "\n".join(unpacked(archive.read(name)) for name in archive.namelist())
    text = data.decode("utf-8", "replace")
    if data.startswith(b"%PDF"):
        for stream in re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
            try:
                text += zlib.decompress(stream).decode("latin-1")
            except zlib.error:
                continue
    return text
