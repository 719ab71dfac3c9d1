"""What was done about how school deals with guardians: by whom, when and why. Only ever added to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from portal import access
from portal.access import Viewer
from portal.domain import audit
from portal.domain.sent_twice import SENT_TWICE
from portal.extensions import db
from portal.models.accounts import User
from portal.models.arrangements import ArrangementEntry
from portal.models.roster import Pupil
from portal.names import full, of_institution

DONE = (
    "apart", "together", "authority", "no_authority", "listed_authority", "listed_no_authority",
    "hidden", "shown", "locked", "unlocked",
    "barred", "lifted", "added", "ended", "released", "withdrawn", "downloaded", "answered", "refused",
)  # fmt: skip
BY_SCHOOL = ("authority", "no_authority")
"""What school itself decided about authority; `listed_…` is what a list of the pupil administration said."""
NEWEST = 30


def note(
    pupil_id: int, about: int | None, what: str, reason: str, actor: Viewer | None, now: datetime
) -> None:
    """Add what was done, with its reason, to the pupil's history and to the school's record."""
    if what not in DONE:
        raise ValueError(what)
    db.session.add(
        ArrangementEntry(
            pupil_id=pupil_id,
            about=about,
            what=what,
            reason=reason,
            changed_by=actor.id if actor else None,
            changed_at=now,
        )
    )
    audit.record(actor, f"arrangement_{what}", "pupil", pupil_id)


def noted_just_now(
    pupil_id: int,
    about: int | None,
    what: str,
    among: tuple[str, ...],
    reason: str,
    actor: Viewer,
    now: datetime,
) -> bool:
    """Whether the newest of such things done is this one, by the actor and just now: a form was sent twice.

    `among` are the things of which the newest holds: 'hidden', 'shown', 'locked' and 'unlocked', for one.
    """
    newest = db.session.scalars(
        select(ArrangementEntry)
        .where(
            ArrangementEntry.pupil_id == pupil_id,
            ArrangementEntry.about.is_(None) if about is None else ArrangementEntry.about == about,
            ArrangementEntry.what.in_(among),
        )
        .order_by(ArrangementEntry.id.desc())
        .limit(1)
    ).one_or_none()
    if newest is None or newest.changed_at <= now - SENT_TWICE:
        return False
    return (newest.what, newest.changed_by, newest.reason) == (what, actor.id, reason)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One thing that was done. `about` is the guardian, `by` who did it, both '' when it was nobody's."""

    what: str
    about: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class History:
    """What was done, the newest first; `total` counts what is not shown too."""

    lines: list[HistoryLine]
    total: int


def history_of(viewer: Viewer, pupil: Pupil, everything: bool = False) -> History:
    """Return what was done about a pupil whose arrangement the viewer keeps."""
    about, by = aliased(User), aliased(User)
    scope = (ArrangementEntry.pupil_id == pupil.id, access.history_known_to(viewer))
    query = (
        select(
            ArrangementEntry.what,
            about.given_name, about.prefix, about.surname, about.organisation, about.email,
            ArrangementEntry.reason,
            by.given_name, by.prefix, by.surname, by.email,
            ArrangementEntry.changed_at,
        )
        .outerjoin(about, about.id == ArrangementEntry.about)
        .outerjoin(by, by.id == ArrangementEntry.changed_by)
        .where(*scope)
        .order_by(ArrangementEntry.id.desc())
    )  # fmt: skip
    rows = db.session.execute(query if everything else query.limit(NEWEST)).all()
    lines = [
        HistoryLine(
            row[0],
            of_institution(full(*(part or "" for part in row[1:4])), row[4]) or row[5] or "",
            row[6],
            full(*(part or "" for part in row[7:10])) or row[10] or "",
            row[11],
        )
        for row in rows
    ]
    if len(lines) < NEWEST or everything:
        return History(lines, len(lines))
    total = db.session.scalar(select(func.count()).select_from(ArrangementEntry).where(*scope))
    return History(lines, total or 0)
