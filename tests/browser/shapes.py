"""Of many pages one of each kind, and those on which something stands that the others do not have."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

from tests.crawler import Answer

TELLING = ("class", "type", "role", "hidden", "disabled", "checked", "open", "lang", "dir")
EMPTY = {"br", "col", "embed", "hr", "img", "input", "link", "meta", "path", "rect", "source", "use", "wbr"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


class ShapeReader(HTMLParser):
    """Collects which kinds of elements stand in which, and which headings follow each other."""

    def __init__(self) -> None:
        super().__init__()
        self.around: list[tuple[str, str]] = [("", "")]
        self.heading = ""
        self.shapes: set[tuple[object, ...]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = " ".join(f"{name}={value}" for name, value in sorted(attrs) if name in TELLING)
        aria = " ".join(name for name, _ in sorted(attrs) if name.startswith("aria-"))
        self.shapes.add((*self.around[-2:], tag, told, aria))
        if tag in HEADINGS:
            self.shapes.add((self.heading, tag))
            self.heading = tag
        if tag not in EMPTY:
            self.around.append((tag, told))

    def handle_endtag(self, tag: str) -> None:
        while tag not in EMPTY and len(self.around) > 1 and self.around.pop()[0] != tag:
            pass


def shapes_of(html: str) -> set[tuple[object, ...]]:
    reader = ShapeReader()
    reader.feed(html)
    reader.close()
    return reader.shapes


def unlike(answers: Iterable[Answer]) -> list[Answer]:
    """Return as few pages as show, together, every shape that these show, and one of each kind of address.

    Kinds of addresses differ by more than a number and a query. That nothing is there looks alike anywhere.
    """
    left = {answer: shapes_of(answer.html) for answer in answers}
    kinds = {kind_of(answer): answer for answer in left if answer.status != 404}
    chosen = []
    while any(left.values()):
        fullest = max(left, key=lambda answer: len(left[answer]))
        chosen.append(fullest)
        shown = left.pop(fullest)
        left = {answer: shapes - shown for answer, shapes in left.items() if shapes - shown}
    seen = {kind_of(answer) for answer in chosen}
    return chosen + [answer for kind, answer in kinds.items() if kind not in seen]


def kind_of(answer: Answer) -> tuple[str, int]:
    """Return what kind of page it is: its address without numbers and query, and the status."""
    return re.sub(r"\d+", "0", answer.address.split("?")[0]), answer.status
