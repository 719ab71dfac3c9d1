"""The school itself: what every page needs to know of it."""

from dataclasses import dataclass
from datetime import time

from flask import g
from sqlalchemy import select

from portal.extensions import fetch
from portal.models.school import School


@dataclass(frozen=True, slots=True)
class SchoolFacts:
    """The school's settings as pages show them. `exists` is False before the school was set up."""

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
    is_demo: bool = False
    exists: bool = False

    @property
    def called(self) -> str:
        """The short name, as in the corner of every page."""
        return self.short_name or self.name


_QUERY = select(*(getattr(School, field) for field in SchoolFacts.__slots__ if field != "exists"))


def school_facts() -> SchoolFacts:
    """Return the school's settings, read once per request."""
    if "school_facts" not in g:
        rows = fetch(_QUERY)
        g.school_facts = SchoolFacts(*(*rows[0], True)) if rows else SchoolFacts()
    facts: SchoolFacts = g.school_facts
    return facts
