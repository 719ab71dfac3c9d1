"""One row, held until the commit, so that two people who change it come one after the other.

Who fills in a form sends along the version that was on it; the second of two who had the same one before them
is told what stands there now, instead of wiping out unseen what the first one wrote.
"""

from collections import defaultdict
from hashlib import sha256
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import InvalidRequestError

from portal.errors import Refused
from portal.extensions import Base, db, has_one_writer
from portal.words import gettext

HELD = "portal_held"


class Overtaken(Refused):
    """Somebody else changed something since this one opened it: to type over it, or to decide about it."""


def version_of(*values: object) -> str:
    """Return what tells these values from others; made of what the form shows, so it tells nothing more."""
    return sha256(repr(values).encode()).hexdigest()[:16]


def refuse_overtaken(version: str, now: str) -> None:
    """Raise Overtaken when what stands there `now` is not the version that somebody typed over."""
    if version != now:
        raise Overtaken(gettext("Somebody else has just changed this. Nothing of yours is saved yet."))


def hold(thing: Base) -> None:
    """Lock a row until the commit and read it as it is now.

    Rows that point at it can still be added meanwhile. Raises Refused when somebody has just removed it.
    What this transaction holds already was read under that lock, and SQLite has one writer: what was read
    since that began is as it is now.
    """
    state = inspect(thing)
    held = held_until_the_end(type(thing))
    if (has_one_writer() or state.identity in held) and not state.expired_attributes:
        return
    # To refresh a row forgets what was changed of it and not sent yet.
    db.session.flush()
    try:
        db.session.refresh(thing, with_for_update={"key_share": True})
    except InvalidRequestError:
        raise Refused(gettext("Somebody else has just removed this.")) from None
    held.add(state.identity)


def held_until_the_end(table: type[Base]) -> set[Any]:
    """Return the keys of the rows that this transaction has locked already, for who locks more to add to.

    What is locked before a savepoint is asked for again after it: to go back to it lets go of some.
    """
    session = db.session()
    transaction = session.get_nested_transaction() or session.get_transaction()
    if transaction is None:
        return set()
    kept, locked = session.info.get(HELD, (None, {}))
    if kept is not transaction:
        locked = defaultdict(set)
        session.info[HELD] = transaction, locked
    rows: set[Any] = locked[table]
    return rows
