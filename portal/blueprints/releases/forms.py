"""The question that a guardian without authority asks school."""

from wtforms.validators import DataRequired

from portal.domain.releases import MAX_QUESTION
from portal.forms import Form, text_area
from portal.words import lazy_gettext


class QuestionForm(Form):
    """A question about one child."""

    question = text_area(
        lazy_gettext("What would you like to know?"),
        MAX_QUESTION,
        DataRequired(lazy_gettext("Write what you would like to know.")),
    )
