"""People at a browser without a screen: test clients that are signed in and send what a form would."""

import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from portal import clock
from portal.access import hash_of
from portal.extensions import db, start_writing
from portal.models.accounts import LoginSession

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


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
        with self.session_transaction() as session:
            raw = session.setdefault("csrf_token", secrets.token_hex(20))
        return URLSafeTimedSerializer(self.application.secret_key, salt="wtf-csrf-token").dumps(raw)


def versions_in(answer: TestResponse) -> dict[str, str]:
    """Return the hidden fields by which the form on a page says what it is about."""
    return dict(re.findall(r'name="((?:work_)?version)"[^>]*value="(\w*)"', answer.text))


def sign_in(app: Flask, person: Person) -> str:
    """Begin a session for somebody, as logging in does, and return what its cookie holds."""
    token = secrets.token_urlsafe(32)
    with app.app_context():
        start_writing()
        db.session.add(
            LoginSession(
                user_id=person.id,
                token_hash=hash_of(token),
                device="test",
                created_at=clock.now(),
                expires_at=clock.now() + timedelta(days=60),
            )
        )
        db.session.commit()
    return token


def session_of(token: str) -> dict[str, object]:
    """Return the session of somebody whose cookie holds this token."""
    return {"_user_id": token, "_fresh": True, "_permanent": True}


def session_cookie(app: Flask, person: Person) -> dict[str, str]:
    """Return the cookie that signs somebody in, for a client that is not Flask's."""
    serializer = app.session_interface.get_signing_serializer(app)
    value = serializer.dumps(session_of(sign_in(app, person)))
    return {"name": app.config["SESSION_COOKIE_NAME"], "value": value}


def client_of(app: Flask, person: Person | None = None, sends_token: bool = True) -> FormClient:
    """Return a client that is signed in as somebody, or not signed in."""
    made = client_with(app, sign_in(app, person) if person else "")
    made.sends_token = sends_token
    return made


def client_with(app: Flask, token: str) -> FormClient:
    """Return a client with the cookie of a session that `sign_in` began, or with none."""
    made = FormClient(app, app.response_class)
    if token:
        with made.session_transaction() as session:
            session.update(session_of(token))
    return made


@pytest.fixture
def client_for(app) -> Callable[..., FormClient]:
    """A client for a person of the cast, signed in; without a person, for somebody unknown."""

    return partial(client_of, app)


@pytest.fixture
def anonymous(client_for) -> FormClient:
    """Somebody who is not signed in."""
    return client_for()
