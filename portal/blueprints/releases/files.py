"""A released PDF on its way out: always a download, never shown inside the portal."""

import unicodedata
from urllib.parse import quote

from flask import Response, abort


def as_attachment(content: bytes | None, name: str) -> Response:
    """Return a PDF under its safe name, kept by no cache and run by no browser; 404 when there is none."""
    if content is None:
        abort(404)
    response = Response(content, mimetype="application/pdf")
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    both = {"filename": plain, "filename*": f"UTF-8''{quote(name)}"}
    response.headers.set("Content-Disposition", "attachment", **both)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
