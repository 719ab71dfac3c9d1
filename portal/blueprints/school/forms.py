"""The office's forms for people and groups; what is typed is cleaned once, here."""

from datetime import date

from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Optional

from portal import clock
from portal.config import LANGUAGES
from portal.domain.contact import MAX_EMAIL, MAX_PHONE, email_typed, phone_typed
from portal.domain.roster import PersonName
from portal.domain.roster_groups import WEEKDAYS, YEAR_GROUPS
from portal.domain.roster_staff import REACH_LENGTH, ROLES
from portal.forms import Boxes, DayField, Form, options, refuse_by, text_field
from portal.names import MAX_PART, MAX_PREFIX
from portal.words import gettext, lazy_gettext

NO_GROUP = 0
OLDEST = date(1990, 1, 1)
ROLE_NAMES = tuple(map(lazy_gettext, ("Teacher", "Office", "Head", "Administrator")))


class NameForm(Form):
    """A person's name in its three parts; one of them is enough."""

    given_name = text_field(lazy_gettext("First name"), MAX_PART)
    prefix = text_field(lazy_gettext("Prefix"), MAX_PREFIX)
    surname = text_field(lazy_gettext("Surname"), MAX_PART)

    def validate_surname(self, field: Field) -> None:
        """Ask for a name where there is none at all."""
        if not field.data and not self.given_name.data:
            raise ValidationError(gettext("Fill in a first name or a surname."))

    @property
    def name(self) -> PersonName:
        """The name as typed; a prefix without a surname is the surname."""
        given, prefix, surname = (field.data or "" for field in (self.given_name, self.prefix, self.surname))
        return PersonName(given, prefix, surname) if surname else PersonName(given, "", prefix)


class ContactForm(NameForm):
    """An adult's name and how to reach them."""

    email = text_field(lazy_gettext("E-mail"), MAX_EMAIL)
    phone = text_field(lazy_gettext("Phone"), MAX_PHONE)
    language = SelectField(lazy_gettext("Language"), choices=options(LANGUAGES.items()), default="nl")

    def validate_surname(self, field: Field) -> None:
        """Let an e-mail address do for who gave the school no name."""
        if not field.data and not self.given_name.data and not self.email.data:
            raise ValidationError(gettext("Fill in a name or an e-mail address."))

    def validate_email(self, field: Field) -> None:
        """Refuse what cannot be an address."""
        refuse_by(email_typed, field)

    def validate_phone(self, field: Field) -> None:
        """Refuse what cannot be a number."""
        refuse_by(phone_typed, field)

    @property
    def address(self) -> str | None:
        """The address as it is kept."""
        return email_typed(self.email.data or "")

    @property
    def number(self) -> tuple[str, str]:
        """The number as typed and as it is dialled."""
        return phone_typed(self.phone.data or "")


def year_group_choices() -> list[SelectChoice]:
    """Return the year groups as choices, 'not known' first."""
    return options([("", gettext("not known")), *((str(number), str(number)) for number in YEAR_GROUPS)])


class PupilForm(NameForm):
    """A child."""

    birth_date = DayField(lazy_gettext("Date of birth"), validators=[Optional()])
    year_group = SelectField(lazy_gettext("Year group"), choices=year_group_choices, default="")

    def validate_birth_date(self, field: Field) -> None:
        """Refuse a day that no pupil was born on."""
        if field.errors:
            return
        if field.data and not OLDEST <= field.data <= clock.today():
            raise ValidationError(gettext("Choose a date of birth in the past."))

    @property
    def own_year_group(self) -> int | None:
        """The child's own year group, None when not known."""
        return int(self.year_group.data) if self.year_group.data else None


class NewPupilForm(PupilForm):
    """A child that is new at school, with the group it joins."""

    home = SelectField(lazy_gettext("Home group"), coerce=int, default=NO_GROUP)


class PlaceForm(Form):
    """The groups that a child is in."""

    home = SelectField(lazy_gettext("Home group"), coerce=int, default=NO_GROUP)
    extra = Boxes(lazy_gettext("Other groups"), coerce=int)


class LeavingForm(Form):
    """When a child leaves, or somebody of the staff."""

    left_on = DayField(
        lazy_gettext("Last day at school"),
        validators=[InputRequired(lazy_gettext("Choose the last day at school."))],
    )


