"""Who sees and makes the photo albums of a group."""

from sqlalchemy import ColumnElement, and_, exists, or_

from portal.access.groups import groups_of_children, groups_of_school
from portal.access.viewers import Viewer
from portal.models.albums import Album
from portal.models.roster import Group


def _of_group(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Group.id == Album.group_id, condition).correlate(Album)


def albums_made_by(viewer: Viewer) -> ColumnElement[bool]:
    """The albums that the viewer fills and empties, as a member of staff."""
    return _of_group(groups_of_school(viewer))


def albums_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The albums that the viewer may look at: those of the own children's groups once shown (R26)."""
    shown = and_(Album.shown_at.is_not(None), _of_group(groups_of_children(viewer)))
    return or_(shown, albums_made_by(viewer))
