"""What a writer fills in for a letter; a draft may be as empty as it is."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import request
from wtforms import BooleanField, Field, HiddenField, RadioField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length, Optional

from portal import access, clock
from portal.access import Viewer
from portal.domain import letter_choices, letter_times, letters
from portal.domain.letter_audience import Part
from portal.domain.letters import Words
from portal.domain.own_lists import NAME_LENGTH
from portal.domain.school import SchoolFacts
from portal.errors import Refused
from portal.forms import ClockField, DayField, Form, options, text_field
from portal.models.letters import Letter
from portal.names import clean
from portal.tokens import FORM_KEY_LENGTH, new_form_key
from portal.words import gettext, lazy_gettext

NOW, LATER = "now", "later"
SENDER_LENGTH = 80
TOO_LONG = lazy_gettext("Use at most %(max)d characters.")


def _number(text: Any) -> int:
    return int(text) if str(text).isascii() and str(text).isdecimal() and len(str(text)) < 10 else 0


class FilesField(Field):
    """Where what is wrong with a file is said; what was chosen is read by itself."""

    errors: list[str]

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Keep nothing of it."""


class CorrectionForm(Form):
    """The words of a letter, as they can still be changed when parents have it."""

    title = text_field(lazy_gettext("Subject"), letters.TITLE_LENGTH)
    sender = text_field(lazy_gettext("From"), SENDER_LENGTH)
    text = TextAreaField(
        lazy_gettext("Letter"),
        filters=[lambda text: letters.clean_text(text or "")],
        validators=[Length(max=letters.TEXT_LENGTH, message=TOO_LONG)],
    )
    visible_until = DayField(lazy_gettext("Parents find it until"), validators=[Optional()])
    notify = BooleanField(lazy_gettext("Let the parents know by mail that it was changed"))
    files = FilesField(lazy_gettext("Attachments"))
    revision = HiddenField(default="0")

    def show(self, letter: Letter) -> None:
        """Fill the form with a letter as it stands."""
        self.title.data, self.sender.data, self.text.data = letter.title, letter.sender, letter.text
        self.visible_until.data = letter.visible_until
        self.revision.data = str(letter.revision)

    @property
    def removed_files(self) -> list[int]:
        """The numbers of the files that go with the correction."""
        return [_number(value) for value in request.form.getlist("remove_file")]

    @property
    def opened(self) -> int:
        """The revision that was there when the form was opened."""
        return _number(self.revision.data)

    def words_of(self, letter: Letter) -> Words:
        """The valid form as the words of a letter that was sent; the rest stays as it was."""
        return Words(
            self.title.data or "",
            self.text.data or "",
            self.sender.data or "",
            letter.mail_shows,
            letter.urgent,
            self.visible_until.data,
            letter.planned_at,
        )

    def ask_for_words(self) -> bool:
        """Whether nothing is missing that a letter needs; else say so at the fields."""
        if not self.title.data:
            self.refuse(Refused(gettext("Give the letter a subject."), "title"))
        if not self.text.data:
            self.refuse(Refused(gettext("Write the letter first."), "text"))
        return bool(self.title.data and self.text.data)


class PlannedDay(DayField):
    """The day on which a letter goes, which may still be half typed when the page saves itself."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the day; one in the year 2, on the way to 2026, is none yet."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            if not re.fullmatch(r"0\d{3}-\d\d-\d\d", "".join(valuelist)):
                raise


class LetterForm(CorrectionForm):
    """A letter that is being written: for whom, the words, and when it goes.

    `letter` is the draft that a new letter has become by saving itself; `key` is the form's own, so that sent
    twice it is one letter.
    """

    audience = StringField(lazy_gettext("For whom"))
    mail_shows = RadioField(
        lazy_gettext("What the mail shows"),
        choices=options((value, value) for value in ("hint", "text")),
        default="hint",
    )
    urgent = BooleanField(lazy_gettext("Urgent: goes to everybody at once"))
    when = RadioField(
        lazy_gettext("When"), choices=options((value, value) for value in (NOW, LATER)), default=NOW
    )
    day = PlannedDay(lazy_gettext("Day"), validators=[Optional()])
    time = ClockField(lazy_gettext("Time"), validators=[Optional()])
    letter = HiddenField(default="")
    key = HiddenField(default=new_form_key, filters=[lambda key: clean(key or "")[:FORM_KEY_LENGTH]])

    def propose(self, school: SchoolFacts, planned_at: datetime | None = None) -> None:
        """Fill in when it goes: as it was chosen (`planned_at`), as long as that is ahead.

        Else now, or in school's quiet hours the first time after them.
        """
        now, quiet = clock.now(), (school.quiet_from, school.quiet_until)
        ahead = planned_at if planned_at and planned_at > now else None
        self.when.data = LATER if ahead or letter_times.is_quiet(now, *quiet) else NOW
        local = clock.to_local(ahead or letter_times.usual_time(now, *quiet))
        self.day.data, self.time.data = local.date(), local.time()

    def show(self, letter: Letter) -> None:
        """Fill the form with a draft as it stands."""
        super().show(letter)
        self.mail_shows.data, self.urgent.data = letter.mail_shows, letter.urgent
        self.letter.data = str(letter.id)

    @property
    def draft(self) -> int:
        """The number of the draft that this letter is already, else 0."""
        return _number(self.letter.data)

    def words(self, viewer: Viewer, urgent_by: str) -> Words:
        """The valid form as what is kept; urgent only for who may say so."""
        return Words(
            self.title.data or "",
            self.text.data or "",
            self.sender.data or "",
            self.mail_shows.data,
            self.urgent.data and access.may_write_urgently(viewer, urgent_by),
            self.visible_until.data,
            self._planned_at(),
        )

    def _planned_at(self) -> datetime | None:
        try:
            return self.send_at()
        except Refused:
            return None

    def send_at(self) -> datetime | None:
        """When it is to go, None for now. Raises Refused for no moment, or one that is over."""
        if self.when.data != LATER:
            return None
        if not self.day.data:
            raise Refused(gettext("Choose a day."), "day")
        if not self.time.data:
            raise Refused(gettext("Fill in a time."), "time")
        is_over = self.day.data < clock.today()
        moment = clock.now() if is_over else clock.at_local(f"{self.day.data} {self.time.data:%H:%M}")
        if is_over or moment < clock.now():
            raise Refused(gettext("This time is over. Choose a later one, or 'Now'."), "time")
        return moment


class ListForm(Form):
    """The name of a list of school's own."""

    name = text_field(lazy_gettext("Name"), NAME_LENGTH)

    def validate_name(self, field: Field) -> None:
        """Ask for a name."""
        if not field.data:
            raise ValidationError(gettext("Give the list a name."))


def parts_sent(most: int = letter_choices.MOST_PARTS) -> list[Part]:
    """Return for whom the form says that the letter is, without what was just taken away.

    Raises Refused for more than `most`.
    """
    dropped = request.form.get("drop", "")
    chosen, excluded = request.form.getlist("part"), request.form.getlist("without")
    return letter_choices.read_parts(
        [text for text in chosen if f"part={text}" != dropped],
        [text for text in excluded if f"without={text}" != dropped],
        most,
    )


def texts_of(parts: Sequence[Part], excluded: bool) -> set[str]:
    """Return the parts as the form holds them, those that are meant or those that are not."""
    return {letter_choices.as_text(part) for part in parts if part.excluded == excluded}
