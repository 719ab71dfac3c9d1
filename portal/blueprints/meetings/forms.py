"""What families send about their talks."""

from flask import request
from wtforms import StringField

from portal.access import LONGEST_NUMBER
from portal.domain.meeting_choosing import SUBJECTS_LENGTH
from portal.forms import Form, text_area
from portal.words import lazy_gettext


class DetailsForm(Form):
    """What the family wants to discuss, and whether at school or by video where that is its own choice."""

    subjects = text_area(lazy_gettext("What do you want to talk about?"), SUBJECTS_LENGTH)
    way = StringField()


def number_sent(name: str) -> int | None:
    """Return the number that was sent under a name, None when it is no number of a row."""
    sent = request.form.get(name, "")
    return int(sent) if sent.isdecimal() and len(sent) <= LONGEST_NUMBER else None
