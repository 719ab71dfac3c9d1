"""What is filled in to send a message."""

from collections.abc import Sequence

from wtforms import HiddenField, MultipleFileField
from wtforms.validators import DataRequired

from portal.blueprints.uploads import files_sent
from portal.domain.conversations import TEXT_LENGTH
from portal.domain.incoming_files import Incoming, take_in_all
from portal.errors import Refused
from portal.forms import Form, text_area
from portal.names import clean
from portal.tokens import FORM_KEY_LENGTH, new_form_key
from portal.words import lazy_gettext


class MessageForm(Form):
    """A message. `key` is the form's own: sent twice it is one message. `seen`: the last one on its page."""

    text = text_area(
        lazy_gettext("Your message"), TEXT_LENGTH, DataRequired(lazy_gettext("Write your message."))
    )
    files = MultipleFileField(lazy_gettext("Files"))
    key = HiddenField(default=new_form_key, filters=[lambda key: clean(key or "")[:FORM_KEY_LENGTH]])
    seen = HiddenField(default="0")
    taken: Sequence[Incoming] = ()

    def take_in(self) -> bool:
        """Read the files that were chosen, before anything is written; False when one cannot be taken."""
        try:
            self.taken = take_in_all(files_sent("files"))
        except Refused as refusal:
            self.refuse(refusal)
            return False
        return True

    @property
    def sent(self) -> tuple[str, str]:
        """The message, and what this form is known by."""
        return self.text.data or "", self.key.data or ""

    @property
    def seen_until(self) -> int:
        """The number of the last message that was on the page; 0 without one."""
        text = self.seen.data or ""
        return int(text) if text.isdecimal() and text.isascii() and len(text) < 11 else 0
