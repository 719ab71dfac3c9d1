"""Finding a letter again by the words in it, whatever the accents and capitals: among the own letters."""

import re
import unicodedata
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Date, Integer, Select, bindparam, select

from portal import access
from portal.access import Viewer
from portal.domain.letter_lists import MOST
from portal.extensions import fetch
from portal.models.letters import Attachment, Letter

LONGEST = 100
_WORD = re.compile(r"\w+")


def letters_with(viewer: Viewer, typed: str, today: date) -> frozenset[int]:
    """Return the numbers of the viewer's letters in which every word that was typed begins a word."""
    wanted = words_of(typed[:LONGEST])
    query = _texts_query(access.anyone_with(viewer.role))
    rows = fetch(query, viewer_id=viewer.id, today=today, most=MOST) if wanted else []
    called = _names_of_files(viewer, today) if rows else {}
    return frozenset(row[0] for row in rows if _holds(" ".join((*row[1:4], *called.get(row[0], ()))), wanted))


def _names_of_files(viewer: Viewer, today: date) -> dict[int, list[str]]:
    """Return how the attachments of the viewer's letters are called, by letter."""
    found: dict[int, list[str]] = {}
    query = _files_query(access.anyone_with(viewer.role))
    for letter_id, name in fetch(query, viewer_id=viewer.id, today=today):
        found.setdefault(letter_id, []).append(name)
    return found


def words_of(text: str) -> list[str]:
    """Return the words of a text without capitals and accents: 'Crème' and 'creme' are one."""
    return _WORD.findall(_folded(text))


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _holds(text: str, wanted: list[str]) -> bool:
    folded = _folded(text)
    return all(re.search(rf"(?<!\w){re.escape(word)}", folded) for word in wanted)


@cache
def _texts_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return (
        select(Letter.id, Letter.title, Letter.sender, Letter.text)
        .where(access.letters_received_by(viewer, bindparam("today", type_=Date)))
        .order_by(Letter.sent_at.desc(), Letter.id.desc())
        .limit(bindparam("most", type_=Integer))
    )


@cache
def _files_query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    today = bindparam("today", type_=Date)
    return (
        select(Attachment.letter_id, Attachment.name)
        .join(Letter, Letter.id == Attachment.letter_id)
        .where(
            ~Attachment.inline,
            access.letters_received_by(viewer, today),
            access.attachments_visible_to(viewer, today),
        )
    )
