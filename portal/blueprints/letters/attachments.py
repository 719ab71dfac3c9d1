"""The files with letters and messages on their way out, to who may read what they belong to at that time."""

import re

from flask import Response, abort, request

from portal import clock
from portal.access import viewer
from portal.blueprints.downloads import name_file
from portal.blueprints.letters.blueprint import bp
from portal.domain.attachment_lists import SentFile, file_to_send
from portal.domain.attachments import FILE, PREVIEW
from portal.domain.photos import THUMBNAIL_TYPE

KEY = re.compile(r"[\w-]{1,43}", re.ASCII)
POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'"
"""A file that a browser shows has no origin, so that nothing in it speaks as the portal."""


@bp.get("/attachments/<key>")
def send_attachment(key: str) -> Response:
    """Send a file; with `download` always to be kept, with `small` a picture as small as lists show it.

    No cache keeps it, on the way or at home (R26).
    """
    part = PREVIEW if "small" in request.args else FILE
    found = file_to_send(viewer(), key, clock.today(), part) if KEY.fullmatch(key) else None
    if found is None:
        abort(404)
    return _sent(found, part)


def _sent(found: SentFile, part: str) -> Response:
    shown = found.is_shown and "download" not in request.args
    answer = Response(found.content, mimetype=THUMBNAIL_TYPE if part == PREVIEW else found.media_type)
    name_file(answer.headers, "inline" if shown else "attachment", found.name)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
