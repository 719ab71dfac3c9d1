"""What is typed about albums and photos."""

from typing import Any

from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from portal.domain.albums import REASON_LENGTH, TITLE_LENGTH
from portal.forms import Form
from portal.names import clean
from portal.words import lazy_gettext


def _cleaned(text: str | None) -> str:
    return clean(text or "")


def _longest(length: int) -> Any:
    too_long = lazy_gettext("Use at most %(max)d characters.")
    return Length(max=length, message=too_long)


class TitleForm(Form):
    """The title of a new album."""

    title = StringField(
        lazy_gettext("Title"),
        filters=[_cleaned],
        validators=[DataRequired(lazy_gettext("Give the album a title.")), _longest(TITLE_LENGTH)],
    )


class AlbumForm(TitleForm):
    """The title of an album, and whether it stays after the school year."""

    keep = BooleanField(lazy_gettext("Keep this album"))


class RequestForm(Form):
    """Why a parent wants a photo gone; nothing has to be said."""

    reason = StringField(
        lazy_gettext("Anything that school should know?"),
        filters=[_cleaned],
        validators=[_longest(REASON_LENGTH)],
    )
