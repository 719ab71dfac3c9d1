"""What guardians and school fill in about a pupil; what is typed is cleaned once, here."""

from typing import Any

from wtforms import Field, HiddenField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from portal import clock
from portal.blueprints.pupils.words import care_kinds, request_fields
from portal.blueprints.school.change_forms import ChangeForm
from portal.blueprints.school.forms import OLDEST
from portal.domain import care, change_requests
from portal.domain.care import CareWords
from portal.domain.change_requests import BIRTH_DATE
from portal.domain.contact import MAX_PHONE, phone_typed
from portal.domain.emergency_contacts import ContactWords
from portal.forms import DayField, Form, refuse_by, text_field
from portal.names import MAX_PART, MAX_PREFIX, clean
from portal.words import gettext, lazy_gettext

BY_SCHOOL = 0
LONGEST_PARTS = {"given_name": MAX_PART, "prefix": MAX_PREFIX, "surname": MAX_PART}


def lines(text: str | None) -> str:
    """Return what was typed on several lines, each cleaned; empty ones go at the ends, and stay between."""
    return "\n".join(clean(line) for line in (text or "").splitlines()).strip()


class RequestForm(Form):
    """Something of a child that is not right, and what it should be."""

    field = RadioField(lazy_gettext("What is not right?"), choices=request_fields, validate_choice=False)
    wanted = text_field(lazy_gettext("What should it be?"), change_requests.LONGEST)
    birth_date = DayField(lazy_gettext("What should it be?"))

    def validate_field(self, field: Field) -> None:
        """Ask what it is about."""
        if field.data not in change_requests.FIELDS:
            raise ValidationError(gettext("Choose what is not right."))

    def validate_wanted(self, field: Field) -> None:
        """Ask for what it should be; only a prefix can be none at all."""
        about = self.field.data
        if about in change_requests.FIELDS and about not in (BIRTH_DATE, "prefix") and not field.data:
            raise ValidationError(gettext("Type what it should be."))
        longest = LONGEST_PARTS.get(about, change_requests.LONGEST)
        if len(field.data or "") > longest:
            raise ValidationError(gettext("Use at most %(max)d characters.", max=longest))

    def validate_birth_date(self, field: Field) -> None:
        """Ask for a day on which a pupil can be born."""
        if self.field.data != BIRTH_DATE:
            field.errors = []
        elif not (field.raw_data and field.raw_data[0]):
            field.errors = []
            raise ValidationError(gettext("Choose a date of birth in the past."))
        elif not field.errors and not (field.data and OLDEST <= field.data <= clock.today()):
            raise ValidationError(gettext("Choose a date of birth in the past."))

    @property
    def said(self) -> str:
        """What it should be, as it is kept."""
        if self.field.data == BIRTH_DATE and self.birth_date.data:
            return self.birth_date.data.isoformat()
        return self.wanted.data or ""


class EmergencyContactForm(Form):
    """Somebody to call when no guardian answers."""

    name = text_field(lazy_gettext("Name"), 100, lazy_gettext("Type the name of who school can call."))
    relation = text_field(lazy_gettext("Who is it of the child?"), 60)
    phone = text_field(lazy_gettext("Phone"), MAX_PHONE, lazy_gettext("Type a phone number."))

    def validate_phone(self, field: Field) -> None:
        """Refuse what cannot be a number."""
        refuse_by(phone_typed, field)

    @property
    def words(self) -> ContactWords:
        """What was typed, of a valid form."""
        return ContactWords(
            self.name.data or "", self.relation.data or "", phone_typed(self.phone.data or "")
        )


class ContactChangeForm(ChangeForm, EmergencyContactForm):
    """What is kept of a contact."""


class SchoolContactForm(EmergencyContactForm):
    """The same, noted by school for the guardian who said it by phone, or for school itself."""

    given_by = SelectField(lazy_gettext("Who gave this contact?"), coerce=int, default=BY_SCHOOL)

    @property
    def giver(self) -> int | None:
        """The guardian whose contact it is, None when it is school's own."""
        return self.given_by.data or None


class CareForm(Form):
    """What school must know to care for a child (R15)."""

    kind = RadioField(lazy_gettext("What is it about?"), choices=care_kinds, validate_choice=False)
    what: StringField = text_field(
        lazy_gettext("What is it?"), care.LONGEST_WHAT, lazy_gettext("Type in a few words what it is.")
    )
    what_to_do = TextAreaField(
        lazy_gettext("What must the teacher do?"),
        filters=[lines],
        validators=[
            Length(max=care.LONGEST_WHAT_TO_DO, message=lazy_gettext("Use at most %(max)d characters."))
        ],
    )

    def validate_kind(self, field: Field) -> None:
        """Ask for a kind in words of its own."""
        if field.data not in care.KINDS:
            raise ValidationError(gettext("Choose what it is about."))

    @property
    def words(self) -> CareWords:
        """What was typed, of a valid form."""
        return CareWords(self.kind.data, self.what.data or "", self.what_to_do.data or "")


class RewrittenCareForm(CareForm):
    """The same, about what is written down already: `version` is the wording that was shown."""

    version = HiddenField()


def blank(form: type[Form], **values: Any) -> Any:
    """Return a form of this kind that shows these values and nothing that was sent."""
    return form(formdata=None, data=values)
