"""Putting a reply slip with a letter, changing it and taking it away."""

from typing import cast

from sqlalchemy import delete, exists, select, update

from portal import access
from portal.access import Viewer
from portal.domain import audit
from portal.domain.holding import Overtaken
from portal.domain.slips import CHOSEN, Slip, check_deadline, check_places, fingerprint, slip_of
from portal.errors import Refused
from portal.extensions import db
from portal.models.letters import Letter
from portal.models.slips import ReplySlip, SlipAnswer, SlipOption, SlipQuestion
from portal.words import gettext

MOST_QUESTIONS = 20
MOST_OPTIONS = 20
WORDS_LENGTH = 200
OPTION_LENGTH = 80
MOST_PLACES = 9999


ANSWERED, SENT = "answered", "sent"


def why_questions_stay(letter: Letter, actor: Viewer) -> str:
    """Return why the questions of a slip stay as they are: ANSWERED, SENT, or '' while they can change.

    SENT is for who has a child here too, from the moment of sending and whoever else has that child: so they
    cannot learn from it whether a guardian who is kept from them has the letter, or answered it (R22).
    """
    if letter.sent_at and db.session.scalar(select(access.has_child_here(actor))):
        return SENT
    answered = db.session.scalar(select(exists().where(SlipAnswer.letter_id == letter.id)))
    return ANSWERED if answered else ""


def save_slip(letter: Letter, slip: Slip, opened: str, actor: Viewer) -> None:
    """Put a reply slip with a letter, or another one in its place.

    `opened` is the fingerprint of the slip as it was on the page. When the questions stay (see
    `why_questions_stay`) only the last day moves and places are added. Raises Overtaken when another page
    changed the slip since, Refused when the letter is on its way or the change cannot be.
    """
    _hold(letter, opened)
    check_deadline(letter, slip.deadline)
    if letter.sent_at:
        check_places(letter, slip)
    kept = db.session.get(ReplySlip, letter.id, populate_existing=True)
    why = why_questions_stay(letter, actor)
    if kept is not None and why:
        _add_places(cast(Slip, slip_of(letter.id)), slip, why)
    else:
        db.session.execute(delete(SlipQuestion).where(SlipQuestion.letter_id == letter.id))
        kept = kept or ReplySlip(letter_id=letter.id, deadline=slip.deadline)
        kept.per, kept.answered_by = slip.per, slip.answered_by
        db.session.add(kept)
        db.session.flush()
        _put_questions(letter.id, slip)
    if kept.deadline != slip.deadline:
        kept.deadline, kept.reminded_at = slip.deadline, None
    db.session.flush()
    if letter.sent_at:
        audit.record(actor, "change_slip", "letter", letter.id)


def remove_slip(letter: Letter, opened: str, actor: Viewer) -> None:
    """Take the reply slip away from a letter that nobody has answered. Raises as `save_slip` does."""
    _hold(letter, opened)
    why = why_questions_stay(letter, actor)
    if why == ANSWERED:
        raise Refused(gettext("Somebody has answered already. The reply slip stays."))
    if why:
        raise Refused(gettext("The letter is sent. The reply slip stays."))
    db.session.execute(delete(ReplySlip).where(ReplySlip.letter_id == letter.id))
    if letter.sent_at:
        audit.record(actor, "remove_slip", "letter", letter.id)


def _hold(letter: Letter, opened: str) -> None:
    """Hold letter and slip until the commit, so that meanwhile it is not sent, changed or answered."""
    db.session.flush()
    db.session.refresh(letter, with_for_update={"key_share": True})
    db.session.execute(select(ReplySlip.letter_id).where(ReplySlip.letter_id == letter.id).with_for_update())
    if letter.withdrawn_at or (letter.send_at and not letter.sent_at):
        raise Refused(gettext("This letter is already on its way. Take it back to change it."))
    if fingerprint(slip_of(letter.id)) != opened:
        raise Overtaken(gettext("The reply slip was changed on another page meanwhile."))


def _put_questions(letter_id: int, slip: Slip) -> None:
    for place, question in enumerate(slip.questions):
        row = SlipQuestion(
            letter_id=letter_id,
            position=place,
            kind=question.kind,
            words=question.words,
            required=question.required,
        )
        db.session.add(row)
        db.session.flush()
        if question.kind in CHOSEN:
            db.session.add_all(
                SlipOption(
                    question_id=row.id,
                    position=number,
                    words=option.words,
                    means=option.means,
                    places=option.places,
                )
                for number, option in enumerate(question.options)
            )


def _asked(slip: Slip) -> object:
    """Return what a slip asks, without its last day and its places."""
    asked = [(one.kind, one.words, one.required, [o.words for o in one.options]) for one in slip.questions]
    return slip.per, slip.answered_by, asked


def _add_places(kept: Slip, wanted: Slip, why: str) -> None:
    """Change how many places the options have, where that is what differs and everybody keeps theirs.

    Who may not learn whether somebody answered can only add to them.
    """
    if _asked(kept) != _asked(wanted):
        raise Refused(
            gettext("Somebody has answered meanwhile. The questions stay as they are.")
            if why == ANSWERED
            else gettext("The letter is sent. The questions stay as they are.")
        )
    others = [option for question in wanted.questions for option in question.options]
    for option, other in zip(kept.options.values(), others, strict=True):
        if option.places == other.places:
            continue
        if why == SENT and not _is_more(other.places, option.places):
            raise Refused(gettext("The letter is sent. You can only add places."))
        changed = db.session.execute(
            update(SlipOption)
            .where(SlipOption.id == option.id, SlipOption.taken <= (other.places or MOST_PLACES))
            .values(places=other.places)
            .returning(SlipOption.id)
            .execution_options(synchronize_session=False)
        ).first()
        if changed is None:
            raise Refused(gettext("More people have chosen '%(option)s' already.", option=option.words))


def _is_more(places: int | None, than: int | None) -> bool:
    return places is None or (than is not None and places > than)