class GuardianDetailsForm(ContactForm):
    """What is known of a guardian, who may act on behalf of an institution (R23)."""

    organisation = text_field(lazy_gettext("Institution"), 100)

    def validate_surname(self, field: Field) -> None:
        """Let an institution or an e-mail address do for who gave the school no name."""
        if not self.organisation.data:
            super().validate_surname(field)


class GuardianForm(GuardianDetailsForm):
    """An adult as guardian of a child.

    `known` is set when the address turned out to be somebody's, `other_than` when a guardian of the
    child has the same name and this is somebody else.
    """

    relation = text_field(lazy_gettext("Relation to the child"), 30)
    has_authority = BooleanField(lazy_gettext("Has parental authority"), default=True)
    known = HiddenField()
    other_than = HiddenField()


class GuardianshipForm(Form):
    """What an adult is to a child."""

    relation = text_field(lazy_gettext("Relation to the child"), 30)


class GroupForm(Form):
    """A group."""

    name = text_field(lazy_gettext("Name"), 64, lazy_gettext("Fill in the name of the group."))
    year_groups = Boxes(
        lazy_gettext("Year groups"),
        coerce=int,
        choices=options((number, str(number)) for number in YEAR_GROUPS),
    )
    composite = BooleanField(lazy_gettext("No child's home group"))


def weekdays() -> list[tuple[int, str]]:
    """Return the school days: bit and name."""
    names = [
        gettext("Monday"), gettext("Tuesday"), gettext("Wednesday"), gettext("Thursday"), gettext("Friday"),
    ]  # fmt: skip
    return list(zip(WEEKDAYS, names, strict=True))


class TeachersForm(Form):
    """Who teaches a group, on which days: those who do, each to be kept or not, and one more."""

    teacher = Boxes(lazy_gettext("Teachers"), coerce=int)
    day = Boxes(lazy_gettext("Days"))
    added = SelectField(lazy_gettext("Add a teacher"), coerce=int, default=NO_GROUP)
    added_day = Boxes(lazy_gettext("Days"), coerce=int, choices=lambda: options(weekdays()))

    def weekdays(self) -> dict[int, int]:
        """Return the days of everybody who teaches the group, by the person's number."""
        days = {user_id: 0 for user_id in self.teacher.data or []}
        for value in self.day.data or []:
            user_id, bit = (int(part) for part in value.split("-"))
            if user_id in days:
                days[user_id] |= bit
        if self.added.data:
            days[self.added.data] = sum(self.added_day.data or [])
        return days


class StaffForm(ContactForm):
    """Somebody who works at school. `known` is set when the address turned out to be somebody's."""

    called = text_field(lazy_gettext("What the children say"), 60)
    work_email = text_field(lazy_gettext("E-mail for parents"), MAX_EMAIL)
    reach = text_field(lazy_gettext("How and when parents reach this person"), REACH_LENGTH)
    role = RadioField(
        lazy_gettext("Role"),
        choices=options(zip(ROLES, ROLE_NAMES, strict=True)),
        default="teacher",
        validators=[InputRequired(lazy_gettext("Choose a role."))],
    )
    known = HiddenField()

    def validate_surname(self, field: Field) -> None:
        """Ask for a name: an address alone does for a parent, not for who works here."""
        NameForm.validate_surname(self, field)

    def validate_email(self, field: Field) -> None:
        """Ask for the address that a member of staff signs in with."""
        if not field.data:
            raise ValidationError(gettext("Fill in an e-mail address: staff sign in with it."))
        super().validate_email(field)

    def validate_work_email(self, field: Field) -> None:
        """Refuse what cannot be an address."""
        refuse_by(email_typed, field)

    @property
    def shown_to_parents(self) -> tuple[str | None, str | None]:
        """The address and the sentence that the parents of the own groups see."""
        return email_typed(self.work_email.data or ""), self.reach.data or None


class CorrectedEmailForm(Form):
    """A new address for somebody whose mail did not arrive."""

    email = text_field(lazy_gettext("E-mail"), MAX_EMAIL, lazy_gettext("Fill in an e-mail address."))

    @property
    def address(self) -> str | None:
        """The address as it is kept."""
        return email_typed(self.email.data or "")

    def validate_email(self, field: Field) -> None:
        """Refuse what cannot be an address."""
        refuse_by(email_typed, field)
