"""What is printed for the evening: a list for each door, and the talks family by family."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import and_, select

from portal import clock, names
from portal.access import Viewer
from portal.domain import meeting_tables, meeting_talks_at_school
from portal.domain.hall import signs_of
from portal.domain.meeting_tables import Table
from portal.domain.meeting_talks_at_school import Talk
from portal.domain.meeting_twins import joined_to
from portal.extensions import db
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.models.roster import Pupil


@dataclass(frozen=True, slots=True)
class DoorList:
    """The times of a table on one day, each with the child's sign or ''."""

    table: Table
    day: date
    times: tuple[tuple[datetime, str], ...]


def door_lists(viewer: Viewer, round_: MeetingRound) -> list[DoorList]:
    """Return a list for each day and each door that the viewer has at school.

    A door is read by every parent, so it says what the screen in the hall says: the sign of a child whose
    guardians come together, and nothing at any other time, whether or not somebody comes then.
    """
    tables = {table.host.id: table for table in meeting_tables.tables_of_round(viewer, round_.id)}
    rows = db.session.execute(
        select(Slot.host_id, Slot.starts_at, Booking.starts_at, Invitee.id, Pupil)
        .outerjoin(Booking, Booking.id == Slot.booking_id)
        .outerjoin(Invitee, and_(Invitee.id == Booking.invitee_id, Invitee.guardian_id.is_(None)))
        .outerjoin(Pupil, Pupil.id == Invitee.pupil_id)
        .where(Slot.host_id.in_(tables))
        .order_by(Slot.starts_at)
    ).all()
    found: dict[tuple[date, int], list[tuple[datetime, str]]] = {}
    both = Invitee.guardian_id.is_(None)
    too = joined_to({talk_id for _, _, _, talk_id, pupil in rows if pupil}, both)
    for host_id, starts_at, talk_at, talk_id, pupil in rows:
        begins = pupil is not None and talk_at == starts_at
        sign = signs_of([pupil, *too.get(talk_id, ())], round_.hall_names) if begins else ""
        found.setdefault((clock.to_local(starts_at).date(), host_id), []).append((starts_at, sign))
    return [DoorList(tables[host_id], day, tuple(times)) for (day, host_id), times in sorted(found.items())]


@dataclass(frozen=True, slots=True)
class FamilyList:
    """The talks of the same guardians, in order of time, each with its table."""

    with_whom: str
    talks: tuple[tuple[Talk, Table], ...]


def family_lists(viewer: Viewer, round_: MeetingRound) -> list[FamilyList]:
    """Return the booked talks of a round family by family, as far as the viewer has them at school."""
    tables = {table.host.id: table for table in meeting_tables.tables_of_round(viewer, round_.id)}
    talks = [talk for talk in meeting_talks_at_school.talks_of(viewer, list(tables)) if talk.booking_id]
    by_family = sorted(talks, key=lambda talk: (names.fold(talk.with_whom), sorted(talk.guardian_ids)))
    return [
        FamilyList(
            with_whom,
            tuple((talk, tables[talk.host_id]) for talk in sorted(of_family, key=_when)),
        )
        for (with_whom, _), of_family in groupby(
            by_family, key=lambda talk: (talk.with_whom, sorted(talk.guardian_ids))
        )
    ]


def _when(talk: Talk) -> datetime:
    return talk.starts_at or clock.now()
