"""Photos come in: one at a time from a page with script, many together from one without."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore

from flask import Response, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.albums.blueprint import LARGEST_REQUEST, bp, made_album_or_403
from portal.blueprints.albums.views import render_album
from portal.blueprints.albums.words import problem_words
from portal.blueprints.uploads import allow_files
from portal.domain import albums
from portal.domain.photos import LARGEST_FILE, Unusable
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.albums import Album
from portal.words import gettext, ngettext

SECONDS_TO_WAIT = 30
LAST_POSITION = 1_000_000
SHA256 = re.compile("[0-9a-f]{64}")

_places = BoundedSemaphore(2)

allow_files(bp, LARGEST_REQUEST, "albums.add_photos", who=lambda person: person.is_staff)


@dataclass(slots=True)
class Outcome:
    """What became of the files of one request. `problems`: the name of a file and why it is no photo."""

    added: int = 0
    there_already: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)


@bp.post("/albums/<int:album_id>/photos")
def add_photos(album_id: int) -> ResponseReturnValue:
    """Take in photos (`photos`); each that is good stays, whatever the others are.

    A page with script sends each by itself, with `position`, and `fingerprint` of the photo as it was
    before the browser made it smaller; it is answered in JSON.
    """
    page = made_album_or_403(album_id)
    files = [file for file in request.files.getlist("photos") if file.filename]
    outcome = _take_all(page.id, files)
    if request.accept_mimetypes.best == "application/json":
        return _told(outcome)
    if not files:
        outcome.problems.append(("", gettext("Choose at least one photo.")))
    if outcome.problems:
        return render_album(album_id, outcome), 422
    flash(_summary(outcome), "ok")
    return redirect(url_for(".show_album", album_id=album_id), 303)


def _take_all(album_id: int, files: list[FileStorage]) -> Outcome:
    outcome = Outcome()
    for file in files:
        try:
            with _one_of_few():
                added = _take(album_id, file)
        except Unusable as failure:
            outcome.problems.append((file.filename or "", problem_words(failure.reason)))
        else:
            outcome.added += added
            outcome.there_already += not added
    return outcome


def _take(album_id: int, file: FileStorage) -> bool:
    """Put one file into the album; each is a transaction, so that what breaks off keeps what it had."""
    content = file.stream.read(LARGEST_FILE + 1)
    fingerprint = request.form.get("fingerprint", "")
    known = fingerprint if SHA256.fullmatch(fingerprint) else ""
    incoming = albums.take_in(content, known, _position())
    start_writing()
    album = one_or_404(Album, album_id, access.albums_made_by(viewer()))
    added = albums.add_photo(album, incoming, viewer(), clock.now())
    db.session.commit()
    return added


def _position() -> int | None:
    position = request.form.get("position", type=int)
    return None if position is None else min(max(0, position), LAST_POSITION)


@contextmanager
def _one_of_few() -> Iterator[None]:
    """Photos are large: only two are in memory at a time, in each process."""
    if not _places.acquire(timeout=SECONDS_TO_WAIT):
        raise Refused(gettext("Many photos are coming in right now. Try again in a minute."))
    try:
        yield
    finally:
        _places.release()


def _told(outcome: Outcome) -> tuple[Response, int]:
    if outcome.problems:
        return jsonify(problem=outcome.problems[0][1]), 422
    return jsonify(added=outcome.added), 201 if outcome.added else 200


def _summary(outcome: Outcome) -> str:
    words = ngettext("%(num)s photo is added.", "%(num)s photos are added.", outcome.added)
    if not outcome.there_already:
        return words
    there = ngettext(
        "%(num)s was in the album already.", "%(num)s were in the album already.", outcome.there_already
    )
    return f"{words} {there}" if outcome.added else there
