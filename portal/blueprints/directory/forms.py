"""The forms of the own contact details, and of who sees them."""

import re
from typing import Any

from wtforms import Field, IntegerField, StringField, ValidationError
from wtforms.validators import AnyOf, InputRequired, NumberRange, Optional

from portal.access.viewers import LARGEST_NUMBER
from portal.domain.class_list import FIELDS
from portal.forms import Form, text_field
from portal.names import clean
from portal.words import gettext, lazy_gettext

_AS_IN_THE_NETHERLANDS = re.compile(r"[0-9]{4}[A-Z]{2}")
_DUTCH = re.compile(r"[1-9][0-9]{3}(?!SA|SD|SS)[A-Z]{2}")
_ABROAD = re.compile(r"[A-Z0-9][A-Z0-9 -]{1,8}[A-Z0-9]")


def postcode(text: str | None) -> str:
    """Return a postcode as it is kept: '1234 AB' for a Dutch one (R39)."""
    text = clean(text or "").upper()
    joined = text.replace(" ", "")
    return f"{joined[:4]} {joined[4:]}" if _AS_IN_THE_NETHERLANDS.fullmatch(joined) else text


def _refuse_nothing(*fields: Field) -> None:
    """Refuse to keep nothing where nothing was; what was there may be emptied."""
    if not any(field.data or field.object_data for field in fields):
        raise ValidationError(gettext("Nothing is filled in yet, so there is nothing to keep."))


class AddressForm(Form):
    """Where somebody lives; all of it may be emptied."""

    street = text_field(lazy_gettext("Street and number"), 100)
    postcode = StringField(lazy_gettext("Postcode"), filters=[postcode])
    place = text_field(lazy_gettext("Place"), 60)

    def validate_street(self, field: Field) -> None:
        """Ask for the street where the rest is there."""
        if not field.data and (self.postcode.data or self.place.data):
            raise ValidationError(gettext("Fill in the street and number too, or leave all three empty."))
        _refuse_nothing(field, self.postcode, self.place)

    def validate_postcode(self, field: Field) -> None:
        """Take any Dutch postcode and those of neighbouring countries (R39)."""
        joined = (field.data or "").replace(" ", "")
        looks_dutch = _AS_IN_THE_NETHERLANDS.fullmatch(joined)
        fits = _DUTCH.fullmatch(joined) if looks_dutch else _ABROAD.fullmatch(field.data or "")
        if joined and not fits:
            raise ValidationError(gettext("This postcode does not exist. It looks like 1234 AB."))


class SpokenForm(Form):
    """The languages that somebody speaks."""

    spoken = text_field(lazy_gettext("Languages you speak"), 100)

    def validate_spoken(self, field: Field) -> None:
        """Ask for something where there was nothing."""
        _refuse_nothing(field)


class LineForm(Form):
    """A line of one's own."""

    line = text_field(lazy_gettext("A line of your own"), 140)

    def validate_line(self, field: Field) -> None:
        """Ask for something where there was nothing."""
        _refuse_nothing(field)


class VisibilityForm(Form):
    """Which field who may see; without a group it is for all groups of the own children."""

    field = StringField(validators=[InputRequired(), AnyOf(FIELDS)])
    audience = StringField(validators=[InputRequired(), AnyOf(("group", "nobody"))])
    group = IntegerField(validators=[Optional()])


class LikeBeforeForm(Form):
    """The group in which to show the same as in an earlier one."""

    group = IntegerField(validators=[InputRequired()])
    like = IntegerField(validators=[InputRequired(), NumberRange(1, LARGEST_NUMBER)])


class HidingForm(Form):
    """Beside which child to hide or no longer; without a child it is for all the own children.

    `left`: about the children whom one has no more, for which hiding can only be ended.
    """

    pupil = IntegerField(validators=[Optional()])
    left = StringField(validators=[Optional(), AnyOf(("yes",))])
    hidden = StringField(validators=[InputRequired(), AnyOf(("yes", "no"))])


def number(field: Any) -> int:
    """Return the number of a valid field."""
    return int(field.data)
