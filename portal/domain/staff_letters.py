"""The letters of school in a list: what is being written, what waits, what was sent and how it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, exists, func, or_, select

from portal import access, names
from portal.access import Viewer
from portal.domain.letter_reminders import is_still_for
from portal.domain.letter_retention import forgotten_years
from portal.extensions import db
from portal.models.accounts import User
from portal.models.letters import Letter, LetterRecipient
from portal.paging import page_of

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class SentLine:
    """A letter that was sent: how many guardians have it and how many of them opened it.

    Without whom it is not for any more and who did not open it: the child has left, or the account is closed.
    `opened` is None when that is not known any more.
    """

    letter: Letter
    received: int
    opened: int | None


@dataclass(frozen=True, slots=True)
class StaffLetters:
    """The letters as one member of staff has them; `approving` wait for this one's eyes, or a mail
    about their correction does. The office has in `waiting` those of others too. `returned_by` names, by the
    number of a draft, who gave it back.
    """

    drafts: list[Letter]
    returned_by: dict[int, str]
    approving: list[Letter]
    waiting: list[Letter]
    sent: list[SentLine]
    page: int
    pages: int


def staff_letters(viewer: Viewer, now: datetime, page: int = 1) -> StaffLetters:
    """Return the viewer's drafts and letters that wait, and a page of what was sent, the newest first."""
    open_ones = _some(select(Letter).where(access.letters_written_by(viewer), Letter.sent_at.is_(None)))
    waits = access.letters_approved_by(viewer) | access.notices_approved_by(viewer)
    approving = _some(select(Letter).where(waits))
    sent = access.letters_of_school(viewer), Letter.sent_at.is_not(None)
    total = db.session.scalar(select(func.count()).select_from(Letter).where(*sent)) or 0
    page, pages = page_of(page, total, PER_PAGE)
    newest = select(Letter).where(*sent).order_by(Letter.sent_at.desc(), Letter.id.desc())
    letters = list(db.session.scalars(newest.limit(PER_PAGE).offset((page - 1) * PER_PAGE)))
    counts, forgotten = _counts(viewer, [letter.id for letter in letters]), forgotten_years(now)
    drafts = [letter for letter in open_ones if letter.send_at is None]
    return StaffLetters(
        drafts,
        returned_by(drafts),
        approving,
        [letter for letter in open_ones if letter.send_at is not None and letter not in approving],
        [_sent_line(letter, counts.get(letter.id, (0, 0)), forgotten) for letter in letters],
        page,
        pages,
    )


def returned_by(drafts: Sequence[Letter]) -> dict[int, str]:
    """Return who gave drafts back to their author, by the number of the draft; of the others nothing."""
    returned = {letter.id: letter.returned_by for letter in drafts if letter.returned_by}
    if not returned:
        return {}
    rows = db.session.execute(
        select(User.id, User.given_name, User.prefix, User.surname).where(User.id.in_(returned.values()))
    )
    called = {row[0]: names.full(*row[1:4]) for row in rows}
    return {letter: called[person] for letter, person in returned.items()}


def _sent_line(letter: Letter, counts: tuple[int, int], forgotten: frozenset[int]) -> SentLine:
    received, opened = counts
    return SentLine(letter, received, None if letter.school_year_id in forgotten else opened)


def _some(query: Select[Letter]) -> list[Letter]:
    return list(db.session.scalars(query.order_by(Letter.edited_at.desc(), Letter.id.desc()).limit(100)))


def _counts(viewer: Viewer, letters: list[int]) -> dict[int, tuple[int, int]]:
    """Return by letter how many have it and opened it: the same people whom `letter_delivery` counts."""
    is_closed = exists().where(User.id == LetterRecipient.user_id, User.disabled_at.is_not(None))
    rows = db.session.execute(
        select(LetterRecipient.letter_id, func.count(), func.count(LetterRecipient.opened_at))
        .where(
            LetterRecipient.letter_id.in_(letters),
            access.recipients_known_to(viewer),
            or_(LetterRecipient.opened_at.is_not(None), and_(is_still_for(), ~is_closed)),
        )
        .group_by(LetterRecipient.letter_id)
    )
    return {row[0]: (row[1], row[2]) for row in rows}
