"""Whatever the school: an accepted plan breaks no rule, by the planner's own check and by the database."""

from datetime import UTC, datetime
from itertools import combinations
from random import Random

import pytest
from sqlalchemy import text

from portal import clock
from portal.access import Viewer
from portal.domain import meeting_plans, plan_work
from portal.domain.plan_facts import facts_of
from portal.domain.plan_round import planned_round
from portal.domain.planner import Budget, breaches, make_plan
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingPlan
from portal.models.meetings import MeetingRound
from tests.meetings.planning import Planning
from tests.meetings.schools import GeneratedSchool

SEATED = """
SELECT bookings.id AS booking, bookings.invitee_id AS invitee, bookings.host_id AS host,
       bookings.starts_at AS starts, bookings.ends_at AS ends, meeting_hosts.building AS building,
       meeting_rounds.gap_minutes AS gap, meeting_rounds.building_gap_minutes AS building_gap,
       guardianships.user_id AS person
FROM bookings
JOIN meeting_invitees ON meeting_invitees.id = bookings.invitee_id
JOIN meeting_hosts ON meeting_hosts.id = bookings.host_id
JOIN meeting_rounds ON meeting_rounds.id = meeting_hosts.round_id
JOIN guardianships ON guardianships.pupil_id = meeting_invitees.pupil_id
WHERE bookings.cancelled_at IS NULL AND guardianships.revoked_at IS NULL AND guardianships.has_authority
  AND (meeting_invitees.guardian_id IS NULL OR meeting_invitees.guardian_id = guardianships.user_id)
"""
AT_A_TABLE = """
SELECT bookings.id AS booking, bookings.host_id AS host, bookings.starts_at AS starts,
       bookings.ends_at AS ends, meeting_host_teachers.user_id AS person
FROM bookings JOIN meeting_host_teachers ON meeting_host_teachers.host_id = bookings.host_id
WHERE bookings.cancelled_at IS NULL
"""
WRONG_PLACES = """
SELECT slots.id FROM slots JOIN bookings ON bookings.id = slots.booking_id
WHERE slots.state <> 'open' OR bookings.cancelled_at IS NOT NULL OR slots.host_id <> bookings.host_id
   OR slots.starts_at < bookings.starts_at OR slots.ends_at > bookings.ends_at
   OR (slots.reserved_for IS NOT NULL AND slots.reserved_for <> bookings.invitee_id)
"""
WITHOUT_PLACE = """
SELECT id FROM bookings WHERE cancelled_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM slots WHERE slots.booking_id = bookings.id)
"""
AGAINST_A_WISH = """
SELECT bookings.id FROM bookings JOIN meeting_wishes ON meeting_wishes.invitee_id = bookings.invitee_id
WHERE bookings.cancelled_at IS NULL AND meeting_wishes.availability = 0
  AND meeting_wishes.starts_at < bookings.ends_at AND meeting_wishes.ends_at > bookings.starts_at
"""


def rows_of(app, query):
    with app.app_context():
        return [dict(row) for row in db.session.execute(text(query)).mappings()]


def minutes(value) -> int:
    """Return a moment of either database as minutes."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return int(at.timestamp()) // 60


def too_close(one, other) -> bool:
    gap = 0
    if one["host"] != other["host"]:
        gap = min(
            each["gap"] if one["building"] == other["building"] else each["building_gap"]
            for each in (one, other)
        )
    return (
        minutes(one["starts"]) < minutes(other["ends"]) + gap
        and minutes(other["starts"]) < minutes(one["ends"]) + gap
    )


def clashes(app) -> set[frozenset[int]]:
    """Return the talks that the same people cannot be at both."""
    seated, tables = rows_of(app, SEATED), rows_of(app, AT_A_TABLE)
    found = {
        frozenset((one["booking"], other["booking"]))
        for one, other in combinations(seated, 2)
        if one["person"] == other["person"] and one["booking"] != other["booking"] and too_close(one, other)
    }
    for one in seated + tables:
        for other in tables:
            same = one["person"] == other["person"] and one["host"] != other["host"]
            overlap = minutes(one["starts"]) < minutes(other["ends"]) and minutes(other["starts"]) < minutes(
                one["ends"]
            )
            if same and one["booking"] != other["booking"] and overlap:
                found.add(frozenset((one["booking"], other["booking"])))
    return found


@pytest.mark.parametrize("kind", ["booking", "wishes"])
@pytest.mark.parametrize("seed", range(8))
def test_an_accepted_plan_breaks_no_rule(app, at, kind, seed):
    with app.app_context():
        number = GeneratedSchool(Random(seed), kind).make()
        round_ = db.session.get_one(MeetingRound, number)
        planned = planned_round(facts_of(round_), clock.now())
        office = round_.created_by
        db.session.rollback()
        plan = make_plan(planned.round, Budget(iterations=300), seed)
        assert breaches(planned.round, plan.seats) == []
        start_writing()
        asked = meeting_plans.ask_for_plan(
            db.session.get_one(MeetingRound, number), 30, Viewer(id=office), clock.now()
        )
        asked.state, asked.finished_at = plan_work.READY, clock.now()
        asked.result = plan_work.result_of(planned, plan, [])
        meeting_plans.accept_plan(asked, Viewer(id=office), clock.now())
        plan_id = asked.id
        db.session.commit()
    before = {row["booking"]: (row["starts"], row["invitee"]) for row in rows_of(app, SEATED)}
    old = clashes(app)
    against = {row["id"] for row in rows_of(app, AGAINST_A_WISH)}
    planning = Planning(app, number, None)
    planning.work()
    assert planning.lost(plan_id) == {}
    assert {pair for pair in clashes(app) if len(pair & set(before)) < 2} == set()
    assert clashes(app) <= old
    assert rows_of(app, WRONG_PLACES) == rows_of(app, WITHOUT_PLACE) == []
    assert {row["id"] for row in rows_of(app, AGAINST_A_WISH)} <= against
    seats = planning.result(plan_id)["seats"]
    after = {row["booking"]: (row["starts"], row["invitee"]) for row in rows_of(app, SEATED)}
    assert {row[1] for row in after.values()} == {row[1] for row in before.values()} | {
        int(key) for key in seats
    }
    for booking, (starts, invitee) in before.items():
        assert after[booking][0] == starts or (kind == "wishes" and str(invitee) in seats)
    with app.app_context():
        assert db.session.get_one(MeetingPlan, plan_id).state == "accepted"
