"""What families send about their talks."""

from flask import request
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from portal.access import LONGEST_NUMBER
from portal.domain.meeting_choosing import SUBJECTS_LENGTH
from portal.forms import Form
from portal.names import clean_lines
from portal.words import lazy_gettext


class DetailsForm(Form):
    """What the family wants to discuss, and whether at school or by video where that is its own choice."""

    subjects = TextAreaField(
        lazy_gettext("What do you want to talk about?"),
        filters=[lambda text: clean_lines(text) if text else ""],
        validators=[Length(max=SUBJECTS_LENGTH, message=lazy_gettext("Use at most 1000 characters."))],
    )
    way = StringField()


def number_sent(name: str) -> int | None:
    """Return the number that was sent under a name, None when it is no number of a row."""
    sent = request.form.get(name, "")
    return int(sent) if sent.isdecimal() and len(sent) <= LONGEST_NUMBER else None
