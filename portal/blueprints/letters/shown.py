"""A letter as pages show it: its text with the pictures in it, and the files that go with it."""

from collections.abc import Mapping
from typing import Any

from flask import url_for

from portal import clock
from portal.access import viewer
from portal.domain.attachment_lists import FileLine, LetterFiles, files_of_letter
from portal.domain.letter_text import Picture, as_html


def as_parents_see(text: str, files: LetterFiles) -> dict[str, Any]:
    """Return what a template shows of a letter that parents have: `text` and `files`."""
    return {"text": as_html(text, pictures_of(files.shown.pictures)), "files": files.shown.attachments}


def as_it_will_be(text: str, files: LetterFiles) -> dict[str, Any]:
    """Return the same of a letter that is being written: with what waits for a correction."""
    ready = {place: line for place, line in files.pictures.items() if line.is_ready}
    kept = [line for line in files.attachments if not line.failure]
    return {"text": as_html(text, pictures_of(ready)), "files": kept}


def files_of(letter_id: int) -> LetterFiles:
    """Return the files of a letter that the viewer has."""
    return files_of_letter(viewer(), letter_id, clock.today())


def pictures_of(lines: Mapping[int, FileLine]) -> dict[int, Picture]:
    """Return where the pictures of a text are, by the number that the text calls them by."""
    return {
        place: Picture(url_for("letters.send_attachment", key=line.key), line.width or 0, line.height or 0)
        for place, line in lines.items()
    }
