"""Who sits at a talk, and the other talks that keep them from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    literal,
    or_,
    select,
    union_all,
)

from portal.domain.slot_times import Span
from portal.extensions import db, fetch, has_one_writer
from portal.models.accounts import User
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingHost, MeetingRound
from portal.models.roster import Guardianship

LONGEST_GAP = timedelta(minutes=120)


@dataclass(frozen=True, slots=True)
class People:
    """The guardians and the teachers of one or more talks, by number."""

    guardians: frozenset[int]
    teachers: frozenset[int]


@dataclass(frozen=True, slots=True)
class OtherTalk:
    """A booked talk of the same people. `as_guardian`: the same guardian sits at both.

    `gap`: what must be between the two.
    """

    booking_id: int
    invitee_id: int
    pupil_id: int
    span: Span
    gap: timedelta

    def hinders(self, span: Span) -> bool:
        """Say whether the people cannot be at a talk of this time as well."""
        return self.span.overlaps(span, self.gap)


def guards_talk(guardian_ids: Iterable[int]) -> ColumnElement[bool]:
    """The condition for talks at which one of these guardians sits: the own one, or both guardians' one."""
    wanted = list(guardian_ids)
    together = exists().where(
        Guardianship.pupil_id == Invitee.pupil_id,
        Guardianship.user_id.in_(wanted),
        Guardianship.revoked_at.is_(None),
        Guardianship.has_authority,
    )
    return or_(Invitee.guardian_id.in_(wanted), and_(Invitee.guardian_id.is_(None), together))


def people_of(invitees: Iterable[Invitee]) -> People:
    """Return who sits at these talks."""
    talks = list(invitees)
    if len(talks) == 1:
        return _people_of_one(talks[0])
    guardians = {talk.guardian_id for talk in talks if talk.guardian_id is not None}
    together = [talk.pupil_id for talk in talks if talk.guardian_id is None]
    if together:
        guardians.update(
            db.session.scalars(
                select(Guardianship.user_id).where(
                    Guardianship.pupil_id.in_(together),
                    Guardianship.revoked_at.is_(None),
                    Guardianship.has_authority,
                )
            )
        )
    hosts = {talk.host_id for talk in talks}
    teachers = db.session.scalars(select(HostTeacher.user_id).where(HostTeacher.host_id.in_(hosts)))
    return People(frozenset(guardians), frozenset(teachers))


def _people_of_one(talk: Invitee) -> People:
    """Return the same for one talk, as every booking asks it three times."""
    db.session.flush()
    rows = fetch(_one_talk_query(), pupil_id=talk.pupil_id, host_id=talk.host_id)
    guardians = {user_id for user_id, teaches in rows if not teaches}
    if talk.guardian_id is not None:
        guardians = {talk.guardian_id}
    return People(frozenset(guardians), frozenset(user_id for user_id, teaches in rows if teaches))


@cache
def _one_talk_query() -> Select[*tuple[Any, ...]]:
    guardians = select(Guardianship.user_id, literal(0)).where(
        Guardianship.pupil_id == bindparam("pupil_id", type_=Integer),
        Guardianship.revoked_at.is_(None),
        Guardianship.has_authority,
    )
    teachers = select(HostTeacher.user_id, literal(1)).where(
        HostTeacher.host_id == bindparam("host_id", type_=Integer)
    )
    return union_all(guardians, teachers)  # type: ignore[return-value]


def take_turn(people: People) -> None:
    """Let two changes of the same people's talks come one after the other, always in the same order.

    SQLite has one writer anyway.
    """
    if has_one_writer():
        return
    db.session.execute(
        select(User.id)
        .where(User.id.in_(people.guardians | people.teachers))
        .order_by(User.id)
        .with_for_update(key_share=True)
    ).all()


def other_talks(invitee: Invitee, people: People, around: Span) -> list[OtherTalk]:
    """Return the booked talks of the same people near a time, of whatever round, but not this talk itself.

    Guardians need the round's gap between two tables, none at the same one; a teacher who is also a guardian
    only cannot be at two talks at once.
    """
    own = db.session.execute(
        select(MeetingHost.building, MeetingRound.gap_minutes, MeetingRound.building_gap_minutes)
        .join(MeetingRound, MeetingRound.id == MeetingHost.round_id)
        .where(MeetingHost.id == invitee.host_id)
    ).one()
    everyone = people.guardians | people.teachers
    teaches = exists().where(HostTeacher.host_id == Booking.host_id, HostTeacher.user_id.in_(everyone))
    as_guardian = guards_talk(people.guardians).label("as_guardian")
    rows = db.session.execute(
        select(
            Booking.id,
            Booking.invitee_id,
            Booking.host_id,
            Booking.starts_at,
            Booking.ends_at,
            Invitee.pupil_id,
            MeetingHost.building,
            as_guardian,
        )
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .join(MeetingHost, MeetingHost.id == Booking.host_id)
        .where(
            Booking.cancelled_at.is_(None),
            Booking.invitee_id != invitee.id,
            Booking.starts_at < around.ends_at + LONGEST_GAP,
            Booking.ends_at > around.starts_at - LONGEST_GAP,
            or_(guards_talk(everyone), and_(teaches, Booking.host_id != invitee.host_id)),
        )
        .order_by(Booking.starts_at, Booking.id)
    )
    found = []
    for row in rows:
        if row.host_id == invitee.host_id or not row.as_guardian:
            gap = 0
        else:
            gap = own.gap_minutes if row.building == own.building else own.building_gap_minutes
        span = Span(row.starts_at, row.ends_at)
        found.append(OtherTalk(row.id, row.invitee_id, row.pupil_id, span, timedelta(minutes=gap)))
    return found


def first_hindrance(talks: Iterable[OtherTalk], span: Span) -> OtherTalk | None:
    """Return the first of the talks that leaves no time for one at this time."""
    return next((talk for talk in talks if talk.hinders(span)), None)


def around(spans: Iterable[Span]) -> Span:
    """Return the time from the first beginning until the last end."""
    many = list(spans)
    return Span(min(span.starts_at for span in many), max(span.ends_at for span in many))
