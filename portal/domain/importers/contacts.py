"""E-mail addresses and telephone numbers as people type them and as Excel spoils them (R40)."""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from portal.names import clean

MAX_PHONE = 40
_SEVERAL = re.compile(r"\s*[;,/|]\s*|\s+(?:of|or|en|and)\s+|\s+(?=\S+@)")
_SEVERAL_PHONES = re.compile(r"\s*[;,/|]\s*|\s+(?:of|or|en|and)\s+")


def email_of(text: str) -> str | None:
    """Return the first valid address in the text, in lower case, or None."""
    for part in _SEVERAL.split(clean(text)[:1000]):
        part = part.strip("<>'\" ").removeprefix("mailto:")
        if not part:
            continue
        try:
            address = validate_email(part, check_deliverability=False, test_environment=False)
        except EmailNotValidError:
            continue
        if len(address.normalized) <= 254:
            return address.normalized.lower()
    return None


def phone_of(text: str) -> tuple[str, str] | None:
    """Return a number as typed and in E.164 form (region NL unless it says otherwise), or None.

    '612345678' and '31612345678' are what Excel leaves of '0612345678' and '+31612345678'.
    """
    for part in _SEVERAL_PHONES.split(clean(text)[:200]):
        part = part.strip("'\"= ")
        if "e+" in part.lower() or len(part) > MAX_PHONE or not re.search(r"\d", part):
            continue
        digits = re.sub(r"\D", "", part)
        candidates = [part]
        if re.fullmatch(r"31\d{9}", digits) and not part.startswith("+"):
            candidates.insert(0, "+" + digits)
        for candidate in candidates:
            number = _parsed(candidate)
            if number:
                return _as_typed(part, digits), number
    return None


def _parsed(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "NL")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _as_typed(part: str, digits: str) -> str:
    """Give back the 0 or + that a spreadsheet ate."""
    if part == digits and len(digits) == 9 and not digits.startswith("0"):
        return "0" + digits
    if part == digits and re.fullmatch(r"31\d{9}", digits):
        return "+" + digits
    return part
