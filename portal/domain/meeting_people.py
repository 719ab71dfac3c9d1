"""Who sits at a talk, and the other talks that keep them from it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple, Protocol

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from portal.domain.holding import held_until_the_end
from portal.domain.slot_times import Span
from portal.extensions import UtcDateTime, db, fetch, has_one_writer
from portal.models.accounts import User
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingHost, MeetingRound
from portal.models.roster import Guardianship, Pupil
from portal.statements import among

LONGEST_GAP = timedelta(minutes=120)

_guarded = aliased(Invitee)
_own_host = aliased(MeetingHost)


@dataclass(frozen=True, slots=True)
class People:
    """The guardians and the teachers of one or more talks, by number."""

    guardians: frozenset[int]
    teachers: frozenset[int]


def together(many: Iterable[People]) -> People:
    """Return everybody of several."""
    people = list(many)
    return People(
        frozenset().union(*(one.guardians for one in people)),
        frozenset().union(*(one.teachers for one in people)),
    )


@dataclass(frozen=True, slots=True)
class OtherTalk:
    """A booked talk of the same people. `gap`: what must be between the two."""

    booking_id: int
    invitee_id: int
    pupil_id: int
    span: Span
    gap: timedelta

    def hinders(self, span: Span) -> bool:
        """Say whether the people cannot be at a talk of this time as well."""
        return self.span.overlaps(span, self.gap)


def _guards_talk(guardians: str, talk: Any) -> ColumnElement[bool]:
    """The condition for talks at which one of the guardians sits: the own one, or both guardians' one.

    `guardians`: the name of the parameter that says who they are.
    """
    guarded = select(Guardianship.pupil_id).where(
        among(Guardianship.user_id, guardians),
        Guardianship.revoked_at.is_(None),
        Guardianship.has_authority,
    )
    own = among(talk.guardian_id, guardians)
    return or_(own, and_(talk.guardian_id.is_(None), talk.pupil_id.in_(guarded)))


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
    """Return the same for one talk: every booking asks it."""
    db.session.flush()
    rows = fetch(_one_talk_query(), pupil_id=talk.pupil_id, host_id=talk.host_id)
    guardians = {user_id for user_id, teaches in rows if not teaches}
    if talk.guardian_id is not None:
        guardians = {talk.guardian_id}
    return People(frozenset(guardians), frozenset(user_id for user_id, teaches in rows if teaches))


@cache
def _one_talk_query() -> Select[*tuple[Any, ...]]:
    guardians = _guardians_of_one(Guardianship.user_id, literal(0))
    teachers = _teachers_of_one(HostTeacher.user_id, literal(1))
    return union_all(guardians, teachers)  # type: ignore[return-value]


def _guardians_of_one(*columns: Any) -> Select[*tuple[Any, ...]]:
    return select(*columns).where(
        Guardianship.pupil_id == bindparam("pupil_id", type_=Integer),
        Guardianship.revoked_at.is_(None),
        Guardianship.has_authority,
    )


def _teachers_of_one(*columns: Any) -> Select[*tuple[Any, ...]]:
    return select(*columns).where(HostTeacher.host_id == bindparam("host_id", type_=Integer))


def take_turn(people: People) -> bool:
    """Let two changes of the same people's talks come one after the other, always in the same order.

    False when their turn had come already: nobody had to be waited for. SQLite has one writer anyway.
    """
    wanted = (people.guardians | people.teachers) - held_until_the_end(User)
    if has_one_writer() or not wanted:
        return False
    db.session.flush()
    held_until_the_end(User).update(number for (number,) in fetch(_turn_query(), wanted=wanted))
    return True


@cache
def _turn_query() -> Select[int]:
    return _one_after_the_other(among(User.id, "wanted"))


def _one_after_the_other(people: ColumnElement[bool]) -> Select[int]:
    return select(User.id).where(people).order_by(User.id).with_for_update(key_share=True)


def take_turn_at(invitees: Iterable[Invitee]) -> None:
    """Take the turn of everybody who sits at these talks; on SQLite nobody needs to be asked for."""
    talks = list(invitees)
    if has_one_writer():
        return
    if len(talks) != 1:
        take_turn(people_of(talks))
        return
    db.session.flush()
    (talk,) = talks
    who = {"pupil_id": talk.pupil_id, "host_id": talk.host_id, "guardian_id": talk.guardian_id}
    held_until_the_end(User).update(number for (number,) in fetch(_turn_at_one_query(), **who))


@cache
def _turn_at_one_query() -> Select[int]:
    """Whom `_people_of_one` finds, asked for and locked in one journey."""
    guardian_id = bindparam("guardian_id", type_=Integer)
    guardians = _guardians_of_one(Guardianship.user_id).where(guardian_id.is_(None))
    return _one_after_the_other(
        User.id.in_(union_all(guardians, _teachers_of_one(HostTeacher.user_id), select(guardian_id)))
    )


def people_in_turn(invitees: Iterable[Invitee]) -> list[People]:
    """Take the turn of everybody who sits at these talks, and return who that is, talk by talk.

    Whoever had to be waited for may have come or gone meanwhile, so then it is looked at again.
    """
    talks = list(invitees)
    people = [people_of([talk]) for talk in talks]
    if take_turn(together(people)):
        people = [people_of([talk]) for talk in talks]
    return people


def other_talks(invitee: Invitee, people: People, around: Span) -> list[OtherTalk]:
    """Return the booked talks of the same people near a time, of whatever round, but not this talk itself.

    Guardians need the round's gap between two tables, none at the same one; a teacher who is also a guardian
    only cannot be at two talks at once.
    """
    db.session.flush()
    rows = fetch(
        _other_talks_query(),
        invitee_id=invitee.id,
        host_id=invitee.host_id,
        guardians=people.guardians,
        everyone=people.guardians | people.teachers,
        since=around.starts_at - LONGEST_GAP,
        until=around.ends_at + LONGEST_GAP,
    )
    return [
        OtherTalk(booking_id, invitee_id, pupil_id, Span(starts_at, ends_at), timedelta(minutes=gap))
        for booking_id, invitee_id, pupil_id, starts_at, ends_at, gap in rows
    ]


@cache
def _other_talks_query() -> Select[*tuple[Any, ...]]:
    """From the people outwards: what they have near a time is little, what the school has is not."""
    host_id = bindparam("host_id", type_=Integer)
    taught = select(HostTeacher.host_id).where(
        among(HostTeacher.user_id, "everyone"), HostTeacher.host_id != host_id
    )
    guarded = select(_guarded.id).where(_guards_talk("everyone", _guarded))
    as_guardian = _guards_talk("guardians", Invitee)
    gap = case(
        (Booking.host_id == host_id, 0),
        (and_(as_guardian, MeetingHost.building == _own_host.building), MeetingRound.gap_minutes),
        (as_guardian, MeetingRound.building_gap_minutes),
        else_=0,
    )
    return (
        select(Booking.id, Booking.invitee_id, Invitee.pupil_id, Booking.starts_at, Booking.ends_at, gap)
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .join(MeetingHost, MeetingHost.id == Booking.host_id)
        .join(_own_host, _own_host.id == host_id)
        .join(MeetingRound, MeetingRound.id == _own_host.round_id)
        .where(
            Booking.cancelled_at.is_(None),
            Booking.invitee_id != bindparam("invitee_id", type_=Integer),
            Booking.starts_at < bindparam("until", type_=UtcDateTime),
            Booking.ends_at > bindparam("since", type_=UtcDateTime),
            or_(Booking.invitee_id.in_(guarded), Booking.host_id.in_(taught)),
        )
        .order_by(Booking.starts_at, Booking.id)
    )


def first_hindrance(talks: Iterable[OtherTalk], span: Span) -> OtherTalk | None:
    """Return the first of the talks that leaves no time for one at this time."""
    return next((talk for talk in talks if talk.hinders(span)), None)


def around(spans: Iterable[Span]) -> Span:
    """Return the time from the first beginning until the last end."""
    many = list(spans)
    return Span(min(span.starts_at for span in many), max(span.ends_at for span in many))


class Together(Protocol):
    """A talk about a child at a table; `guardian_id` None: with all who have authority over it."""

    @property
    def id(self) -> int: ...
    @property
    def pupil_id(self) -> int: ...
    @property
    def host_id(self) -> int: ...
    @property
    def guardian_id(self) -> int | None: ...


class Adults(NamedTuple):
    """Who comes to a talk, and where: talks for which all of this is the same may become one.

    `apart`: whether school deals with the guardians apart. That this and who they are is asked for beside who
    of them comes lets a guardian who hides, and so comes to no talk with the other, change nothing (R22).
    """

    host_id: int
    apart: bool
    guardians: frozenset[int]
    come: frozenset[int]


def adults_at(talks: Collection[Together]) -> dict[int, Adults]:
    """Return for each talk who comes to it, by its number."""
    db.session.flush()
    apart: set[int] = set()
    guardians: dict[int, set[int]] = {}
    for pupil_id, user_id, is_apart in fetch(_guardians_query(), pupils={talk.pupil_id for talk in talks}):
        guardians.setdefault(pupil_id, set()).add(user_id)
        apart.update([pupil_id] if is_apart else [])
    found = {}
    for talk in talks:
        family = frozenset(guardians.get(talk.pupil_id, ()))
        come = family if talk.guardian_id is None else frozenset({talk.guardian_id})
        found[talk.id] = Adults(talk.host_id, talk.pupil_id in apart, family, come)
    return found


@cache
def _guardians_query() -> Select[int, int, bool]:
    return (
        select(Guardianship.pupil_id, Guardianship.user_id, Pupil.apart_at.is_not(None))
        .join(Pupil, Pupil.id == Guardianship.pupil_id)
        .where(
            among(Guardianship.pupil_id, "pupils"),
            Guardianship.revoked_at.is_(None),
            Guardianship.has_authority,
        )
    )
