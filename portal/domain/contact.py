"""E-mail addresses, phone numbers and names as somebody types them in a form (R38, R40)."""

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from portal import names
from portal.errors import Refused
from portal.words import gettext as _

MAX_EMAIL = 254
MAX_PHONE = 40


def email_typed(text: str, field: str = "email") -> str | None:
    """Return the address in lower case, None when there is none. Raises Refused when it cannot be one."""
    text = names.clean(text or "")
    if not text:
        return None
    try:
        address = validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        address = ""
    if not address or len(address) > MAX_EMAIL:
        raise Refused(_("This is not an e-mail address. It looks like name@example.nl."), field)
    return address


def phone_typed(text: str, field: str = "phone") -> tuple[str, str]:
    """Return the number as typed and in E.164 form, both '' when empty. Raises Refused when it is no number.

    A number without a country is Dutch.
    """
    text = names.clean(text or "")
    if not text:
        return "", ""
    try:
        number = phonenumbers.parse(text, "NL")
        possible = phonenumbers.is_possible_number(number)
    except phonenumbers.NumberParseException:
        possible = False
    if not possible or len(text) > MAX_PHONE:
        raise Refused(
            _("This is not a phone number. Type it as 06 12345678, or with a country as +32 470 123456."),
            field,
        )
    return text, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
