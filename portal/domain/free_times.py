"""The free times of one talk for who books it at school, each with the other talk that is too close to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import and_, or_, select

from portal import access, clock
from portal.access import Viewer
from portal.domain import meeting_twins
from portal.domain.meeting_people import OtherTalk, People, around, first_hindrance, other_talks, people_of
from portal.domain.shaping import free_runs
from portal.domain.slot_times import Span
from portal.extensions import db
from portal.models.meetings import Invitee, Slot
from portal.models.roster import Guardianship, Pupil


@dataclass(frozen=True, slots=True)
class Time:
    """A place at which a talk can begin. `close_to`: the pupil of a talk that is too close to it.

    None when it fits; '' when the reader is not told of that talk.
    """

    slot: Slot
    close_to: str | None

    @property
    def day(self) -> date:
        """The day by the school's calendar."""
        return clock.to_local(self.slot.starts_at).date()


class Beside(NamedTuple):
    """Another talk of the family: about whom, and when."""

    called: str
    span: Span


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """The times of a talk in order, and what else the family has around them that the reader is told of."""

    times: Sequence[Time] = ()
    beside: Sequence[Beside] = ()


def free_times(viewer: Viewer, invitee: Invitee, now: datetime) -> FreeTimes:
    """Return the free places at the table of a talk; the queries do not grow with them."""
    runs = free_runs(invitee.host_id, invitee, now)
    if not runs:
        return FreeTimes()
    spans = [Span(run[0].starts_at, run[-1].ends_at) for run in runs]
    people = people_of([invitee])
    others = other_talks(invitee, people, around(spans))
    told = _told(viewer, people, others)
    times = []
    for run, span in zip(runs, spans, strict=True):
        hindrance = first_hindrance(others, span)
        times.append(Time(run[0], told.get(hindrance.invitee_id, "") if hindrance else None))
    beside = [Beside(told[talk.invitee_id], talk.span) for talk in others if talk.invitee_id in told]
    return FreeTimes(times, beside)


def _told(viewer: Viewer, people: People, others: Iterable[OtherTalk]) -> dict[int, str]:
    """Return about whom the other talks are of which the reader may tell whoever of the family calls.

    Only those at which all guardians of this one sit: of a child that one of them has with somebody else, the
    other is not to hear on the phone (R22).
    """
    talks = {talk.invitee_id for talk in others}
    if not talks:
        return {}
    pupils: dict[int, list[Pupil]] = {}
    guardians: dict[int, set[int]] = {}
    for invitee_id, pupil, user_id in db.session.execute(
        select(Invitee.id, Pupil, Guardianship.user_id)
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .join(Guardianship, and_(Guardianship.pupil_id == Pupil.id, Guardianship.revoked_at.is_(None)))
        .where(
            Invitee.id.in_(talks),
            Guardianship.has_authority,
            or_(Invitee.guardian_id.is_(None), Invitee.guardian_id == Guardianship.user_id),
            access.is_told_of_talk(viewer, Pupil.id),
        )
    ):
        pupils[invitee_id] = [pupil]
        guardians.setdefault(invitee_id, set()).add(user_id)
    own = [talk for talk, sitting in guardians.items() if people.guardians and people.guardians <= sitting]
    joined = meeting_twins.joined_to(own, access.is_told_of_talk(viewer, Pupil.id))
    return {talk: meeting_twins.called([*pupils[talk], *joined.get(talk, ())]) for talk in own}
