"""Pages that refresh themselves, and need no answer as long as nothing changed."""

from flask import request


def is_same(version: str) -> bool:
    """Whether a page that asks for what is new has this version already."""
    return bool(request.headers.get("X-Refresh")) and request.args.get("version") == version
