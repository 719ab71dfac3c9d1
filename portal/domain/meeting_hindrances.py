"""The other talks that leave a family no time for one, for all of its talks in a round at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, Select, and_, bindparam, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from portal import access
from portal.access import Viewer
from portal.domain.meeting_choices import FamilyRound, RoundFacts, Talk
from portal.domain.slot_times import Span
from portal.extensions import UtcDateTime, fetch
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingHost
from portal.models.roster import Guardianship

_mine = aliased(Invitee)
_guarded = aliased(Guardianship)
_elsewhere = aliased(HostTeacher)

A_DAY = timedelta(days=1)


class Hindrance(NamedTuple):
    """Another talk of the same people. `pupil_id` is that of a talk of the reader, None of anybody else's."""

    span: Span
    gap: timedelta
    pupil_id: int | None


def asked(viewer: Viewer, round_: FamilyRound, talks: Sequence[Talk]) -> dict[str, object]:
    """Return the values for a query with `asked_of`: about one talk, or all of the viewer's in a round."""
    only = talks[0].id if len(talks) == 1 else 0
    return {"viewer_id": viewer.id, "round_id": round_.facts.id, "invitee_id": only}


def asked_of(viewer: Viewer) -> tuple[Any, ...]:
    """The conditions for what is asked about the viewer's talks, from the own children outwards."""
    invitee_id = bindparam("invitee_id", type_=Integer)
    return (
        Guardianship.user_id == viewer.id,
        Guardianship.revoked_at.is_(None),
        Invitee.round_id == bindparam("round_id", type_=Integer),
        or_(invitee_id == 0, Invitee.id == invitee_id),
        access.invitees_of(viewer),
    )


@cache
def _query(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """The other booked talks of everybody who sits at the viewer's talks: what `other_talks` says, in one go.

    One row for each of these people: the talk, who it is, whether as guardian at both, and the other talk.
    """
    mine = (
        select(Invitee.id, Invitee.pupil_id, Invitee.host_id, Invitee.guardian_id)
        .select_from(Guardianship)
        .join(Invitee, Invitee.pupil_id == Guardianship.pupil_id)
        .where(*asked_of(viewer))
        .cte("mine")
    )
    guardians = (
        select(mine.c.id, mine.c.host_id, _guarded.user_id, literal(1).label("guards"))
        .join(_guarded, _guarded.pupil_id == mine.c.pupil_id)
        .where(
            _guarded.revoked_at.is_(None),
            _guarded.has_authority,
            or_(mine.c.guardian_id.is_(None), mine.c.guardian_id == _guarded.user_id),
        )
    )
    teachers = select(mine.c.id, mine.c.host_id, HostTeacher.user_id, literal(0)).join(
        HostTeacher, HostTeacher.host_id == mine.c.host_id
    )
    people = union_all(guardians, teachers).cte("people")
    return union_all(_as_guardian(people), _as_teacher(people))  # type: ignore[return-value]


def _columns(people: Any, pupil_id: Any, guards: Any) -> tuple[Any, ...]:
    return (
        people.c.id.label("talk_id"),
        people.c.user_id.label("user_id"),
        guards.label("guards"),
        pupil_id.label("pupil_id"),
        people.c.host_id.label("own_host_id"),
        Booking.id.label("booking_id"),
        Booking.host_id.label("host_id"),
        Booking.starts_at.label("starts_at"),
        Booking.ends_at.label("ends_at"),
        MeetingHost.building.label("building"),
    )


def _coming(people: Any) -> tuple[Any, ...]:
    return (
        Booking.cancelled_at.is_(None),
        Booking.invitee_id != people.c.id,
        Booking.ends_at > bindparam("since", type_=UtcDateTime),
    )


def _as_guardian(people: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*_columns(people, _mine.pupil_id, people.c.guards))
        .select_from(people)
        .join(
            _guarded,
            and_(_guarded.user_id == people.c.user_id, _guarded.revoked_at.is_(None), _guarded.has_authority),
        )
        .join(
            _mine,
            and_(
                _mine.pupil_id == _guarded.pupil_id,
                or_(_mine.guardian_id.is_(None), _mine.guardian_id == people.c.user_id),
            ),
        )
        .join(Booking, Booking.invitee_id == _mine.id)
        .join(MeetingHost, MeetingHost.id == Booking.host_id)
        .where(*_coming(people))
    )


def _as_teacher(people: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*_columns(people, _mine.pupil_id, literal(0)))
        .select_from(people)
        .join(_elsewhere, _elsewhere.user_id == people.c.user_id)
        .join(Booking, and_(Booking.host_id == _elsewhere.host_id, Booking.host_id != people.c.host_id))
        .join(_mine, _mine.id == Booking.invitee_id)
        .join(MeetingHost, MeetingHost.id == Booking.host_id)
        .where(*_coming(people))
    )


def hindrances(
    viewer: Viewer, round_: FamilyRound, talks: Sequence[Talk], now: datetime
) -> dict[int, list[Hindrance]]:
    """Return for each talk the others that leave no time for it, in order of time, each once.

    Agrees with `other_talks`, which settles it when the talk is booked.
    """
    query = _query(access.anyone_with(viewer.role))
    rows = fetch(query, since=now - A_DAY, **asked(viewer, round_, talks))
    buildings = {talk.host_id: talk.building for talk in round_.talks}
    found: dict[tuple[int, int], Hindrance] = {}
    for talk_id, user_id, guards, pupil_id, own_host, booking_id, host_id, start, end, building in rows:
        gap = 0
        if guards and host_id != own_host:
            gap = gap_between(round_.facts, buildings.get(own_host, ""), building)
        known = pupil_id if guards and user_id == viewer.id else None
        before = found.get((talk_id, booking_id))
        if before:
            known = known or before.pupil_id
            gap = max(gap, before.gap // timedelta(minutes=1))
        found[talk_id, booking_id] = Hindrance(Span(start, end), timedelta(minutes=gap), known)
    result: dict[int, list[Hindrance]] = {}
    for (talk_id, _), one in sorted(found.items(), key=lambda item: (item[0][0], item[1].span, item[0][1])):
        result.setdefault(talk_id, []).append(one)
    return result


def gap_between(facts: RoundFacts, building: str, other: str) -> int:
    """Return how many minutes a family needs between two tables, by the buildings they are in."""
    return facts.gap_minutes if building == other else facts.building_gap_minutes
