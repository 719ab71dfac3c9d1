"""A released PDF on its way out: always a download, never shown inside the portal."""

from flask import Response, abort

from portal.blueprints.downloads import name_file


def as_attachment(content: bytes | None, name: str) -> Response:
    """Return a PDF under its safe name, kept by no cache and run by no browser; 404 when there is none."""
    if content is None:
        abort(404)
    response = Response(content, mimetype="application/pdf")
    name_file(response.headers, "attachment", name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
