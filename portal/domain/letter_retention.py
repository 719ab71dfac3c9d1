"""What goes of letters when its purpose is over (R18, decision 043): who read them first, the letters last.

Every function that deletes does so by portions and answers True when there may be more.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, delete, exists, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from portal import clock
from portal.access.letters import letters_still_there
from portal.domain.retention import AT_ONCE, FILES_AT_ONCE, YEAR, delete_some, years_to_forget
from portal.extensions import db
from portal.models.conversations import Conversation
from portal.models.letters import Letter, LetterChild, LetterRecipient
from portal.models.roster import Guardianship, Pupil

LETTERS_AT_ONCE = 20

_TOLD = ("mailed_at", "failed_at", "reminded_at", "held_at", "unwanted_at")
_later = aliased(Guardianship)


def forgotten_years(now: datetime) -> frozenset[int]:
    """Return the school years of whose letters nobody knows any more who read and answered them."""
    return frozenset(db.session.scalars(years_to_forget(now)))


def is_forgotten(letter: Letter, now: datetime) -> bool:
    """Whether it is not kept any more who read and answered a letter."""
    return letter.school_year_id in forgotten_years(now)


def _is_old(now: datetime) -> ColumnElement[bool]:
    return Letter.school_year_id.in_(years_to_forget(now))


class ForgetWhoRead:
    """The regular work that forgets who read a letter and whom it reached, a year after its school year.

    The copies stay, for their readers, and look alike: as if each was opened when it came. Some letters a
    time; it remembers how far it came, and who is done begins anew.
    """

    def __init__(self) -> None:
        self._done_until = 0

    def __call__(self, now: datetime) -> bool:
        """Look at the next letters; True when there are more."""
        old = select(Letter.id).where(_is_old(now), Letter.id > self._done_until)
        found = list(db.session.scalars(old.order_by(Letter.id).limit(LETTERS_AT_ONCE)))
        db.session.execute(
            update(LetterRecipient)
            .where(LetterRecipient.letter_id.in_(found), _tells())
            .values(opened_at=LetterRecipient.received_at, failure="", **dict.fromkeys(_TOLD))
            .execution_options(synchronize_session=False)
        )
        self._done_until = found[-1] if len(found) == LETTERS_AT_ONCE else 0
        return self._done_until > 0


def _tells() -> ColumnElement[bool]:
    return or_(
        LetterRecipient.opened_at.is_distinct_from(LetterRecipient.received_at),
        *(getattr(LetterRecipient, name).is_not(None) for name in _TOLD),
    )


def delete_copies_of_who_left(now: datetime) -> bool:
    """Delete the letters of somebody about a child that left, or is no more a guardian of, for a year."""
    limit = now - YEAR
    key = LetterChild.letter_id, LetterChild.user_id, LetterChild.pupil_id
    left = select(*key).where(LetterChild.pupil_id.in_(select(Pupil.id).where(Pupil.archived_at < limit)))
    still = exists().where(
        _later.user_id == Guardianship.user_id,
        _later.pupil_id == Guardianship.pupil_id,
        or_(_later.revoked_at.is_(None), _later.revoked_at >= limit),
    )
    parted = (
        select(*key)
        .join(
            Guardianship,
            and_(Guardianship.pupil_id == LetterChild.pupil_id, Guardianship.user_id == LetterChild.user_id),
        )
        .where(Guardianship.revoked_at < limit, ~still)
    )
    return any([_delete_copies(some) for some in (left, parted)])


def _delete_copies(which: Select[int, int, int]) -> bool:
    key = tuple_(LetterChild.letter_id, LetterChild.user_id, LetterChild.pupil_id)
    gone = db.session.execute(
        delete(LetterChild)
        .where(key.in_(which.limit(AT_ONCE)))
        .returning(LetterChild.letter_id, LetterChild.user_id)
        .execution_options(synchronize_session=False)
    ).all()
    if gone:
        _delete_copies_about_nobody({(row.letter_id, row.user_id) for row in gone})
    return len(gone) == AT_ONCE


def _delete_copies_about_nobody(copies: set[tuple[int, int]]) -> None:
    about = exists().where(
        LetterChild.letter_id == LetterRecipient.letter_id, LetterChild.user_id == LetterRecipient.user_id
    )
    db.session.execute(
        delete(LetterRecipient)
        .where(tuple_(LetterRecipient.letter_id, LetterRecipient.user_id).in_(sorted(copies)), ~about)
        .execution_options(synchronize_session=False)
    )


def delete_old_letters(now: datetime) -> bool:
    """Delete letters that parents find no more, files and all, a year after their school year.

    One that was never sent, was taken back, is past its day, or about children of whom none is left. A letter
    that is being talked about goes after the conversation.
    """
    about = exists().where(LetterChild.letter_id == Letter.id)
    talked_about = exists().where(Conversation.letter_id == Letter.id)
    found = and_(letters_still_there(clock.to_local(now).date()), about)
    return delete_some(Letter, Letter.id, _is_old(now), ~found, ~talked_about, at_once=FILES_AT_ONCE)
