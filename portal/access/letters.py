"""Who receives a letter, reads it, approves it and sees what became of it."""

from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import aliased

from portal.access.directory import unknown_as_staff
from portal.access.groups import groups_of_school
from portal.access.pupils import (
    at_school,
    barred,
    has_authority,
    has_pupil_as_school,
    is_family,
    pupils_of_school,
)
from portal.access.tables import teaching
from portal.access.viewers import Viewer
from portal.models.letters import (
    Attachment,
    Letter,
    LetterAudience,
    LetterChild,
    LetterListMember,
    LetterRecipient,
)
from portal.models.roster import Group, Guardianship, Membership, Pupil

_child = aliased(LetterChild)
_audience = aliased(LetterAudience)
_letter = aliased(Letter)
_place = aliased(Guardianship)
_member = aliased(LetterListMember)
_enrolled = aliased(Membership)
_class = aliased(Group)


def receives_letters(guardian_id: Any, pupil_id: Any) -> ColumnElement[bool]:
    """Whether letters about a pupil are for this guardian: who decides for a child that is at school.

    Each of the two gets an own copy, always (R19). Who has information on request gets what school releases
    (R21), and who may have no contact with the child gets nothing.
    """
    return and_(at_school(pupil_id), has_authority(guardian_id, pupil_id), ~barred(guardian_id, pupil_id))


def _is_there(letter: Any, today: Any) -> ColumnElement[bool]:
    """Whether parents find a letter today: sent, not taken back, and not past the day it was good for."""
    return and_(
        letter.sent_at.is_not(None),
        letter.withdrawn_at.is_(None),
        or_(letter.visible_until.is_(None), letter.visible_until >= today),
    )


