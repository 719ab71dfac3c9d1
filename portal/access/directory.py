"""What guardians see of each other: only what somebody chose to show, and nothing of who hides from them."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from portal.access.groups import belongs_to_group, groups_of_children, groups_of_school
from portal.access.pupils import barred
from portal.access.tables import barring, guardianship, pupil
from portal.access.viewers import Viewer
from portal.models.directory import SharedField
from portal.models.roster import Group, Guardianship, Pupil

_other = aliased(Guardianship)
_known = aliased(Guardianship)
_group = aliased(Group)
_common = aliased(Group)


def _guarded_together(viewer_id: Any, user_id: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether two different adults are or were guardians of the same child, and what of their places."""
    together = exists().where(
        guardianship.user_id == viewer_id,
        _other.pupil_id == guardianship.pupil_id,
        _other.user_id == user_id,
        _other.user_id != guardianship.user_id,
        condition,
    )
    return together.correlate_except(guardianship, _other)


def _hides() -> ColumnElement[bool]:
    """Whether the other one hides: until that one ends it, also when the access of either ended (R22)."""
    return _other.hidden_at.is_not(None)


def keeps_away(viewer_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Whether an adult is guardian of a pupil with whom the viewer may have no contact."""
    away = exists().where(
        barring.user_id == viewer_id,
        barring.lifted_at.is_(None),
        _other.pupil_id == barring.pupil_id,
        _other.user_id == user_id,
        _other.revoked_at.is_(None),
    )
    return away.correlate_except(barring, _other)


def hides_itself_from(viewer_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Whether an adult hides from the viewer, or school hides them, because of whatever child they share."""
    return _guarded_together(viewer_id, user_id, _hides())


def hides_from(viewer_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Whether an adult hides from the viewer: as guardian of whatever child, so everywhere (R22).

    It goes on when one of them is no guardian of that child any more. The guardians of a child with whom the
    viewer may have no contact are kept from the viewer likewise.
    """
    return or_(hides_itself_from(viewer_id, user_id), keeps_away(viewer_id, user_id))


def unknown_as_staff(viewer_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Whether an adult is kept from who works here, on every page of school.

    That is the other guardian of the own child, whether or not that one hides (R22): beside the own child
    who works here is a guardian like any other. Who hid is also kept away when one of them is no guardian of
    that child any more. And the guardians of a child that one may have no contact with.
    """
    both_now = and_(guardianship.revoked_at.is_(None), _other.revoked_at.is_(None))
    beside = _guarded_together(viewer_id, user_id, or_(both_now, _hides()))
    return or_(beside, keeps_away(viewer_id, user_id))


def guarded_by_unknown(viewer_id: Any, pupil_id: Any) -> ColumnElement[bool]:
    """Whether a pupil has a guardian who is kept from who works here, whoever else guards it."""
    return exists().where(
        _known.pupil_id == pupil_id,
        _known.revoked_at.is_(None),
        unknown_as_staff(viewer_id, _known.user_id),
    )


def _shows_in(user_id: Any, group_id: Any) -> ColumnElement[bool]:
    """Whether what somebody chose to show holds: still a parent of the group, and the group is open (R27)."""
    is_open = exists().where(_group.id == group_id, _group.closed_at.is_(None))
    return and_(belongs_to_group(user_id, group_id), is_open.correlate_except(_group))


def _shown_now() -> ColumnElement[bool]:
    return _shows_in(SharedField.user_id, SharedField.group_id)


def _reads_in(viewer_id: Any, user_id: Any, group_id: Any) -> ColumnElement[bool]:
    return and_(
        belongs_to_group(viewer_id, group_id),
        _shows_in(user_id, group_id),
        ~hides_from(viewer_id, user_id),
    )


def reads_of(viewer_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Whether an adult reads what another one shows to the parents of a group: in any group (R22, R27)."""
    return exists().select_from(_common).where(_reads_in(viewer_id, user_id, _common.id))


def shared_fields_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The fields that other parents of the groups of the own children show to this viewer (R22, R27).

    One rule for the class list, its print and its download, and for the child's page: the other guardian of
    the own child is a parent like any other.
    """
    return _reads_in(viewer.id, SharedField.user_id, SharedField.group_id)


def shared_fields_listed_for(viewer: Viewer) -> ColumnElement[bool]:
    """What stands in the class lists that this viewer reads: as parents see them, also for school.

    Whoever works here and is a guardian sees the other guardian of the own child as a parent only (R22).
    """
    if not viewer.is_staff:
        return shared_fields_visible_to(viewer)
    kept = exists().where(Group.id == SharedField.group_id, groups_of_school(viewer)).correlate(SharedField)
    as_school = and_(kept, _shown_now(), ~unknown_as_staff(viewer.id, SharedField.user_id))
    return or_(shared_fields_visible_to(viewer), as_school)


def pupils_listed_for(viewer: Viewer) -> ColumnElement[bool]:
    """The children who stand in the class list of a group that this viewer reads: all who are at school, but
    nobody with whom the viewer may have no contact.
    """
    return and_(Pupil.archived_at.is_(None), ~barred(viewer.id, Pupil.id))


def groups_listed_for(viewer: Viewer, lists_for_parents: bool) -> ColumnElement[bool]:
    """The groups whose class list the viewer may take along on paper or as a file: school, and parents
    where the school allows it.
    """
    if not lists_for_parents:
        return groups_of_school(viewer)
    return or_(groups_of_school(viewer), groups_of_children(viewer))


def own_shared_fields(viewer: Viewer) -> ColumnElement[bool]:
    """What the viewer shows."""
    return SharedField.user_id == viewer.id


def own_fields_as_shown(viewer: Viewer) -> ColumnElement[bool]:
    """What a parent of a group sees of the viewer, when the viewer does not hide from that parent."""
    return and_(own_shared_fields(viewer), _shown_now())


def own_guardianships(viewer: Viewer) -> ColumnElement[bool]:
    """The viewer's own place beside each child, for hiding from the other guardian."""
    return and_(
        Guardianship.user_id == viewer.id,
        Guardianship.revoked_at.is_(None),
        exists().where(pupil.id == Guardianship.pupil_id, pupil.archived_at.is_(None)),
    )


def own_places_left(viewer: Viewer) -> ColumnElement[bool]:
    """The viewer's places beside children whom the viewer has no more, that still hide the viewer (R22)."""
    here = exists().where(pupil.id == Guardianship.pupil_id, pupil.archived_at.is_(None))
    return and_(
        Guardianship.user_id == viewer.id,
        Guardianship.hidden_at.is_not(None),
        or_(Guardianship.revoked_at.is_not(None), ~here),
    )


def may_hide(own: Guardianship) -> bool:
    """Whether the guardian decides alone about hiding; not while school has fixed it (R22)."""
    return own.hiding_locked_at is None
