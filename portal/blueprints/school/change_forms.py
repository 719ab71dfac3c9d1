"""Forms for what is there already: the second of two who type at once is told, and keeps what was typed."""

from datetime import date
from typing import Self

from wtforms import Field, HiddenField
from wtforms.fields.choices import SelectFieldBase

from portal.blueprints.school.forms import GuardianDetailsForm, PupilForm, StaffForm
from portal.domain.holding import Overtaken
from portal.formatting import full_date
from portal.forms import Form
from portal.words import gettext


class ChangeForm(Form):
    """A form about what is there already; `version` tells what it showed of that (`holding.version_of`)."""

    version = HiddenField()

    def overtaken_by(self, now: Self, refusal: Overtaken) -> list[tuple[str, str]]:
        """Say that somebody else was first; sent once more, the form takes the place of what stands there.

        Returns label and words of each field of `now` that stands otherwise than it was typed.
        """
        self.refuse(refusal)
        otherwise = []
        for field in now:
            if isinstance(field, HiddenField):
                if field.name != "csrf_token":
                    self[field.name].data = field.data
            elif field.data != self[field.name].data:
                otherwise.append((str(field.label.text), _in_words(field)))
        return otherwise


def _in_words(field: Field) -> str:
    """Return what a field holds, as it would be read aloud."""
    if isinstance(field, SelectFieldBase):
        return ", ".join(str(option.label.text) for option in field if option.checked)
    if isinstance(field.data, date):
        return full_date(field.data)
    return str(field.data or "") or gettext("nothing filled in")


class PupilChangeForm(ChangeForm, PupilForm):
    """What is known of a child."""


class GuardianChangeForm(ChangeForm, GuardianDetailsForm):
    """What is known of a guardian."""


class MemberChangeForm(ChangeForm, StaffForm):
    """What is known of a member of staff; `work_version` is of what one is and how one is reached here."""

    work_version = HiddenField()
