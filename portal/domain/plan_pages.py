"""A plan as the office looks at it: how far it is, what it gives everybody, and why somebody has no time."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.access import Viewer
from portal.domain.meeting_tables import Table, tables_of_round
from portal.domain.meeting_talks_at_school import Talk, talks_of
from portal.domain.planner import Impossible
from portal.extensions import db
from portal.models.meeting_talks import MeetingPlan
from portal.models.meetings import MeetingRound, Slot


@dataclass(frozen=True, slots=True)
class Seat:
    """A talk and the time that the plan gives it; `talk.starts_at` is the time that it has now, if any."""

    talk: Talk
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A talk without a time: `why` is one of the planner's `Why`, with how many times each hindrance took.

    `others`: the talks of the same people that are in the way, as far as the reader has them.
    """

    talk: Talk
    table: Table
    why: str
    places: int
    not_available: int
    taken: int
    too_close: int
    others: tuple[Talk, ...]


@dataclass(frozen=True, slots=True)
class Shortage:
    """What cannot fit, with its numbers; `lack` is one of the planner's `Lack`."""

    lack: str
    needed: int
    available: int
    tables: tuple[Table, ...]
    talks: tuple[Talk, ...]


@dataclass(frozen=True)
class PlanPage:
    """A plan for the page. `by_table`: the times it gives; `lost`: what could not be booked, and why.

    `hidden`: talks of which the reader is told nothing, of the own child or a family kept from the reader.
    """

    by_table: list[tuple[Table, list[Seat]]] = field(default_factory=list)
    left: list[LeftOver] = field(default_factory=list)
    shortages: list[Shortage] = field(default_factory=list)
    lost: list[tuple[Talk, str]] = field(default_factory=list)
    seats: int = 0
    moves: int = 0
    hidden: int = 0
    booked: int = 0


def plan_page(viewer: Viewer, round_: MeetingRound, plan: MeetingPlan) -> PlanPage:
    """Return a plan that was made, as the viewer may see it; its queries do not grow with it."""
    result = json.loads(plan.result or "{}")
    tables = {table.host.id: table for table in tables_of_round(viewer, round_.id)}
    talks = {talk.invitee_id: talk for talk in talks_of(viewer, list(tables))}
    seats = {int(key): places for key, places in result.get("seats", {}).items()}
    by_table = _by_table(seats, talks, tables)
    lost = json.loads(plan.progress or "{}").get("lost", {})
    shown = [seat for _, own in by_table for seat in own]
    return PlanPage(
        by_table=by_table,
        left=[_left(one, talks, tables) for one in result.get("left", ()) if one["talk"] in talks],
        shortages=_shortages(result.get("cannot", ()), tables, talks),
        lost=[(talks[int(key)], why) for key, why in lost.items() if int(key) in talks],
        seats=len(seats),
        moves=sum(seat.talk.starts_at is not None for seat in shown),
        hidden=sum(key not in talks for key in seats),
        booked=len(seats) - len(lost),
    )


def _by_table(
    seats: Mapping[int, list[int]], talks: Mapping[int, Talk], tables: Mapping[int, Table]
) -> list[tuple[Table, list[Seat]]]:
    wanted = [place for places in seats.values() for place in (places[0], places[-1])]
    rows = db.session.execute(select(Slot.id, Slot.starts_at, Slot.ends_at).where(Slot.id.in_(wanted)))
    times = {row.id: row for row in rows}
    found: dict[int, list[Seat]] = defaultdict(list)
    for key, places in seats.items():
        talk, first, last = talks.get(key), times.get(places[0]), times.get(places[-1])
        if talk and first and last:
            found[talk.host_id].append(Seat(talk, first.starts_at, last.ends_at))
    return [
        (table, sorted(found[host_id], key=lambda seat: seat.starts_at))
        for host_id, table in tables.items()
        if host_id in found
    ]


def _left(one: Mapping[str, Any], talks: Mapping[int, Talk], tables: Mapping[int, Table]) -> LeftOver:
    talk = talks[one["talk"]]
    numbers = {name: one[name] for name in ("why", "places", "not_available", "taken", "too_close")}
    others = tuple(talks[key] for key in one["others"] if key in talks)
    return LeftOver(talk=talk, table=tables[talk.host_id], others=others, **numbers)


def _shortages(
    cannot: Iterable[Mapping[str, Any]], tables: Mapping[int, Table], talks: Mapping[int, Talk]
) -> list[Shortage]:
    return [
        Shortage(
            one["lack"],
            one["needed"],
            one["available"],
            tuple(tables[host] for host in one["hosts"] if host in tables),
            tuple(talks[key] for key in one["talks"] if key in talks),
        )
        for one in cannot
    ]


def shortages_beforehand(
    viewer: Viewer, round_: MeetingRound, cannot: Iterable[Impossible]
) -> list[Shortage]:
    """Return what cannot fit for want of places, before anything is planned."""
    found = [
        {"lack": one.lack, "needed": one.needed, "available": one.available}
        | {"hosts": one.teachers, "talks": one.talks}
        for one in cannot
    ]
    if not found:
        return []
    tables = {table.host.id: table for table in tables_of_round(viewer, round_.id)}
    talks = {talk.invitee_id: talk for talk in talks_of(viewer, list(tables))}
    return _shortages(found, tables, talks)


@dataclass(frozen=True, slots=True)
class PlanProgress:
    """How far a plan is. `part`: of the time that it may take, or of what is to be booked, up to 1."""

    state: str
    part: float
    placed: int | None
    talks: int
    extra_evenings: int
    waiting: int
    seconds_left: int


def progress_of(plan: MeetingPlan, now: datetime) -> PlanProgress:
    """Return how far a worker is with a plan."""
    known = json.loads(plan.progress or "{}")
    if plan.state == "accepting":
        parts = len(json.loads(plan.result)["parts"])
        done = known.get("at", 0)
        return PlanProgress(plan.state, done / max(1, parts), done, parts, 0, 0, 0)
    spent = (now - plan.started_at) // timedelta(seconds=1) if plan.started_at else 0
    return PlanProgress(
        plan.state,
        min(1.0, spent / plan.seconds),
        known.get("placed"),
        known.get("talks", 0),
        known.get("extra_evenings", 0),
        known.get("waiting", 0),
        max(0, plan.seconds - spent),
    )
