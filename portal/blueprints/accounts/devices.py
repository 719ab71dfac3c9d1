"""Signing in on a device, and remembering that it was somebody's own."""

import logging
import secrets
from datetime import timedelta
from typing import Any

from flask import current_app, flash, redirect, request, session
from flask_login import login_user
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug import Response

from portal import clock
from portal.access import Viewer
from portal.domain import throttle
from portal.domain.throttle import Budget
from portal.extensions import db, start_writing
from portal.tokens import keyed_hash

KNOWN_FOR = timedelta(days=365)
PEOPLE_PER_DEVICE = 6

log = logging.getLogger("portal.security")


def sign_in(
    user_id: int, email: str | None, token: str, stays: bool, target: str, said: str = ""
) -> Response:
    """Start the session on this device and go to `target`; nothing of a session before it is left.

    `said` is what the page there tells first.
    """
    session.clear()
    session.permanent = stays
    if said:
        flash(said)
    login_user(Viewer(id=user_id, token=token))
    response = redirect(target, 303)
    if email:
        _remember_device(response, email)
    log.info("signed in")
    return response


def count_try(budget: Budget, on_device: Budget, email: str) -> list[int]:
    """Count one try at somebody's password or code, for the network and for the person; return both numbers.

    A device on which this person logged in before has a budget of its own, so that who tries from
    elsewhere cannot use up the owner's. Raises TooMany.
    """
    device = known_device(email)
    now = clock.now()
    start_writing()
    network = throttle.NETWORK, throttle.network_of(request.remote_addr)
    person = (on_device, f"{device}|{email}") if device else (budget, email)
    counted = throttle.spend([network, person], now)
    db.session.commit()
    return counted


def known_device(email: str) -> str | None:
    """Return the name of this device when the owner of the address has logged in on it."""
    known = _known()
    return str(known["id"]) if _mark_of(email) in known["for"] else None


def _remember_device(response: Response, email: str) -> None:
    known = _known()
    people = [mark for mark in known["for"] if mark != _mark_of(email)]
    known["for"] = [*people, _mark_of(email)][-PEOPLE_PER_DEVICE:]
    response.set_cookie(
        _cookie_name(),
        _signer().dumps(known),
        max_age=KNOWN_FOR,
        httponly=True,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        samesite="Lax",
    )


def _known() -> dict[str, Any]:
    try:
        known: dict[str, Any] = _signer().loads(request.cookies.get(_cookie_name(), ""))
    except BadSignature:
        known = {"id": secrets.token_urlsafe(16), "for": []}
    return known


def _mark_of(email: str) -> str:
    return keyed_hash("known device", email)[:32]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="known device")


def _cookie_name() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"
