"""A letter from school, from the first draft until it is taken back: each step a verb."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import cache

from sqlalchemy import ColumnElement, Select, bindparam, delete, or_, select, update

from portal import clock
from portal.access import Viewer
from portal.domain import attachments, audit, letter_copies, letter_notices
from portal.domain.holding import Overtaken
from portal.domain.letter_approval import ask_for_notice, needs_second_eyes
from portal.domain.letter_audience import Part, groups_left_out_in_vain, parts_of, recipients, row_of
from portal.domain.letter_stops import AS_DRAFT
from portal.domain.letter_times import TIME_TO_TAKE_BACK
from portal.domain.school_days import current_year, school_years
from portal.domain.slips import check_before_sending, check_last_day
from portal.errors import Refused
from portal.extensions import UtcDateTime, db, insert_into
from portal.formatting import group_label, spoken_list
from portal.models.letters import Letter, LetterAudience
from portal.names import clean
from portal.words import gettext

TITLE_LENGTH = 120
TEXT_LENGTH = 20_000
WHY_LENGTH = 500

_GAPS = re.compile(r"\n{3,}")
_PHOTOS_AT_END = re.compile(r"(\s*!\[[^\]]*\]\(foto:\d+\))+\s*\Z")


@dataclass(frozen=True, slots=True)
class Words:
    """What a writer fills in. `sender` as parents know the author; `mail_shows`: 'hint' or 'text'.

    `planned_at`: when it is to go, as far as that was chosen; None for as soon as it is sent.
    """

    title: str
    text: str
    sender: str
    mail_shows: str = "hint"
    urgent: bool = False
    visible_until: date | None = None
    planned_at: datetime | None = None


def clean_text(text: str) -> str:
    """Return the text of a letter without what nobody sees; indents stay, since Markdown reads them."""
    return _GAPS.sub("\n\n", "\n".join(map(_clean_line, text.splitlines()))).strip("\n")


def _clean_line(line: str) -> str:
    wide = line.expandtabs(4)
    return " " * (len(wide) - len(wide.lstrip(" "))) + clean(wide) if wide.strip() else ""


def begin(actor: Viewer, now: datetime, form_key: str | None = None) -> Letter:
    """Make an empty draft, that nobody but its author knows of; or return what this form has begun before.

    A letter that is new has revision 0. Raises Refused without a school year.
    """
    year = current_year(school_years(), clock.to_local(now).date())
    if year is None:
        raise Refused(gettext("The school has no school year yet. The office adds one."))
    made = db.session.scalar(
        insert_into(Letter)
        .values(school_year_id=year.id, author_id=actor.id, created_at=now, edited_at=now, form_key=form_key)
        .on_conflict_do_nothing(index_elements=["author_id", "form_key"])
        .returning(Letter.id)
    )
    if made:
        return db.session.get_one(Letter, made)
    own = Letter.author_id == actor.id, Letter.form_key == form_key
    return db.session.scalars(select(Letter).where(*own)).one()


def is_kept(letter: Letter, words: Words, parts: Sequence[Part]) -> bool:
    """Whether a letter has these words and parts already; photos may have come to its text."""
    as_it_was = replace(words, text=_PHOTOS_AT_END.sub("", words.text))
    kept = Words(*(getattr(letter, one.name) for one in fields(Words)))
    same = replace(kept, text=_PHOTOS_AT_END.sub("", kept.text)) == as_it_was
    return same and set(parts_of(letter.id)) == set(parts)


def save(letter: Letter, words: Words, parts: Sequence[Part], revision: int, now: datetime) -> None:
    """Keep a draft as it is typed.

    That its writer may write to the parts is settled before (`letter_choices.check`). Raises Overtaken when
    another page changed it since `revision`, Refused when it is on its way or for a last day that cannot be.
    One that was kept before and is over meanwhile hinders no saving: sending does not take it.
    """
    if letter.sent_at or letter.send_at:
        raise Refused(gettext("This letter is already on its way. Take it back to change it."))
    _take_turn(letter, revision, Letter.sent_at.is_(None), Letter.send_at.is_(None))
    if words.visible_until != letter.visible_until:
        check_last_day(letter, words.visible_until, now)
    _put_words(letter, words, now)
    letter.approval_asked_at = letter.approved_at = letter.approved_by = None
    db.session.execute(delete(LetterAudience).where(LetterAudience.letter_id == letter.id))
    db.session.add_all([row_of(letter.id, part) for part in dict.fromkeys(parts)])
    db.session.flush()


def _take_turn(letter: Letter, revision: int, *conditions: ColumnElement[bool]) -> None:
    """Be the one who changes this revision, and hold the row until the commit. Raises Overtaken."""
    db.session.flush()
    turn = db.session.execute(
        update(Letter)
        .where(Letter.id == letter.id, Letter.revision == revision, *conditions)
        .values(revision=revision + 1)
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    ).first()
    if turn is None:
        raise Overtaken(gettext("This letter was changed on another page meanwhile."))
    db.session.expire(letter)


def discard(letter: Letter, actor: Viewer) -> None:
    """Throw a draft away. Raises Refused when it is on its way."""
    gone = db.session.execute(
        delete(Letter)
        .where(Letter.id == letter.id, Letter.sent_at.is_(None), Letter.send_at.is_(None))
        .returning(Letter.id)
    ).first()
    if gone is None:
        raise Refused(gettext("This letter is already on its way."))
    audit.record(actor, "discard_letter", "letter", gone.id)


def _put_words(letter: Letter, words: Words, now: datetime) -> None:
    for one in fields(Words):
        setattr(letter, one.name, getattr(words, one.name))
    letter.edited_at = now


def set_out(letter: Letter, send_at: datetime | None, actor: Viewer, now: datetime) -> None:
    """Let a letter go: at a time, or now, which leaves two minutes to take it back.

    Where school wants a second pair of eyes it waits for them too. Raises Refused when words or recipients
    are missing, when it leaves out a group that has become empty, or when it is on its way already.
    """
    parts = parts_of(letter.id)
    if letter.sent_at or letter.send_at:
        raise Refused(gettext("This letter is already on its way."))
    if not letter.title:
        raise Refused(gettext("Give the letter a subject."), "title")
    if not letter.text:
        raise Refused(gettext("Write the letter first."), "text")
    if db.session.execute(recipients(parts).limit(1)).first() is None:
        raise Refused(gettext("Choose for whom the letter is."), "audience")
    refuse_vain_exceptions(parts)
    leaves_at = max(send_at or now, now + TIME_TO_TAKE_BACK)
    check_before_sending(letter, leaves_at)
    letter.send_at = leaves_at
    letter.returned_at, letter.returned_by, letter.returned_why = None, None, ""
    if needs_second_eyes(parts):
        letter.approval_asked_at = now
        letter_notices.tell_approvers(letter, actor, now)
    db.session.flush()
    audit.record(actor, "send_letter", "letter", letter.id)


def refuse_vain_exceptions(parts: Sequence[Part]) -> None:
    """Raise Refused when a group is left out in which no child is any more: who was meant gets the letter."""
    if groups := groups_left_out_in_vain(parts):
        emptied = spoken_list(group_label(name, inside=True) for name in groups)
        raise Refused(
            gettext(
                "No child is in %(groups)s any more, so that this leaves nobody out. Take it away, and choose"
                " again who does not get the letter.",
                groups=emptied,
            ),
            "audience",
        )


def send_back(letter: Letter, why: str, actor: Viewer, now: datetime) -> None:
    """Give a letter that waits for approval back to its author, as a draft, and say `why` ('': unsaid).

    Raises Refused as `take_back`.
    """
    _stop(letter, actor, now, why[:WHY_LENGTH])
    audit.record(actor, "send_back_letter", "letter", letter.id)


def take_back(letter: Letter, actor: Viewer, now: datetime) -> None:
    """Make a draft again of a letter that nobody has yet; when somebody else does so its author hears of it.

    Raises Refused when it has just left.
    """
    _stop(letter, actor, now)
    audit.record(actor, "take_back_letter", "letter", letter.id)


def _stop(letter: Letter, actor: Viewer, now: datetime, why: str = "") -> None:
    by_other = letter.author_id != actor.id
    returned = {"returned_at": now, "returned_by": actor.id, "returned_why": why} if by_other else {}
    taken = db.session.execute(
        update(Letter)
        .where(Letter.id == letter.id, Letter.sent_at.is_(None), Letter.send_at.is_not(None))
        .values(AS_DRAFT | returned)
        .returning(Letter.id)
    ).first()
    if taken is None:
        raise Refused(gettext("This letter has just left. You can correct it or withdraw it."))
    db.session.expire(letter)
    if by_other:
        letter_notices.tell_author(letter, now)


def send_due(now: datetime) -> bool:
    """Send the letter whose time came first; True when there may be more. For the worker.

    Who receives it is settled here, once, together with the mail about it; and it is one of the school year
    in which it goes, which may be another one than that in which its author began it. One that is for nobody
    any more, as its group was closed, or for those whom it left out too, is a draft again.
    """
    first = db.session.scalar(_first_to_send(), {"now": now})
    if first is None:
        return False
    letter = db.session.get_one(Letter, first, populate_existing=True)
    parts = parts_of(letter.id)
    is_for_nobody = db.session.execute(recipients(parts).limit(1)).first() is None
    if is_for_nobody or groups_left_out_in_vain(parts):
        for name, empty in AS_DRAFT.items():
            setattr(letter, name, empty)
        db.session.flush()
        return True
    letter.sent_at = now
    if year := current_year(school_years(), clock.to_local(now).date()):
        letter.school_year_id = year.id
    db.session.flush()
    letter_copies.hand_out(letter, now)
    return True


@cache
def _first_to_send() -> Select[int]:
    return (
        select(Letter.id)
        .where(
            Letter.send_at <= bindparam("now", type_=UtcDateTime),
            Letter.sent_at.is_(None),
            Letter.withdrawn_at.is_(None),
            or_(Letter.approval_asked_at.is_(None), Letter.approved_at.is_not(None)),
            ~attachments.waits_for_check(Letter.id),
        )
        .order_by(Letter.send_at, Letter.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def correct(
    letter: Letter,
    words: Words,
    revision: int,
    actor: Viewer,
    now: datetime,
    notify: bool = False,
    removed_files: Collection[int] = (),
) -> None:
    """Change the words of a letter that parents have; it says so from then on, by mail only with `notify`.

    A mail to the whole school waits for a second pair of eyes where school wants that. Files that were added
    for the correction reach them with it, those in `removed_files` go. Raises Overtaken when another page
    changed it since `revision`, Refused for a last day that is over or before that of the reply slip.
    """
    _take_turn(letter, revision, Letter.sent_at.is_not(None), Letter.withdrawn_at.is_(None))
    check_last_day(letter, words.visible_until, now)
    _put_words(letter, words, now)
    letter.corrected_at = now
    db.session.flush()
    attachments.settle_correction(letter, removed_files)
    ask_for_notice(letter, notify, actor, now)
    audit.record(actor, "correct_letter", "letter", letter.id)


def withdraw(letter: Letter, actor: Viewer, now: datetime) -> None:
    """Take a letter away from everybody who received it; mail about it that waits does not go."""
    if letter.withdrawn_at is None:
        letter.withdrawn_at = now
        db.session.flush()
        audit.record(actor, "withdraw_letter", "letter", letter.id)
