"""The office's pages: one blueprint, its views split by noun. For anybody else they do not exist."""

from flask import Blueprint, abort

from portal.access import viewer

bp = Blueprint("school", __name__, url_prefix="/school")


@bp.before_request
def require_office() -> None:
    """Answer 404 to everybody but the office, the head and the administrator."""
    if not viewer().is_office:
        abort(404)
