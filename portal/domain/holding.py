"""One row, held until the commit, so that two people who change it come one after the other."""

from sqlalchemy.exc import InvalidRequestError

from portal.errors import Refused
from portal.extensions import Base, db
from portal.words import gettext


def hold(thing: Base) -> None:
    """Lock a row until the commit and read it as it is now (Postgres; SQLite has one writer anyway).

    Rows that point at it can still be added meanwhile. Raises Refused when somebody has just removed it.
    """
    try:
        db.session.refresh(thing, with_for_update={"key_share": True})
    except InvalidRequestError:
        raise Refused(gettext("Somebody else has just removed this.")) from None
