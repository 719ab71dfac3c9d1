"""Files on their way in: what is in them decides what they are, a picture is made anew, a scanner looks.

All of this is slow and comes before `start_writing()`; what is refused was never kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import BoundedSemaphore
from typing import IO

from portal.domain import file_kinds, virus_scan
from portal.domain.attachment_words import EMPTY, LARGEST_FILE, MEGABYTE, TOO_MANY_BYTES, VIRUS, problem_words
from portal.domain.darkroom import Darkroom, Lost
from portal.domain.first_pages import first_page_of
from portal.domain.photos import BROKEN, Prepared, Unusable
from portal.errors import Refused
from portal.names import clean
from portal.words import gettext

FIELD = "files"
MOST_FILES_OF_MESSAGE = 5
MOST_BYTES_OF_MESSAGE = 20_000_000
SECONDS_TO_WAIT = 30

_places = BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that came in, as it will be kept. `checked`: the virus scanner has looked, or there is none."""

    name: str
    kind: file_kinds.FileKind
    content: bytes
    fingerprint: str
    checked: bool
    preview: bytes = b""
    width: int | None = None
    height: int | None = None


def take_in(name: str, stream: IO[bytes], first_page: bool = False) -> Incoming:
    """Return an uploaded file as it will be kept. Raises Refused with what is wrong and what to do.

    `first_page`: of a PDF a small picture of that is kept too, when one can be made.
    When the virus scanner does not answer, the file is kept unchecked: nobody gets it until the worker has
    asked again. Two files at a time in each process, since they are in memory whole.
    """
    if not _places.acquire(timeout=SECONDS_TO_WAIT):
        raise Refused(gettext("Many files are coming in right now. Try again in a minute."), FIELD)
    try:
        return _taken(name, stream.read(LARGEST_FILE + 1), first_page)
    finally:
        _places.release()


def _taken(name: str, content: bytes, first_page: bool) -> Incoming:
    if not content or len(content) > LARGEST_FILE:
        raise _refusal(TOO_MANY_BYTES if content else EMPTY)
    try:
        kind = file_kinds.kind_of(content)
    except file_kinds.UnknownKind as unknown:
        raise _refusal(unknown.reason) from None
    checked = _is_checked(content)
    fingerprint, kept_as = sha256(content).hexdigest(), file_kinds.safe_name(name, kind)
    if not kind.is_picture:
        plain = Incoming(kept_as, kind, content, fingerprint, checked)
        return with_first_page(plain) if first_page and kind == file_kinds.PDF else plain
    made = _developed(content)
    sizes = made.width, made.height
    return Incoming(kept_as, kind, made.picture, fingerprint, checked, made.thumbnail, *sizes)


def with_first_page(file: Incoming) -> Incoming:
    """Return a PDF with the small picture of its first page, or as it is when there is none."""
    made = first_page_of(file.content)
    return replace(file, preview=made.picture, width=made.width, height=made.height) if made else file


def _is_checked(content: bytes) -> bool:
    try:
        virus_scan.scan(content)
    except virus_scan.VirusFound:
        raise _refusal(VIRUS) from None
    except virus_scan.NoAnswer:
        return False
    return True


def _developed(content: bytes) -> Prepared:
    try:
        with Darkroom() as darkroom:
            return darkroom.develop(content)
    except Unusable as failure:
        raise _refusal(failure.reason) from None
    except Lost:
        raise _refusal(BROKEN) from None


def _refusal(reason: str) -> Refused:
    return Refused(problem_words(reason), FIELD)


def take_in_all(files: Iterable[tuple[str, IO[bytes]]]) -> list[Incoming]:
    """Return the files of a message, all of them or none. Raises Refused; it names the file that is wrong."""
    taken: list[Incoming] = []
    for name, stream in files:
        try:
            taken.append(take_in(name, stream))
        except Refused as refusal:
            said = gettext("%(name)s: %(why)s", name=clean(name)[:80], why=refusal.sentence)
            raise Refused(said, FIELD) from None
        size = sum(len(file.content) for file in taken)
        refuse_too_much(len(taken), size, MOST_FILES_OF_MESSAGE, MOST_BYTES_OF_MESSAGE)
    return taken


def refuse_too_much(number: int, size: int, most_files: int, most_bytes: int) -> None:
    """Raise Refused when so many files of so many bytes in all are more than may go along."""
    if number > most_files:
        raise Refused(gettext("At most %(num)s files can go along.", num=most_files), FIELD)
    if size > most_bytes:
        raise Refused(
            gettext("The files are larger than %(size)s MB together.", size=most_bytes // MEGABYTE), FIELD
        )
