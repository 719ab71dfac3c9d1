"""Makes the aliases of tables that modules share safe for threads that ask for them together."""

import sys
from collections.abc import Iterator
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm.util import AliasedClass


def look_up_aliases() -> None:
    """Look every column of the shared aliases up once, before the first request.

    SQLAlchemy (2.1) looks a column of an alias up when it is first asked for, and keeps what it found. Of two
    threads that ask at the same moment one may find nothing: each query with that column would then fail
    until the process ends (decision 048).
    """
    for alias in shared_aliases():
        for attribute in inspect(alias).mapper.column_attrs:
            _ = getattr(alias, attribute.key).expression


def shared_aliases() -> Iterator[Any]:
    """Yield the aliases that the portal's modules have made."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("portal.")]
    for module in modules:
        yield from (value for value in vars(module).values() if isinstance(value, AliasedClass))
