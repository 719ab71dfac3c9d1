"""The mail about a letter on a page: in a frame of its own, in which nothing works and nothing runs."""

import base64
import hashlib
from collections.abc import Sequence
from html.parser import HTMLParser

from flask import Response, make_response

from portal.access import viewer
from portal.domain.attachment_lists import LetterFiles
from portal.domain.letter_audience import Part
from portal.domain.letter_look import MailLook, look_at_mail
from portal.domain.slips import slip_of
from portal.handlers import POLICY
from portal.models.letters import Letter


def mail_of(letter: Letter, parts: Sequence[Part], with_it: LetterFiles) -> MailLook:
    """Return the mail that goes out for a letter, as it is now."""
    files = [line.name for line in with_it.attachments if not line.failure]
    return look_at_mail(viewer(), letter, parts, files, slip_of(letter.id) if letter.id else None)


def page_with_mail(page: str, mail: MailLook) -> Response:
    """Return the answer with a page that shows a mail.

    A mail has its styles in its elements. The frame gets the policy of its page, so that names each of those
    styles by its hash; all that is not our own mail's stays forbidden.
    """
    answer = make_response(page)
    hashes = " ".join(sorted(_hash(style) for style in _Styles.of(mail.html)))
    answer.headers["Content-Security-Policy"] = POLICY.replace(
        "style-src 'self'", f"style-src 'self' 'unsafe-hashes' {hashes}"
    )
    return answer


def _hash(style: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


class _Styles(HTMLParser):
    """Collects what stands in the style attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    @classmethod
    def of(cls, html: str) -> set[str]:
        """Return the styles of a page, each once."""
        parser = cls()
        parser.feed(html)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the style of an element."""
        self.found |= {value for name, value in attrs if name == "style" and value}
