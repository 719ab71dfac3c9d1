"""What happens around every request: login gate, error pages, security headers, language, log line."""

import logging
import time
from urllib.parse import urlencode, urlsplit

from flask import (
    Flask,
    Response,
    g,
    has_request_context,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_babel import refresh
from flask_wtf.csrf import CSRFError, generate_csrf
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from portal import navigation, words
from portal.access import viewer_of_session, viewer_or_none
from portal.config import LANGUAGES
from portal.domain.school import SchoolFacts, school_facts
from portal.errors import Refused
from portal.extensions import babel, login_manager, read_afresh, stop_reading
from portal.navigation import menu, other_side, side_of
from portal.words import gettext

OPEN_ENDPOINTS = {
    "accounts.accept_invitation",
    "accounts.confirm_email",
    "accounts.follow_mail_link",
    "accounts.log_in",
    "accounts.log_in_with_code",
    "accounts.request_login_mail",
    "accounts.request_password_mail",
    "accounts.resend_invitation",
    "accounts.reset_password",
    "accounts.set_language",
    "letters.show_digest",
    "letters.stop_digest",
    "meetings.send_feed",
    "meetings.show_hall",
    "ops.show_health",
    "ops.show_hue",
    "ops.show_readiness",
    "static",
}
"""The only endpoints that answer somebody who is not signed in."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-src 'none'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
    "Server": "portal",  # else the web server says which one it is
}
NOT_LOGGED = ("static", "ops.show_health", "ops.show_hue", "ops.show_readiness")
"""Asked so often that they would hide the rest of the log; only what goes wrong with them is written."""

NEVER_KEPT = ("password", "current_password", "new_password", "code", "csrf_token", "file", "files")

log = logging.getLogger("portal.requests")


def init_app(app: Flask) -> None:
    """Register everything in this module."""
    login_manager.init_app(app, add_context_processor=False)
    login_manager.session_protection = None
    login_manager.user_loader(viewer_of_session)
    babel.init_app(app, locale_selector=choose_language)
    words.init_app(app)
    navigation.init_app(app)
    app.before_request(start_timer)
    app.before_request(require_login)
    app.after_request(add_headers)
    app.after_request(log_request)
    app.teardown_appcontext(stop_reading)
    app.register_error_handler(HTTPException, show_error)
    app.register_error_handler(CSRFError, show_expired_form)
    app.register_error_handler(Refused, show_refusal)
    app.register_error_handler(StaleDataError, show_overtaken)
    app.register_error_handler(OperationalError, show_busy)
    app.register_error_handler(Exception, show_failure)
    app.context_processor(page_context)


def choose_language() -> str:
    """Return the reader's language: the person's own, else the choice kept on this device, else Dutch.

    On a device where none was chosen a link from a mail or letter is read in the language of whose it is.
    """
    if not has_request_context():
        return "nl"
    viewer = viewer_or_none()
    chosen = viewer.language if viewer else request.cookies.get("language") or g.get("links_language", "")
    return chosen if chosen in LANGUAGES else "nl"


def read_as_owner_of_link(language: str) -> None:
    """Show this page in the language of the person whom the link is for, unless this device has a choice."""
    g.links_language = language
    refresh()


def page_context() -> dict[str, object]:
    """Return what every template may use."""
    viewer = viewer_or_none()
    return {
        "viewer": viewer,
        "school": school_facts(),
        "menu": menu,
        "languages": LANGUAGES,
        "language": choose_language(),
        "side": side_of(viewer) if viewer else None,
        "other_side": other_side(viewer) if viewer else None,
    }


def start_timer() -> None:
    """Note when the request came in."""
    g.started = time.perf_counter()


def require_login() -> ResponseReturnValue | None:
    """Send who is not signed in to the login page, on every endpoint but the open ones."""
    if request.endpoint is None or request.endpoint in OPEN_ENDPOINTS or viewer_or_none():
        return None
    target = url_for("accounts.log_in") + "?" + urlencode({"next": _page_to_return_to()})
    by_script = request.headers.get("HX-Request")
    # A script of ours sends files and goes to the login page itself; htmx shows what stands in the answer.
    shows_answer = not by_script or request.headers.get("HX-Current-URL")
    if shows_answer and (typed := _typed()) and _sent_from_here():
        return _error_page(400, kept=typed)
    if by_script:
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target, 303)


def _typed() -> list[tuple[str, str]]:
    """Return what was filled in on the form that was sent, without what is never shown again."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER_KEPT]


def _sent_from_here() -> bool:
    """Whether a page of ours sent this form, by the browser's word, which no other site can give."""
    site = request.headers.get("Sec-Fetch-Site")
    return site == "same-origin" if site else request.headers.get("Origin") == request.host_url.rstrip("/")


def _page_to_return_to() -> str:
    if request.method in ("GET", "HEAD") and not request.headers.get("HX-Request"):
        return request.full_path.rstrip("?")
    came_from = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "/")
    return came_from.path or "/"


