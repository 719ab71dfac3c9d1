"""One row, held until the commit, so that two people who change it come one after the other.

Who fills in a form sends along the version that was on it; the second of two who had the same one before them
is told what stands there now, instead of wiping out unseen what the first one wrote.
"""

from hashlib import sha256

from sqlalchemy import inspect
from sqlalchemy.exc import InvalidRequestError

from portal.errors import Refused
from portal.extensions import Base, db, has_one_writer
from portal.words import gettext


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
    SQLite has one writer: what was read since that began is as it is now.
    """
    if has_one_writer() and not inspect(thing).expired_attributes:
        return
    try:
        db.session.refresh(thing, with_for_update={"key_share": True})
    except InvalidRequestError:
        raise Refused(gettext("Somebody else has just removed this.")) from None
