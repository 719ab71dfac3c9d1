"""The sick report's form, for guardians and for school."""

from dataclasses import dataclass
from datetime import date, time
from typing import Any, cast

from wtforms import (
    BooleanField,
    DateField,
    RadioField,
    SelectMultipleField,
    TimeField,
    ValidationError,
)
from wtforms.validators import Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from portal.access import LONGEST_NUMBER
from portal.domain.absence import NOTE_LENGTH
from portal.domain.absence_lists import Kind
from portal.domain.school_days import SchoolDays
from portal.errors import Refused
from portal.formatting import near_date, sentence
from portal.forms import Form, text_area
from portal.words import gettext, lazy_gettext

ONE_DAY, TWO_DAYS, DATES = "one", "two", "dates"


@dataclass(frozen=True, slots=True)
class Days:
    """The days a report is about; `last` None means until better."""

    first: date
    last: date | None


class PupilField(SelectMultipleField):
    """Check boxes for the children, so that a parent can report two at once."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: object) -> None:
        """Ask for a child by name where there are two."""
        offered: dict[int, str] = dict(cast(Any, self.choices))
        if self.data and all(value in offered for value in self.data):
            return
        if len(offered) == 2:
            one, other = offered.values()
            raise ValidationError(gettext("Choose %(one)s, %(other)s or both.", one=one, other=other))
        raise ValidationError(gettext("Choose who is absent."))


def first_day_needed(form: "ReportForm", field: DateField) -> None:
    """Ask for a first day where dates are chosen."""
    if form.names_dates() and not (field.raw_data and field.raw_data[0].strip()):
        field.errors = []
        raise StopValidation(gettext("Choose the first day."))


class ReportForm(Form):
    """What is asked of who reports a child absent (R14), and nothing medical (R15)."""

    pupil = PupilField(lazy_gettext("Who is absent?"), coerce=int)
    kind = RadioField(lazy_gettext("Why?"), validate_choice=False)
    days = RadioField(lazy_gettext("How long?"), validate_choice=False)
    first_day = DateField(lazy_gettext("From"), validators=[first_day_needed, Optional()])
    last_day = DateField(lazy_gettext("Up to and including"), validators=[Optional()])
    until_better = BooleanField(lazy_gettext("Until my child is better"))
    from_time = TimeField(lazy_gettext("Away from"), validators=[Optional()])
    until_time = TimeField(lazy_gettext("At school from"), validators=[Optional()])
    replaces = BooleanField()
    note = text_area(lazy_gettext("Message for the teacher"), NOTE_LENGTH, one_line=True)

    def offer(self, pupils: list[tuple[int, str]], kinds: list[Kind], days: SchoolDays, base: date) -> None:
        """Fill in what can be chosen: `base` is the first day on which there is school."""
        self.pupil.choices = pupils
        self.kind.choices = [(kind.code, kind.label) for kind in kinds]
        following = days.next_school_day(base)
        self.days.choices = [
            (ONE_DAY, sentence(near_date(base))),
            (TWO_DAYS, gettext("Also %(day)s", day=near_date(following))),
            (DATES, gettext("Choose dates")),
        ]

    def validate_kind(self, field: RadioField) -> None:
        """Ask for a reason in words of its own."""
        if field.data not in dict(cast(Any, field.choices)):
            raise ValidationError(gettext("Choose a reason."))

    def refuse(self, refusal: Refused) -> None:
        """Show what is wrong with a day where days are asked: a date is not, while none is chosen."""
        if refusal.field in ("first_day", "last_day") and not self.names_dates():
            refusal = Refused(refusal.sentence, "days")
        super().refuse(refusal)

    def names_dates(self) -> bool:
        """Whether days of one's own are chosen, instead of today or also tomorrow."""
        return bool(self.days.data == DATES)

    def named_pupils(self) -> list[int]:
        """Return the numbers that were sent as children, whosever they are."""
        sent = [str(text) for text in self.pupil.raw_data or []]
        return [int(text) for text in sent if text.isdecimal() and len(text) <= LONGEST_NUMBER]

    def chosen_days(self, base: date, days: SchoolDays) -> Days:
        """Return the days that were chosen, of a valid form."""
        if self.days.data == ONE_DAY:
            return Days(base, base)
        if self.days.data == TWO_DAYS:
            return Days(base, days.next_school_day(base))
        first = self.first_day.data or base
        return Days(first, None if self.until_better.data else self.last_day.data or first)

    def chosen_pupils(self) -> list[int]:
        """Return the numbers of the children that were chosen, each once."""
        return list(dict.fromkeys(self.pupil.data or []))

    def times_for(self, kind: Kind) -> tuple[time | None, time | None]:
        """Return the times of a visit; none for a kind that takes the whole day."""
        if kind.whole_day:
            return None, None
        return self.from_time.data, self.until_time.data
