"""Times as the office types them for a round of talks."""

import re
from datetime import datetime, time
from typing import Any

from wtforms import DateTimeLocalField, StringField
from wtforms.validators import InputRequired

from portal import clock
from portal.forms import cleaned, refuse_odd_year
from portal.words import gettext, lazy_gettext

PAUSE = re.compile(r"(\d{1,2})[.:](\d{2})\s*[-–—]\s*(\d{1,2})[.:](\d{2})")  # noqa: RUF001
WITHOUT_MARK = re.compile(r"^(\d{1,2})(\d{2})$")
NO_PAUSE = ("", "-", "geen", "none")


class HourField(StringField):
    """A time of the school's clock: '15.00', '15:00' or '1500'. Its data is a `time` or None."""

    def _value(self) -> str:
        if isinstance(self.data, time):
            return written(self.data)
        return self.raw_data[0] if self.raw_data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed."""
        text = cleaned(valuelist[0] if valuelist else "")
        self.data: Any = None
        if text:
            try:
                self.data = time.fromisoformat(WITHOUT_MARK.sub(r"\1:\2", text).replace(".", ":").zfill(5))
            except ValueError:
                raise ValueError(gettext("Type the time as 15:00.")) from None


class PauseField(StringField):
    """A break as it is written: '16.40–16.50', or nothing. Its data is two times, or None."""

    def _value(self) -> str:
        if isinstance(self.data, tuple):
            return f"{written(self.data[0])}–{written(self.data[1])}"  # noqa: RUF001
        return self.raw_data[0] if self.raw_data else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed."""
        text = cleaned(valuelist[0] if valuelist else "")
        self.data: Any = None
        if text.casefold() in NO_PAUSE:
            return
        found = PAUSE.fullmatch(text)
        try:
            if found is None:
                raise ValueError
            hours = [int(part) for part in found.groups()]
            self.data = (time(hours[0], hours[1]), time(hours[2], hours[3]))
        except ValueError:
            raise ValueError(gettext("Type the break as 16:40-16:50.")) from None


def written(hour: time) -> str:
    """Return a time as a Dutch school writes it, '15.00'."""
    return f"{hour.hour}.{hour.minute:02}"


class MomentField(DateTimeLocalField):
    """A day and time of the school's clock; `moment` is the aware one."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what the browser sends, or what somebody typed without one."""
        self.data = None
        if not any(value.strip() for value in valuelist):
            return
        try:
            super().process_formdata(valuelist)
            refuse_odd_year(self)
        except ValueError:
            raise ValueError(gettext("Choose a day and a time.")) from None

    @property
    def moment(self) -> datetime | None:
        """The aware moment that was chosen."""
        return self.data.replace(tzinfo=clock.SCHOOL_ZONE) if self.data else None


def moment_field(label: str, required: bool = False) -> MomentField:
    """Return a field for a moment, that may be empty unless it is required."""
    asked = InputRequired(lazy_gettext("Choose a day and a time."))
    formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]
    return MomentField(label, format=formats, validators=[asked] if required else [])
