"""Forms whose own sentences, those of WTForms, are in the reader's language."""

from functools import cache
from typing import Any

from babel.support import Translations
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.i18n import messages_path

from portal.words import language


class Form(FlaskForm):
    """A form of the portal. Flask-WTF would read the sentences of the language again for every form."""

    class Meta(FlaskForm.Meta):
        """How WTForms finds its words."""

        def get_translations(self, form: object) -> Any:
            """Return what translates the sentences of WTForms."""
            return _catalog_of(language())


@cache
def _catalog_of(language: str) -> Any:
    return Translations.load(messages_path(), [language], "wtforms")


def refuse_odd_year(field: Field) -> None:
    """Raise ValueError for a day with a year that nobody means, such as 2 or 20026."""
    if field.data and not 1900 <= field.data.year <= 2200:
        field.data = None
        raise ValueError
