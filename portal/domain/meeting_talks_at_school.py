"""The talks that somebody has at school: with whom, about which child, and when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, or_, select

from portal import access, clock, names
from portal.access import Viewer
from portal.domain import meeting_twins
from portal.domain.slot_times import shown_as
from portal.domain.video_rooms import open_rooms
from portal.extensions import db
from portal.formatting import spoken_list
from portal.models.accounts import User
from portal.models.meetings import Booking, HostTeacher, Invitee, MeetingHost
from portal.models.roster import Guardianship, Pupil

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk that the reader has at school. `with_whom`: the guardians by name; `phones`: name and number.

    `pupil` and `first_name` name a brother or sister too who is talked about in the same talk. `subjects`,
    what a guardian wants to discuss, and `video`, the address while it is told, are there for who sits at the
    table only.
    `outcome`: '' or 'present', 'absent', 'later'. `asked`: '' or 'wanted', 'not_needed'.
    """

    invitee_id: int
    host_id: int
    pupil_id: int
    pupil: str
    first_name: str
    with_whom: str
    phones: tuple[tuple[str, str], ...]
    guardian_ids: frozenset[int]
    apart: bool
    asked: str
    declined: bool
    minutes: int | None
    booking_id: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    way: str = "place"
    fixed: bool = False
    subjects: str = ""
    video: str = ""
    outcome: str = ""
    done_at: datetime | None = None
    elsewhere: tuple[tuple[datetime, str], ...] = ()

    @property
    def shown(self) -> str:
        """What a page sends along of the time that it shows, '' for none."""
        return shown_as(self.booking_id, self.starts_at)


def talks_of(
    viewer: Viewer, host_ids: Sequence[int], invitee_id: int | None = None, now: datetime | None = None
) -> list[Talk]:
    """Return the talks at these tables that the viewer has at school, by the pupils' names.

    `now`: with the address of a talk by video when it is told at that moment.
    """
    wanted = Invitee.host_id.in_(host_ids) if invitee_id is None else Invitee.id == invitee_id
    sits = exists().where(HostTeacher.host_id == Invitee.host_id, HostTeacher.user_id == viewer.id)
    rows = db.session.execute(
        select(Invitee, Booking, Pupil, sits, MeetingHost.video_url)
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .join(MeetingHost, MeetingHost.id == Invitee.host_id)
        .outerjoin(Booking, and_(Booking.invitee_id == Invitee.id, Booking.cancelled_at.is_(None)))
        .where(
            wanted,
            Invitee.ended_at.is_(None),
            Invitee.joined_to.is_(None),
            access.invitees_of_school(viewer),
        )
        .order_by(Pupil.sort_key, Pupil.id, Invitee.id)
    ).all()
    own_tables = [(row.Booking, row.Invitee.host_id, row.video_url) for row in rows if row.Booking and row[3]]
    beside = _Beside(
        guardians_of([row.Pupil.id for row in rows]),
        _elsewhere(viewer, [row.Booking for row in rows if row.Booking]),
        meeting_twins.joined_to([row.Invitee.id for row in rows], access.invitees_of_school(viewer)),
        open_rooms(own_tables, now) if now else {},
    )
    return [_talk(invitee, booking, pupil, sits, beside) for invitee, booking, pupil, sits, _ in rows]


@dataclass(frozen=True, slots=True)
class _Beside:
    """What stands beside the talks of a list, by the number of the pupil, the booking or the talk."""

    guardians: dict[int, list[User]]
    elsewhere: dict[int, list[tuple[datetime, str]]]
    joined: dict[int, list[Pupil]]
    rooms: dict[int, str]


