"""What who works at school fills in about talks."""

from wtforms import IntegerField, TimeField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from portal.domain.extra_times import MOST_EXTRA
from portal.domain.talk_notes import NOTE_LENGTH, REPORT_LENGTH
from portal.forms import DayField, Form, text_area
from portal.words import lazy_gettext


class ExtraForm(Form):
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


class NotesForm(Form):
    """What a teacher writes for the own use."""

    before = text_area(lazy_gettext("Before the talk"), NOTE_LENGTH, Optional())
    after = text_area(lazy_gettext("After the talk"), NOTE_LENGTH, Optional())


class TalkReportForm(Form):
    """The report of a talk, for its parents."""

    text = text_area(
        lazy_gettext("Report"),
        REPORT_LENGTH,
        DataRequired(lazy_gettext("Write something, or go back without a report.")),
    )
