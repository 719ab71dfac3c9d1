"""What people do on the pages of getting in, and what they see."""

import html
import re

from tests.cast import PASSWORD


def log_in(client, person, *, email=None, password=PASSWORD, next=None, stay="y", headers=None):
    """Send the login form as a browser does."""
    data = {"email": email or person.email, "password": password}
    if stay:
        data["stay"] = stay
    if next is not None:
        data["next"] = next
    return client.post("/login", data=data, headers=headers)


def location(answer) -> str:
    """Return where the answer sends the browser."""
    assert answer.status_code == 303, answer.status
    return answer.headers["Location"]


def on_screen(answer) -> str:
    """Return the words of a page."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text)))


def path_of(link: str) -> str:
    """Return the path of an address from a mail."""
    return "/" + link.split("/", 3)[3]


def masked(answer, address: str) -> tuple[int, str, list[tuple[str, str]]]:
    """Return an answer as somebody who tries addresses sees it: without the address, tokens and length."""
    page = answer.text.replace(address, "…")
    page = re.sub(r'name="csrf_token" value="[^"]*"', "token", page)
    dropped = ("Set-Cookie", "Content-Length")
    headers = [(name, value.replace(address, "…")) for name, value in answer.headers if name not in dropped]
    return answer.status_code, page, headers
