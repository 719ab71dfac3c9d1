"""The text of a letter: what a teacher can do with it, and what nobody can."""

from html.parser import HTMLParser

import pytest

from portal.domain.letter_text import SCHEMES, TAGS, as_html, as_plain, first_words

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<svg onload="alert(1)"><style><img src=x onerror=alert(1)></style></svg>',
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=1 onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action='https://evil.example'><input name=password></form>",
    "<a href='https://ok.example' onclick='alert(1)'>x</a>",
    "<p style='position:fixed;inset:0'>x</p>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox(1))",
    "[x](file:///etc/passwd)",
    "[x](//evil.example/a)",
    "[x](/school/settings)",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "[x]: javascript:alert(1)\n\n[x]",
    '[x](https://ok.example "title\' onmouseover=alert(1)")',
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "```html\n<script>alert(1)</script>\n```",
    "`<script>alert(1)</script>`",
    "https://ok.example/\"onmouseover='alert(1)'",
    "www.ok.example/<script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\x00<script>alert(1)</script>",
]


class Elements(HTMLParser):
    """What a browser would make of it."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_but_the_marks_of_a_letter_comes_out(text):
    elements = Elements()
    elements.feed(as_html(f"Beste ouders,\n\n{text}\n\nGroet"))
    for tag, attributes in elements.found:
        assert tag in TAGS
        assert set(attributes) <= {"href", "rel", "start", "class"}
        assert attributes.get("class", "bare") == "bare"
        if "href" in attributes:
            assert attributes["href"].split(":")[0] in SCHEMES
            assert attributes["rel"] == "noopener noreferrer"


def test_hostile_words_stay_readable_as_words():
    assert as_html("<script>alert(1)</script>") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"


def test_the_headings_of_a_text_come_below_the_title():
    assert as_html("# Een\n## Twee\n### Drie\n##### Vijf") == (
        "<h2>Een</h2>\n<h2>Twee</h2>\n<h3>Drie</h3>\n<h3>Vijf</h3>\n"
    )


def test_lists_and_emphasis_are_shown():
    assert as_html("- *een*\n- **twee**") == (
        "<ul>\n<li><em>een</em></li>\n<li><strong>twee</strong></li>\n</ul>\n"
    )
    assert '<ol start="3">' in as_html("3. drie\n4. vier")


def test_numbers_stay_as_they_were_typed():
    days = "Studiedagen in:\n\n12. maart\n19. maart\n23. april"
    assert as_plain(days) == days
    assert as_html(days).count("<li value=") == 3 and '<li value="23">april</li>' in as_html(days)
    assert "value" not in as_html("- een")


@pytest.mark.parametrize("line", ["---", "-------", "===", "="])
def test_a_line_below_words_makes_no_heading_of_them(line):
    assert "<h" not in as_html(f"Beste ouders\n{line}\nWij gaan.").replace("<hr>", "")
    assert as_html(f"Beste ouders\n{line}").startswith("<p>Beste ouders")


def test_a_line_of_its_own_stays_one():
    assert as_html("Met groet,\nMarieke") == "<p>Met groet,<br>\nMarieke</p>\n"


def test_indented_words_are_no_program():
    assert as_html("    Beste ouders") == "<p>Beste ouders</p>\n"


@pytest.mark.parametrize(
    ("typed", "address", "words"),
    [
        ("[museum](https://museum.nl/a?b=1&c=2)", "https://museum.nl/a?b=1&amp;c=2", "museum"),
        ("[museum](www.museum.nl)", "https://www.museum.nl", "museum"),
        ("<https://museum.nl>", "https://museum.nl", "https://museum.nl"),
        ("Kijk op www.museum.nl.", "https://www.museum.nl", "www.museum.nl"),
        ("(https://museum.nl/een_twee_drie)", "https://museum.nl/een_twee_drie", None),
        ("[bel](tel:0201234567)", "tel:0201234567", "bel"),
        ("<juf@school.nl>", "mailto:juf@school.nl", "juf@school.nl"),
    ],
)
def test_an_address_is_a_link(typed, address, words):
    link = f'<a href="{address}" rel="noopener noreferrer">{words or address}</a>'
    assert link in as_html(typed).replace(' class="bare"', "")


def test_a_link_is_not_linked_again():
    assert as_html("[www.museum.nl](https://museum.nl)").count("<a ") == 1


def test_as_plain_text_marks_are_gone_and_addresses_are_there():
    text = (
        "# Uitje\n\nWe gaan **morgen** naar het [museum](https://museum.nl).\nKijk op www.museum.nl\n\n"
        "- brood\n- drinken\n  - water\n\n1. eerst\n2. dan\n\nGroet"
    )
    assert as_plain(text) == (
        "Uitje\n\nWe gaan morgen naar het museum (https://museum.nl).\nKijk op www.museum.nl\n\n"
        "- brood\n- drinken\n  - water\n\n1. eerst\n2. dan\n\nGroet"
    )


def test_the_first_words_say_that_there_is_more():
    assert first_words("# Uitje\n\nWe gaan **morgen** weg", 3) == "Uitje We gaan…"
    assert first_words("We gaan", 3) == "We gaan"


def test_a_text_full_of_marks_is_no_work():
    for text in ("[" * 20_000, "*a _b " * 3_000, "> " * 9_000, "- " * 9_000, "www." * 5_000):
        assert len(as_plain(text)) < 400_000
        assert len(as_html(text)) < 400_000
