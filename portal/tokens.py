"""Secrets that go by mail, made from the secret key so that no table has to hold them.

A row keeps a random nonce and the hash of what was made from it: who reads the database can follow no link,
and the worker makes the same link again when a mail has to be sent once more.
"""

import base64
import hmac
import secrets
from hashlib import sha256

from flask import current_app

CODE_DIGITS = 6

FORM_KEY_LENGTH = 32


def new_nonce() -> str:
    """Return 256 random bits."""
    return secrets.token_urlsafe(32)


def new_form_key() -> str:
    """Return what a new form is known by, so that what it makes is made once, however often it is sent."""
    return new_nonce()[:FORM_KEY_LENGTH]


def token_for(purpose: str, user_id: int, nonce: str) -> str:
    """Return the token of a link: 256 bits that fit in an address."""
    return base64.urlsafe_b64encode(_derived("token", purpose, str(user_id), nonce)).rstrip(b"=").decode()


def code_for(purpose: str, user_id: int, nonce: str) -> str:
    """Return the six digits that say the same as the link, for who reads mail on another device."""
    number = int.from_bytes(_derived("code", purpose, str(user_id), nonce), "big")
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def code_hash(user_id: int, nonce: str, code: str) -> str:
    """Return how a code is kept: with the secret key, as six digits alone are soon tried."""
    return _derived("code-hash", str(user_id), nonce, code).hex()


def keyed_hash(purpose: str, value: str) -> str:
    """Return a name for `value` that tells nobody without the secret key what it is."""
    return _derived("name", purpose, value).hex()


def _derived(*parts: str) -> bytes:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, "|".join(parts).encode(), sha256).digest()
