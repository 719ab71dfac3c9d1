"""What the office fills in about requests of parents, and about who reads care information."""

from wtforms import SelectField

from portal.domain import change_requests
from portal.forms import Form, text_field
from portal.words import lazy_gettext


class RefusalForm(Form):
    """Why school leaves it as it is."""

    reason = text_field(
        lazy_gettext("Why not?"),
        change_requests.LONGEST,
        lazy_gettext("Type the reason; the parent reads it."),
    )


class ReaderForm(Form):
    """One more colleague who may read the care information of a pupil."""

    user = SelectField(lazy_gettext("Colleague"), coerce=int)
