"""Finds words for people in the source that no translation can reach."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from jinja2 import Environment, nodes

# Names that are the same in every language.
NAMES = {
    "Ouderportaal",
    "Nederlands",
    "English",
    "EDEXML",
    "UWLR",
    "OneRoster",
    "CSV",
    "XLSX",
    "PDF",
    "QR",
    "SMTP",
}
SPOKEN_ATTRIBUTES = {"alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription"}
# Calls whose words a person reads.
SPEAKING = {"flash", "Refused", "ValidationError", "StopValidation"}
SPEAKING_KEYWORDS = {"label", "message", "description", "title", "subject"}
TRANSLATING = {"_", "_l", "gettext", "ngettext", "pgettext", "npgettext", "lazy_gettext", "lazy_ngettext"}
QUESTIONS = {"startswith", "endswith", "get", "strftime"}
WORD = re.compile(r"[^\W\d_]{2,}")
SENTENCE = re.compile(r"[^\W\d_a-z][^\W\d_A-Z]+( .+)?[.?!:…]?$|.*[^\W\d_] [^\W\d_].*[.?!…]$")
GAP = "\ue000"

environment = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


def words(text: str) -> str:
    """Return the text when somebody would have to translate it, otherwise nothing."""
    text = " ".join(text.replace(GAP, " ").split())
    left = [word for word in WORD.findall(text) if word not in NAMES]
    return text if left else ""


def untranslated_in_template(source: str, html: bool = True) -> Iterator[tuple[int, str]]:
    """Yield the line and the words of each text that stands outside a translation."""
    literal = literal_text(source)
    if html:
        reader = TextReader()
        reader.feed(literal)
        reader.close()
        yield from reader.found
    else:
        for number, line in enumerate(literal.splitlines(), 1):
            if text := words(line):
                yield number, text
    yield from untranslated_constants(source)


def literal_text(source: str) -> str:
    """Return the template with every expression and statement blanked, its lines kept."""
    parts: list[str] = []
    translating = naming = False
    block_words: list[str] = []
    for _, kind, value in environment.lex(source):
        if kind == "data" and not translating and not naming:
            parts.append(value)
        else:
            parts.append((GAP if kind == "variable_begin" else "") + "\n" * value.count("\n"))
        if kind == "block_begin":
            block_words = []
        elif kind == "name":
            block_words.append(value)
        elif kind == "block_end" and block_words:
            if block_words[0] == "trans":
                translating = True
            elif block_words[0] == "endtrans":
                translating = False
            elif block_words[0] == "block":
                naming = "class" in block_words[1]
            elif block_words[0] == "endblock":
                naming = False
    return "".join(parts)


def untranslated_constants(source: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences written as strings inside the template's expressions."""
    tree = environment.parse(source)
    spoken_for = {
        id(constant)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in TRANSLATING
        for constant in constants(call)
    }
    # What is compared, or asked whether it begins so, is not shown.
    spoken_for |= {
        id(constant) for compare in tree.find_all(nodes.Compare) for constant in constants(compare)
    }
    spoken_for |= {
        id(constant)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Getattr)
        and call.node.attr in {"startswith", "endswith", "get", "strftime"}
        for constant in constants(call)
    }
    for constant in constants(tree):
        value = constant.value
        if isinstance(value, str) and id(constant) not in spoken_for and is_sentence(value):
            yield constant.lineno, value


def constants(node: nodes.Node) -> Iterator[nodes.Const]:
    return node.find_all(nodes.Const)


def is_sentence(text: str) -> bool:
    return bool(SENTENCE.match(text.strip()) and words(text))


class TextReader(HTMLParser):
    """Collects the text between the tags and in the attributes that are read aloud."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style"}:
            self.silent += 1
        names = {name: value or "" for name, value in attrs}
        read = set(SPOKEN_ATTRIBUTES)
        if tag == "meta" and names.get("name") == "description":
            read.add("content")
        if tag == "input" and names.get("type") in {"submit", "button", "reset"}:
            read.add("value")
        for name in read & names.keys():
            if text := words(names[name]):
                self.found.append((self.getpos()[0], f'{name}="{text}"'))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self.silent = max(0, self.silent - 1)

    def handle_data(self, data: str) -> None:
        if not self.silent and (text := words(data)):
            self.found.append((self.getpos()[0], text))


def untranslated_in_python(source: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences that are shown to a person without a translation."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = call_name(call.func)
        shown: list[ast.expr] = []
        if name in SPEAKING or name.endswith("Field"):
            shown += call.args[:1]
            shown += [keyword.value for keyword in call.keywords if keyword.arg in SPEAKING_KEYWORDS]
        elif name[:1].isupper():
            shown += [keyword.value for keyword in call.keywords if keyword.arg == "message"]
        for value in shown:
            for text in bare_strings(value):
                if words(text):
                    yield call.lineno, text


def bare_strings(value: ast.expr) -> Iterator[str]:
    """Yield the strings of an expression that no translating call surrounds."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.JoinedStr):
        yield "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else GAP
            for part in value.values
        )
    elif isinstance(value, ast.BinOp):
        yield from bare_strings(value.left)
        yield from bare_strings(value.right)
    elif isinstance(value, ast.IfExp):
        yield from bare_strings(value.body)
        yield from bare_strings(value.orelse)


def call_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
