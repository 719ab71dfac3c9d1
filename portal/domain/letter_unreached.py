"""The children whom a letter was for and of whom nobody at home has it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal import clock
from portal.access import Viewer
from portal.access.directory import guarded_by_unknown
from portal.domain.letter_audience import Part, Unreached, unreached
from portal.domain.school_days import current_year, school_years
from portal.extensions import db
from portal.models.letters import Letter
from portal.models.roster import Pupil


def children_nobody_told(
    viewer: Viewer, letter: Letter, parts: Sequence[Part], now: datetime
) -> list[Unreached]:
    """Return the children whom a letter is for that have no guardian who gets it; of this year's letters.

    `parts`: whom it was for. One of a year that is over was for others than are in its groups and at school
    today. Not a child with a guardian who is kept from the viewer: whether that one has the letter is not for
    the viewer to know (R22).
    """
    year = current_year(school_years(), clock.to_local(now).date())
    if year is None or letter.school_year_id != year.id:
        return []
    lost = [one for one in unreached(viewer, parts) if not one.has_guardian]
    numbers = [one.pupil_id for one in lost]
    query = select(Pupil.id).where(Pupil.id.in_(numbers), ~guarded_by_unknown(viewer.id, Pupil.id))
    named = set(db.session.scalars(query))
    return [one for one in lost if one.pupil_id in named]
