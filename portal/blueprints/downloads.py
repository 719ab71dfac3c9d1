"""Under which name a browser keeps what it is sent."""

import re
import unicodedata
from urllib.parse import quote

from werkzeug.datastructures import Headers

from portal.names import fold


def name_file(headers: Headers, disposition: str, name: str) -> None:
    """Say under which name a browser keeps what is sent, also to one that knows only ASCII."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    both = {"filename": plain, "filename*": f"UTF-8''{quote(name)}"}
    headers.set("Content-Disposition", disposition, **both)


def plain_name(title: str, otherwise: str, longest: int | None = None) -> str:
    """Return a title as a file name that every system takes, or another one when nothing of it is left."""
    return re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:longest] or otherwise