def _talk(invitee: Invitee, booking: Booking | None, pupil: Pupil, sits: bool, beside: _Beside) -> Talk:
    people = [user for user in beside.guardians.get(pupil.id, []) if invitee.guardian_id in (None, user.id)]
    pupils = [pupil, *beside.joined.get(invitee.id, ())]
    booked: dict[str, Any] = {}
    if booking:
        columns = ("starts_at", "ends_at", "way", "fixed", "outcome", "done_at")
        booked = {name: getattr(booking, name) for name in columns}
        booked |= {"booking_id": booking.id, "elsewhere": tuple(beside.elsewhere.get(booking.id, ()))}
        booked |= {"subjects": booking.subjects if sits else "", "video": beside.rooms.get(booking.id, "")}
    return Talk(
        invitee.id,
        invitee.host_id,
        pupil.id,
        meeting_twins.named(pupils),
        meeting_twins.called(pupils),
        together(people),
        tuple((names.full(user.given_name, user.prefix, user.surname), user.phone) for user in people),
        frozenset(user.id for user in people),
        invitee.guardian_id is not None,
        invitee.asked,
        invitee.declined_at is not None,
        invitee.minutes,
        **booked,
    )


def guardians_of(pupil_ids: Iterable[int]) -> dict[int, list[User]]:
    """Return who comes to a talk about each pupil, for who may know of that talk at school."""
    found: dict[int, list[User]] = {}
    for pupil_id, user in db.session.execute(
        select(Guardianship.pupil_id, User)
        .join(User, User.id == Guardianship.user_id)
        .where(
            Guardianship.pupil_id.in_(pupil_ids),
            Guardianship.revoked_at.is_(None),
            Guardianship.has_authority,
        )
        .order_by(Guardianship.seat)
    ):
        found.setdefault(pupil_id, []).append(user)
    return found


def together(people: Sequence[User]) -> str:
    """Return 'Fatima en Karim Amrani', or both names in full when they differ."""
    surnames = {(user.prefix, user.surname) for user in people}
    if len(people) > 1 and len(surnames) == 1 and all(user.given_name and user.surname for user in people):
        last = people[-1]
        first_names = [user.given_name for user in people]
        return f"{spoken_list(first_names)} {names.surname_with_prefix(last.prefix, last.surname)}"
    return spoken_list(
        names.of_institution(names.full(user.given_name, user.prefix, user.surname), user.organisation)
        for user in people
    )


def _elsewhere(viewer: Viewer, bookings: Sequence[Booking]) -> dict[int, list[tuple[datetime, str]]]:
    """Return, for each talk, the other talks of the same guardians on that day: when, and about which child.

    Only a brother's or sister's first name: the teacher sees why a family has to go on.
    """
    if not bookings:
        return {}
    first = min(booking.starts_at for booking in bookings) - A_DAY
    last = max(booking.starts_at for booking in bookings) + A_DAY
    mine, other = _seats(first, last).subquery("mine"), _seats(first, last).subquery("other")
    found: dict[int, list[tuple[datetime, str]]] = {}
    for booking_id, starts_at, then, name in db.session.execute(
        select(mine.c.booking_id, mine.c.starts_at, other.c.starts_at, Pupil.given_name)
        .join(other, and_(other.c.user_id == mine.c.user_id, other.c.pupil_id != mine.c.pupil_id))
        .join(Pupil, Pupil.id == other.c.pupil_id)
        .where(
            mine.c.booking_id.in_([booking.id for booking in bookings]),
            access.is_told_of_talk(viewer, Pupil.id),
        )
        .distinct()
        .order_by(other.c.starts_at)
    ):
        if clock.to_local(starts_at).date() == clock.to_local(then).date():
            found.setdefault(booking_id, []).append((then, name))
    return found


def _seats(first: datetime, last: datetime) -> Any:
    return (
        select(
            Booking.id.label("booking_id"),
            Booking.host_id,
            Booking.starts_at,
            Invitee.pupil_id,
            Guardianship.user_id,
        )
        .join(Invitee, Invitee.id == Booking.invitee_id)
        .join(
            Guardianship,
            and_(
                Guardianship.pupil_id == Invitee.pupil_id,
                Guardianship.revoked_at.is_(None),
                Guardianship.has_authority,
                or_(Invitee.guardian_id.is_(None), Invitee.guardian_id == Guardianship.user_id),
            ),
        )
        .where(Booking.cancelled_at.is_(None), Booking.starts_at >= first, Booking.starts_at <= last)
    )
