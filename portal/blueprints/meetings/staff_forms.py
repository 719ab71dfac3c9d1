"""What who works at school fills in about talks."""

from wtforms import IntegerField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from portal.blueprints.school.forms import DayField, OfficeForm
from portal.domain.extra_times import MOST_EXTRA
from portal.domain.talk_notes import NOTE_LENGTH, REPORT_LENGTH
from portal.names import clean_lines
from portal.words import lazy_gettext


def _lines(text: str | None) -> str:
    return clean_lines(text or "")


class ExtraForm(OfficeForm):
    """Extra times beside the days of a round."""

    day = DayField(lazy_gettext("Day"), validators=[DataRequired(lazy_gettext("Choose a day."))])
    starts = TimeField(
        lazy_gettext("From what time?"), validators=[InputRequired(lazy_gettext("Fill in a time."))]
    )
    count = IntegerField(
        lazy_gettext("How many times after each other?"),
        validators=[
            InputRequired(lazy_gettext("Fill in a number.")),
            NumberRange(1, MOST_EXTRA, lazy_gettext("Choose at least 1 and at most %(max)s.")),
        ],
    )


class NotesForm(OfficeForm):
    """What a teacher writes for the own use."""

    before = TextAreaField(
        lazy_gettext("Before the talk"),
        filters=[_lines],
        validators=[
            Optional(),
            Length(max=NOTE_LENGTH, message=lazy_gettext("Use at most %(max)d characters.")),
        ],
    )
    after = TextAreaField(
        lazy_gettext("After the talk"),
        filters=[_lines],
        validators=[
            Optional(),
            Length(max=NOTE_LENGTH, message=lazy_gettext("Use at most %(max)d characters.")),
        ],
    )


class ReportForm(OfficeForm):
    """The report of a talk, for its parents."""

    text = TextAreaField(
        lazy_gettext("Report"),
        filters=[_lines],
        validators=[
            DataRequired(lazy_gettext("Write something, or go back without a report.")),
            Length(max=REPORT_LENGTH, message=lazy_gettext("Use at most %(max)d characters.")),
        ],
    )
