"""Who sees and makes the photo albums of a group."""

from sqlalchemy import ColumnElement, and_, exists, false, or_, true

from portal.access.directory import unknown_as_staff
from portal.access.groups import groups_of_children, groups_of_school
from portal.access.viewers import Viewer
from portal.models.albums import Album, Photo, PhotoRequest
from portal.models.roster import Group


def groups_with_albums(viewer: Viewer) -> ColumnElement[bool]:
    """The groups whose albums the viewer finds: the office also those of a year that is over."""
    if viewer.is_office:
        return true()
    return or_(groups_of_children(viewer), groups_of_school(viewer))


def _of_group(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(Group.id == Album.group_id, condition).correlate(Album)


def albums_made_by(viewer: Viewer) -> ColumnElement[bool]:
    """The albums that the viewer fills and empties: a teacher those of the own groups, the office all.

    What was removed is there for nobody, also not for the office.
    """
    if viewer.is_office:
        return Album.removed_at.is_(None)
    if not viewer.is_staff:
        return false()
    return and_(Album.removed_at.is_(None), _of_group(groups_of_school(viewer)))


def albums_of_children(viewer: Viewer) -> ColumnElement[bool]:
    """The albums that school shows to the parents of the own children's groups (R26)."""
    shown = and_(Album.shown_at.is_not(None), Album.removed_at.is_(None))
    return and_(shown, _of_group(groups_of_children(viewer)))


def albums_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The albums that the viewer may look at, as a parent or as who makes them."""
    return or_(albums_of_children(viewer), albums_made_by(viewer))


def _in_album(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    in_album = exists().where(Album.id == Photo.album_id, condition).correlate(Photo)
    return and_(Photo.removed_at.is_(None), in_album)


def photos_visible_to(viewer: Viewer) -> ColumnElement[bool]:
    """The photos that the viewer may look at: what came in from a phone is never shown to anybody."""
    return and_(Photo.ready_at.is_not(None), _in_album(albums_visible_to(viewer)))


def photos_of_children(viewer: Viewer) -> ColumnElement[bool]:
    """The photos of which the viewer, as a parent of the group, may ask that they go (R25)."""
    return and_(Photo.ready_at.is_not(None), _in_album(albums_of_children(viewer)))


def photos_made_by(viewer: Viewer) -> ColumnElement[bool]:
    """The photos that the viewer may take away, ready or not."""
    return _in_album(albums_made_by(viewer))


def photo_requests_answered_by(viewer: Viewer) -> ColumnElement[bool]:
    """The requests that a member of staff reads, never one of somebody kept from them (R22)."""
    on_photo = exists().where(Photo.id == PhotoRequest.photo_id, photos_made_by(viewer))
    return and_(on_photo.correlate(PhotoRequest), ~unknown_as_staff(viewer.id, PhotoRequest.asked_by))


def own_photo_requests(viewer: Viewer) -> ColumnElement[bool]:
    """What the viewer asked."""
    return PhotoRequest.asked_by == viewer.id
