"""Which groups somebody has."""

from sqlalchemy import ColumnElement, and_, exists, false

from portal.access.tables import teaching
from portal.access.viewers import Viewer
from portal.models.roster import Group


def groups_of_school(viewer: Viewer) -> ColumnElement[bool]:
    """The groups whose board the viewer keeps: a teacher the own ones, the office all."""
    if viewer.is_office:
        return Group.closed_at.is_(None)
    if viewer.is_staff:
        teaches = exists().where(
            teaching.user_id == viewer.id, teaching.ended_on.is_(None), teaching.group_id == Group.id
        )
        return and_(Group.closed_at.is_(None), teaches)
    return false()
