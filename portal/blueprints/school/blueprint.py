"""The office's pages: one blueprint, its views split by noun. For anybody else they do not exist."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Blueprint, abort

from portal.access import viewer

bp = Blueprint("school", __name__, url_prefix="/school")

P = ParamSpec("P")
R = TypeVar("R")


@bp.before_request
def require_office() -> None:
    """Answer 404 to everybody but the office, the head and the administrator."""
    if not viewer().is_office:
        abort(404)


def require_leading(view: Callable[P, R]) -> Callable[P, R]:
    """Answer 404 to who does not decide about the staff."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not viewer().is_leading:
            abort(404)
        return view(*args, **kwargs)

    return guarded
