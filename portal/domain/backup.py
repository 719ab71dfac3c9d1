"""The whole school in one file, which goes into either database again.

The file is a zip with a line of JSON for each row, so that it can be read without us. Its comment is the
SHA-256 of everything before it: one changed byte anywhere is noticed. Tables are read as they are in the
database, so that a backup can also be made before an upgrade and put back after it.
"""

import base64
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import (
    Connection,
    MetaData,
    Table,
    inspect,
    select,
    text,
)

from portal.errors import Refused
from portal.extensions import db
from portal.tokens import keyed_hash
from portal.words import gettext as _

FORMAT = 1
MANIFEST = "manifest.json"
SEAL = b"ouderportaal sha256 "
SEAL_LENGTH = len(SEAL) + 64
ROWS_AT_ONCE = 1000
LARGE_ROWS_AT_ONCE = 1
"""Of a table with photos or files in it: one may have 15 MB, and takes several times that meanwhile."""
BYTES_AT_ONCE = 2_000_000
READ_AT_ONCE = 1 << 20

_OUT: dict[type, tuple[str, Callable[[Any], Any]]] = {
    datetime: ("moment", lambda value: _as_utc(value).isoformat()),
    date: ("day", date.isoformat),
    time: ("time", time.isoformat),
    bytes: ("bytes", lambda value: base64.b64encode(value).decode()),
    bool: ("truth", bool),
}
READ_AS: dict[str, Callable[[Any], Any]] = {
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
    "time": time.fromisoformat,
    "bytes": base64.b64decode,
    "truth": bool,
    "plain": lambda value: value,
}

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Archive:
    """A backup whose every byte was found to be as it was written. `tables` gives the rows of each."""

    path: Path
    made_at: datetime
    revision: str
    tables: dict[str, int]
    key_mark: str

    @property
    def same_secret(self) -> bool:
        """Whether it was made with the secret key of this installation."""
        return self.key_mark == _key_mark()


def _key_mark() -> str:
    return keyed_hash("backup", "whose")


def _as_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


# --- writing ------------------------------------------------------------------------------------------------


def write_backup(path: Path, now: datetime) -> Archive:
    """Write everything as it is at this moment to a file that only its owner may read.

    Raises Refused when there is nothing to keep, or the file cannot be written.
    """
    half = path.with_name(f".{path.name}.part")
    try:
        with _private(half) as file:
            archive = _write(file, path, now)
            _seal(file)
            os.fsync(file.fileno())
        half.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise Refused(_("The backup could not be written: %(reason)s.", reason=reason)) from None
    finally:
        half.unlink(missing_ok=True)
    return archive


@contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        yield file


def _write(file: IO[bytes], path: Path, now: datetime) -> Archive:
    with _snapshot() as connection, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        revision = _revision_of(connection)
        tables = {table.name: _write_table(packed, table, connection) for table in tables_in(connection)}
        archive = Archive(
            path, now, revision, {name: rows for name, (rows, _sum) in tables.items()}, _key_mark()
        )
        about = {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "revision": revision,
            "database": connection.dialect.name,
            "key_mark": archive.key_mark,
            "tables": {name: {"rows": rows, "sha256": total} for name, (rows, total) in tables.items()},
        }
        packed.writestr(MANIFEST, json.dumps(about, indent=1))
        packed.comment = SEAL + b"0" * 64
    return archive


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """Read the database as it is now, whatever others write meanwhile."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        yield connection


def _revision_of(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        raise Refused(_("There is no school in this database."))
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def tables_in(connection: Connection) -> list[Table]:
    """Return the tables that there are, each after those that it refers to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def _write_table(packed: zipfile.ZipFile, table: Table, connection: Connection) -> tuple[int, str]:
    """Write the columns with their kinds as the first line, then a line for each row."""
    outs = [_OUT.get(column.type.python_type, ("plain", None)) for column in table.columns]
    heading = [[column.name, kind] for column, (kind, _out) in zip(table.columns, outs, strict=True)]
    total, count = sha256(), 0
    at_once = LARGE_ROWS_AT_ONCE if any(kind == "bytes" for kind, _out in outs) else ROWS_AT_ONCE
    found = connection.execution_options(yield_per=at_once).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    with packed.open(member_of(table.name), "w") as member:

        def write(content: list[Any]) -> None:
            line = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            total.update(line)
            member.write(line)

        write(heading)
        for row in found:
            write(
                [
                    value if value is None or out is None else out(value)
                    for value, (_kind, out) in zip(row, outs, strict=True)
                ]
            )
            count += 1
    return count, total.hexdigest()


def member_of(table: str) -> str:
    return f"tables/{table}.jsonl"


def _seal(file: IO[bytes]) -> None:
    """Put the sum of everything before it into the comment, which is at the very end."""
    size = file.seek(0, os.SEEK_END)
    total = _sum_of(file, size - SEAL_LENGTH)
    file.seek(size - 64)
    file.write(total.encode())
    file.flush()


def _sum_of(file: IO[bytes], length: int) -> str:
    file.seek(0)
    total = sha256()
    while length > 0:
        part = file.read(min(length, READ_AT_ONCE))
        if not part:
            break
        total.update(part)
        length -= len(part)
    return total.hexdigest()


# --- reading ------------------------------------------------------------------------------------------------


def open_backup(path: Path) -> Archive:
    """Return what is in a file. Raises Refused when it is no backup of ours, damaged, or too new for us."""
    try:
        with path.open("rb") as file:
            _check_seal(file)
        with zipfile.ZipFile(path) as packed:
            about = json.loads(packed.read(MANIFEST))
    except OSError as error:
        raise Refused(
            _("%(file)s cannot be read: %(reason)s.", file=path, reason=error.strerror or "?")
        ) from None
    if about["format"] != FORMAT or not _is_known(about["revision"]):
        raise Refused(
            _("This backup was made by a newer version of the portal. Install that version, then restore.")
        )
    return Archive(
        path,
        datetime.fromisoformat(about["made_at"]),
        about["revision"],
        {name: table["rows"] for name, table in about["tables"].items()},
        about["key_mark"],
    )


def _check_seal(file: IO[bytes]) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - SEAL_LENGTH))
    seal = file.read()
    if seal != SEAL + _sum_of(file, size - SEAL_LENGTH).encode():
        raise Refused(
            _("This file is damaged or is no backup of the portal. Nothing was changed. Use another copy.")
        )


def _is_known(revision: str) -> bool:
    try:
        return bool(_scripts().get_revision(revision))
    except CommandError:
        return False


def _scripts() -> ScriptDirectory:
    return ScriptDirectory(Path(current_app.extensions["migrate"].directory))
