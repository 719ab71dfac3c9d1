"""The sentences of the interface in the reader's language, with types that a checker can read."""

import flask_babel


def gettext(sentence: str, **slots: object) -> str:
    """Return the sentence in the reader's language, its named slots filled."""
    return str(flask_babel.gettext(sentence, **slots))


def ngettext(one: str, many: str, num: int, **slots: object) -> str:
    """Return the form of the sentence that fits the number, which fills the slot `num`."""
    return str(flask_babel.ngettext(one, many, num, **slots))


def lazy_gettext(sentence: str, **slots: object) -> str:
    """Return the sentence as something that becomes text when a page shows it."""
    lazy: str = flask_babel.lazy_gettext(sentence, **slots)
    return lazy


def language() -> str:
    """Return the reader's language, 'nl' or 'en'; Dutch outside a request."""
    locale = flask_babel.get_locale()
    return str(locale.language) if locale else "nl"
