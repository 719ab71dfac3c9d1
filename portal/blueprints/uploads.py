"""Forms with files: how much may come in, and which files did."""

from collections.abc import Callable
from typing import IO

from flask import Blueprint, request

from portal.access import Viewer, viewer_or_none
from portal.extensions import read_afresh

AROUND_THE_FILES = 200_000


def _anybody(_person: Viewer) -> bool:
    return True


def allow_files(
    bp: Blueprint,
    most: int,
    *endpoints: str,
    who: Callable[[Viewer], bool] = _anybody,
    around: int = AROUND_THE_FILES,
) -> None:
    """Let these views of a blueprint take `most` bytes of files from who is signed in, or only from `who`.

    `around`: how many bytes the rest of the form may have. It runs before anything reads what was sent.
    """

    def allow(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint not in endpoints or request.method != "POST":
            return
        person = viewer_or_none()
        if person is not None and who(person):
            request.max_content_length = most + around

    bp.url_value_preprocessor(allow)


def files_sent(field: str) -> list[tuple[str, IO[bytes]]]:
    """Return the files that were chosen in a field of the form, each with its name as it was sent.

    Ends the transaction when there are any: to look at them takes long, and nobody waits for it meanwhile.
    """
    files = [file for file in request.files.getlist(field) if file.filename]
    if files:
        read_afresh()
    return [(file.filename or "", file.stream) for file in files]
