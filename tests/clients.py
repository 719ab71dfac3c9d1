"""People at a browser without a screen: test clients that are signed in and send what a form would."""

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any, Protocol

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import insert
from werkzeug.test import TestResponse

from portal import clock
from portal.access import hash_of
from portal.extensions import WRITING, db
from portal.models.accounts import LoginSession

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
SIGNING_IN = insert(LoginSession.__table__)


class Person(Protocol):
    """Whoever has a number in `users`."""

    @property
    def id(self) -> int: ...


class FormClient(FlaskClient):
    """Sends the token of the forms with every request that changes something, as a page of ours does."""

    sends_token = True

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        method = str(kwargs.get("method", "GET")).upper()
        if self.sends_token and method not in SAFE_METHODS:
            headers = dict(kwargs.get("headers") or {})
            headers.setdefault("X-CSRFToken", self.form_token())
            headers.setdefault("Referer", "https://localhost/")
            kwargs["headers"] = headers
        return super().open(*args, **kwargs)

    def send_back(self, path: str, data: dict[str, Any]) -> TestResponse:
        """Open the form at an address and send it with these fields filled in."""
        return self.post(path, data=versions_in(self.get(path)) | data)

    def form_token(self) -> str:
        """Return the token that a form of this visitor's session would hold."""
        app = self.application
        if cookie := self.get_cookie(app.config["SESSION_COOKIE_NAME"]):
            value, token = with_form_token(app, cookie.value)
            if value != cookie.value:
                put_cookie(self, value)
            return token
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        return form_token_of(app, raw)


def versions_in(answer: TestResponse) -> dict[str, str]:
    """Return the hidden fields by which the form on a page says what it is about."""
    return dict(re.findall(r'name="((?:work_)?version)"[^>]*value="(\w*)"', answer.text))


def sign_in(app: Flask, person: Person) -> str:
    """Begin a session for somebody, as logging in does, and return what its cookie holds."""
    token = secrets.token_urlsafe(32)
    begun = {
        "user_id": person.id,
        "token_hash": hash_of(token),
        "device": "test",
        "created_at": clock.now(),
        "expires_at": clock.now() + timedelta(days=60),
    }
    # Twice a test somebody signs in: without a session of the ORM, which takes longer than the row.
    with app.app_context(), db.engine.connect() as connection:
        connection = connection.execution_options(**{WRITING: True})
        with connection.begin():
            connection.execute(SIGNING_IN, begun)
    return token


def session_of(token: str) -> dict[str, object]:
    """Return the session of somebody whose cookie holds this token."""
    return {"_user_id": token, "_fresh": True, "_permanent": True}


def session_cookie(app: Flask, person: Person) -> dict[str, str]:
    """Return the cookie that signs somebody in, for a client that is not Flask's."""
    return {"name": app.config["SESSION_COOKIE_NAME"], "value": signed_in_by(app, sign_in(app, person))}


@lru_cache(maxsize=100)
def signed_in_by(app: Flask, token: str) -> str:
    """Return the cookie of a session that `sign_in` began; those who come back to it have the same one."""
    return str(signer_of(app).dumps(session_of(token)))


@lru_cache(maxsize=100)
def with_form_token(app: Flask, cookie: str) -> tuple[str, str]:
    """Return the cookie of a session with what its forms are known by in it, and the token of such a form."""
    try:
        session = signer_of(app).loads(cookie)
    except BadSignature:
        session = {}
    if "csrf_token" not in session:
        session["csrf_token"] = secrets.token_hex(20)
        cookie = str(signer_of(app).dumps(session))
    return cookie, form_token_of(app, session["csrf_token"])


def form_token_of(app: Flask, raw: str) -> str:
    return str(URLSafeTimedSerializer(app.secret_key, salt="wtf-csrf-token").dumps(raw))


def signer_of(app: Flask) -> URLSafeTimedSerializer:
    """Return what signs the cookies of sessions, as Flask itself does it."""
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return signer


def put_cookie(client: FlaskClient, value: str) -> None:
    client.set_cookie(client.application.config["SESSION_COOKIE_NAME"], value)


def client_of(app: Flask, person: Person | None = None, sends_token: bool = True) -> FormClient:
    """Return a client that is signed in as somebody, or not signed in."""
    made = client_with(app, sign_in(app, person) if person else "")
    made.sends_token = sends_token
    return made


def client_with(app: Flask, token: str) -> FormClient:
    """Return a client with the cookie of a session that `sign_in` began, or with none."""
    made = FormClient(app, app.response_class)
    if token:
        put_cookie(made, signed_in_by(app, token))
    return made


@pytest.fixture
def client_for(app) -> Callable[..., FormClient]:
    """A client for a person of the cast, signed in; without a person, for somebody unknown."""

    return partial(client_of, app)


@pytest.fixture
def anonymous(client_for) -> FormClient:
    """Somebody who is not signed in."""
    return client_for()
