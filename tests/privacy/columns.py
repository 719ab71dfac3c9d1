"""What goes into a column of a made-up row, by its type, its constraint and its name alone.

A column that nobody thought of gets a mark when it holds text. `CODES` are the exceptions: words that the
program itself chooses, which say nothing of a person.
"""

import re
from collections.abc import Callable
from datetime import time, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Column, Date, Integer, LargeBinary, String, Table, Time

from portal import clock
from portal.domain import mails
from portal.domain.importers.rows import Roster, dump
from portal.domain.meeting_history import EVENTS
from portal.extensions import UtcDateTime

CODES: dict[str, tuple[str, ...]] = {
    "absences.source": ("guardian", "school"),
    "absence_kinds.code": ("sick",),
    "absence_kinds.icon": ("ellipsis",),
    "arrangement_entries.what": ("apart",),
    "attachment_files.part": ("file", "preview"),
    "attachments.failure": ("",),
    "attachments.kind": ("application/pdf",),
    "attendance_marks.state": ("present", "late", "unknown"),
    "audit_entries.subject": ("pupil",),
    "audit_entries.verb": ("edit_pupil",),
    "care_notes.kind": ("allergy", "medicine", "other"),
    "change_requests.field": ("given_name", "prefix", "surname", "other"),
    "free_days.kind": ("holiday", "free"),
    "groups.year_groups": ("3,4",),
    "job_runs.name": ("x",),
    "letter_recipients.failure": ("", "5.1.1"),
    "mail_keys.purpose": ("login", "password", "email"),
    "outgoing_messages.failure": ("", "550"),
    "outgoing_messages.kind": tuple(mails._SETTLE),
    "outgoing_messages.language": ("nl",),
    "photo_files.size": ("incoming", "picture", "thumbnail"),
    "photos.failure": ("",),
    "rounds_told.what": ("opened",),
    "school.brin": ("",),
    "school.region": ("midden",),
    "school_years.name": ("2026-2027",),
    "staff_members.role": ("teacher",),
    "bookings.outcome": ("", "present", "absent", "later"),
    "bookings.source": ("guardian", "teacher", "office", "waiting", "plan"),
    "bookings.way": ("place", "video"),
    "meeting_events.what": EVENTS,
    "meeting_invitees.asked": ("", "wanted", "not_needed"),
    "meeting_plans.progress": ('{"talks": 3}',),
    "meeting_plans.result": ("{}",),
    "meeting_plans.state": ("waiting", "running", "ready", "accepted", "dropped", "failed"),
    "meeting_rounds.hall_names": ("initials", "first_names"),
    "meeting_rounds.kind": ("booking", "wishes"),
    "meeting_rounds.way": ("place", "video", "choice"),
    "slot_offers.answer": ("", "taken", "passed", "expired"),
    "slots.state": ("open", "blocked", "break"),
    "users.language": ("nl",),
    "week_items.kind": ("gym", "library", "bring", "other"),
}
"""Text columns without a mark, with the words that stand in them."""

FORMATS: dict[str, Callable[[str], Any]] = {
    "roster_imports.files": '["{0}.csv"]'.format,
    "roster_imports.unknown": "[]".format,
    "roster_imports.rows": lambda _mark: dump(Roster()),
    "table_mappings.mapping": '{{"{0}": "surname"}}'.format,
}
"""What a column holds when the program reads it as something else than text."""

MARK = re.compile(r"zq[0-9a-z]{4}x")
PHONE = re.compile(r"\+?[0-9][0-9 ()-]{6,16}[0-9]")


def mark(number: int) -> str:
    """Return a word that stands nowhere else."""
    digits = ""
    for _ in range(4):
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return f"Zq{digits}x"


def marked(column: Column[Any], number: int) -> Any:
    """Return the mark with this number in the shape that the column wants."""
    name = f"{column.table.name}.{column.name}"
    if name in FORMATS:
        return FORMATS[name](mark(number))
    if isinstance(column.type, LargeBinary):
        return mark(number).encode()
    if "phone" in column.name:
        return f"+3161{number:07}" if column.name.endswith("e164") else f"06 2{number:07}"
    if "email" in column.name or column.name == "address":
        return f"{mark(number).lower()}@lindeboog.example"
    return mark(number)


def found_marks(text: str) -> set[str]:
    """Return the marks in a text, in the form of `mark_key`."""
    # In small letters it is looked for by its first two, which is much faster than letter by letter.
    words = set(MARK.findall(text.lower()))
    numbers = (re.sub(r"\D", "", found) for found in PHONE.findall(text))
    return words | {number[-8:] for number in numbers if number[-8:-7] in ("1", "2") and len(number) > 9}


def mark_key(value: Any) -> str | None:
    """Return what `found_marks` finds when a value is shown somewhere, None when it holds no mark."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return next(iter(found_marks(text)), None)


def is_text(column: Column[Any]) -> bool:
    return isinstance(column.type, (String, LargeBinary))


def holds_mark(column: Column[Any]) -> bool:
    return is_text(column) and not choices(column) and not column.foreign_keys


@cache
def choices(column: Column[Any]) -> tuple[Any, ...]:
    """Return the values that the database or `CODES` allows; () when there is no such list."""
    table: Table = column.table
    for constraint in table.constraints:
        if isinstance(constraint, CheckConstraint):
            found = re.fullmatch(rf"{column.name} IN \((.*)\)", str(constraint.sqltext))
            if found:
                values = [value.strip().strip("'") for value in found[1].split(",")]
                return tuple(int(v) if isinstance(column.type, Integer) else v for v in values)
    return CODES.get(f"{table.name}.{column.name}", ())


def is_moment(column: Column[Any]) -> bool:
    return isinstance(column.type, (UtcDateTime, Date, Time))


def value_for(column: Column[Any], number: int) -> Any:
    """Return something that the column can hold; the mark comes later."""
    if found := choices(column):
        return found[number % len(found)]
    if isinstance(column.type, UtcDateTime):
        ahead = "expires" in column.name or "due" in column.name
        return clock.now() + timedelta(days=30) if ahead else clock.now() - timedelta(hours=1 + number % 200)
    if isinstance(column.type, Date):
        later = list(column.table.columns).index(column)
        return clock.today() - timedelta(days=60 - number % 50 - later)
    if isinstance(column.type, Time):
        return time(9, number % 60)
    if isinstance(column.type, Boolean):
        return bool(number % 2)
    if isinstance(column.type, Integer):
        default = getattr(column.default, "arg", None)
        return default if isinstance(default, int) else 1
    if isinstance(column.type, String):
        return f"t{number}"
    if isinstance(column.type, LargeBinary):
        return FORMATS.get(f"{column.table.name}.{column.name}", lambda _: b"")(mark(number))
    raise AssertionError(f"{column}: say in tests/privacy/columns.py what such a column holds")
