"""A plan being carried out: what is on, and the numbers of what was made so far."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, func, insert, select, update

from portal.access import Viewer
from portal.domain.letter_stops import stop_for_groups
from portal.domain.roster_plan import Plan
from portal.extensions import Base, db
from portal.models.roster import Teaching
from portal.names import sort_key


@dataclass(slots=True)
class Work:
    """The plan with the boxes that are on, and the numbers of what was made so far."""

    plan: Plan
    ticked: frozenset[str]
    actor: Viewer | None
    now: datetime
    today: date
    ids: dict[str, int] = field(default_factory=dict)

    def number(self, token: str) -> int | None:
        """Return the number of a pupil, group or adult that is there or was made."""
        return self.ids.get(token) or (int(token[1:]) if token[1:].isdigit() else None)


def insert_rows(model: type[Base], rows: Sequence[Mapping[str, object]]) -> list[int]:
    """Insert rows and return their numbers in the same order."""
    if not rows:
        return []
    key = model.__mapper__.primary_key[0]
    if db.engine.dialect.name == "sqlite":
        # One statement for all rows; the one writer gets the numbers after the highest, in order.
        highest = db.session.scalar(select(func.max(key))) or 0
        db.session.execute(insert(model), list(rows))
        return list(db.session.scalars(select(key).where(key > highest).order_by(key)))
    statement = insert(model).returning(key, sort_by_parameter_order=True)
    return list(db.session.scalars(statement, list(rows)))


def update_rows(model: type[Base], rows: Iterable[Mapping[str, object]]) -> None:
    """Update rows by their number; those with the same columns go in one statement."""
    alike: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for row in rows:
        names = tuple(sorted(name for name in row if name != "id"))
        alike.setdefault(names, []).append({"row_id": row["id"], **{name: row[name] for name in names}})
    key = model.__mapper__.primary_key[0]
    for names, values in alike.items():
        statement = update(cast(Table, model.__table__)).where(key == bindparam("row_id"))
        statement = statement.values({name: bindparam(name) for name in names})
        db.session.connection().execute(statement, values)


def end_teachings(work: Work, which: Any) -> None:
    """End teachers' work in groups; what began today was a slip and leaves no trace."""
    options = {"synchronize_session": False}
    running = Teaching.ended_on.is_(None)
    stop_for_groups(which)
    db.session.execute(
        delete(Teaching).where(running, which, Teaching.started_on >= work.today), execution_options=options
    )
    db.session.execute(
        update(Teaching).where(running, which).values(ended_on=work.today), execution_options=options
    )


def name_columns(given_name: str, prefix: str, surname: str) -> dict[str, object]:
    """Return the columns of a name, with what it is ordered by."""
    return {
        "given_name": given_name,
        "prefix": prefix,
        "surname": surname,
        "sort_key": sort_key(given_name, prefix, surname),
    }
