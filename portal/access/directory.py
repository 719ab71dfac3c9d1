"""What guardians see of each other: only what somebody chose to show, and nothing of who hides from them."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from portal.access.groups import belongs_to_group
from portal.access.tables import barring, guardianship, pupil
from portal.access.viewers import Viewer
from portal.models.directory import SharedField
from portal.models.roster import Group, Guardianship

_other = aliased(Guardianship)
_group = aliased(Group)


def _guard_together(viewer_id: Any, user_id: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        guardianship.user_id == viewer_id,
        guardianship.revoked_at.is_(None),
        _other.pupil_id == guardianship.pupil_id,
        _other.user_id == user_id,
        _other.user_id != guardianship.user_id,
        _other.revoked_at.is_(None),
        *conditions,
    )


def guard_together(viewer_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Whether two different adults are guardians of the same child now."""
    return _guard_together(viewer_id, user_id)


def keeps_away(viewer_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Whether an adult is guardian of a pupil with whom the viewer may have no contact."""
    return exists().where(
        barring.user_id == viewer_id,
        barring.lifted_at.is_(None),
        _other.pupil_id == barring.pupil_id,
        _other.user_id == user_id,
        _other.revoked_at.is_(None),
    )


def hides_from(viewer_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Whether an adult hides from the viewer: as guardian of whatever child, so everywhere (R22).

    The guardians of a child with whom the viewer may have no contact are kept from the viewer likewise.
    """
    return or_(
        _guard_together(viewer_id, user_id, _other.hidden_at.is_not(None)),
        keeps_away(viewer_id, user_id),
    )


def unknown_as_staff(viewer_id: Any, user_id: Any) -> ColumnElement[bool]:
    """Whether an adult is kept from who works here, on every page of school.

    That is the other guardian of the own child, whether or not that one hides (R22): beside the own child
    who works here is a guardian like any other. And the guardians of a child that one may have no contact
    with.
    """
    return or_(guard_together(viewer_id, user_id), keeps_away(viewer_id, user_id))


def shared_fields_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The fields that other parents of the groups of the own children show to this viewer (R22, R27).

    One rule for the class list, its print and its download, and for the child's page: the other guardian of
    the own child is a parent like any other.
    """
    return and_(
        belongs_to_group(viewer.id, SharedField.group_id),
        belongs_to_group(SharedField.user_id, SharedField.group_id),
        exists().where(_group.id == SharedField.group_id, _group.closed_at.is_(None)),
        ~hides_from(viewer.id, SharedField.user_id),
    )


def own_shared_fields(viewer: Viewer) -> ColumnElement[bool]:
    """What the viewer shows."""
    return SharedField.user_id == viewer.id


def own_guardianships(viewer: Viewer) -> ColumnElement[bool]:
    """The viewer's own place beside each child, for hiding from the other guardian."""
    return and_(
        Guardianship.user_id == viewer.id,
        Guardianship.revoked_at.is_(None),
        exists().where(pupil.id == Guardianship.pupil_id, pupil.archived_at.is_(None)),
    )
