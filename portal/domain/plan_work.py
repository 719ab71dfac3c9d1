"""The plans that wait to be made and booked: any number of workers, each plan by one of them at a time.

A worker has a plan until the moment in `leased_until` and moves that moment on while it works. Whoever takes
over a plan sets another moment, so a worker that comes back late finds that the plan is no longer its own.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, update

from portal.access import Viewer
from portal.domain import bookings
from portal.domain.bookings import Choice, SlotTaken, TooTight
from portal.domain.meeting_people import take_turn_at
from portal.domain.plan_round import PlannedRound
from portal.domain.planner import Impossible, Plan, Progress
from portal.errors import Refused
from portal.extensions import db
from portal.models.meeting_talks import MeetingPlan
from portal.models.meetings import Invitee, MeetingRound, Slot

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3

WAITING, RUNNING, READY, ACCEPTING, ACCEPTED, DROPPED, FAILED = (
    "waiting", "running", "ready", "accepting", "accepted", "dropped", "failed",
)  # fmt: skip
FOR_A_WORKER = (WAITING, RUNNING, ACCEPTING)


@dataclass(frozen=True, slots=True)
class Task:
    """A plan in the hands of this worker, until `leased_until`. `enough`: the office says that it is good."""

    plan_id: int
    round_id: int
    state: str
    seed: int
    seconds: int
    leased_until: datetime | None
    enough: bool = False


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        MeetingPlan.state.in_(FOR_A_WORKER),
        or_(MeetingPlan.leased_until.is_(None), MeetingPlan.leased_until <= now),
    )


def anything_due(now: datetime) -> bool:
    """Whether there is a plan to make or to book now; asks without taking the write lock."""
    return bool(db.session.scalar(select(exists().where(_is_due(now)))))


def lease(now: datetime) -> Task | None:
    """Take the plan that waits longest for ourselves; None when there is none.

    One that was taken too often is given up: what ended those workers would end this one too.
    """
    _give_up(now)
    first = select(MeetingPlan.id).where(_is_due(now)).order_by(MeetingPlan.id)
    row = db.session.execute(
        update(MeetingPlan)
        .where(MeetingPlan.id == first.limit(1).with_for_update(skip_locked=True).scalar_subquery())
        .values(
            state=case((MeetingPlan.state == WAITING, RUNNING), else_=MeetingPlan.state),
            started_at=func.coalesce(MeetingPlan.started_at, now),
            leased_until=now + LEASE,
            attempts=MeetingPlan.attempts + 1,
        )
        .returning(
            MeetingPlan.id,
            MeetingPlan.round_id,
            MeetingPlan.state,
            MeetingPlan.seed,
            MeetingPlan.seconds,
            MeetingPlan.leased_until,
        )
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return Task(*row) if row else None


def _give_up(now: datetime) -> None:
    db.session.execute(
        update(MeetingPlan)
        .where(_is_due(now), MeetingPlan.attempts >= MOST_ATTEMPTS)
        .values(state=FAILED, finished_at=func.coalesce(MeetingPlan.finished_at, now), leased_until=None)
        .execution_options(synchronize_session=False)
    )


def keep(task: Task, now: datetime, **values: object) -> Task | None:
    """Note how far it is and move the lease on; None when the plan is not ours any more.

    It was dropped by the office then, or taken over by another worker.
    """
    row = db.session.execute(
        update(MeetingPlan)
        .where(
            MeetingPlan.id == task.plan_id,
            MeetingPlan.state == task.state,
            MeetingPlan.leased_until == task.leased_until,
        )
        .values(**{"leased_until": now + LEASE} | values)
        .returning(MeetingPlan.leased_until, MeetingPlan.enough_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return replace(task, leased_until=row[0], enough=row[1] is not None) if row else None


def give_back(task: Task) -> None:
    """Let another worker go on with it at once."""
    mine = MeetingPlan.id == task.plan_id, MeetingPlan.leased_until == task.leased_until
    db.session.execute(
        update(MeetingPlan)
        .where(*mine)
        .values(leased_until=None)
        .execution_options(synchronize_session=False)
    )


# --- making it --------------------------------------------------------------------------------------------


def progress_of(planned: PlannedRound, told: Progress | None) -> str:
    """Return how far the planner is, as it is kept."""
    firm = len(planned.booked) + sum(talk.key < 0 for talk in planned.round.talks)
    known: dict[str, Any] = {"talks": len(planned.round.talks) - firm}
    if told:
        known |= {"placed": told.placed - firm, **told.score._asdict()}
    return json.dumps(known)


def result_of(planned: PlannedRound, plan: Plan, cannot: Sequence[Impossible]) -> str:
    """Return what the planner found, as it is kept until the office accepts or drops it.

    `seats`: the places of each talk that gets another time than it has. `parts`: which of them belong
    together. `left`: why a talk has none.
    """
    places = planned.places(plan.seats)
    return json.dumps(
        {
            "seats": {str(key): seat for key, seat in places.items()},
            "parts": _parts(planned, places),
            "left": [asdict(left) for left in plan.left_over],
            "cannot": _named(cannot),
            "score": plan.score._asdict(),
        }
    )


def _named(cannot: Iterable[Impossible]) -> list[dict[str, Any]]:
    return [
        {"lack": one.lack, "talks": one.talks, "needed": one.needed, "available": one.available}
        | {"hosts": one.teachers}
        for one in cannot
    ]


def _parts(planned: PlannedRound, places: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """Return the talks in groups that are booked together or not at all.

    Those of the same people, and those that take each other's places; who moves away goes first.
    """
    guardians = {family.key: family.guardians for family in planned.round.families}
    leader: dict[object, object] = {}

    def find(node: object) -> object:
        while leader.setdefault(node, node) != node:
            node = leader[node]
        return node

    moved = set()
    for talk in planned.round.talks:
        if talk.key in places:
            shared = [("guardian", user) for user in guardians[talk.family]]
            for node in (*shared, *places[talk.key], *talk.previous):
                leader[find(node)] = find(("talk", talk.key))
            if talk.previous:
                moved.add(find(("talk", talk.key)))
    parts: dict[object, list[int]] = {}
    for key in places:
        parts.setdefault(find(("talk", key)), []).append(key)
    moved = {find(node) for node in moved}
    return [part for node, part in sorted(parts.items(), key=lambda item: (item[0] not in moved, item[1]))]


# --- booking it -------------------------------------------------------------------------------------------


def parts_done(task: Task) -> tuple[int, dict[str, str]]:
    """Return how many parts of an accepted plan are done, and why talks of them could not be booked."""
    known = db.session.scalar(select(MeetingPlan.progress).where(MeetingPlan.id == task.plan_id))
    progress = json.loads(known or "{}")
    return progress.get("at", 0), progress.get("lost", {})


def book_part(task: Task, number: int, now: datetime) -> tuple[list[int], str]:
    """Book the talks of one part of an accepted plan, all or none; return which, and why not.

    Without talks there is no such part. On a reason the caller rolls back. What is booked already stays.
    """
    plan = db.session.get_one(MeetingPlan, task.plan_id)
    result = json.loads(plan.result)
    if number >= len(result["parts"]):
        return [], ""
    part = result["parts"][number]
    wanted = select(Invitee).where(Invitee.id.in_(part)).order_by(Invitee.id)
    take_turn_at(db.session.scalars(wanted))
    invitees = db.session.scalars(wanted.execution_options(populate_existing=True)).all()
    places = {invitee.id: result["seats"][str(invitee.id)] for invitee in invitees}
    return part, "gone" if len(invitees) < len(part) else _booked(plan, invitees, places, now)


def _booked(
    plan: MeetingPlan, invitees: Sequence[Invitee], places: Mapping[int, Sequence[int]], now: datetime
) -> str:
    round_ = db.session.get_one(MeetingRound, plan.round_id)
    if round_.withdrawn_at or round_.published_at is None:
        return "gone"
    choices = []
    for invitee in invitees:
        slot = db.session.get(Slot, places[invitee.id][0])
        booking = bookings.open_booking(invitee)
        if invitee.ended_at or invitee.joined_to or invitee.declined_at or invitee.asked == "not_needed":
            return "gone"
        if slot is None or slot.starts_at <= now:
            return "no-place"
        if booking and booking.source != "plan" and booking.starts_at != slot.starts_at:
            return "changed"
        choices.append(Choice(invitee, slot))
    try:
        bookings.book(choices, Viewer(id=plan.accepted_by or plan.asked_by), now, "plan")
    except SlotTaken:
        return "taken"
    except TooTight:
        return "tight"
    except Refused:
        return "no-place"
    return ""
