"""A mail's HTML as somebody hears it: the words in their order, headings, links, and what has no words."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

BLOCKS = {
    "p",
    "br",
    "h1",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "div",
    "blockquote",
    "hr",
    "title",
    "body",
    "table",
    "td",
}
VOID = {"br", "hr", "meta", "img", "link"}


@dataclass
class Link:
    """A link: its words, and where it leads."""

    words: str
    address: str


@dataclass
class Reading:
    """What is heard. `lines`: the words between two breaks; `tags`: every element with its attributes."""

    lines: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    headings: list[tuple[int, str]] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    title: str = ""

    def all(self, name: str) -> list[dict[str, str | None]]:
        """Return the attributes of each element of a name."""
        return [attributes for tag, attributes in self.tags if tag == name]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found = Reading()
        self.open: list[str] = []
        self.words: list[str] = []
        self.link: Link | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.tags.append((tag, dict(attrs)))
        if tag in BLOCKS:
            self.finish_line()
        if tag == "a":
            self.link = Link("", dict(attrs).get("href") or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"
        if tag == "a" and self.link:
            self.link.words = " ".join(self.link.words.split())
            self.found.links.append(self.link)
            self.link = None
        if tag in BLOCKS:
            self.finish_line(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.link:
            self.link.words += data

    def finish_line(self, closed: str = "") -> None:
        line, self.words = " ".join("".join(self.words).split()), []
        if closed == "title":
            self.found.title = line
        elif line:
            self.found.lines.append(line)
            if closed in ("h1", "h2", "h3"):
                self.found.headings.append((int(closed[1]), line))


def read(html: str) -> Reading:
    """Return a mail's HTML as it is heard."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [], f"never closed: {reader.open}"
    return reader.found
