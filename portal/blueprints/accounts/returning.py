"""Where somebody goes after logging in: to the page that was asked for, if it is one of ours."""

from urllib.parse import urlsplit

from flask import request, url_for

NOT_AFTER_LOGIN = ("/login", "/logout", "/password", "/invitation")


def own_path(target: str | None) -> str:
    """Return `target` when it is a path of this portal, else the home page.

    '//elsewhere', '/\\elsewhere' and addresses with a tab in them are another host to a browser.
    """
    home = url_for("home.show_today")
    if not target or target[0] != "/" or target[:2] in ("//", "/\\") or "\\" in target:
        return home
    if any(ord(character) < 33 or ord(character) == 127 for character in target):
        return home
    parts = urlsplit(target)
    return home if parts.scheme or parts.netloc else target


def page_after_login() -> str:
    """Return where to go after logging in; never to a page for getting in or out."""
    target = own_path(request.values.get("next"))
    return url_for("home.show_today") if target.startswith(NOT_AFTER_LOGIN) else target


def next_or_none() -> str | None:
    """Return the page to go to, for the addresses of forms; None when it is the home page."""
    target = page_after_login()
    return None if target == url_for("home.show_today") else target
