"""The school itself: what every page needs to know of it."""

from dataclasses import dataclass
from datetime import time

from flask import g
from sqlalchemy import select

from portal.access.sessions import SCHOOL_FACTS
from portal.extensions import fetch


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """The school's settings as pages show them; SCHOOL_FACTS names their columns.

    `exists` is False before the school was set up.
    """

    name: str = "Ouderportaal"
    short_name: str = ""
    phone: str = ""
    email: str = ""
    starts_at: time = time(8, 30)
    report_before: time = time(8, 30)
    phone_from: time = time(7, 45)
    late_sentence: str = ""
    hue: int = 232
    note_days: int = 14
    lists_for_parents: bool = False
    quiet_from: time = time(18, 0)
    quiet_until: time = time(7, 0)
    second_eyes: bool = False
    urgent_by: str = "office"
    is_demo: bool = False
    calendar_mark: int = 0
    exists: bool = False

    @property
    def called(self) -> str:
        """The short name, as in the corner of every page."""
        return self.short_name or self.name


_QUERY = select(*SCHOOL_FACTS)
_NAMES = [column.key for column in SCHOOL_FACTS]


def school_facts() -> SchoolFacts:
    """Return the school's settings, read once per request."""
    if "school_facts" not in g:
        rows = [g.school_row] if "school_row" in g else fetch(_QUERY)
        g.school_facts = (
            SchoolFacts(**dict(zip(_NAMES, rows[0], strict=True)), exists=True) if rows else SchoolFacts()
        )
    facts: SchoolFacts = g.school_facts
    return facts


def forget_school_facts() -> None:
    """Let the settings be read again in this request, because they changed."""
    g.pop("school_facts", None)
    g.pop("school_row", None)
