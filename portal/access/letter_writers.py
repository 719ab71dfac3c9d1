"""Who writes a letter, approves it, changes it after it was sent, and for whom it may be."""

from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, or_, select, true
from sqlalchemy.orm import aliased

from portal.access.adults import of_office
from portal.access.directory import unknown_as_staff
from portal.access.groups import groups_of_school
from portal.access.letters import is_about_own_family, receives_letters
from portal.access.pupils import at_school, has_pupil_as_school, is_family
from portal.access.viewers import Viewer
from portal.extensions import db
from portal.models.letters import Attachment, Letter, LetterAudience, LetterList
from portal.models.roster import Group, Guardianship, Pupil

_audience = aliased(LetterAudience)


def letters_written_by(viewer: Viewer) -> ColumnElement[bool]:
    """The letters that the viewer changes, sends and takes from parents: the own ones, and the office every
    one that was sent or waits to go.

    Of what was sent an author is master only while teaching all whom it is for.
    """
    return and_(handles(viewer, Letter), or_(Letter.sent_at.is_(None), within_reach(viewer, Letter.id)))


def letters_followed_by(viewer: Viewer) -> ColumnElement[bool]:
    """The letters of which the viewer gathers the answers and reminds the own pupils' guardians."""
    return handles(viewer, Letter)


def handles(viewer: Viewer, letter: Any) -> ColumnElement[bool]:
    """Whether the viewer is author of a letter (or an alias of it), or of the office and it is no draft."""
    if not viewer.is_staff:
        return false()
    if viewer.is_office:
        leaves = or_(letter.sent_at.is_not(None), letter.send_at.is_not(None))
        kept = and_(leaves, ~is_about_own_family(viewer, letter.id))
        return or_(letter.author_id == viewer.id, kept)
    own: ColumnElement[bool] = letter.author_id == viewer.id
    return own


def may_handle_letter(viewer: Viewer, letter: Letter) -> bool:
    """Whether who has a letter at school takes it back, gathers answers and reminds: author and office."""
    return letter.author_id == viewer.id or viewer.is_office


def within_reach(viewer: Viewer, letter_id: Any) -> ColumnElement[bool]:
    """Whether the viewer might write to all whom a letter is for: of a teacher the own groups and pupils.

    A pupil who left has nobody any more who reads it.
    """
    if viewer.is_office:
        return true()
    group = exists().where(Group.id == _audience.group_id, groups_of_school(viewer)).correlate(_audience)
    pupil = or_(has_pupil_as_school(viewer, _audience.pupil_id), ~at_school(_audience.pupil_id))
    reached = case((_audience.pupil_id.is_not(None), pupil), else_=group)
    return ~exists().where(_audience.letter_id == letter_id, ~_audience.excluded, ~reached)


def may_correct_letter(viewer: Viewer, letter: Letter) -> bool:
    """Whether who has a sent letter at school corrects it and takes it from parents."""
    found = select(Letter.id).where(Letter.id == letter.id, letters_written_by(viewer))
    return db.session.scalar(found) is not None


def letters_approved_by(viewer: Viewer) -> ColumnElement[bool]:
    """The letters that wait for the viewer's eyes: the office's, not one's own or about one's child (R22)."""
    return and_(
        of_office(viewer),
        ~is_about_own_family(viewer, Letter.id),
        Letter.author_id != viewer.id,
        Letter.approval_asked_at.is_not(None),
        Letter.approved_at.is_(None),
        Letter.sent_at.is_(None),
    )


def notices_approved_by(viewer: Viewer) -> ColumnElement[bool]:
    """The letters of which the mail about a correction waits for the viewer's eyes: of the office, but not
    who changed the words, nor about one's own child (R22).
    """
    return and_(
        of_office(viewer),
        ~is_about_own_family(viewer, Letter.id),
        Letter.notice_asked_at.is_not(None),
        Letter.notice_asked_by != viewer.id,
        Letter.sent_at.is_not(None),
        Letter.withdrawn_at.is_(None),
    )


def lists_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The school's own lists that the viewer may write to: the office's."""
    return and_(of_office(viewer), LetterList.removed_at.is_(None))


def may_write_to_all(viewer: Viewer) -> bool:
    """Whether the viewer writes to the whole school and to whole jaargroepen: the office."""
    return viewer.is_office


def may_write_urgently(viewer: Viewer, urgent_by: str) -> bool:
    """Whether the viewer may call a letter urgent, where school says `urgent_by` 'office' or 'staff'."""
    return viewer.is_office or (viewer.is_staff and urgent_by == "staff")


def pupils_written_about_by(viewer: Viewer) -> ColumnElement[bool]:
    """The pupils to whose guardians the viewer may write one by one: not the own child's (R22)."""
    return and_(Pupil.archived_at.is_(None), has_pupil_as_school(viewer, Pupil.id))


def guardians_written_to_by(viewer: Viewer) -> ColumnElement[bool]:
    """The guardianships of which the viewer may write to the one guardian."""
    return and_(
        Guardianship.revoked_at.is_(None),
        receives_letters(Guardianship.user_id, Guardianship.pupil_id),
        has_pupil_as_school(viewer, Guardianship.pupil_id),
        ~unknown_as_staff(viewer.id, Guardianship.user_id),
    )


def groups_named_to(viewer: Viewer) -> ColumnElement[bool]:
    """The groups that the page of a letter that was sent names, also when they are closed."""
    return true() if viewer.is_staff else false()


def lists_named_to(viewer: Viewer) -> ColumnElement[bool]:
    """The lists that the page of a letter that was sent names: to the office, also when they are no more."""
    return of_office(viewer)


def pupils_named_to(viewer: Viewer) -> ColumnElement[bool]:
    """The pupils whom the page of a letter that was sent names: to the office also who left.

    Of the own child one stays a guardian (R22).
    """
    return ~is_family(viewer.id, Pupil.id) if viewer.is_office else pupils_written_about_by(viewer)


def guardians_named_to(viewer: Viewer) -> ColumnElement[bool]:
    """The guardianships by which the page of a letter that was sent names the one guardian it was for.

    To the office also those that are over; never one that is kept from the viewer (R22).
    """
    if not viewer.is_office:
        return guardians_written_to_by(viewer)
    family = is_family(viewer.id, Guardianship.pupil_id)
    return and_(~family, ~unknown_as_staff(viewer.id, Guardianship.user_id))


def attachments_changed_by(viewer: Viewer) -> ColumnElement[bool]:
    """The files of the letters that the viewer changes, sends and takes back."""
    written = exists().where(Letter.id == Attachment.letter_id, letters_written_by(viewer))
    return written.correlate(Attachment)
