"""What the office gave us: told by content, not by name, and opened without trusting it (SAFETY 16, 17)."""

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath

from portal.domain.importers.rows import N_, NOTE, REFUSED, Place, Problem
from portal.names import clean

MAX_UPLOAD = 20_000_000
MAX_FILES = 20
MAX_INFLATED = 100_000_000
MAX_RATIO = 200
RATIO_FROM = 1_000_000
MAX_ENTRIES = 50
MAX_SHEET_ENTRIES = 500
MAX_DIRECTORY = 200_000

MAX_SHEET = 60_000_000
MAX_SHEET_TAGS = 1_500_000
MAX_STRINGS = 6_000_000
MAX_OTHER_PART = 3_000_000

_CHUNK = 65_536
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DTD = [
    mark.encode(encoding)
    for mark in ("<!DOCTYPE", "<!ENTITY", "<!doctype")
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
]
_TAIL = 40


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: the name that it had at the office, and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read. `kind`: xml, xlsx or text."""

    kind: str
    name: str
    data: bytes


_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    EOFError,
    OSError,
    LookupError,
    RuntimeError,
)
"""What the standard library says of a damaged archive."""


class _Refusal(Exception):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


_UNSAFE = N_("%(file)s has something in it that does not belong in a roster. Make the export again.")
_TOO_MUCH = N_(
    "%(file)s grows far too large when it is opened. Make the export again, with only the columns needed."
)
_DAMAGED = N_("%(file)s is damaged or incomplete. Make the export again and send it once more.")
_LOCKED = N_("%(file)s is locked with a password. Save it without a password and try again.")
_NESTED = N_("%(file)s has another packed file in it. Unpack it first and choose the files themselves.")
_UNKNOWN = N_("%(file)s is not a roster. Choose an EDEXML file, or a table as Excel (.xlsx) or CSV.")


def open_uploads(uploads: Iterable[Upload]) -> tuple[list[Source], list[Problem]]:
    """Return the files that can be read, those inside a zip too, and why the others cannot."""
    sources: list[Source] = []
    problems: list[Problem] = []
    uploads = list(uploads)
    if len(uploads) > MAX_FILES or sum(len(upload.data) for upload in uploads) > MAX_UPLOAD:
        sentence = N_(
            "These files are larger than 20 MB together. Choose only the exports of this school year."
        )
        return [], [Problem(Place(display_name(uploads[0].name)), sentence, {}, REFUSED)]
    for upload in uploads:
        name = display_name(upload.name)
        try:
            sources.extend(_open(name, upload.data))
        except _Refusal as refusal:
            problems.append(Problem(Place(name), refusal.sentence, {"file": name}, REFUSED))
        except _BROKEN:
            problems.append(Problem(Place(name), _DAMAGED, {"file": name}, REFUSED))
    if len(sources) == 0 and not problems:
        problems.append(Problem(Place(""), N_("Choose at least one file."), {}, REFUSED))
    return sources, problems


def display_name(name: str) -> str:
    """Return the last part of a file name, short and on one line."""
    return clean(PureWindowsPath(PurePosixPath(name.replace("\x00", "")).name).name)[-80:] or "-"


def _open(name: str, data: bytes) -> Iterable[Source]:
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise _Refusal(N_("%(file)s is empty. Make the export again."))
    if data.startswith(_ZIP) or data[:4] == b"PK\x05\x06":
        return _open_zip(name, data)
    if data.startswith(_OLD_OFFICE):
        raise _Refusal(
            N_(
                "%(file)s is an old Excel file (.xls) or locked with a password."
                " Open it in Excel and save it as .xlsx, without a password."
            )
        )
    kind = _kind_of_plain(data)
    if kind is None:
        raise _Refusal(_UNKNOWN)
    if re.match(r"(?i)edex(ll|lk|gr|lg)\.txt$", name):
        raise _Refusal(
            N_(
                "%(file)s is the old EDEX format of the year 2000."
                " Choose EDEXML in your administration instead."
            )
        )
    return [Source(kind, name, data)]


def _kind_of_plain(data: bytes) -> str | None:
    """Tell XML from a text table; None for pictures, PDF and other things that are neither."""
    start = data[:4096]
    for bom, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if start.startswith(bom):
            text = start.removeprefix(bom).decode(encoding, "replace")
            return "xml" if text.lstrip().startswith("<") else "text"
    if start.startswith(b"%PDF") or start.startswith(
        (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"\x1f\x8b", b"RIFF")
    ):
        return None
    stripped = start.replace(b"\x00", b"").lstrip()
    if stripped.startswith((b"<?xml", b"<EDEX", b"<!--", b"<soap", b"<SOAP", b"<s:")):
        return "xml"
    if stripped.startswith(b"<"):
        return None if re.match(rb"(?i)<(?:!doctype html|html|head|body|table|meta)\b", stripped) else "xml"
    zeros = start.count(0)
    utf16 = zeros and abs(start[::2].count(0) - start[1::2].count(0)) > len(start) // 3
    if zeros and not utf16:
        return None
    control = sum(start.count(byte) for byte in range(32) if byte not in (0, 9, 10, 11, 13, 26))
    return None if control > len(start) // 100 else "text"


def _open_zip(name: str, data: bytes) -> list[Source]:
    _check_directory(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        names = [entry.filename for entry in entries]
        is_office = "[Content_Types].xml" in names
        if is_office and not any(one.startswith("xl/") for one in names):
            raise _Refusal(_UNKNOWN)
        if "mimetype" in names and "content.xml" in names:
            raise _Refusal(
                N_("%(file)s is a LibreOffice file. Save it as Excel (.xlsx) or CSV and try again.")
            )
        _check_entries(entries, MAX_SHEET_ENTRIES if is_office else MAX_ENTRIES)
        if is_office:
            _check_workbook(archive, entries)
            return [Source("xlsx", name, data)]
        return _members(name, archive, entries)


def _check_directory(data: bytes) -> None:
    """Look at the size of the table of contents before anything builds it in memory."""
    end = data.rfind(b"PK\x05\x06")
    if end < 0 or end + 22 > len(data):
        raise _Refusal(_DAMAGED)
    count, size = struct.unpack("<HI", data[end + 10 : end + 16])
    if count > MAX_SHEET_ENTRIES or size > MAX_DIRECTORY:
        raise _Refusal(_UNSAFE)


def _check_entries(entries: list[zipfile.ZipInfo], limit: int) -> None:
    seen: set[str] = set()
    if len(entries) > limit:
        raise _Refusal(_UNSAFE)
    for entry in entries:
        name = entry.filename
        if entry.flag_bits & 0x1:
            raise _Refusal(_LOCKED)
        parts = name.split("/")
        escapes = ".." in parts or name.startswith("/") or "\\" in entry.orig_filename or ":" in name
        if escapes or "\x00" in entry.orig_filename or name.casefold() in seen:
            raise _Refusal(_UNSAFE)
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _Refusal(_UNSAFE)
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _Refusal(_UNSAFE)
        seen.add(name.casefold())
    begin = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < begin:
            raise _Refusal(_UNSAFE)
        begin = entry.header_offset + 30 + entry.compress_size


class _Meter:
    """Counts what comes out while inflating, for one archive."""

    def __init__(self) -> None:
        self.total = 0

    def chunks(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> Iterable[bytes]:
        inflated = 0
        with archive.open(entry) as member:
            while chunk := member.read(_CHUNK):
                inflated += len(chunk)
                self.total += len(chunk)
                too_dense = inflated > RATIO_FROM and inflated > MAX_RATIO * max(entry.compress_size, 1)
                if inflated > limit or self.total > MAX_INFLATED or too_dense:
                    raise _Refusal(_TOO_MUCH)
                yield chunk


def _check_workbook(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    meter = _Meter()
    for entry in entries:
        name = entry.filename.lower()
        if not name.endswith((".xml", ".rels", ".vml")):
            for chunk in meter.chunks(archive, entry, MAX_UPLOAD):
                if chunk.startswith(_ZIP):
                    raise _Refusal(_NESTED)
            continue
        is_sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
        limit = (
            MAX_SHEET if is_sheet else MAX_STRINGS if name.endswith("sharedstrings.xml") else MAX_OTHER_PART
        )
        tail = b""
        tags = 0
        for chunk in meter.chunks(archive, entry, limit):
            tags += chunk.count(b"<")
            if tags > MAX_SHEET_TAGS:
                raise _Refusal(_TOO_MUCH)
            window = tail + chunk
            if any(mark in window for mark in _DTD):
                raise _Refusal(_UNSAFE)
            tail = chunk[-_TAIL:]


def _members(name: str, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> list[Source]:
    meter = _Meter()
    sources: list[Source] = []
    for entry in entries:
        if entry.is_dir() or PurePosixPath(entry.filename).name.startswith(("._", ".DS_Store")):
            continue
        data = b"".join(meter.chunks(archive, entry, MAX_UPLOAD))
        if data.startswith(_ZIP):
            raise _Refusal(_NESTED)
        if meter.total > MAX_UPLOAD:
            raise _Refusal(_TOO_MUCH)
        sources.extend(_open(f"{name}/{display_name(entry.filename)}"[-80:], data))
    if not sources:
        raise _Refusal(N_("There is nothing in %(file)s. Make the export again."))
    return sources


def left_alone(file: str, line: int, sentence: str, **values: str) -> Problem:
    """Return a note about something that was not needed."""
    return Problem(Place(file, line), sentence, {"file": file, "line": str(line), **values}, NOTE)
