"""The office's forms for the school itself: its settings, reasons for absence and calendar."""

import re
from datetime import time
from typing import Any

from wtforms import BooleanField, Field, IntegerField, RadioField, SelectField, ValidationError
from wtforms.validators import InputRequired, NumberRange, Optional

from portal.domain.contact import MAX_EMAIL, MAX_PHONE, email_typed, phone_typed
from portal.domain.free_days import KINDS
from portal.domain.holidays import REGIONS
from portal.domain.settings import ICONS, MAX_NOTE_DAYS, KindWords, Settings
from portal.forms import ClockField, DayField, Form, options, refuse_by, text_field
from portal.words import gettext, lazy_gettext

URGENT_BY = ("office", "staff")
HUES = (10, 35, 60, 85, 125, 155, 185, 210, 232, 265, 300, 335)


class NumberField(IntegerField):
    """A whole number, with our own words for what is none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number that somebody typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(gettext("Choose a number from 1 to %(max)s.", max=MAX_NOTE_DAYS)) from None


def _clock_field(label: str) -> ClockField:
    return ClockField(label, validators=[InputRequired(lazy_gettext("Fill in a time."))])


class SettingsForm(Form):
    """What the school says of itself."""

    name = text_field(
        lazy_gettext("Name of the school"), 100, lazy_gettext("Fill in the name of the school.")
    )
    short_name = text_field(lazy_gettext("Short name"), 40)
    phone = text_field(lazy_gettext("Phone"), MAX_PHONE)
    email = text_field(lazy_gettext("E-mail"), MAX_EMAIL)
    starts_at = _clock_field(lazy_gettext("School starts at"))
    report_before = _clock_field(lazy_gettext("Report before"))
    phone_from = _clock_field(lazy_gettext("Phone is answered from"))
    late_sentence = text_field(lazy_gettext("Sentence for who reports later"), 300)
    note_days = NumberField(
        lazy_gettext("Days that a note is kept"),
        validators=[
            NumberRange(
                1, MAX_NOTE_DAYS, lazy_gettext("Choose a number from 1 to %(max)s.", max=MAX_NOTE_DAYS)
            )
        ],
    )
    region = RadioField(
        lazy_gettext("Holiday region"), choices=options((region, region) for region in REGIONS)
    )
    hue = RadioField(lazy_gettext("Colour"), coerce=int)
    lists_for_parents = BooleanField(lazy_gettext("Parents may print and download the class list"))
    quiet_from = _clock_field(lazy_gettext("No letters from"))
    quiet_until = _clock_field(lazy_gettext("No letters until"))
    second_eyes = BooleanField(lazy_gettext("A second person approves a letter to the whole school"))
    urgent_by = RadioField(
        lazy_gettext("Who may send an urgent letter?"), choices=options((by, by) for by in URGENT_BY)
    )

    conversations_with_office = BooleanField(lazy_gettext("The office reads along in messages with parents"))

    def validate_phone(self, field: Field) -> None:
        """Refuse what cannot be a number."""
        refuse_by(phone_typed, field)

    def validate_email(self, field: Field) -> None:
        """Refuse what cannot be an address."""
        refuse_by(email_typed, field)

    def offer_hues(self, current: int) -> None:
        """Offer the colours by name, and the one that the school has."""
        self.hue.choices = options(hue_choices(current))

    @property
    def settings(self) -> Settings:
        """The valid form as what is kept."""
        morning = time(8, 30)
        return Settings(
            self.name.data or "",
            self.short_name.data or "",
            self.phone.data or "",
            email_typed(self.email.data or "") or "",
            self.starts_at.data or morning,
            self.report_before.data or morning,
            self.phone_from.data or morning,
            self.late_sentence.data or "",
            self.note_days.data or MAX_NOTE_DAYS,
            self.region.data,
            self.hue.data,
            self.lists_for_parents.data,
            self.quiet_from.data or time(18, 0),
            self.quiet_until.data or time(7, 0),
            self.second_eyes.data,
            self.urgent_by.data,
            self.conversations_with_office.data,
        )


def hue_choices(current: int) -> list[tuple[int, str]]:
    """Return the colours that a school can choose from, each with a name."""
    words = [
        gettext("Red"), gettext("Orange"), gettext("Amber"), gettext("Mustard"), gettext("Moss green"),
        gettext("Green"), gettext("Sea green"), gettext("Petrol"), gettext("Blue"), gettext("Indigo"),
        gettext("Purple"), gettext("Pink"),
    ]  # fmt: skip
    choices = list(zip(HUES, words, strict=True))
    return choices if current in HUES else [*choices, (current, gettext("Own colour, %(hue)s", hue=current))]


class KindForm(Form):
    """A reason for absence."""

    label_nl = text_field(lazy_gettext("In Dutch"), 40, lazy_gettext("Fill in what it is called in Dutch."))
    label_en = text_field(
        lazy_gettext("In English"), 40, lazy_gettext("Fill in what it is called in English.")
    )
    icon = RadioField(
        lazy_gettext("Picture"), choices=options((name, name) for name in ICONS), default="ellipsis"
    )
    whole_day = BooleanField(lazy_gettext("The whole day"), default=True)
    parent_selectable = BooleanField(lazy_gettext("Parents can choose it"))
    authorised = BooleanField(lazy_gettext("Authorised absence"), default=True)
    las_code = text_field(lazy_gettext("Code in the pupil administration"), 20)

    @property
    def words(self) -> KindWords:
        """The valid form as what is kept."""
        return KindWords(
            self.label_nl.data or "",
            self.label_en.data or "",
            self.icon.data,
            self.whole_day.data,
            self.parent_selectable.data,
            self.authorised.data,
            self.las_code.data or "",
        )


class NewKindForm(KindForm):
    """A reason for absence that the school adds, with a code of its own."""

    code = text_field(lazy_gettext("Short code"), 30, lazy_gettext("Fill in a code."))

    def validate_code(self, field: Field) -> None:
        """Keep codes plain: they are in files for other programs."""
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", field.data or ""):
            raise ValidationError(gettext("Use small letters, digits and hyphens only."))


class FreeDayForm(Form):
    """Days on which there is no school."""

    name = text_field(lazy_gettext("Name"), 60, lazy_gettext("Fill in what these days are called."))
    kind = RadioField(
        lazy_gettext("What is it?"),
        choices=options((kind, kind) for kind in KINDS),
        default="free",
        validators=[InputRequired(lazy_gettext("Choose what it is."))],
    )
    first_day = DayField(
        lazy_gettext("First day"), validators=[InputRequired(lazy_gettext("Choose the first day."))]
    )
    last_day = DayField(lazy_gettext("Last day"), validators=[Optional()])


class SchoolYearForm(Form):
    """The first and last day of a school year."""

    first_day = DayField(
        lazy_gettext("First day"), validators=[InputRequired(lazy_gettext("Choose the first day."))]
    )
    last_day = DayField(
        lazy_gettext("Last day"), validators=[InputRequired(lazy_gettext("Choose the last day."))]
    )


class HolidaysForm(Form):
    """Which school year's holidays to take in."""

    year = SelectField(lazy_gettext("School year"), coerce=int)
