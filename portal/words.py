"""The sentences of the interface in the reader's language, with types that a checker can read."""

from functools import cache
from pathlib import Path
from typing import Any

import flask_babel
from babel.support import Translations
from flask import Flask, g, has_app_context

FOLDER = Path(__file__).parent / "translations"


def init_app(app: Flask) -> None:
    """Let the templates use the short way to the sentences too."""
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda sentence: _catalog().ugettext(sentence),
        lambda one, many, num: _catalog().ungettext(one, many, num),
        newstyle=True,
        pgettext=flask_babel.pgettext,
        npgettext=flask_babel.npgettext,
    )


def _catalog() -> Any:
    """Return the sentences in the reader's language."""
    return _catalog_of(language())


@cache
def _catalog_of(language: str) -> Any:
    return Translations.load(FOLDER, [language])


def in_language(language: str, sentence: str) -> str:
    """Return the sentence in one language, its slots still to be filled."""
    return str(_catalog_of(language).ugettext(sentence))


def gettext(sentence: str, **slots: object) -> str:
    """Return the sentence in the reader's language, its named slots filled."""
    found = str(_catalog().ugettext(sentence))
    return found % slots if slots else found


def ngettext(one: str, many: str, num: int, **slots: object) -> str:
    """Return the form of the sentence that fits the number, which fills the slot `num`."""
    return str(_catalog().ungettext(one, many, num)) % ({"num": num} | slots)


def lazy_gettext(sentence: str, **slots: object) -> str:
    """Return the sentence as something that becomes text when a page shows it."""
    lazy: str = flask_babel.lazy_gettext(sentence, **slots)
    return lazy


def language() -> str:
    """Return the reader's language, 'nl' or 'en'; Dutch outside a request."""
    if not has_app_context():
        return "nl"
    # Asked for every word, so by the shortest way to what Flask-Babel found before.
    known = getattr(g._get_current_object().get("_flask_babel"), "babel_locale", None)
    locale = known or flask_babel.get_locale()
    return str(locale.language)
