"""Style, script, fonts and icons: addresses by content, kept for good by the browser, compressed once.

Pages are compressed here too, each time afresh and with a little random length, so that the size of an answer
tells an eavesdropper nothing about what is in it.
"""

import gzip
import mimetypes
import re
import secrets
import zlib
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, abort, request
from markupsafe import Markup
from werkzeug.security import safe_join

FOLDER = Path(__file__).parent / "static"
FOR_GOOD = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
TEXT_TYPES = ("text/", "image/svg+xml", "application/manifest+json", "application/json")
WORTH_COMPRESSING = 1000
LEVEL_OF_PAGES = 5
LONGEST_PADDING = 100

mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("application/manifest+json", ".webmanifest")


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it is sent. `version` is a hash of its content, and of what its style sheet refers to."""

    content: bytes
    compressed: bytes | None
    media_type: str
    version: str


def init_app(app: Flask) -> None:
    """Serve the static files, make `static()` and `icon()` known to the templates, compress the pages."""
    app.view_functions["static"] = send_static
    # Only under `flask --debug` do the files change while the app runs.
    app.add_template_global(static_address if app.debug else lru_cache(static_address), "static")
    app.add_template_global(icon if app.debug else lru_cache(icon), "icon")
    app.after_request(compress_page)


def static_address(name: str) -> str:
    """Return the address of a static file, with the version that lets it be kept for good.

    Raises FileNotFoundError when there is no such file: a mistake in a template.
    """
    file = _find(name)
    if file is None:
        raise FileNotFoundError(f"no static file {name}")
    return f"/static/{name}?v={file.version}"


def icon(name: str, css: str = "") -> Markup:
    """Return an icon of the sprite; it is decoration, so the text beside it must say the same."""
    address = static_address("icons.svg")
    style = f"i {css}".strip()
    return Markup('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>').format(style, address, name)


def send_static(filename: str) -> Response:
    """Answer with one static file."""
    file = _find(filename)
    if file is None:
        abort(404)
    packed = file.compressed is not None and request.accept_encodings.quality("gzip") > 0
    response = Response(file.compressed if packed else file.content, content_type=file.media_type)
    response.set_etag(f"{file.version}-gz" if packed else file.version)
    if packed:
        response.content_encoding = "gzip"
    if file.compressed is not None:
        response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = FOR_GOOD if request.args.get("v") == file.version else ASK_AGAIN
    response.make_conditional(request)
    return response


def compress_page(response: Response) -> Response:
    """Compress a page when the browser takes that and it is long enough to matter."""
    if (
        not (response.content_type or "").startswith("text/html")
        or response.is_streamed
        or response.content_encoding
    ):
        return response
    response.headers.add("Vary", "Accept-Encoding")
    page = response.get_data()
    if len(page) >= WORTH_COMPRESSING and request.accept_encodings.quality("gzip") > 0:
        response.set_data(_gzip_with_padding(page))
        response.content_encoding = "gzip"
    return response


def _gzip_with_padding(content: bytes) -> bytes:
    """Compress; the file name in gzip's header has a random length and is read by nobody."""
    packer = zlib.compressobj(LEVEL_OF_PAGES, zlib.DEFLATED, -zlib.MAX_WBITS)
    header = b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + b"p" * secrets.randbelow(LONGEST_PADDING) + b"\0"
    trailer = zlib.crc32(content).to_bytes(4, "little") + (len(content) & 0xFFFFFFFF).to_bytes(4, "little")
    return header + packer.compress(content) + packer.flush() + trailer


def _find(name: str) -> StaticFile | None:
    path = safe_join(str(FOLDER), name)
    if path is None:
        return None
    try:
        changed = Path(path).stat().st_mtime_ns
        return _read(name, changed)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return None


@lru_cache(maxsize=500)
def _read(name: str, _changed: int) -> StaticFile:
    path = FOLDER / name
    content = path.read_bytes()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if path.suffix in (".css", ".js") and not name.startswith("vendor/"):
        content = _without_comments(content.decode()).encode()
    if path.suffix == ".css":
        content = _with_versions(content.decode(), path.parent).encode()
    compressed = None
    if media_type.startswith(TEXT_TYPES) or media_type.endswith("javascript"):
        compressed = gzip.compress(content, mtime=0)
        media_type += "; charset=utf-8"
    return StaticFile(content, compressed, media_type, sha256(content).hexdigest()[:12])


def _without_comments(text: str) -> str:
    """Leave out what only we read: comments (a line of its own in a script) and the spaces before a line."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.sub(r"^\s*(//.*)?\n?", "", text, flags=re.MULTILINE)


def _with_versions(style: str, folder: Path) -> str:
    """Give the files that a style sheet refers to their versions too."""

    def versioned(match: re.Match[str]) -> str:
        target = (folder / match["name"]).resolve()
        if not target.is_file() or not target.is_relative_to(FOLDER.resolve()):
            return match[0]
        file = _find(target.relative_to(FOLDER.resolve()).as_posix())
        return f'url("{match["name"]}?v={file.version}")' if file else match[0]

    return re.sub(r"""url\(\s*["']?(?P<name>[\w./-]+)["']?\s*\)""", versioned, style)
