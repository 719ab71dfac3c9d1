"""What the office chooses from: its rounds, and the groups and people that a round can be for."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from portal import names
from portal.access import Viewer, groups_of_school, pupils_of_school, rounds_kept_by
from portal.domain.meeting_setup import Table
from portal.extensions import db
from portal.models.accounts import StaffMember, User
from portal.models.meetings import Booking, Invitee, MeetingHost, MeetingRound, Slot
from portal.models.roster import Group, Membership, Pupil, Teaching


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round in the list of the office: its row, how many talks it offers, and how many have a time."""

    round_: MeetingRound
    talks: int
    booked: int
    first: datetime | None
    last: datetime | None

    def runs(self, now: datetime) -> bool:
        """Whether parents and teachers see it and there are still times to come."""
        seen = self.round_.published_at is not None and self.round_.withdrawn_at is None
        return seen and self.last is not None and self.last > now


def round_lines(viewer: Viewer) -> list[RoundLine]:
    """Return the rounds that the viewer keeps, the newest first, in one query."""
    offered = (
        select(
            Invitee.round_id,
            func.count(Invitee.id).label("talks"),
            func.count(Booking.id).label("booked"),
        )
        .outerjoin(Booking, and_(Booking.invitee_id == Invitee.id, Booking.cancelled_at.is_(None)))
        .where(Invitee.ended_at.is_(None), Invitee.joined_to.is_(None), Invitee.declined_at.is_(None))
        .group_by(Invitee.round_id)
        .subquery()
    )
    times = (
        select(
            MeetingHost.round_id,
            func.min(Slot.starts_at).label("first"),
            func.max(Slot.starts_at).label("last"),
        )
        .join(Slot, Slot.host_id == MeetingHost.id)
        .group_by(MeetingHost.round_id)
        .subquery()
    )
    rows = db.session.execute(
        select(MeetingRound, offered.c.talks, offered.c.booked, times.c.first, times.c.last)
        .outerjoin(offered, offered.c.round_id == MeetingRound.id)
        .outerjoin(times, times.c.round_id == MeetingRound.id)
        .where(
            rounds_kept_by(viewer),
            or_(MeetingRound.withdrawn_at.is_(None), MeetingRound.published_at.is_not(None)),
        )
        .order_by(MeetingRound.created_at.desc(), MeetingRound.id.desc())
    )
    return [RoundLine(row[0], row[1] or 0, row[2] or 0, row[3], row[4]) for row in rows]


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """A group that a round can be for, with its own teachers."""

    id: int
    name: str
    teachers: tuple[int, ...]


def group_choices(viewer: Viewer, also: Iterable[int] = ()) -> list[GroupChoice]:
    """Return the open groups, and those named that were closed since, with who teaches them now."""
    rows = db.session.execute(
        select(Group.id, Group.name, Teaching.user_id)
        .outerjoin(Teaching, and_(Teaching.group_id == Group.id, Teaching.ended_on.is_(None)))
        .where(or_(and_(groups_of_school(viewer), ~Group.composite), Group.id.in_(list(also))))
        .order_by(Group.sort_key, Group.id, Teaching.user_id)
    )
    found: dict[int, tuple[str, list[int]]] = {}
    for number, name, teacher in rows:
        _name, teachers = found.setdefault(number, (name, []))
        if teacher is not None:
            teachers.append(teacher)
    return [GroupChoice(number, name, tuple(teachers)) for number, (name, teachers) in found.items()]


@dataclass(frozen=True, slots=True)
class StaffChoice:
    """Somebody at school who can have talks."""

    id: int
    called: str


def staff_choices() -> list[StaffChoice]:
    """Return who works at school, in the order of their names; the office knows all of them.

    Who is called the same as somebody else has the full name beside it.
    """
    rows = db.session.execute(
        select(User.id, StaffMember.called, User.given_name, User.prefix, User.surname)
        .join(StaffMember, StaffMember.user_id == User.id)
        .where(StaffMember.left_at.is_(None))
        .order_by(User.sort_key, User.id)
    )
    found = [(row.id, row.called, names.full(*row[2:])) for row in rows]
    often = Counter(called for _, called, _ in found if called)
    return [
        StaffChoice(number, f"{called} ({name})" if often[called] > 1 else called or name)
        for number, called, name in found
    ]


@dataclass(frozen=True, slots=True)
class PupilChoice:
    """A pupil who can be invited to a table, and of which group."""

    id: int
    name: str
    group_id: int


def pupil_choices(viewer: Viewer, groups: Iterable[int], also: Iterable[int] = ()) -> list[PupilChoice]:
    """Return the pupils of some groups, and those named, whom the viewer has at school; each once."""
    rows = db.session.execute(
        select(Pupil.id, Pupil.given_name, Pupil.prefix, Pupil.surname, Membership.group_id)
        .join(Membership, Membership.pupil_id == Pupil.id)
        .join(Group, Group.id == Membership.group_id)
        .where(
            pupils_of_school(viewer),
            Membership.ended_on.is_(None),
            or_(
                Membership.group_id.in_(list(groups)),
                and_(Pupil.id.in_(list(also)), Membership.home),
            ),
        )
        .order_by(Group.sort_key, Pupil.sort_key, Pupil.id)
    )
    found: dict[int, PupilChoice] = {}
    for row in rows:
        found.setdefault(row.id, PupilChoice(row.id, names.full(*row[1:4]), row.group_id))
    return list(found.values())


def unseen_pupils(viewer: Viewer, table: Table) -> list[PupilChoice]:
    """Return the pupils of a table who are kept from the viewer, so that a change of it leaves them alone."""
    rows = db.session.execute(
        select(Pupil.id, Membership.group_id)
        .join(Membership, Membership.pupil_id == Pupil.id)
        .where(
            ~pupils_of_school(viewer),
            Membership.ended_on.is_(None),
            or_(Membership.group_id.in_(table.groups), and_(Pupil.id.in_(table.pupils), Membership.home)),
        )
    )
    return [PupilChoice(row.id, "", row.group_id) for row in rows]


def times_at(host_id: int) -> list[Slot]:
    """Return the places at a table that parents would see, in order of time."""
    places = select(Slot).where(Slot.host_id == host_id, Slot.state == "open").order_by(Slot.starts_at)
    return list(db.session.scalars(places))
