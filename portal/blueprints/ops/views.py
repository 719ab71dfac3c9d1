"""What the machine asks: is it alive, is it ready, which colour is it."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal.domain.operations import is_ready
from portal.domain.school import school_facts

bp = Blueprint("ops", __name__)


@bp.get("/healthz")
def show_health() -> ResponseReturnValue:
    """Say that the process answers."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
def show_readiness() -> ResponseReturnValue:
    """Say whether the database answers with the schema this program needs."""
    return Response("ok\n", mimetype="text/plain") if is_ready() else Response("not ready\n", 503)


@bp.get("/school.css")
def show_hue() -> ResponseReturnValue:
    """Return the school's colour as a stylesheet, because the security policy forbids inline style."""
    css = f":root{{--hue:{school_facts().hue}}}\n"
    return Response(css, mimetype="text/css", headers={"Cache-Control": "public, max-age=3600"})
