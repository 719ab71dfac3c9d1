"""What people read about a file: why it is not taken, what kind it is, how large it is."""

from flask_babel import format_decimal

from portal.domain import file_kinds, photos
from portal.words import gettext

MEGABYTE = 1_000_000
EMPTY, TOO_MANY_BYTES, VIRUS = "empty", "bytes", "virus"
LARGEST_FILE = photos.LARGEST_FILE


def problem_words(reason: str) -> str:
    """Return why a file is not taken, and what to do about that."""
    if reason == TOO_MANY_BYTES:
        return gettext(
            "This file is larger than %(size)s MB. Make it smaller, or save it as PDF.",
            size=LARGEST_FILE // MEGABYTE,
        )
    if reason == file_kinds.HEIC:
        return gettext("This is an HEIC photo, which many devices cannot show. Save it as JPEG first.")
    return {
        EMPTY: gettext("This file is empty. Choose it once more."),
        VIRUS: gettext("A virus was found in this file. It is not kept."),
        file_kinds.OLD_OFFICE: gettext(
            "This is an old Office file, or one with a password. Save it as .docx, .xlsx, .pptx or PDF."
        ),
        file_kinds.MACROS: gettext("There are macros in this file. Save it without macros, or as PDF."),
        file_kinds.LOCKED: gettext("This file has a password. Save it without one."),
        file_kinds.GIF: gettext("A GIF cannot be taken. Save it as JPEG or PNG."),
        photos.TOO_LARGE: gettext("This picture has too many pixels. Make it smaller first."),
        photos.BROKEN: gettext("This file cannot be read; perhaps it is damaged. Choose it once more."),
    }.get(reason) or gettext("This kind of file cannot be taken. Choose a PDF, a photo, or an Office file.")


def kind_words(media_type: str) -> str:
    """Return what kind of file it is, in a word for parents: 'pdf', 'photo', 'Word'."""
    extension = file_kinds.KINDS[media_type].extension if media_type in file_kinds.KINDS else ""
    names = {"docx": "Word", "xlsx": "Excel", "pptx": "PowerPoint"}
    return gettext("photo") if extension == "jpg" else names.get(extension, extension)


def size_words(size: int) -> str:
    """Return a size in bytes as people read it: '240 kB', '1,2 MB'."""
    if size < MEGABYTE - 500:
        return f"{max(1, round(size / 1000))} kB"
    return f"{format_decimal(round(size / MEGABYTE, 1))} MB"
