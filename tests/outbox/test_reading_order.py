"""Each kind of mail as a screen reader says it: the same words in the same order as its text, and links that
say where they lead.
"""

import re

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.domain import mails, outbox, returned_mail
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.outbox import OutgoingMessage
from tests.letters.sending import send
from tests.outbox.reading import Reading, read
from tests.privacy.conftest import filled
from tests.privacy.subjects import key_of, subjects_of

__all__ = ["filled"]

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])

KINDS = [*mails._SETTLE, returned_mail.ANSWER]
SAYS_NOTHING = {"hier", "klik hier", "link", "lees meer", "meer", "here", "click here", "read more", "more"}
ONLY_TEXT = {
    "nl": {"Lees de brief in het portaal:", "Lees alle brieven in het portaal:"},
    "en": {"Read the letter in the portal:", "Read all letters in the portal:"},
}
"""What stands before an address in a text, where HTML has a button."""
COPY_IT = {
    "nl": "Werkt de knop niet? Kopieer dit adres naar uw browser:",
    "en": "Does the button not work? Copy this address to your browser:",
}
RICH = """# Wat nemen wij mee

Beste ouders, **let op** de [regels van de bus](https://bus.example/regels).

## In de tas

- een *lunch*
- een regenjas
  - met capuchon

1. Eerst eten
2. Dan lopen

> Wie te laat is, blijft thuis.

Tot dan"""


@pytest.fixture(params=["nl", "en"])
def language(request) -> str:
    return request.param


@pytest.fixture
def one_of_each(app, filled, language):
    """Yields a mail of each kind, to somebody to whom one may go, in the language."""

    def find(kinds: list[str]):
        for kind in kinds:
            with app.app_context():
                start_writing()
                db.session.execute(update(User).values(language=language))
                mail = mails.render(first_of(filled, kind, language))
                db.session.rollback()
            yield kind, mail

    return find


def first_of(world, kind: str, language: str) -> mails.Mail:
    for user in db.session.scalars(select(User).order_by(User.id)):
        subjects = [None] if kind == returned_mail.ANSWER else subjects_of(world, kind, user.id)
        for number in subjects:
            if kind == returned_mail.ANSWER:
                outbox.queue(kind, clock.now(), address="ouder@thuis.example", language=language)
            else:
                key = key_of(world, kind, user.id, number)
                outbox.queue(kind, clock.now(), user=user, subject_id=number, dedupe_key=key)
            newest = select(OutgoingMessage).order_by(OutgoingMessage.id.desc()).limit(1)
            mail = mails.mail_for(db.session.scalars(newest).one(), clock.now())
            if mail:
                return mail
    raise AssertionError(f"no mail of kind {kind} goes to anybody")


def test_every_mail_is_heard_as_it_is_read(one_of_each, language):
    for _kind, mail in one_of_each(KINDS):
        heard = read(mail.html)
        is_a_page_of_its_own(heard, language, mail.subject)
        says_what_the_text_says(heard, mail.body, language)
        names_its_links(heard, language)
        has_headings_in_order(heard)


def is_a_page_of_its_own(heard: Reading, language: str, subject: str) -> None:
    assert [attributes.get("lang") for attributes in heard.all("html")] == [language]
    assert heard.title == " ".join(subject.split())
    assert {"charset": "utf-8"} in heard.all("meta")
    for name in ("script", "link", "style", "iframe", "form", "input", "button"):
        assert heard.all(name) == []
    assert all(attributes.get("alt") for attributes in heard.all("img"))
    assert all(attributes.get("role") == "presentation" for attributes in heard.all("table"))


def plain(words: str) -> str:
    """Return words without what only shows where a line or a remark ends."""
    return " ".join(re.sub(r"[().]+(?=\s|$)|(?<!\S)\(", " ", words).split())


def lines_of(text: str) -> list[str]:
    """Return the lines of a text without the marks of its lists."""
    lines = (plain(re.sub(r"^\s*(?:[-–] |\d+\. )", "", line)) for line in text.splitlines())
    return [line for line in lines if line and line != "--"]


def says_what_the_text_says(heard: Reading, text: str, language: str) -> None:
    """All of the text is in the HTML, in its order; beside it the HTML has the button and its help."""
    school, words = heard.lines[0], plain(" ".join(heard.lines[1:]))
    at, addresses = 0, {plain(link.address) for link in heard.links}
    for line in lines_of(text):
        for part in re.split(r": (?=https?://)", line):
            found = words.find(part, at)
            is_only_there = line in ONLY_TEXT[language] or (part in addresses and part not in words)
            assert found >= 0 or is_only_there, f"not heard, or sooner: {part}"
            at = max(at, found)
    said, buttons = " ".join(lines_of(text)), {link.words for link in heard.links}
    extra = [line for line in heard.lines[1:] if plain(line) not in said and line not in buttons]
    left = [line for line in extra if not all(plain(part) in said for part in parted(line, buttons))]
    assert left in ([], [COPY_IT[language]]), "only heard"
    assert plain(school) in said


def parted(line: str, buttons: set[str]) -> list[str]:
    """Return a line in the parts between its links, which stand on lines of their own in a text."""
    pattern = "|".join(re.escape(words) for words in sorted(buttons, key=len, reverse=True))
    return [part.strip(" ·") for part in re.split(pattern, line) if part.strip(" ·")] if pattern else [line]


def names_its_links(heard: Reading, language: str) -> None:
    for link in heard.links:
        assert link.words
        assert link.words.lower().rstrip(".: ") not in SAYS_NOTHING
        assert link.address.startswith(("http://", "https://", "mailto:", "tel:"))
        if link.words.startswith("http"):
            assert link.words == link.address
            assert heard.lines[heard.lines.index(link.words) - 1] == COPY_IT[language]
    leads = {}
    for link in heard.links:
        assert leads.setdefault(link.words, link.address) == link.address, f"two places: {link.words}"


def has_headings_in_order(heard: Reading) -> None:
    levels = [level for level, _ in heard.headings]
    assert levels[:1] in ([], [1])
    assert levels.count(1) <= 1
    assert all(deeper - level <= 1 for level, deeper in zip(levels, levels[1:], strict=False))


def test_a_letter_with_everything_in_it_is_heard_as_it_is_read(app, school, mailed, change, language):
    change(User, school.anna.id, language=language)
    number = send(app, school.otto, text=RICH, mail_shows="text")
    mail = next(mail for mail in mailed() if school.anna.email in mail.recipients)
    heard = read(mail.html)
    assert heard.headings == [(1, "Museum op 10 december"), (2, "Wat nemen wij mee"), (2, "In de tas")]
    names_its_links(heard, language)
    assert ("regels van de bus", "https://bus.example/regels") in {
        (link.words, link.address) for link in heard.links
    }
    text = mail.text.replace(" (https://bus.example/regels)", "")
    says_what_the_text_says(heard, text, language)
    assert [len(heard.all(name)) for name in ("ul", "ol", "li", "strong", "em", "blockquote")] == [
        2,
        1,
        5,
        1,
        1,
        1,
    ]
    assert any(link.address.endswith(f"/letters/{number}") for link in heard.links)
