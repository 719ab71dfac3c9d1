"""What a teacher fills in for the page of a group."""

from typing import Any, cast

from wtforms import Field, RadioField, StringField, ValidationError
from wtforms.validators import DataRequired

from portal.domain.group_news import TEXT_LENGTH, TITLE_LENGTH
from portal.domain.week_items import KINDS, NEEDING_TEXT, Entry
from portal.domain.week_items import TEXT_LENGTH as WORDS_LENGTH
from portal.forms import Form, options, text_area, text_field
from portal.words import gettext, lazy_gettext

WEEKLY = "weekly"


def _kind_choices() -> Any:
    labels = [gettext("Gym"), gettext("Library"), gettext("Bring along"), gettext("Something else")]
    return options(zip(KINDS, labels, strict=True))


class ItemForm(Form):
    """Something on a day. The button says for which weeks: `repeat` is 'once' or 'weekly'."""

    kind = RadioField(
        lazy_gettext("What is it?"), choices=_kind_choices, default=KINDS[0], validate_choice=False
    )
    text = text_field(lazy_gettext("In a few words"), WORDS_LENGTH)
    repeat = StringField()

    def validate_kind(self, field: Field) -> None:
        """Ask for a kind that there is."""
        if field.data not in KINDS:
            raise ValidationError(gettext("Choose what it is."))

    def validate_text(self, field: Field) -> None:
        """Ask for words where the kind alone says nothing."""
        if not field.data and self.kind.data in NEEDING_TEXT:
            raise ValidationError(
                gettext("Say what the children bring along.")
                if self.kind.data == "bring"
                else gettext("Say what there is on this day.")
            )

    @property
    def is_weekly(self) -> bool:
        """Whether it holds from this week on, and not in this week only."""
        return bool(self.repeat.data == WEEKLY)

    def entry_on(self, weekday: int) -> Entry:
        """Return what a valid form says of a weekday."""
        return Entry(weekday, self.kind.data, self.text.data or "")


class ChangedItemForm(ItemForm):
    """Something on a day that may also move to another day of the week."""

    weekday = RadioField(
        lazy_gettext("On which day?"),
        coerce=lambda value: int(value) if str(value).isdecimal() else 0,
        validate_choice=False,
    )

    def validate_weekday(self, field: RadioField) -> None:
        """Ask for a day of the school week."""
        if field.data not in {choice.value for choice in cast(Any, field.choices)}:
            raise ValidationError(gettext("Choose a day."))


class NewsForm(Form):
    """A message to the parents of the group."""

    title = text_field(lazy_gettext("Title"), TITLE_LENGTH, lazy_gettext("Give the message a title."))
    text = text_area(lazy_gettext("Message"), TEXT_LENGTH, DataRequired(lazy_gettext("Write the message.")))
