"""The forms of getting in, and of one's own details."""

from wtforms import BooleanField, Field, PasswordField, RadioField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Regexp

from portal.access import viewer
from portal.config import LANGUAGES
from portal.domain.importers.contacts import phone_of
from portal.domain.passwords import LONGEST
from portal.forms import Form
from portal.names import clean
from portal.words import gettext, lazy_gettext


def typed_email(text: str | None) -> str:
    """Return an address as it is kept: without spaces round it, in lower case."""
    return clean(text or "").lower()


def typed(field: StringField) -> str:
    """Return what was filled in; '' when nothing was."""
    return field.data or ""


def _email_field(label: str) -> StringField:
    return StringField(
        label,
        filters=[typed_email],
        validators=[
            InputRequired(lazy_gettext("Fill in your e-mail address.")),
            Length(max=254, message=lazy_gettext("This is too long for an e-mail address.")),
            Regexp(
                r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
                message=lazy_gettext("Fill in your whole e-mail address, like name@example.org."),
            ),
        ],
    )


def _new_password_field(label: str) -> PasswordField:
    return PasswordField(
        label,
        validators=[
            InputRequired(lazy_gettext("Choose a password.")),
            Length(max=LONGEST, message=lazy_gettext("Use at most 200 characters for your password.")),
        ],
    )


def _password_field(label: str) -> PasswordField:
    return PasswordField(
        label,
        validators=[
            InputRequired(lazy_gettext("Fill in your password.")),
            Length(max=LONGEST, message=lazy_gettext("Use at most 200 characters for your password.")),
        ],
    )


def _stay_field() -> BooleanField:
    return BooleanField(lazy_gettext("Stay logged in on this device"), default=True)


class LoginForm(Form):
    """E-mail address and password; with the address alone a mail can be asked for."""

    email = _email_field(lazy_gettext("Your e-mail address"))
    password = _password_field(lazy_gettext("Your password"))
    stay = _stay_field()


class MailToForm(Form):
    """Where to send a mail."""

    email = _email_field(lazy_gettext("Your e-mail address"))


class CodeForm(Form):
    """The six digits from the mail."""

    email = _email_field(lazy_gettext("Your e-mail address"))
    code = StringField(
        lazy_gettext("Code from the e-mail"),
        filters=[lambda text: "".join((text or "").split())],
        validators=[
            InputRequired(lazy_gettext("Fill in the code from the e-mail.")),
            Regexp(r"^[0-9]{6}$", message=lazy_gettext("The code has six digits.")),
        ],
    )
    stay = _stay_field()


class StayForm(Form):
    """Only whether to stay logged in; the link has proved the rest."""

    stay = _stay_field()


class NewPasswordForm(Form):
    """A new password by a link from a mail."""

    new_password = _new_password_field(lazy_gettext("New password"))
    stay = _stay_field()


class ChangePasswordForm(Form):
    """A new password by who knows the old one."""

    current_password = _password_field(lazy_gettext("Your password now"))
    new_password = _new_password_field(lazy_gettext("New password"))


class InvitationForm(Form):
    """What an invited person chooses; `email` only for who has none at school yet."""

    email = _email_field(lazy_gettext("Your e-mail address"))
    new_password = _new_password_field(lazy_gettext("Choose a password"))
    language = RadioField(lazy_gettext("Language"), validate_choice=False)
    stay = _stay_field()

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.language.choices = list(LANGUAGES.items())

    def validate_language(self, field: Field) -> None:
        """Ask for a language that there is."""
        if field.data not in LANGUAGES:
            raise ValidationError(gettext("Choose a language."))


class EmailForm(Form):
    """Another address, by who knows the password."""

    email = _email_field(lazy_gettext("New e-mail address"))
    current_password = _password_field(lazy_gettext("Your password"))


class PhoneForm(Form):
    """One's own telephone number: school calls it, so that it can be changed but not emptied."""

    phone = StringField(
        lazy_gettext("Mobile phone"),
        filters=[lambda text: clean(text or "")],
        validators=[Length(max=40, message=lazy_gettext("This is too long for a telephone number."))],
    )

    def validate_phone(self, field: Field) -> None:
        """Take any number that can be dialled; who only wants it unseen by parents chooses that elsewhere."""
        if not field.data:
            asked = gettext("Fill in a number at which school can call you.")
            if field.object_data and viewer().decides:
                asked += " " + gettext(
                    "Do you want other parents not to see it? Then choose ‘Nobody’ at My details."
                )
            raise ValidationError(asked)
        if phone_of(field.data) is None:
            raise ValidationError(gettext("Fill in a telephone number, like 06 12345678."))
