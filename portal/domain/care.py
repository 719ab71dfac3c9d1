"""Care information: what school must know to care for a child, and who at school opened it (R15).

Opening it at school is an act that is kept; the guardians of the child see who did it and when. It stays open
for a quarter of an hour.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, exists, func, select

from portal import access, names
from portal.access import Viewer
from portal.domain import audit
from portal.domain.holding import hold, refuse_overtaken, version_of
from portal.domain.sent_twice import SENT_TWICE
from portal.errors import Refused
from portal.extensions import UtcDateTime, db, fetch
from portal.models.accounts import StaffMember, User
from portal.models.pupils import CareNote, CareReading
from portal.models.roster import Pupil
from portal.statements import Row, among
from portal.words import gettext as _

KINDS = ("allergy", "medicine", "other")
GUARDIAN, SCHOOL = "guardian", "school"
LONGEST_WHAT, LONGEST_WHAT_TO_DO = 120, 1000
MOST = 12
OPEN_FOR = timedelta(minutes=15)
LOG_SHOWN = 100


@dataclass(frozen=True, slots=True)
class CareWords:
    """What is written down: `kind` is one of KINDS."""

    kind: str
    what: str
    what_to_do: str


@dataclass(frozen=True, slots=True)
class Note:
    """One piece of care information. `writer`, '' for who may not know the name, is for school only (R22)."""

    id: int
    pupil_id: int
    kind: str
    what: str
    what_to_do: str
    source: str
    writer: str
    written_at: datetime


def notes_of(viewer: Viewer, pupil_ids: list[int]) -> dict[int, list[Note]]:
    """Return the care information of these pupils as far as the reader may read it at all."""
    found: dict[int, list[Note]] = {}
    rows = fetch(_notes_query(access.anyone_with(viewer.role)), viewer_id=viewer.id, pupils=pupil_ids)
    for row in rows:
        found.setdefault(row[1], []).append(_note(row))
    return found


def _note(row: Row) -> Note:
    fields = (*row[:6], names.full(*row[6:9]) if row[10] else "", row[9])
    return Note(*fields)


@cache
def _notes_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(
            CareNote.id,
            CareNote.pupil_id,
            CareNote.kind,
            CareNote.what,
            CareNote.what_to_do,
            CareNote.source,
            User.given_name,
            User.prefix,
            User.surname,
            CareNote.written_at,
            access.care_writers_known_to(viewer).label("names_writer"),
        )
        .join(User, User.id == CareNote.written_by)
        .where(among(CareNote.pupil_id, "pupils"), access.care_visible_to(viewer))
        .order_by(CareNote.pupil_id, CareNote.kind, CareNote.id)
    )


def write_note(pupil: Pupil, words: CareWords, source: str, actor: Viewer, now: datetime) -> CareNote:
    """Add a piece of care information; once when it was sent twice.

    Raises Refused when there is more than anybody can read in a hurry.
    """
    db.session.execute(select(Pupil.id).where(Pupil.id == pupil.id).with_for_update(key_share=True)).all()
    twin = db.session.scalars(
        select(CareNote).where(
            CareNote.pupil_id == pupil.id,
            CareNote.written_by == actor.id,
            CareNote.written_at > now - SENT_TWICE,
            CareNote.kind == words.kind,
            CareNote.what == words.what,
            CareNote.what_to_do == words.what_to_do,
            CareNote.source == source,
        )
    ).first()
    if twin:
        return twin
    if (db.session.scalar(select(func.count()).where(CareNote.pupil_id == pupil.id)) or 0) >= MOST:
        raise Refused(_("There are %(number)d notes already. Change or remove one of them.", number=MOST))
    note = CareNote(pupil_id=pupil.id)
    _fill(note, words, source, actor, now)
    db.session.add(note)
    db.session.flush()
    audit.record(actor, "write_care", "care_note", note.id)
    return note


def version_of_note(note: CareNote) -> str:
    """Return what tells one wording of a note from the next; the moment of writing would tell who (R22)."""
    return version_of(note.kind, note.what, note.what_to_do, note.source)


def rewrite_note(
    note: CareNote, words: CareWords, source: str, version: str, actor: Viewer, now: datetime
) -> None:
    """Correct a piece of care information, whoever wrote it; `version` is the wording that was corrected.

    Raises Overtaken when it is another by now, and Refused when somebody has just taken it away.
    """
    hold(note)
    refuse_overtaken(version, version_of_note(note))
    _fill(note, words, source, actor, now)
    audit.record(actor, "rewrite_care", "care_note", note.id)


def remove_note(note: CareNote, actor: Viewer) -> None:
    """Take away what does not hold any more. Raises Refused when somebody else has just done it."""
    hold(note)
    db.session.delete(note)
    audit.record(actor, "remove_care", "care_note", note.id)


def _fill(note: CareNote, words: CareWords, source: str, actor: Viewer, now: datetime) -> None:
    note.kind, note.what, note.what_to_do = words.kind, words.what, words.what_to_do
    note.source, note.written_by, note.written_at = source, actor.id, now


# --- who opened it ----------------------------------------------------------------------------------------


def open_care(pupil_ids: Iterable[int], actor: Viewer, now: datetime) -> None:
    """Keep that somebody at school opened the care information of these pupils."""
    for pupil_id in pupil_ids:
        db.session.add(CareReading(pupil_id=pupil_id, user_id=actor.id, read_at=now))
        audit.record(actor, "read_care", "pupil", pupil_id)


def opened_by(viewer: Viewer, pupil_ids: list[int], now: datetime) -> set[int]:
    """Return of which pupils the reader has the care information open: read by the reader a moment ago."""
    rows = fetch(_opened_query(), reader=viewer.id, pupils=pupil_ids, since=now - OPEN_FOR)
    return {row[0] for row in rows}


@cache
def _opened_query() -> Select[*tuple[Any, ...]]:
    return select(CareReading.pupil_id).where(
        CareReading.user_id == bindparam("reader"),
        among(CareReading.pupil_id, "pupils"),
        CareReading.read_at > bindparam("since", type_=UtcDateTime()),
    )


def pupils_with_care(viewer: Viewer, pupil_ids: list[int]) -> list[int]:
    """Return which of these pupils have care information that the viewer reads as a member of staff."""
    return list(
        db.session.scalars(
            select(Pupil.id)
            .where(
                Pupil.id.in_(pupil_ids),
                access.reads_care_as_school(viewer, Pupil.id),
                exists().where(CareNote.pupil_id == Pupil.id),
            )
            .order_by(Pupil.id)
        )
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """That somebody at school opened it: by the name that the group uses.

    Of who is not named to this reader `name` is '' and there is no time.
    """

    name: str
    read_at: datetime | None


def readings_of(viewer: Viewer, pupil: Pupil) -> list[Reading]:
    """Return who at school opened a pupil's care information, the newest first; for the guardians.

    Who is not named to the reader stands last, so that no place in the order tells the time.
    """
    named = access.care_openings_named_to(viewer)
    rows = db.session.execute(
        select(
            StaffMember.called,
            User.given_name,
            User.prefix,
            User.surname,
            CareReading.read_at,
            CareReading.id,
            named.label("named"),
        )
        .join(User, User.id == CareReading.user_id)
        .outerjoin(StaffMember, StaffMember.user_id == CareReading.user_id)
        .where(CareReading.pupil_id == pupil.id)
        .order_by(CareReading.read_at.desc(), CareReading.id.desc())
        .limit(LOG_SHOWN)
    )
    return sorted(
        (
            Reading(row[0] or names.full(*row[1:4]), row[4]) if row.named else Reading("", None)
            for row in rows
        ),
        key=lambda reading: reading.read_at is None,
    )
