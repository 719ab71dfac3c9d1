"""Which groups somebody has."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_

from portal.access.pupils import at_school
from portal.access.tables import guardianship, membership, teaching
from portal.access.viewers import Viewer
from portal.models.groups import GroupNews, WeekItem
from portal.models.roster import Group, Guardianship, Membership


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


def brings_into_group(beside: type[Guardianship], place: type[Membership]) -> ColumnElement[bool]:
    """Whether who is beside a child belongs to the group in which the child has this place now.

    By deciding for the child: information on request is no group (R21).
    """
    return and_(
        beside.revoked_at.is_(None),
        beside.has_authority,
        place.pupil_id == beside.pupil_id,
        place.ended_on.is_(None),
        at_school(beside.pupil_id),
    )


def belongs_to_group(user_id: Any, group_id: Any) -> ColumnElement[bool]:
    """Whether an adult decides for a child in a group now."""
    belongs = exists().where(
        guardianship.user_id == user_id,
        membership.group_id == group_id,
        brings_into_group(guardianship, membership),
    )
    return belongs.correlate_except(guardianship, membership)


def groups_of_children(viewer: Viewer) -> ColumnElement[bool]:
    """The groups in which the viewer has a child now."""
    return and_(Group.closed_at.is_(None), belongs_to_group(viewer.id, Group.id))


def groups_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The groups whose page the viewer reads: of the own children, and as a member of staff."""
    return or_(groups_of_children(viewer), groups_of_school(viewer))


def _of_visible_group(viewer: Viewer, table: type[WeekItem] | type[GroupNews]) -> ColumnElement[bool]:
    return exists().where(Group.id == table.group_id, groups_visible_to(viewer)).correlate(table)


def week_items_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """What happens in the weeks of the groups whose page the viewer reads."""
    return _of_visible_group(viewer, WeekItem)


def news_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The news of the groups whose page the viewer reads; what was withdrawn is gone for everybody."""
    return and_(GroupNews.withdrawn_at.is_(None), _of_visible_group(viewer, GroupNews))


def week_items_kept_by(viewer: Viewer) -> ColumnElement[bool]:
    """What happens in the weeks of the groups whose page the viewer writes, as a member of staff."""
    return exists().where(Group.id == WeekItem.group_id, groups_of_school(viewer)).correlate(WeekItem)


def news_kept_by(viewer: Viewer) -> ColumnElement[bool]:
    """The news that the viewer corrects and withdraws: a colleague's too, who shares the group."""
    return exists().where(Group.id == GroupNews.group_id, groups_of_school(viewer)).correlate(GroupNews)
