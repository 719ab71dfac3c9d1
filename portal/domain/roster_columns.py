"""The tables of an import whose columns the office has to name, once for each layout."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.access import Viewer
from portal.domain.holding import hold
from portal.domain.importers import reading
from portal.domain.importers.reading import Reading
from portal.domain.importers.rows import dump, load
from portal.domain.importers.table import Table
from portal.domain.importers.table import TableMapping as Columns
from portal.errors import Refused
from portal.extensions import db, insert_into
from portal.formatting import spoken_list
from portal.models.imports import RosterImport, TableMapping
from portal.words import gettext as _


@dataclass(frozen=True, slots=True)
class UnknownTable:
    """A table whose columns the office has to name: headings, guesses, and the kind of contents."""

    name: str
    fingerprint: str
    has_headings: bool
    headings: tuple[str, ...]
    guess: tuple[str, ...]
    contents: tuple[str, ...]


def known_columns() -> dict[str, Columns]:
    """Return what the office said about tables before."""
    rows = db.session.execute(select(TableMapping.fingerprint, TableMapping.mapping))
    return {fingerprint: Columns.loads(text) for fingerprint, text in rows}


def described(tables: Iterable[Table]) -> str:
    """Return the tables that wait for their columns as a preview keeps them: nothing of what is in them."""
    return json.dumps([_described(one) for one in tables])


def _described(one: Table) -> dict[str, object]:
    return {
        "name": one.name,
        "fingerprint": one.fingerprint,
        "has_headings": one.guess.has_headings,
        "headings": one.headings,
        "guess": one.guess.columns,
        "contents": one.contents(),
    }


def unknown_tables(kept: RosterImport) -> list[UnknownTable]:
    """Return the tables that wait for their columns to be named."""
    return [
        UnknownTable(
            one["name"],
            one["fingerprint"],
            one["has_headings"],
            tuple(one["headings"]),
            tuple(one["guess"]),
            tuple(one["contents"]),
        )
        for one in json.loads(kept.unknown)
    ]


def files_waiting(kept: RosterImport) -> list[str]:
    """Return the names of the files that have to be chosen once more; of a packed one, what is in it."""
    names: list[str] = json.loads(kept.files)
    needed = {
        next((name for name in names if one.name == name or one.name.startswith(f"{name} (")), one.name): None
        for one in unknown_tables(kept)
    }
    return list(needed)


def remember_columns(unknown: UnknownTable, columns: Sequence[str], actor: Viewer, now: datetime) -> None:
    """Remember what the columns of a table mean, for this time and every next time."""
    mapping = Columns(tuple(columns), unknown.has_headings)
    if not mapping.is_usable:
        raise Refused(_("Say which column names the pupil: a number or a name."))
    said = {"mapping": mapping.dumps(), "said_at": now, "said_by": actor.id}
    row = insert_into(TableMapping).values(fingerprint=unknown.fingerprint, **said)
    db.session.execute(row.on_conflict_do_update(index_elements=["fingerprint"], set_=said))


def add_to_preview(kept: RosterImport, found: Reading) -> None:
    """Add the tables that could only be read after their columns were named; the others were read before.

    Nothing is added when nothing waits any more: the form was sent twice. Raises Refused with field `files`
    when a table that waited is not among them: it was not kept.
    """
    hold(kept)
    waiting = unknown_tables(kept)
    if missing := _missing(waiting, found):
        raise Refused(
            _(
                "Choose %(files)s too: these files were not kept, so choose all of them at once.",
                files=spoken_list(missing),
            ),
            "files",
        )
    layouts = {one.fingerprint for one in waiting}
    added = [one.roster for one in found.tables if one.fingerprint in layouts]
    if added:
        kept.rows = dump(reading.together([load(kept.rows), *added]))
    kept.unknown = described(())
    db.session.flush()


def _missing(waiting: Sequence[UnknownTable], found: Reading) -> list[str]:
    """Return the names of the tables that were not read; one that bears another name by now is read too."""
    read = Counter((one.name, one.fingerprint) for one in found.tables)
    layouts = Counter(one.fingerprint for one in found.tables)
    named = [one for one in waiting if read[(one.name, one.fingerprint)]]
    layouts.subtract(one.fingerprint for one in named)
    missing = []
    for one in waiting:
        if one in named:
            continue
        layouts[one.fingerprint] -= 1
        if layouts[one.fingerprint] < 0:
            missing.append(one.name)
    return missing