def letters_still_there(today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """The letters that parents find, for the worker that gives them to who comes later."""
    return _is_there(Letter, today)


def _received_about(viewer: Viewer, letter_id: Any) -> ColumnElement[bool]:
    """Whether the viewer received a letter about a child for whom letters are still for the viewer."""
    return exists().where(
        _child.letter_id == letter_id,
        _child.user_id == viewer.id,
        receives_letters(_child.user_id, _child.pupil_id),
    )


def letters_received_by(viewer: Viewer, today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """The letters that the viewer has as a guardian.

    A letter of a year that is over stays with who received it, as long as the child is here.
    """
    return and_(_is_there(Letter, today), _received_about(viewer, Letter.id))


def own_receipts(viewer: Viewer) -> ColumnElement[bool]:
    """What became of the viewer's own copies; of another guardian's one learns nothing (R22)."""
    return LetterRecipient.user_id == viewer.id


def own_unread_receipts(viewer: Viewer) -> ColumnElement[bool]:
    """The own copies that the viewer did not open, or marked unread after that."""
    unread = or_(LetterRecipient.opened_at.is_(None), LetterRecipient.unread_at.is_not(None))
    return and_(own_receipts(viewer), unread)


def unread_letters(guardian_id: Any, today: Any) -> ScalarSelect[int]:
    """Return the number of letters that a guardian has and did not read, for a query about that guardian."""
    reader = Viewer(id=cast(int, LetterRecipient.user_id))
    return (
        select(func.count())
        .select_from(LetterRecipient)
        .join(Letter, Letter.id == LetterRecipient.letter_id)
        .where(
            LetterRecipient.user_id == guardian_id,
            own_unread_receipts(reader),
            letters_received_by(reader, today),
        )
        .scalar_subquery()
    )


def children_of_letters(viewer: Viewer) -> ColumnElement[bool]:
    """The own children about whom the viewer's letters are."""
    return and_(LetterChild.user_id == viewer.id, receives_letters(viewer.id, LetterChild.pupil_id))


# --- as school --------------------------------------------------------------------------------------------


def is_about_own_family(viewer: Viewer, letter_id: Any) -> ColumnElement[bool]:
    """Whether a letter was written to one of the viewer's own family, or to somebody kept from the viewer."""
    return exists().where(
        _audience.letter_id == letter_id,
        or_(
            and_(_audience.pupil_id.is_not(None), is_family(viewer.id, _audience.pupil_id)),
            and_(_audience.user_id.is_not(None), unknown_as_staff(viewer.id, _audience.user_id)),
        ),
    )


def _own_pupils(viewer: Viewer) -> Select[int]:
    """The numbers of the pupils of the own groups, by way of those groups: of few rows, asked once.

    Who of them is really had at school is for `has_pupil_as_school` to say.
    """
    taught = select(teaching.group_id).where(teaching.user_id == viewer.id, teaching.ended_on.is_(None))
    return select(_enrolled.pupil_id).where(
        _enrolled.ended_on.is_(None),
        _enrolled.group_id.in_(taught),
        has_pupil_as_school(viewer, _enrolled.pupil_id),
    )


def _went_to_own_group(viewer: Viewer, letter: Any) -> ColumnElement[bool]:
    """Whether a letter is for one of the own groups, or went to guardians of its pupils with many others."""
    part = _audience.letter_id == letter.id, ~_audience.excluded
    group = exists().where(Group.id == _audience.group_id, groups_of_school(viewer)).correlate(_audience)
    to_many = exists().where(*part, _audience.kind.in_(("school", "year")))
    received = select(_child.letter_id).where(_child.pupil_id.in_(_own_pupils(viewer)))
    return or_(
        exists().where(*part, group),
        and_(to_many, letter.id.in_(received)),
        exists().where(*part, _audience.kind == "list", _went_to_listed(viewer, letter)),
    )


def _went_to_listed(viewer: Viewer, letter: Any) -> ColumnElement[bool]:
    """Whether a letter to a list is about a pupil of the own groups of that year who is on it as a child.

    A list may have one guardian of a child on it: what that one got is nobody else's.
    """
    own = _own_pupils(viewer).join(_class, _class.id == _enrolled.group_id)
    of_that_year = own.where(_class.school_year_id == letter.school_year_id)
    found = exists().where(
        _member.list_id == _audience.list_id,
        _member.user_id.is_(None),
        _child.letter_id == letter.id,
        _child.pupil_id == _member.pupil_id,
        _member.pupil_id.in_(of_that_year.correlate_except(_enrolled, _class)),
    )
    return found.correlate_except(_member, _child)


def letters_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The letters that the viewer has as a member of staff: the own ones; of others what was sent.

    The office reads every letter that was sent or waits to go. A teacher reads of those to the own
    groups what was sent or waits for approval, of those to the school or a jaargroep what their pupils'
    guardians received, and of those to a list what went about a pupil on it this year. Of the own child
    one stays a guardian (R22).
    """
    return _reads_at_school(viewer, Letter)


def _reads_at_school(viewer: Viewer, letter: Any) -> ColumnElement[bool]:
    if not viewer.is_staff:
        return false()
    waits = letter.send_at.is_not(None) if viewer.is_office else false()
    others = and_(
        or_(letter.sent_at.is_not(None), letter.approval_asked_at.is_not(None), waits),
        true() if viewer.is_office else _went_to_own_group(viewer, letter),
        ~is_about_own_family(viewer, letter.id),
    )
    return or_(letter.author_id == viewer.id, others)


def future_recipients_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """The guardianships of which a writer hears before a letter goes: of the pupils whom one has at school.

    Never a guardian who is kept from the viewer: also a number would tell whether the other guardian of the
    own child has authority (R22).
    """
    kept = exists().where(Pupil.id == Guardianship.pupil_id, pupils_of_school(viewer))
    return and_(kept.correlate(Guardianship), ~unknown_as_staff(viewer.id, Guardianship.user_id))


def recipients_known_to(viewer: Viewer) -> ColumnElement[bool]:
    """Who received a letter that the viewer has at school, and what became of each copy.

    The letter itself is looked up by `letters_of_school`. A teacher knows only who is a guardian of the own
    pupils now. Never about a guardian who is kept from the viewer, nor about oneself (R22).
    """
    return and_(
        true() if viewer.is_staff else false(),
        guards_own_pupil(viewer, LetterRecipient.user_id),
        LetterRecipient.user_id != viewer.id,
        ~unknown_as_staff(viewer.id, LetterRecipient.user_id),
    )


def guards_own_pupil(viewer: Viewer, user_id: Any) -> ColumnElement[bool]:
    """Whether somebody is a guardian now of a pupil whom the viewer has at school; to the office all are."""
    if viewer.is_office:
        return true()
    if not viewer.is_staff:
        return false()
    of_own = select(_place.user_id).where(
        _place.revoked_at.is_(None), _place.pupil_id.in_(_own_pupils(viewer))
    )
    in_own: ColumnElement[bool] = user_id.in_(of_own)
    return in_own


def attachments_of_letters(viewer: Viewer, today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """The files of the letters that the viewer reads, as a guardian or at school.

    Parents have one when nothing harmful was found in it and the correction that brings it was saved; who
    reads the letter at school knows of it before that.
    """
    received = and_(
        is_given_to_parents(),
        exists().where(
            _letter.id == Attachment.letter_id, _is_there(_letter, today), _received_about(viewer, _letter.id)
        ),
    )
    at_work = exists().where(_letter.id == Attachment.letter_id, _reads_at_school(viewer, _letter))
    return or_(received, at_work)


def is_given_to_parents() -> ColumnElement[bool]:
    """Whether nothing harmful was found in a file, and the correction that brings it was saved."""
    return and_(Attachment.checked_at.is_not(None), ~Attachment.pending)
