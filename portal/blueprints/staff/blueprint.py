"""The pages of who works at school; for anybody else they do not exist."""

from flask import Blueprint, abort

from portal.access import Viewer, viewer

bp = Blueprint("staff", __name__, url_prefix="/staff")


def staff_viewer() -> Viewer:
    """Return the signed-in member of staff, or answer 404."""
    person = viewer()
    if not person.is_staff:
        abort(404)
    return person
