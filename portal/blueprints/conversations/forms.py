"""What is filled in to send a message."""

from wtforms import HiddenField, TextAreaField
from wtforms.validators import DataRequired, Length

from portal.blueprints.school.forms import OfficeForm
from portal.domain.conversations import TEXT_LENGTH, new_key
from portal.names import clean_lines
from portal.words import lazy_gettext


class MessageForm(OfficeForm):
    """A message. `key` is the form's own: sent twice it is one message. `seen`: the last one on its page."""

    text = TextAreaField(
        lazy_gettext("Your message"),
        filters=[lambda text: clean_lines(text or "")],
        validators=[
            DataRequired(lazy_gettext("Write your message.")),
            Length(max=TEXT_LENGTH, message=lazy_gettext("Use at most %(max)d characters.")),
        ],
    )
    key = HiddenField(default=new_key)
    seen = HiddenField(default="0")

    @property
    def sent_key(self) -> str:
        """What this form is known by."""
        return self.key.data or ""

    @property
    def seen_until(self) -> int:
        """The number of the last message that was on the page; 0 without one."""
        text = self.seen.data or ""
        return int(text) if text.isdecimal() and text.isascii() and len(text) < 11 else 0
