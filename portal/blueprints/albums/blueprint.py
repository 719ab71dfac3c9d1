"""The pages of albums and photos, and how an album reaches them."""

from flask import Blueprint, abort

from portal import access
from portal.access import one_to_change, viewer
from portal.domain.album_lists import AlbumPage, album_page
from portal.models.albums import Album

bp = Blueprint("albums", __name__)

LARGEST_REQUEST = 150_000_000
"""What many photos may have together, of a page without script, which cannot send them one by one."""


def album_or_404(album_id: int) -> AlbumPage:
    """Return an album that the signed-in person may look at."""
    return album_page(viewer(), album_id) or abort(404)


def made_album_or_403(album_id: int) -> AlbumPage:
    """Return an album that the signed-in person fills; who may only look at it gets 403."""
    page = album_or_404(album_id)
    return page if page.makes else abort(403)


def album_to_change(album_id: int) -> Album:
    """Return the album itself, to change it; 403 for who may only look at it."""
    person = viewer()
    return one_to_change(Album, album_id, access.albums_visible_to(person), access.albums_made_by(person))