def add_headers(response: Response) -> Response:
    """Add the security headers; a page about people is kept by no cache."""
    there = {name.lower() for name, _ in response.headers}
    response.headers.extend(pair for pair in HEADERS.items() if pair[0].lower() not in there)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response


def log_request(response: Response) -> Response:
    """Log which page answered what, never an address, a name or a parameter."""
    went_well = response.status_code < 400
    if log.isEnabledFor(logging.INFO) and not (went_well and request.endpoint in NOT_LOGGED):
        spent = (time.perf_counter() - g.get("started", time.perf_counter())) * 1000
        log.info("%s %s %s %.0fms", request.method, request.endpoint, response.status_code, spent)
    return response


def _error_page(
    code: int, sentence: str = "", kept: list[tuple[str, str]] | None = None
) -> ResponseReturnValue:
    read_afresh()
    template = "errors/_error.html" if request.headers.get("HX-Request") else "errors/page.html"
    return render_template(template, code=code, sentence=sentence, kept=kept), code


def show_wrong_address() -> ResponseReturnValue:
    """Answer a request for a host name that is not ours, without an address of ours to link to."""
    words = gettext("The parent portal is not at this address. Use the address that school gave you.")
    return Response(f"{words}\n", 400, mimetype="text/plain")


def show_error(error: HTTPException) -> ResponseReturnValue:
    """Show a refused request as a page of the portal that says what to do next."""
    if request_ctx.url_adapter is None:
        return show_wrong_address()
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    return _error_page(error.code or 500)


def show_expired_form(error: CSRFError) -> ResponseReturnValue:
    """Show what was typed on a page whose time was up, with a button that sends it again.

    Only for a form of our own: what another site posts is never offered for sending. Who has been signed out
    since is asked to log in first.
    """
    to_login = require_login()
    if to_login is not None:
        return to_login
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin" or not session:
        return _error_page(400)
    generate_csrf()
    return _error_page(400, kept=_typed())


def show_refusal(error: Refused) -> ResponseReturnValue:
    """Show the sentence of a school rule that said no; nothing of the request is kept."""
    return _error_page(409, sentence=error.sentence)


def show_overtaken(_error: StaleDataError) -> ResponseReturnValue:
    """Say that somebody else removed at the same moment what was to be changed."""
    return _error_page(409, sentence=gettext("Somebody else has just changed this."))


def show_busy(error: OperationalError) -> ResponseReturnValue:
    """Ask for a little patience when the database does not answer in time."""
    log.error("database: %s", type(error.orig).__name__)
    _ask_the_database_nothing()
    return _error_page(503)


def show_failure(error: Exception) -> ResponseReturnValue:
    """Show the page for a mistake of ours; the log gets where it happened, not the data it happened to."""
    log.exception("unexpected error", exc_info=error)
    _ask_the_database_nothing()
    return _error_page(500)


def _ask_the_database_nothing() -> None:
    """Let the error page do with what is known already: the database may be what is wrong."""
    g.setdefault("school_facts", SchoolFacts())
    g.setdefault("_login_user", login_manager.anonymous_user())
