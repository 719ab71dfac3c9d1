"""Links and codes that go by mail to who has a login: to log in, for a new password or a new address."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from flask import current_app
from sqlalchemy import ColumnElement, and_, delete, exists, select, update
from sqlalchemy.orm import aliased

from portal.access import admitted, hash_of
from portal.extensions import db
from portal.models.accounts import MailKey, User
from portal.tokens import code_for, code_hash, new_nonce, token_for

LOGIN, PASSWORD, EMAIL = "login", "password", "email"
VALID_FOR = {LOGIN: timedelta(minutes=10), PASSWORD: timedelta(hours=1), EMAIL: timedelta(hours=24)}
PATHS = {LOGIN: "/login/link/", PASSWORD: "/password/reset/", EMAIL: "/profile/email/"}
USED_IS_KEPT = timedelta(days=7)
ADDRESS_IS_KEPT = timedelta(days=60)
"""How long the mail that confirms an address can be asked for again: as long as an invitation is valid."""


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What a link from a mail stands for."""

    id: int
    user_id: int
    given_name: str
    email: str | None
    new_email: str | None
    language: str


def make_key(user: User, purpose: str, now: datetime, new_email: str | None = None) -> MailKey:
    """Make a link and code for a person; with `new_email` it confirms that address."""
    nonce = new_nonce()
    key = MailKey(
        user_id=user.id,
        purpose=purpose,
        nonce=nonce,
        token_hash=hash_of(token_for(purpose, user.id, nonce)),
        code_hash=code_hash(user.id, nonce, code_for(purpose, user.id, nonce)),
        new_email=new_email,
        created_at=now,
        expires_at=now + VALID_FOR[purpose],
    )
    db.session.add(key)
    db.session.flush()
    return key


def link_of(key: MailKey) -> str:
    """Return the address in the mail."""
    token = token_for(key.purpose, key.user_id, key.nonce)
    return f"{current_app.config['BASE_URL']}{PATHS[key.purpose]}{token}"


def code_of(key: MailKey) -> str:
    """Return the code in the mail."""
    return code_for(key.purpose, key.user_id, key.nonce)


def key_of(token: str, purpose: str, now: datetime) -> KeyFacts | None:
    """Return what a link is for; None when it is unknown, used or too old."""
    row = db.session.execute(
        select(MailKey.id, User.id, User.given_name, User.email, MailKey.new_email, User.language)
        .join(User, User.id == MailKey.user_id)
        .where(
            MailKey.token_hash == hash_of(token),
            MailKey.purpose == purpose,
            MailKey.used_at.is_(None),
            MailKey.expires_at > now,
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    return KeyFacts(*row) if row else None


def use_key(key_id: int, now: datetime) -> bool:
    """Use a link or code up; False when somebody was first."""
    used = db.session.scalar(
        update(MailKey)
        .where(MailKey.id == key_id, MailKey.used_at.is_(None), MailKey.expires_at > now)
        .values(used_at=now)
        .returning(MailKey.id)
        .execution_options(synchronize_session=False)
    )
    return used is not None


def use_key_of_address(key: KeyFacts, now: datetime) -> bool:
    """Use up the link that confirms an address, and end the others of this person; False when too late.

    A link that was sent to another address before, mistyped perhaps, is not to take the account afterwards.
    """
    _hold([key.user_id])
    if not use_key(key.id, now):
        return False
    withdraw_keys([key.user_id], now, MailKey.purpose == EMAIL)
    return True


def user_with_code(email: str, code: str, now: datetime) -> int | None:
    """Use up the login code that was mailed to an address; return whose it is, None when it is not right."""
    keys = db.session.execute(
        select(MailKey.id, MailKey.user_id, MailKey.nonce, MailKey.code_hash)
        .join(User, and_(User.id == MailKey.user_id, User.disabled_at.is_(None)))
        .where(
            User.email == email,
            MailKey.purpose == LOGIN,
            MailKey.used_at.is_(None),
            MailKey.expires_at > now,
        )
    ).all()
    right = [key for key in keys if compare_digest(key.code_hash, code_hash(key.user_id, key.nonce, code))]
    if right and use_key(right[0].id, now):
        return int(right[0].user_id)
    return None


def withdraw_keys(user_ids: Collection[int], now: datetime, *which: ColumnElement[bool]) -> None:
    """Make the links and codes that are still under way to people useless, all of them or only `which`."""
    _hold(user_ids)
    db.session.execute(
        update(MailKey)
        .where(MailKey.user_id.in_(user_ids), MailKey.used_at.is_(None), *which)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )


def withdraw_other_addresses(user_id: int, email: str, now: datetime) -> None:
    """End the links that would confirm another address than the one that somebody asks for now."""
    withdraw_keys([user_id], now, MailKey.purpose == EMAIL, MailKey.new_email != email)


def _hold(user_ids: Collection[int]) -> None:
    """Hold people's open links until the commit, in one order: nobody waits for who waits for us."""
    open_ones = select(MailKey.id).where(MailKey.user_id.in_(user_ids), MailKey.used_at.is_(None))
    db.session.execute(open_ones.order_by(MailKey.id).with_for_update()).all()


def unconfirmed_address(user_id: int, now: datetime) -> str | None:
    """Return the address that somebody without one filled in last and has not proved to read."""
    return db.session.scalar(
        select(MailKey.new_email)
        .where(MailKey.user_id == user_id, _may_become_the_address(now))
        .order_by(MailKey.id.desc())
        .limit(1)
    )


def key_again(email: str | None, now: datetime) -> MailKey | None:
    """Make another link for who has a login, no address yet, and filled in this one last; None for nobody.

    Whoever reads mail there may ask for it, so it counts no longer than the first: mistyped, it would stay
    somebody else's way in.
    """
    newer = aliased(MailKey)
    last = ~exists().where(newer.user_id == MailKey.user_id, newer.purpose == EMAIL, newer.id > MailKey.id)
    found = db.session.execute(
        select(User, MailKey.created_at)
        .join(MailKey, MailKey.user_id == User.id)
        .where(MailKey.new_email == email, _may_become_the_address(now), last)
        .where(User.activated_at.is_not(None), admitted())
        .order_by(MailKey.id.desc())
        .limit(1)
        .with_for_update(of=MailKey)
    ).one_or_none()
    if found is None:
        return None
    user, asked_at = found
    key = make_key(user, EMAIL, now, new_email=email)
    key.created_at = asked_at
    return key


def is_only_address() -> ColumnElement[bool]:
    """The links that confirm the address of somebody who has no other."""
    owner = aliased(User)
    has_none = exists().where(owner.id == MailKey.user_id, owner.email.is_(None))
    return and_(MailKey.purpose == EMAIL, has_none)


def _may_become_the_address(now: datetime) -> ColumnElement[bool]:
    """The links that were not used or taken back, and whose address the person asked for not too long ago."""
    return and_(is_only_address(), MailKey.used_at.is_(None), MailKey.created_at > now - ADDRESS_IS_KEPT)


def prune(now: datetime) -> None:
    """Forget links that were used or expired some time ago; not the one address that somebody may have."""
    db.session.execute(
        delete(MailKey)
        .where(MailKey.expires_at < now - USED_IS_KEPT, ~_may_become_the_address(now))
        .execution_options(synchronize_session=False)
    )
