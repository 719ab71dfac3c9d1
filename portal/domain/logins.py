"""Who comes in with a password, and how a password is changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import String, bindparam, select, update

from portal.access import Viewer, own_account
from portal.domain import audit, mail_keys, outbox, passwords, sessions
from portal.extensions import db, fetch, read_afresh
from portal.models.accounts import User

_ACCOUNT = select(User.id, User.password_hash, User.disabled_at)
_BY_EMAIL = _ACCOUNT.where(User.email == bindparam("email", type_=String))


@dataclass(frozen=True, slots=True)
class Verified:
    """Whose password it was; `new_hash` when it should be kept with today's settings."""

    user_id: int
    new_hash: str | None


def verified(email: str, password: str) -> Verified | None:
    """Return whose e-mail and password these are; takes the same time whether or not anybody has them.

    Slow: never inside a write transaction, and it holds no connection to the database meanwhile.
    """
    return _verified(fetch(_BY_EMAIL, email=email), password)


def is_own_password(viewer: Viewer, password: str) -> bool:
    """Whether this is the password of who is signed in. Slow, like `verified`."""
    found = db.session.execute(_ACCOUNT.where(own_account(viewer)))
    return _verified([tuple(row) for row in found], password) is not None


def _verified(found: Sequence[tuple[Any, ...]], password: str) -> Verified | None:
    read_afresh()
    user_id, password_hash, disabled_at = found[0] if found else (0, None, None)
    if not passwords.matches(password_hash, password) or disabled_at or password_hash is None:
        return None
    outdated = passwords.is_outdated(password_hash)
    return Verified(user_id, passwords.hash_password(password) if outdated else None)


def keep_new_hash(login: Verified) -> None:
    """Keep a password that was right with today's settings, when it was not."""
    if login.new_hash:
        db.session.execute(
            update(User)
            .where(User.id == login.user_id)
            .values(password_hash=login.new_hash)
            .execution_options(synchronize_session=False)
        )


def set_password(
    user: User, password_hash: str, now: datetime, actor: Viewer | None = None, keep: int | None = None
) -> None:
    """Change the password: every other device is signed out, links under way open nothing, a mail tells.

    Who has no address yet still confirms it by the link that home asks to open. `keep` is the session of the
    device at hand.
    """
    user.password_hash = password_hash
    sessions.end_sessions(user.id, now, except_id=keep)
    mail_keys.withdraw_keys([user.id], now, ~mail_keys.is_only_address())
    outbox.queue("password_changed", now, user=user)
    audit.record(actor, "changed_password", "user", user.id)
