"""What the forms of every area are made of; the sentences of WTForms are in the reader's language too."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from babel.support import Translations
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    FieldList,
    HiddenField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.i18n import messages_path
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from portal.errors import Refused
from portal.names import clean, clean_lines
from portal.words import gettext, language, lazy_gettext


class Form(FlaskForm):
    """A form of the portal. Flask-WTF would read the sentences of the language again for every form."""

    class Meta(FlaskForm.Meta):
        """How WTForms finds its words."""

        def get_translations(self, form: object) -> Any:
            """Return what translates the sentences of WTForms."""
            return _catalog_of(language())

    @property
    def wrong(self) -> list[tuple[str, str]]:
        """What is wrong, in order: the id of the field, and the sentence, which names the row of a list."""
        return [found for field in self if field.errors for found in _wrong_at(field)]

    def refuse(self, refusal: Refused) -> None:
        """Show the sentence of a school rule at the field it is about, or above the form."""
        target: Any = self._fields.get(refusal.field) if refusal.field else None
        if target is None or isinstance(target, HiddenField):
            self.form_errors.append(refusal.sentence)
        else:
            target.errors = [*target.errors, refusal.sentence]


def _wrong_at(field: Field) -> Iterator[tuple[str, str]]:
    if not isinstance(field, FieldList) or isinstance(field.errors[0], str):
        of_options = getattr(getattr(field, "option_widget", None), "input_type", "")
        yield f"{field.id}-0" if of_options else field.id, str(field.errors[0])
        return
    for number, row in enumerate(field, 1):
        for part in row.form:
            if part.errors:
                name, said = part.label.text, part.errors[0]
                yield (
                    part.id,
                    gettext("Row %(number)s, %(name)s: %(said)s", number=number, name=name, said=said),
                )


@cache
def _catalog_of(language: str) -> Any:
    return Translations.load(messages_path(), [language], "wtforms")


def refuse_odd_year(field: Field) -> None:
    """Raise ValueError for a day with a year that nobody means, such as 2 or 20026."""
    if field.data and not 1900 <= field.data.year <= 2200:
        field.data = None
        raise ValueError


def refuse_by(reader: Callable[[Any], object], field: Field) -> None:
    """Refuse at a field what its reader refuses, such as what cannot be an address or a number."""
    try:
        reader(field.data)
    except Refused as refusal:
        raise ValidationError(refusal.sentence) from None


def cleaned(text: str | None) -> str:
    """Return what was typed on one line, '' when the field was not sent."""
    return clean(text or "")


def options(pairs: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    """Return values with their words as the choices of a field."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


def text_field(label: str, longest: int, required: str = "") -> StringField:
    """Return a line of text with its greatest length, and the sentence that asks for it where it must be."""
    validators: list[Any] = [DataRequired(required)] if required else []
    too_long = lazy_gettext("Use at most %(max)d characters.")
    return StringField(
        label, filters=[cleaned], validators=[*validators, Length(max=longest, message=too_long)]
    )


def text_area(label: str, longest: int, *validators: Any, one_line: bool = False) -> TextAreaField:
    """Return a field for a longer text with its greatest length, as typed without what nobody can see."""
    too_long = lazy_gettext("Use at most %(max)d characters.")
    return TextAreaField(
        label,
        filters=[cleaned if one_line else _lines],
        validators=[*validators, Length(max=longest, message=too_long)],
    )


def _lines(text: str | None) -> str:
    return clean_lines(text or "")


class DayField(DateField):
    """A date, with our own words for what is none, such as a day in the year 2."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the date that the browser sends, or that somebody typed without one."""
        try:
            super().process_formdata(valuelist)
            refuse_odd_year(self)
        except ValueError:
            raise ValueError(gettext("Type the date as day, month and year.")) from None


class ClockField(TimeField):
    """A time of day, with our own words for what is none; '8.30' counts too."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the time that the browser sends, or that somebody typed."""
        try:
            super().process_formdata([value.strip().replace(".", ":") for value in valuelist])
        except ValueError:
            raise ValueError(gettext("Type the time as 8:30.")) from None


class Boxes(SelectMultipleField):
    """Choices of which several can be on, as check boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
