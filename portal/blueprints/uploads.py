"""Forms with files: how much may come in, and which files did."""

from typing import IO

from flask import Blueprint, request

from portal.access import viewer_or_none

AROUND_THE_FILES = 200_000


def allow_files(bp: Blueprint, most: int, *endpoints: str, staff_only: bool = False) -> None:
    """Let these views of a blueprint take `most` bytes of files, from who is signed in.

    It runs before anything reads what was sent.
    """

    def allow(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint not in endpoints or request.method != "POST":
            return
        person = viewer_or_none()
        if person is not None and (person.is_staff or not staff_only):
            request.max_content_length = most + AROUND_THE_FILES

    bp.url_value_preprocessor(allow)


def files_sent(field: str) -> list[tuple[str, IO[bytes]]]:
    """Return the files that were chosen in a field of the form, each with its name as it was sent."""
    files = request.files.getlist(field)
    return [(file.filename, file.stream) for file in files if file.filename]
