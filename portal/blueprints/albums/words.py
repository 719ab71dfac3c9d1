"""What school reads about a file that is no photo."""

from portal.domain.albums import EMPTY, TOO_MANY_BYTES
from portal.domain.attachment_words import MEGABYTE
from portal.domain.photos import BROKEN, HEIC, LARGEST_FILE, TOO_LARGE
from portal.words import gettext


def problem_words(reason: str) -> str:
    """Return why there is no photo of a file, and what to do."""
    if reason == HEIC:
        return gettext(
            "This is an HEIC photo, which many devices cannot show. Save it as JPEG first, or choose on the "
            "iPhone: Settings, Camera, Formats, Most Compatible."
        )
    if reason == TOO_MANY_BYTES:
        return gettext("This photo is larger than %(size)s MB.", size=LARGEST_FILE // MEGABYTE)
    return {
        EMPTY: gettext("This file is empty. Choose it once more."),
        TOO_LARGE: gettext("This photo is too large to be made smaller here. Make it smaller first."),
        BROKEN: gettext("This photo cannot be read; perhaps it is damaged. Choose it once more."),
    }.get(reason) or gettext("This is no photo. Choose JPEG, PNG or WebP.")


def failure_words(reason: str) -> str:
    """Return the same in the few words that a tile has room for."""
    return gettext("too large") if reason == TOO_LARGE else gettext("damaged, cannot be read")
