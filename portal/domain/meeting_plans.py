"""A plan of a round, as the office asks for it, stops it, accepts it or drops it; the worker makes it."""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError

from portal.access import Viewer
from portal.domain import audit
from portal.domain.holding import hold
from portal.domain.plan_facts import facts_of
from portal.domain.plan_round import planned_round
from portal.domain.plan_work import ACCEPTED, ACCEPTING, DROPPED, FOR_A_WORKER, READY, WAITING
from portal.domain.planner import Impossible, too_few_places
from portal.errors import Refused
from portal.extensions import db
from portal.models.meeting_talks import MeetingPlan
from portal.models.meetings import MeetingHost, MeetingRound, Slot
from portal.words import gettext

SECONDS = (30, 120, 600)
"""How long the office may let the planner search."""


def latest_plan(round_: MeetingRound) -> MeetingPlan | None:
    """Return the plan that was asked for last, if there is one."""
    found = select(MeetingPlan).where(MeetingPlan.round_id == round_.id)
    return db.session.scalars(found.order_by(MeetingPlan.id.desc()).limit(1)).one_or_none()


def is_out_of_date(plan: MeetingPlan, round_: MeetingRound) -> bool:
    """Whether the set-up of the round has changed since the plan was asked for."""
    return plan.revision != round_.revision


def to_plan(round_: MeetingRound, now: datetime) -> tuple[int, list[Impossible]]:
    """Return how many talks a plan would be for, and for which there are too few places, before it is made.

    In a round by wishes those count too that an earlier plan gave a time.
    """
    planned = planned_round(facts_of(round_), now)
    talks = sum(talk.key in planned.hosts and talk.key not in planned.booked for talk in planned.round.talks)
    return talks, too_few_places(planned.round)


def ask_for_plan(round_: MeetingRound, seconds: int, actor: Viewer, now: datetime) -> MeetingPlan:
    """Have a plan made; it takes the place of one that was not accepted. Raises Refused in words."""
    hold(round_)
    if round_.published_at is None or round_.withdrawn_at is not None:
        raise Refused(gettext("This round is not published, so it cannot be filled in."))
    if not _has_places_to_come(round_, now):
        raise Refused(gettext("The last day of this round is past."))
    _drop_ready(round_)
    plan = MeetingPlan(
        round_id=round_.id,
        state=WAITING,
        seed=int(now.timestamp()),
        seconds=seconds,
        revision=round_.revision,
        asked_by=actor.id,
        asked_at=now,
        attempts=0,
    )
    db.session.add(plan)
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(gettext("A plan of this round is being made already.")) from None
    audit.record(actor, "ask_for_plan", "meeting_plan", plan.id)
    return plan


def _has_places_to_come(round_: MeetingRound, now: datetime) -> bool:
    to_come = exists().where(
        Slot.host_id == MeetingHost.id, MeetingHost.round_id == round_.id, Slot.starts_at > now
    )
    return bool(db.session.scalar(select(to_come)))


def _drop_ready(round_: MeetingRound) -> None:
    db.session.execute(
        update(MeetingPlan)
        .where(MeetingPlan.round_id == round_.id, MeetingPlan.state == READY)
        .values(state=DROPPED)
        .execution_options(synchronize_session=False)
    )


def say_enough(plan: MeetingPlan, actor: Viewer, now: datetime) -> None:
    """Let the planner stop with the best that it has; once it has stopped this changes nothing."""
    hold(plan)
    if plan.finished_at is None and plan.enough_at is None:
        plan.enough_at = now
        audit.record(actor, "stop_plan", "meeting_plan", plan.id)


def drop_plan(plan: MeetingPlan, actor: Viewer, now: datetime) -> None:
    """Do nothing with a plan. Raises Refused when it is being booked or was."""
    hold(plan)
    if plan.state in (ACCEPTING, ACCEPTED):
        raise Refused(gettext("This plan has been accepted already."))
    if plan.state != DROPPED:
        plan.state, plan.leased_until = DROPPED, None
        plan.finished_at = plan.finished_at or now
        audit.record(actor, "drop_plan", "meeting_plan", plan.id)


def accept_plan(plan: MeetingPlan, actor: Viewer, now: datetime) -> None:
    """Let the worker book a plan; twice is once. Raises Refused when it does not hold any more."""
    round_ = db.session.get_one(MeetingRound, plan.round_id)
    hold(round_)
    hold(plan)
    if plan.state in (ACCEPTING, ACCEPTED):
        return
    if plan.state != READY:
        raise Refused(gettext("This plan does not stand any more. Look at it again."))
    if is_out_of_date(plan, round_) or round_.withdrawn_at or round_.published_at is None:
        raise Refused(gettext("The round has changed since this plan was made. Have it made again."))
    plan.state, plan.progress, plan.attempts, plan.leased_until = ACCEPTING, "", 0, None
    plan.accepted_by, plan.accepted_at = actor.id, now
    audit.record(actor, "accept_plan", "meeting_plan", plan.id)


def is_with_worker(plan: MeetingPlan) -> bool:
    """Whether a worker has it or is to take it."""
    return plan.state in FOR_A_WORKER
