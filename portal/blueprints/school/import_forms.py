"""The files that the office sends, and what it says about their columns."""

from typing import Any

from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import MultiDict
from wtforms import ValidationError

from portal.domain.importers.files import MAX_FILES, Upload
from portal.domain.importers.headings import IGNORE, MEANINGS
from portal.domain.roster_columns import UnknownTable
from portal.forms import Form
from portal.words import gettext, lazy_gettext


class FilesForm(Form):
    """One or more files of the pupil administration."""

    files = MultipleFileField(lazy_gettext("Files"))

    def validate_files(self, field: Any) -> None:
        """Ask for a file where there is none."""
        sent = [one for one in field.data or [] if getattr(one, "filename", "")]
        if not sent:
            raise ValidationError(gettext("Choose at least one file."))
        if len(sent) > MAX_FILES:
            raise ValidationError(gettext("Choose at most %(max)s files.", max=MAX_FILES))

    def uploads(self) -> list[Upload]:
        """Return the files with their names and contents."""
        sent: list[Any] = self.files.data or []
        return [Upload(one.filename, one.read()) for one in sent if getattr(one, "filename", "")]


def columns_chosen(sent: MultiDict[str, str], table: UnknownTable) -> list[str]:
    """Return what was chosen for each column; BSN and the like stay unread, whatever was sent."""
    chosen = (sent.get(f"column-{table.fingerprint}-{index}", "") for index in range(len(table.headings)))
    return [
        IGNORE if never == IGNORE else name if name in MEANINGS else ""
        for name, never in zip(chosen, table.guess, strict=True)
    ]
