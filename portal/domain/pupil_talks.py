"""The booked talks about one pupil, for the office: what ends when the child changes group or leaves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select

from portal import access
from portal.access import Viewer
from portal.domain.meeting_talk_lists import teachers_at
from portal.domain.meeting_talks_at_school import guardians_of, together
from portal.extensions import db
from portal.models.meetings import Booking, Invitee, MeetingRound, RoundGroup, RoundPupil
from portal.models.roster import Group, Pupil

_TIME = Booking.invitee_id == func.coalesce(Invitee.joined_to, Invitee.id)
"""The time of a talk, or of that of a brother or sister in which the child is talked about too."""


@dataclass(frozen=True, slots=True)
class PupilTalk:
    """A booked talk about a pupil. It stays while the child is in one of `groups`; none: in any group."""

    round: str
    starts_at: datetime
    teachers: tuple[str, ...]
    with_whom: str
    groups: tuple[str, ...]


def coming_talks(viewer: Viewer, pupil: Pupil, now: datetime) -> list[PupilTalk]:
    """Return the booked talks about a pupil that are still to come, those that the viewer has at school."""
    return _talks(
        viewer,
        pupil,
        Invitee.ended_at.is_(None),
        Booking.cancelled_at.is_(None),
        Booking.starts_at > now,
        MeetingRound.published_at.is_not(None),
        MeetingRound.withdrawn_at.is_(None),
    )


def ended_talks(viewer: Viewer, pupil: Pupil, now: datetime) -> list[PupilTalk]:
    """Return the booked talks about a pupil that a change of this moment has ended, like `coming_talks`."""
    return _talks(
        viewer,
        pupil,
        Invitee.ended_at == now,
        or_(Booking.cancelled_at.is_(None), Booking.cancelled_at == now),
        Booking.starts_at > now,
    )


def _talks(viewer: Viewer, pupil: Pupil, *conditions: Any) -> list[PupilTalk]:
    rows = db.session.execute(
        select(Invitee, Booking.starts_at, MeetingRound.name)
        .join(Booking, _TIME)
        .join(MeetingRound, MeetingRound.id == Invitee.round_id)
        .where(Invitee.pupil_id == pupil.id, access.invitees_of_school(viewer), *conditions)
        .order_by(Booking.starts_at, Invitee.id)
    ).all()
    if not rows:
        return []
    hosts = [row[0].host_id for row in rows]
    teachers, groups = teachers_at(hosts), _groups_at(hosts, pupil)
    guardians = guardians_of([pupil.id]).get(pupil.id, [])
    return [
        PupilTalk(
            round_name,
            starts_at,
            teachers.get(invitee.host_id, ()),
            together([one for one in guardians if invitee.guardian_id in (None, one.id)]),
            tuple(groups.get(invitee.host_id, ())),
        )
        for invitee, starts_at, round_name in rows
    ]


def _groups_at(host_ids: Sequence[int], pupil: Pupil) -> dict[int, list[str]]:
    """Return the groups that are invited as a whole at each table; not where the child is by itself."""
    singly = RoundPupil.host_id == RoundGroup.host_id
    rows = db.session.execute(
        select(RoundGroup.host_id, Group.name)
        .join(Group, Group.id == RoundGroup.group_id)
        .outerjoin(RoundPupil, and_(singly, RoundPupil.pupil_id == pupil.id))
        .where(RoundGroup.host_id.in_(host_ids), RoundGroup.everyone, RoundPupil.host_id.is_(None))
        .order_by(Group.sort_key, Group.id)
    )
    found: dict[int, list[str]] = {}
    for host_id, name in rows:
        found.setdefault(host_id, []).append(name)
    return found
