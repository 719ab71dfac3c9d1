"""The text of a letter, written in Markdown: as safe HTML, and as plain text for mail and search."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape

SCHEMES = ("https", "http", "mailto", "tel")
TAGS = {"p", "br", "hr", "h2", "h3", "ul", "ol", "li", "a", "em", "strong", "blockquote", "img"}
ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),
    "a": {"href"},
    "ol": {"start"},
    "li": {"value"},
    "img": {"src", "alt", "width", "height", "loading"},
}
NOT_FOR_LETTERS = [
    "image",
    "code",
    "fence",
    "backticks",
    "html_block",
    "html_inline",
    "reference",
    "lheading",
]
BARE = "bare"
"""The class of a link whose words are its address, so that paper does not say it twice."""
BARE_ADDRESS = re.compile(r"(?<![\w/@.])(?:https?://|www\.)[^\s<>\"]*[^\s<>\".,;:!?)\]*_'’]")

PICTURE = re.compile(r"!\[([^\[\]\n]{0,200})\]\((?:foto|photo):(\d{1,4})\)")
"""A picture in the text: what it shows, and its number among the pictures of this letter."""

_NO_MARKS = str.maketrans(dict.fromkeys("[]*_`<>\\"))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a text may show, with its size in pixels, so that the page does not jump."""

    address: str
    width: int
    height: int


def picture_mark(number: int, title: str) -> str:
    """Return what stands in the text for a picture: '![De bus](foto:1)'."""
    return f"![{' '.join(title.translate(_NO_MARKS).split())[:80]}](foto:{number})"


def pictures_in(text: str) -> set[int]:
    """Return the numbers of the pictures that a text calls."""
    return {int(found[2]) for found in PICTURE.finditer(text)}


def as_html(text: str, pictures: Mapping[int, Picture] | None = None) -> Markup:
    """Return a letter's text as HTML that cannot do harm, whoever wrote it.

    `pictures`: those that may stand in it; another one is left out.
    """
    html = nh3.clean(
        _markdown.render(text, {"pictures": pictures or {}}),
        tags=TAGS,
        attributes=ATTRIBUTES,
        allowed_classes={"a": {BARE}},
        url_schemes=set(SCHEMES),
        link_rel="noopener noreferrer",
    )
    # Safe: nh3 has just left only the tags, attributes and schemes above.
    return Markup(html)  # noqa: S704


def as_plain(text: str) -> str:
    """Return a letter's text without marks, for a mail; an address stands behind its words."""
    return "".join(_plain_parts(_markdown.parse(text))).strip("\n")


def first_words(text: str, n: int) -> str:
    """Return the first `n` words of a letter's text without marks, and an ellipsis when there is more."""
    words = as_plain(PICTURE.sub("", text)).split()
    return " ".join(words[:n]) + ("…" if len(words) > n else "")


def _plain_parts(tokens: Sequence[Token]) -> Iterator[str]:
    lists, marker = 0, ""
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists -= 1
            marker = "  " * lists
            yield "" if lists else "\n"
        elif token.type == "list_item_open":
            marker = "  " * (lists - 1) + (f"{token.info}. " if token.info else "- ")
        elif token.type == "inline":
            yield marker + _plain_line(token.children or []) + ("\n" if lists else "\n\n")
            marker = "  " * lists


def _plain_line(tokens: Sequence[Token]) -> str:
    parts: list[str] = []
    begun: list[tuple[int, str]] = []
    for token in tokens:
        if token.type == "link_open":
            begun.append((len(parts), str(token.attrs.get("href", ""))))
        elif token.type == "link_close":
            at, address = begun.pop()
            named = address.removeprefix("mailto:").removeprefix("tel:")
            if named not in ("".join(parts[at:]), "https://" + "".join(parts[at:])):
                parts.append(f" ({named})")
        elif token.type == "picture":
            parts.append(f"[{token.content}]" if token.content else "")
        else:
            parts.append("\n" if token.type in ("softbreak", "hardbreak") else token.content)
    return "".join(parts)


def _headings_below_the_title(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h2" if token.tag in ("h1", "h2") else "h3"


def _numbers_as_typed(state: StateCore) -> None:
    """Let the items of a list have the numbers that were typed: '12.', '19.' and '23.' are days."""
    for token in state.tokens:
        if token.type == "list_item_open" and token.info:
            token.attrSet("value", str(int(token.info)))


def _bare_addresses(state: StateCore) -> None:
    """Let an address that somebody just typed be a link."""
    for token in state.tokens:
        if token.type == "inline":
            token.children = list(_linked(token.children or []))


def _linked(tokens: Sequence[Token]) -> Iterator[Token]:
    inside = 0
    for token in tokens:
        inside += token.nesting if token.type.startswith("link") else 0
        if token.markup == "autolink" and token.nesting == 1:
            token.attrSet("class", BARE)
        if token.type != "text" or inside:
            yield token
            continue
        end = 0
        for found in BARE_ADDRESS.finditer(token.content):
            yield _text(token.content[end : found.start()])
            address = _markdown.normalizeLink(found[0])
            yield Token("link_open", "a", 1, attrs={"href": address, "class": BARE})
            yield _text(found[0])
            yield Token("link_close", "a", -1)
            end = found.end()
        yield _text(token.content[end:])


def _pictures(state: StateCore) -> None:
    """Let what stands for a picture be one; Markdown's own images could be anybody's and are none."""
    for token in state.tokens:
        if token.type == "inline":
            token.children = list(_with_pictures(token.children or []))


def _with_pictures(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type != "text":
            yield token
            continue
        end = 0
        for found in PICTURE.finditer(token.content):
            yield _text(token.content[end : found.start()])
            yield Token("picture", "", 0, content=found[1], meta={"number": int(found[2])})
            end = found.end()
        yield _text(token.content[end:])


def _render_picture(_renderer: Any, tokens: Sequence[Token], place: int, _options: Any, env: Any) -> str:
    token = tokens[place]
    picture = env["pictures"].get(token.meta["number"])
    if picture is None:
        return ""
    size = f'width="{picture.width}" height="{picture.height}"'
    return f'<img src="{escape(picture.address)}" alt="{escape(token.content)}" {size} loading="lazy">'


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _whole(address: str) -> str:
    return "https://" + address if address.lower().startswith("www.") else address


def _may_be_linked(address: str) -> bool:
    """Only a whole address of a known kind: in a mail there is nothing that others could stand beside."""
    return address.lower().startswith(tuple(f"{scheme}:" for scheme in SCHEMES))


def _made() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(NOT_FOR_LETTERS)
    markdown.core.ruler.push("headings_below_the_title", _headings_below_the_title)
    markdown.core.ruler.push("numbers_as_typed", _numbers_as_typed)
    markdown.core.ruler.push("pictures", _pictures)
    markdown.add_render_rule("picture", _render_picture)
    markdown.core.ruler.push("bare_addresses", _bare_addresses)
    normalize = markdown.normalizeLink
    markdown.normalizeLink = lambda url: normalize(_whole(url))  # type: ignore[method-assign]
    markdown.validateLink = _may_be_linked  # type: ignore[method-assign,assignment]
    return markdown


_markdown = _made()
