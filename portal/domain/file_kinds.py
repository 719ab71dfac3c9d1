"""What a file is by what is in it, and the name under which it is kept. Pure: no database, no Flask."""

import re
import zipfile
from dataclasses import dataclass
from io import BytesIO

from portal.names import clean

NAME_LENGTH = 120
MOST_MEMBERS = 5000
MOST_UNPACKED = 400_000_000
"""An Office file is a zip; what says that it is more than this when it is unpacked is made to do harm."""

OTHER_KIND, OLD_OFFICE, MACROS, LOCKED, HEIC, GIF = "kind", "old", "macros", "locked", "heic", "gif"
"""Why a file is not taken, in a word: see `attachment_words.problem_words`."""


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that the portal takes, with what it is called and whether a browser shows it safely."""

    media_type: str
    extension: str
    is_picture: bool = False
    is_shown: bool = False


class UnknownKind(Exception):
    """No kind that the portal takes; `reason` says why, in a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


_OPENXML = "application/vnd.openxmlformats-officedocument."
_OASIS = "application/vnd.oasis.opendocument."
PDF = FileKind("application/pdf", "pdf", is_shown=True)
PICTURE = FileKind("image/jpeg", "jpg", is_picture=True, is_shown=True)
_OFFICE = {
    "word/document.xml": FileKind(_OPENXML + "wordprocessingml.document", "docx"),
    "xl/workbook.xml": FileKind(_OPENXML + "spreadsheetml.sheet", "xlsx"),
    "ppt/presentation.xml": FileKind(_OPENXML + "presentationml.presentation", "pptx"),
}
_OPEN_DOCUMENT = {
    (_OASIS + "text").encode(): FileKind(_OASIS + "text", "odt"),
    (_OASIS + "spreadsheet").encode(): FileKind(_OASIS + "spreadsheet", "ods"),
    (_OASIS + "presentation").encode(): FileKind(_OASIS + "presentation", "odp"),
}
KINDS = {kind.media_type: kind for kind in (PDF, PICTURE, *_OFFICE.values(), *_OPEN_DOCUMENT.values())}
ACCEPTED = ".pdf,.docx,.xlsx,.pptx,.odt,.ods,.odp,image/jpeg,image/png,image/webp"
"""What a page offers to choose; what comes in is judged by its content all the same."""

_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WITH_MACROS = re.compile(
    r"(?i)(?:^|/)(?:vbaproject\.bin|vbadata\.xml|activex\d*\.(?:xml|bin))$|^(?:basic|scripts)/."
)
_ENDINGS = re.compile(r"(?i)(?:\.(?:pdf|docx|xlsx|pptx|odt|ods|odp|jpe?g|png|webp))+$")
_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]')


def kind_of(content: bytes) -> FileKind:
    """Return what a file is by its content, whatever it is called. Raises UnknownKind."""
    if content.startswith(b"%PDF-"):
        return PDF
    if content.startswith(_PICTURES) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        return PICTURE
    if content.startswith(_ZIP):
        return _office_kind(content)
    if content.startswith(_OLE):
        raise UnknownKind(OLD_OFFICE)
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        raise UnknownKind(HEIC)
    raise UnknownKind(GIF if content.startswith(b"GIF8") else OTHER_KIND)


def _office_kind(content: bytes) -> FileKind:
    """Return what kind of Office file a zip is; only its table of contents is read, nothing is unpacked."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            _refuse_harm(members)
            found = [kind for name, kind in _OFFICE.items() if name in names]
            if len(found) == 1 and "[Content_Types].xml" in names:
                return found[0]
            first = members[0] if members else None
            if first and first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED:
                return _OPEN_DOCUMENT[archive.read(first) if first.file_size < 100 else b""]
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, KeyError, RuntimeError):
        pass
    raise UnknownKind(OTHER_KIND)


def _refuse_harm(members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise UnknownKind(OTHER_KIND)
    if any(member.flag_bits & 1 for member in members):
        raise UnknownKind(LOCKED)
    if any(_WITH_MACROS.search(member.filename) for member in members):
        raise UnknownKind(MACROS)


def safe_name(name: str, kind: FileKind) -> str:
    """Return a name that no program takes for a path or another kind of file: 'Programma museumdag.pdf'.

    Its ending is that of what the file is. Directions of writing, line ends and other signs that nobody sees
    are gone, so that it reads as it is.
    """
    last = clean(name).replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    words = " ".join(_IN_FILE_NAMES.sub(" ", _ENDINGS.sub("", last)).split())
    room = NAME_LENGTH - len(kind.extension) - 1
    stem = words.strip(" .")[:room].strip(" .")
    return f"{stem or ('foto' if kind.is_picture else 'bijlage')}.{kind.extension}"


def title_of(name: str) -> str:
    """Return a name as people read it, without its ending: 'Programma museumdag'."""
    return name.rpartition(".")[0] or name
