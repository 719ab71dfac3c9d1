"""The second pair of eyes: no mail goes to the whole school that only one person has read.

It is there where school wants it, for the letter itself and for each mail about a correction of it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, update

from portal.access import Viewer
from portal.domain import audit, letter_copies, letter_notices
from portal.domain.letter_audience import Part, parts_of, reaches_whole_school
from portal.domain.letter_times import TIME_TO_TAKE_BACK, first_good
from portal.domain.school import school_facts
from portal.domain.slips import check_before_sending
from portal.errors import Refused
from portal.extensions import db
from portal.models.letters import Letter
from portal.words import gettext


def needs_second_eyes(parts: Sequence[Part]) -> bool:
    """Whether somebody else of the office approves a letter for these parts before it goes."""
    return school_facts().second_eyes and reaches_whole_school(parts)


def correction_needs_second_eyes(letter: Letter) -> bool:
    """Whether somebody else approves a mail about a correction of a letter that was sent.

    Also of one that was approved before it went: the groups that it was for are others with the next year.
    """
    return school_facts().second_eyes and (
        letter.approval_asked_at is not None or reaches_whole_school(parts_of(letter.id))
    )


def approve(letter: Letter, revision: int, asked_at: datetime | None, actor: Viewer, now: datetime) -> None:
    """Let a letter go that waited for other eyes.

    `revision` and `asked_at`: of what those read. Files make no revision, but to change them a letter is
    taken back and asked for again. Raises Refused when that was done since, or it is past.
    """
    _settle(
        letter,
        {"approved_at": now, "approved_by": actor.id},
        Letter.author_id != actor.id,
        Letter.revision == revision,
        Letter.approval_asked_at == asked_at,
        Letter.approved_at.is_(None),
        Letter.send_at.is_not(None),
    )
    letter.send_at = _goes_at(letter, now)
    check_before_sending(letter, letter.send_at)
    db.session.flush()
    audit.record(actor, "approve_letter", "letter", letter.id)


def _goes_at(letter: Letter, now: datetime) -> datetime:
    """Return when a letter goes that is approved now: at its time, else soon, but not in the quiet hours.

    Its author proposed no moment in them; an urgent one does not wait for the morning.
    """
    soon = now + TIME_TO_TAKE_BACK
    if letter.send_at and letter.send_at >= soon:
        return letter.send_at
    school = school_facts()
    return soon if letter.urgent else first_good(soon, school.quiet_from, school.quiet_until)


def mail_shows() -> ColumnElement[str]:
    """What a mail that leaves now shows of a letter: no words that wait for the second pair of eyes."""
    unread = and_(Letter.approval_asked_at.is_not(None), Letter.approved_at.is_(None))
    return case((unread, "hint"), else_=Letter.mail_shows)


def ask_for_notice(letter: Letter, wanted: bool, actor: Viewer, now: datetime) -> None:
    """Send the mail about a correction that was just made, when its author wants that, or let it wait.

    Until other eyes have read the new words no mail has them in it, also none that was still to go. Who
    corrects a letter of which a mail waits already is who may not approve that from then on.
    """
    needed = correction_needs_second_eyes(letter)
    letter.approval_asked_at = now if needed else None
    letter.approved_at = letter.approved_by = None
    if wanted and not needed:
        letter.notice_asked_at = letter.notice_asked_by = None
        letter_copies.tell_again(letter, now)
    elif wanted or letter.notice_asked_at:
        letter.notice_asked_at, letter.notice_asked_by = now, actor.id
        letter_notices.tell_approvers(letter, actor, now)
    db.session.flush()


def approve_notice(letter: Letter, revision: int, actor: Viewer, now: datetime) -> None:
    """Let the mail about a correction go that waited for other eyes.

    `revision`: of the words that those read. Raises Refused when they were changed since, or none waits.
    """
    _settle_notice(letter, actor, {"approved_at": now, "approved_by": actor.id}, Letter.revision == revision)
    letter_copies.tell_again(letter, now)
    audit.record(actor, "approve_notice", "letter", letter.id)


def refuse_notice(letter: Letter, actor: Viewer) -> None:
    """Let the mail about a correction not go; the words stay. Raises Refused when none waits."""
    _settle_notice(letter, actor, {})
    audit.record(actor, "refuse_notice", "letter", letter.id)


def _settle_notice(
    letter: Letter, actor: Viewer, values: dict[str, object], *conditions: ColumnElement[bool]
) -> None:
    _settle(
        letter,
        {"notice_asked_at": None, "notice_asked_by": None, **values},
        Letter.notice_asked_at.is_not(None),
        Letter.notice_asked_by != actor.id,
        Letter.withdrawn_at.is_(None),
        *conditions,
    )


def _settle(letter: Letter, values: dict[str, object], *conditions: ColumnElement[bool]) -> None:
    """Be the one whose word counts, and hold the row until the commit. Raises Refused."""
    db.session.flush()
    settled = db.session.execute(
        update(Letter)
        .where(Letter.id == letter.id, *conditions)
        .values(values)
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    ).first()
    if settled is None:
        raise Refused(gettext("This does not wait for approval any more, or it was changed. Look once more."))
    db.session.expire(letter)
