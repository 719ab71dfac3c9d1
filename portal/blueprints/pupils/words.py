"""What the pages of a pupil call things."""

from portal.domain import care
from portal.domain.change_requests import BIRTH_DATE, OTHER
from portal.words import gettext


def request_fields() -> list[tuple[str, str]]:
    """Return what can be said to be not right, with its words."""
    return [
        ("given_name", gettext("First name")),
        ("prefix", gettext("Prefix")),
        ("surname", gettext("Surname")),
        (BIRTH_DATE, gettext("Date of birth")),
        (OTHER, gettext("Something else")),
    ]


def care_kinds() -> list[tuple[str, str]]:
    """Return the kinds of care information, with their words."""
    words = {
        "allergy": gettext("Allergy"),
        "medicine": gettext("Medicine"),
        "other": gettext("Something else"),
    }
    return [(kind, words[kind]) for kind in care.KINDS]
