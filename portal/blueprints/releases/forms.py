"""The question that a guardian without authority asks school."""

from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from portal.domain.releases import MAX_QUESTION
from portal.forms import Form
from portal.names import clean_lines
from portal.words import lazy_gettext


def lines(text: str | None) -> str:
    """Return what was typed, without what nobody can see."""
    return clean_lines(text or "")


class QuestionForm(Form):
    """A question about one child."""

    question = TextAreaField(
        lazy_gettext("What would you like to know?"),
        filters=[lines],
        validators=[
            DataRequired(lazy_gettext("Write what you would like to know.")),
            Length(max=MAX_QUESTION, message=lazy_gettext("Use at most %(max)d characters.")),
        ],
    )
